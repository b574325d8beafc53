#!/usr/bin/env ruby
# frozen_string_literal: true

# A Drover worker in Ruby: answers one HTTP request at a time and closes the
# connection. While a client is slow, commands are heard all the same.

require "socket"
require_relative "drover"

PATIENCE = 5 # seconds for a client to send its request

# One connection, until it was answered or its time is over.
class Client
  attr_reader :socket

  def initialize(socket)
    @socket = socket
    @request = +""
    @ends = now + PATIENCE
  end

  # true when the connection is over.
  def serve(greeting)
    @request << @socket.read_nonblock(4096)
    return @request.size > 8192 unless @request.include?("\r\n\r\n")

    @socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\n" \
                  "Content-Length: #{greeting.bytesize}\r\n\r\n#{greeting}")
    true
  rescue IO::WaitReadable
    false
  rescue SystemCallError, EOFError
    true
  end

  def seconds_left = [@ends - now, 0].max

  private

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

# What is accepted, what is in flight, and how it all ends.
class Program
  def initialize(worker, listener)
    @worker = worker
    @listener = listener
    @accepting = @leaving = false
    @client = nil
  end

  # Returns what to exit with.
  def run
    loop do
      ready = wait
      # Commands first: after a Stop nothing more is accepted.
      @worker.each_event do |kind, exit_code|
        return exit_code if kind == :end

        act(kind)
      end
      work(ready)
      next if @client

      @worker.stopped if @worker.stopping?
      return 0 if @leaving
    end
  end

  private

  def wait
    watched = [@worker]
    watched << (@client ? @client.socket : @listener) if @client || @accepting
    IO.select(watched, nil, nil, @client&.seconds_left)&.first || []
  end

  def act(kind)
    case kind
    when :start then @accepting = @worker.started
    when :stop then @accepting = false
    when :deadline then give_up
    when :quit, :lost
      @accepting = false
      @leaving = true
    end
  end

  def give_up
    return unless @client && @worker.stopping?

    drop
    @worker.stopped_forced(1)
  end

  def work(ready)
    if @client
      over = @client.seconds_left.zero?
      over ||= ready.include?(@client.socket) &&
               @client.serve("hello from #{@worker.place}\n")
      drop if over
    elsif @accepting && ready.include?(@listener)
      socket = @listener.accept_nonblock(exception: false)
      @client = Client.new(socket.first) if socket.is_a?(Array)
    end
  rescue SystemCallError # the client left before it was accepted
    nil
  end

  def drop
    @client.socket.close
    @client = nil
  end
end

def main
  worker = Drover::Worker.open(name: "worker_ruby")
  unless worker
    puts "worker.rb: not supervised; see README.md for how to run it"
    return 0
  end
  begin
    # Shared with the other workers of the pool: never closed on their behalf.
    listener = Socket.for_fd(worker.listener("http"))
  rescue Drover::Error => e
    worker.fatal(e.exit_code, "listener \"http\": #{e.message}")
    return e.exit_code
  end
  Program.new(worker, listener).run
rescue Drover::Error => e
  warn "worker.rb: #{e.message}"
  e.exit_code
end

exit main
