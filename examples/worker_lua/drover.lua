-- Drover workers in LuaJIT, over the C library (libdrover.so.1).
--
-- drover.h is the reference; the functions are called as they are, and this
-- module declares the part of them that a small worker needs.
local ffi = require("ffi")

ffi.cdef [[
typedef struct drover_options drover_options;
typedef struct drover_worker drover_worker;
typedef struct drover_session drover_session;
typedef struct drover_event drover_event;

const char* drover_strerror(int error);
int drover_exit_code(int error);

int drover_options_new(drover_options** ret_options);
void drover_options_free(drover_options* options);
int drover_options_set_name(drover_options* options, const char* name);
int drover_options_set_sdk(drover_options* options, const char* sdk);
int drover_options_add_capability(drover_options* options,
                                  uint32_t capability);

int drover_open(const drover_options* options, drover_worker** ret_worker);
int drover_listener(drover_worker* worker, const char* name);
int drover_fd(drover_worker* worker);
int drover_next_event(drover_worker* worker, int timeout_ms,
                      const drover_event** ret_event);
int drover_event_kind(const drover_event* event);
int drover_event_exit_code(const drover_event* event);
int drover_state(drover_worker* worker);

int drover_started(drover_worker* worker, const char* text);
int drover_stopped(drover_worker* worker, const char* text);
int drover_stopped_forced(drover_worker* worker, const char* text,
                          uint32_t abandoned);
int drover_fatal(drover_worker* worker, uint32_t code, const char* text);

const drover_session* drover_worker_session(const drover_worker* worker);
const char* drover_session_pool(const drover_session* session);
uint32_t drover_session_slot(const drover_session* session);
uint64_t drover_session_generation(const drover_session* session);
]]

local lib = ffi.load("libdrover.so.1")

local drover = {
  lib = lib,
  RESUME = 2,
  STOPPING = 4,
  START = 2,
  STOP = 3,
  QUIT = 4,
  LOST = 7,
  DEADLINE = 8,
  END = 11,
}

-- What drover_open() answers and the handle: 1 = supervised, 0 = not.
function drover.open(name)
  local options = ffi.new("drover_options*[1]")
  local worker = ffi.new("drover_worker*[1]")
  local got = lib.drover_options_new(options)
  if got == 0 then
    lib.drover_options_set_name(options[0], name)
    lib.drover_options_set_sdk(options[0], "drover-luajit/1.0")
    lib.drover_options_add_capability(options[0], drover.RESUME)
    got = lib.drover_open(options[0], worker)
  end
  lib.drover_options_free(options[0])
  return got, worker[0]
end

-- An iterator over the events that are there, without waiting: kind and exit
-- code. An error of the library is the end, too.
function drover.events(worker)
  local event = ffi.new("const drover_event*[1]")
  return function()
    local got = lib.drover_next_event(worker, 0, event)
    if got == 0 then return nil end
    if got < 0 then return drover.END, lib.drover_exit_code(got) end
    return lib.drover_event_kind(event[0]), lib.drover_event_exit_code(event[0])
  end
end

-- "web/3 generation 2", once Welcome was read.
function drover.place(worker)
  local session = lib.drover_worker_session(worker)
  return string.format("%s/%d generation %d",
                       ffi.string(lib.drover_session_pool(session)),
                       lib.drover_session_slot(session),
                       tonumber(lib.drover_session_generation(session)))
end

function drover.message(result)
  return ffi.string(lib.drover_strerror(result))
end

return drover
