#!/usr/bin/python3
"""The main job, live: HTTP workers on one port under a strict load, while they
are scaled, reloaded, rolled back, killed and watched. Ends with a table and
fails if one request was lost.

    demo.py --bin DIR --worker PROGRAM --load PROGRAM [--seconds S]

DIR holds drover, drover-supervisor and drover-gateway.
"""

import argparse
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 60  # seconds; longer than anything here may take


class Broken(Exception):
    """A step did not do what it should."""


def config(directory, worker, count, environment):
    lines = "".join(f"      {k}: \"{v}\"\n" for k, v in environment.items())
    return f"""\
supervisor:
  admin:
    socket: {directory}/admin.sock
pools:
  - name: web
    command: [{worker}]
    count: {count}
    listeners:
      - name: http
        address: tcp://127.0.0.1:0
    timeouts:
      start: 5s
      stop: 20s
    environment:
{lines}"""


class Lines:
    """The lines of a pipe, with a deadline on waiting for one."""

    def __init__(self, pipe, show):
        self._queue = queue.Queue()
        self._thread = threading.Thread(
            target=self._read, args=(pipe, show), daemon=True)
        self._thread.start()

    def _read(self, pipe, show):
        for line in pipe:
            if show:
                sys.stdout.write("    " + line)
                sys.stdout.flush()
            self._queue.put(line)
        self._queue.put(None)

    def next(self):
        try:
            line = self._queue.get(timeout=PATIENCE)
        except queue.Empty:
            raise Broken(f"nothing heard for {PATIENCE} s") from None
        if line is None:
            raise Broken("it ended early")
        return line

    def until(self, text):
        while text not in self.next():
            pass


class Supervisor:
    """`drover run`, and the commands that steer it."""

    def __init__(self, options, directory):
        self._drover = os.path.join(options.bin, "drover")
        self._directory = directory
        self._environment = dict(
            os.environ, DROVER_SOCKET=f"{directory}/admin.sock")
        self._process = None

    def run(self, file):
        self._process = subprocess.Popen(
            [self._drover, "run", "-f", file], env=self._environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        Lines(self._process.stderr, show=True).until("pool web RUNNING")

    def command(self, *words, expect=0):
        """Runs a command as a user would, its output shown."""
        print(f"  $ drover {' '.join(words)}", flush=True)
        done = subprocess.run([self._drover, *words], env=self._environment,
                              timeout=PATIENCE, check=False)
        if done.returncode != expect:
            raise Broken(f"drover {' '.join(words)}: exit code "
                         f"{done.returncode}, not {expect}")

    def status(self):
        done = subprocess.run(
            [self._drover, "status", "--output", "json"],
            env=self._environment, timeout=PATIENCE, check=True,
            stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)

    def port(self):
        address = self.status()["pools"][0]["listeners"][0]["address"]
        return int(address.rsplit(":", 1)[1])

    def worker_pid(self, slot):
        for worker in self.status()["workers"]:
            if worker["id"]["slot"] == slot:
                return worker["pid"]
        raise Broken(f"no worker in slot {slot}")

    def gateway_pid(self):
        pid = self._process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            children = f.read().split()
        for child in children:
            with open(f"/proc/{child}/comm", encoding="ascii") as f:
                if f.read().startswith("drover-gateway"):
                    return int(child)
        raise Broken("there is no gateway")

    def wait_ready(self, count):
        """Until so many workers serve; by the events, not by the clock."""
        watch = subprocess.Popen(
            [self._drover, "watch", "--output", "json"],
            env=self._environment, stdout=subprocess.PIPE, text=True)
        try:
            events = Lines(watch.stdout, show=False)
            while self.status()["pools"][0]["ready"] != count:
                events.next()
        finally:
            watch.terminate()
            watch.wait(PATIENCE)

    def wait_end(self):
        code = self._process.wait(PATIENCE)
        if code != 0:
            raise Broken(f"the supervisor ended with code {code}")

    def kill(self):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()


class Load:
    def __init__(self, options, port, accept_logs):
        self._process = subprocess.Popen(
            [options.load, "--port", str(port), "--accept-logs", accept_logs,
             "--rate", str(options.rate),
             "--connections", str(options.connections)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines = Lines(self._process.stdout, show=False)

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._lines.next())

    def mark(self, step):
        return self._say(f"mark {step}")

    def killed(self, pid):
        self._say(f"killed {pid}")

    def end(self):
        self._process.stdin.write("end\n")
        self._process.stdin.flush()
        report = json.loads(self._lines.next())
        self._process.wait(PATIENCE)
        return report

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def table(report):
    print(f"\n{'step':<28}{'time':>8}{'requests':>10}{'failed':>8}"
          f"{'p50':>9}{'p99':>9}")
    for step in report["steps"]:
        print(f"{step['step']:<28}{step['seconds']:>7.1f}s{step['sent']:>10}"
              f"{step['failed']:>8}{step['p50_ms']:>7.1f}ms"
              f"{step['p99_ms']:>7.1f}ms")
    print(f"{'all':<28}{sum(s['seconds'] for s in report['steps']):>7.1f}s"
          f"{report['sent']:>10}{report['failed']:>8}")
    if report["excused"]:
        print(f"  and {report['excused']} on connections that the SIGKILLed "
              "worker itself had accepted")
    for failure in report["failures"]:
        print(f"  FAILED in '{failure['step']}': {failure['cause']} "
              f"(client port {failure['port']})")


def steps(supervisor, load, options, files):
    def step(name, *work):
        load.mark(name)
        print(f"\n== {name}", flush=True)
        for act in work:
            act()
        # Some load on what the step has made.
        time.sleep(options.seconds)

    def command(*words, expect=0):
        return lambda: supervisor.command(*words, expect=expect)

    def kill_worker():
        pid = supervisor.worker_pid(1)
        print(f"  kill -KILL {pid}   (web/1)", flush=True)
        load.killed(pid)
        os.kill(pid, signal.SIGKILL)
        supervisor.wait_ready(2)

    def kill_gateway():
        pid = supervisor.gateway_pid()
        print(f"  kill -KILL {pid}   (the admin gateway)", flush=True)
        os.kill(pid, signal.SIGKILL)

    step("4 workers, steady", command("status"))
    step("scale 4 -> 8", command("scale", "web", "8"), command("status"))
    step("scale 8 -> 2", command("scale", "web", "2"))
    for number in range(1, 4):
        step(f"reload {number}", command("reload", "web"))
    step("reload that never starts",
         command("apply", "-f", files["broken"], expect=1), command("status"))
    step("SIGKILL of a worker", kill_worker)
    step("SIGKILL of the gateway", kill_gateway, command("status"))


def run(options):
    directory = tempfile.mkdtemp(prefix="drover-demo-", dir="/tmp")
    accept_logs = os.path.join(directory, "accepted")
    os.mkdir(accept_logs)
    environment = {"ACCEPT_LOG_DIR": accept_logs, "RESPONSE": "hello"}
    files = {}
    for name, count, more in (("good", 4, {}),
                              ("broken", 2, {"NEVER_READY": "1"})):
        files[name] = os.path.join(directory, name + ".yaml")
        with open(files[name], "w", encoding="utf-8") as file:
            file.write(config(directory, options.worker, count,
                              {**environment, **more}))
    supervisor = Supervisor(options, directory)
    load = None
    try:
        print(f"== start 4 workers\n  $ drover run -f {files['good']}")
        supervisor.run(files["good"])
        load = Load(options, supervisor.port(), accept_logs)
        steps(supervisor, load, options, files)
        report = load.end()
        print("\n== the load has ended; shut down", flush=True)
        supervisor.command("shutdown")
        supervisor.wait_end()
        table(report)
        return 0 if report["failed"] == 0 else 1
    finally:
        if load is not None:
            load.kill()
        supervisor.kill()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--seconds", type=float, default=2.0,
                        help="of load after each step")
    parser.add_argument("--rate", type=float, default=2400)
    parser.add_argument("--connections", type=int, default=256)
    options = parser.parse_args()
    for name in ("bin", "worker", "load"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    try:
        code = run(options)
    except (Broken, subprocess.SubprocessError) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        code = 1
    print("\n0 requests lost." if code == 0 else "\nThe demo failed.")
    return code


if __name__ == "__main__":
    sys.exit(main())
