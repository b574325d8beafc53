-- What a worker needs of the system and Lua does not have: waiting for
-- descriptors, and sockets by their numbers (Linux).
local ffi = require("ffi")

ffi.cdef [[
struct pollfd { int fd; short events; short revents; };
struct timespec { long tv_sec; long tv_nsec; };
int poll(struct pollfd* fds, unsigned long count, int timeout);
int accept4(int fd, void* address, void* size, int flags);
long read(int fd, void* buffer, size_t size);
long send(int fd, const void* data, size_t size, int flags);
int close(int fd);
int clock_gettime(int clock, struct timespec* time);
]]

local POLLIN, CLOCK_MONOTONIC, MSG_NOSIGNAL = 1, 1, 0x4000
local SOCK_CLOEXEC = 0x80000

local posix = {}

-- Milliseconds of a clock that is not set.
function posix.now()
  local time = ffi.new("struct timespec")
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.tv_sec) * 1000 + math.floor(tonumber(time.tv_nsec) / 1e6)
end

-- Waits until one of the descriptors is readable, at most `timeout`
-- milliseconds (-1: without limit); returns the set of those that are.
function posix.wait(fds, timeout)
  local entries = ffi.new("struct pollfd[?]", #fds)
  for i, fd in ipairs(fds) do
    entries[i - 1].fd, entries[i - 1].events = fd, POLLIN
  end
  local ready = {}
  if ffi.C.poll(entries, #fds, timeout) > 0 then
    for i, fd in ipairs(fds) do
      if entries[i - 1].revents ~= 0 then ready[fd] = true end
    end
  end
  return ready
end

-- The descriptor of a connection; nil where a sibling was faster.
function posix.accept(listener)
  local fd = ffi.C.accept4(listener, nil, nil, SOCK_CLOEXEC)
  if fd >= 0 then return fd end
end

-- What there is to read; nil at the end or after an error.
function posix.read(fd)
  local buffer = ffi.new("char[4096]")
  local size = tonumber(ffi.C.read(fd, buffer, 4096))
  if size > 0 then return ffi.string(buffer, size) end
end

-- Sends a text that fits into the socket's buffer.
function posix.send(fd, text)
  ffi.C.send(fd, text, #text, MSG_NOSIGNAL)
end

function posix.close(fd)
  ffi.C.close(fd)
end

return posix
