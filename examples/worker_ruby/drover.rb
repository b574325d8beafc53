# frozen_string_literal: true

require "fiddle/import"

# Drover workers in Ruby, over the C library (libdrover.so.1); drover.h is the
# reference.
#
#   worker = Drover::Worker.open(name: "billing") or abort "not supervised"
#   worker.each_event do |kind, event| ... end
#
# A worker is also something to wait for: IO.select([worker, listener]).
module Drover
  # The functions of the library that are used here, as they are.
  module C
    extend Fiddle::Importer
    dlload "libdrover.so.1"

    extern "const char* drover_strerror(int)"
    extern "int drover_exit_code(int)"
    extern "int drover_options_new(void*)"
    extern "void drover_options_free(void*)"
    extern "int drover_options_set_name(void*, const char*)"
    extern "int drover_options_set_sdk(void*, const char*)"
    extern "int drover_options_add_capability(void*, unsigned int)"
    extern "int drover_open(void*, void*)"
    extern "int drover_listener(void*, const char*)"
    extern "int drover_fd(void*)"
    extern "int drover_next_event(void*, int, void*)"
    extern "int drover_event_kind(void*)"
    extern "int drover_event_exit_code(void*)"
    extern "int drover_state(void*)"
    extern "int drover_started(void*, const char*)"
    extern "int drover_stopped(void*, const char*)"
    extern "int drover_stopped_forced(void*, const char*, unsigned int)"
    extern "int drover_fatal(void*, unsigned int, const char*)"
    extern "void* drover_worker_session(void*)"
    extern "const char* drover_session_pool(void*)"
    extern "unsigned int drover_session_slot(void*)"
    extern "unsigned long long drover_session_generation(void*)"
  end

  RESUME = 2

  EVENTS = {
    1 => :welcome, 2 => :start, 3 => :stop, 4 => :quit, 7 => :lost,
    8 => :deadline, 11 => :end
  }.freeze

  STOPPING = 4

  # A call that failed; exit_code is what a program ends with that cannot go on.
  class Error < StandardError
    attr_reader :exit_code

    def initialize(number)
      super(C.drover_strerror(number).to_s)
      @exit_code = C.drover_exit_code(number)
    end
  end

  def self.check(result)
    result.negative? ? raise(Error, result) : result
  end

  # The channel to the supervisor.
  class Worker
    # nil where no supervisor started this program.
    def self.open(name:, capabilities: [RESUME])
      handle = with_options(name, capabilities) do |options|
        out { |found| Drover.check(C.drover_open(options, found)) }
      end
      handle.null? ? nil : new(handle)
    end

    def self.with_options(name, capabilities)
      options = out { |found| Drover.check(C.drover_options_new(found)) }
      C.drover_options_set_name(options, name)
      C.drover_options_set_sdk(options, "drover-ruby/1.0")
      capabilities.each { |n| C.drover_options_add_capability(options, n) }
      yield options
    ensure
      C.drover_options_free(options)
    end

    # What a C function wrote to its last parameter.
    def self.out
      found = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
      found[0, Fiddle::SIZEOF_VOIDP] = "\0" * Fiddle::SIZEOF_VOIDP
      yield found
      found.ptr
    end
    private_class_method :new, :with_options

    def initialize(handle)
      @handle = handle
      @event = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
      fd = Drover.check(C.drover_fd(handle))
      @readable = IO.for_fd(fd, autoclose: false)
    end

    # For IO.select.
    def to_io = @readable

    # The events that are there, without waiting: kind and exit code.
    def each_event
      while Drover.check(C.drover_next_event(@handle, 0, @event)) == 1
        kind = C.drover_event_kind(@event.ptr)
        yield EVENTS.fetch(kind, :other), C.drover_event_exit_code(@event.ptr)
      end
    end

    # The descriptor of the listening socket of that name.
    def listener(name) = Drover.check(C.drover_listener(@handle, name))

    def stopping? = C.drover_state(@handle) == STOPPING

    # false where a stronger command has come meanwhile.
    def started = C.drover_started(@handle, nil).zero?
    def stopped = C.drover_stopped(@handle, nil).zero?

    def stopped_forced(abandoned)
      C.drover_stopped_forced(@handle, nil, abandoned).zero?
    end

    # Last words, before an exit with that code.
    def fatal(code, text) = C.drover_fatal(@handle, code, text)

    # "web/3 generation 2", once Welcome was read.
    def place
      session = C.drover_worker_session(@handle)
      "#{C.drover_session_pool(session)}/#{C.drover_session_slot(session)} " \
        "generation #{C.drover_session_generation(session)}"
    end
  end
end
