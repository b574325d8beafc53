#!/usr/bin/env luajit
-- A Drover worker in LuaJIT: answers one HTTP request at a time and closes the
-- connection. While a client is slow, commands are heard all the same.

-- The modules lie beside this file.
package.path = (arg[0]:match("^.*/") or "./") .. "?.lua;" .. package.path
local drover = require("drover")
local posix = require("posix")

local lib = drover.lib
local PATIENCE = 5000 -- milliseconds for a client to send its request

local worker, listener
local accepting, leaving = false, false
local client -- {fd, request, ends} while one is served

local function drop()
  posix.close(client.fd)
  client = nil
end

local function serve()
  local data = posix.read(client.fd)
  client.request = client.request .. (data or "")
  if data and not client.request:find("\r\n\r\n", 1, true) then
    if #client.request > 8192 then drop() end
    return
  end
  if data then
    local body = "hello from " .. drover.place(worker) .. "\n"
    posix.send(client.fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n" ..
               "Content-Length: " .. #body .. "\r\n\r\n" .. body)
  end
  drop()
end

local handlers = {
  [drover.START] = function()
    accepting = lib.drover_started(worker, nil) == 0
  end,
  [drover.STOP] = function() accepting = false end,
  [drover.DEADLINE] = function()
    if client and lib.drover_state(worker) == drover.STOPPING then
      drop()
      lib.drover_stopped_forced(worker, nil, 1)
    end
  end,
  [drover.QUIT] = function() accepting, leaving = false, true end,
  [drover.LOST] = function() accepting, leaving = false, true end,
}

local function wait()
  local fds = { lib.drover_fd(worker) }
  if client or accepting then fds[2] = client and client.fd or listener end
  local timeout = client and math.max(0, client.ends - posix.now()) or -1
  return posix.wait(fds, timeout)
end

local function work(ready)
  if client then
    if ready[client.fd] then
      serve()
    elseif posix.now() >= client.ends then
      drop()
    end
  elseif accepting and ready[listener] then
    local fd = posix.accept(listener)
    client = fd and { fd = fd, request = "", ends = posix.now() + PATIENCE }
  end
end

-- Returns what to exit with.
local function run()
  while true do
    local ready = wait()
    -- Commands first: after a Stop nothing more is accepted.
    for kind, exit_code in drover.events(worker) do
      if kind == drover.END then return exit_code end
      if handlers[kind] then handlers[kind]() end
    end
    work(ready)
    if not client then
      if lib.drover_state(worker) == drover.STOPPING then
        lib.drover_stopped(worker, nil)
      end
      if leaving then return 0 end
    end
  end
end

local function main()
  local got
  got, worker = drover.open("worker_lua")
  if got == 0 then
    print("worker.lua: not supervised; see README.md for how to run it")
    return 0
  elseif got < 0 then
    io.stderr:write("worker.lua: ", drover.message(got), "\n")
    return lib.drover_exit_code(got)
  end
  listener = lib.drover_listener(worker, "http")
  if listener < 0 then
    local code = lib.drover_exit_code(listener)
    lib.drover_fatal(worker, code,
                     'listener "http": ' .. drover.message(listener))
    return code
  end
  return run()
end

os.exit(main())
