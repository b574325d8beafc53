#!/usr/bin/python3
"""What supervisor and gateway cost while nothing happens: memory (PSS), wake-ups
(voluntary switches of all threads), and CPU with heartbeats."""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds


def pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))


def voluntary_switches(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)",
                                   file.read(), re.M).group(1))
    return total


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class World:
    """A supervisor with `count` minimal workers."""

    def __init__(self, options, count, heartbeat):
        self.directory = tempfile.mkdtemp(prefix="drover-bench-", dir="/tmp")
        self.drover = os.path.join(options.bin, "drover")
        self.environment = dict(os.environ,
                                DROVER_SOCKET=f"{self.directory}/admin.sock")
        config = f"{self.directory}/drover.yaml"
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""\
supervisor: {{admin: {{socket: {self.directory}/admin.sock}}}}
pools:
  - name: bench
    command: [{options.worker}]
    count: {count}
    heartbeat: {{interval: {heartbeat}}}
""")
        self.process = subprocess.Popen(
            [self.drover, "run", "-f", config], env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "pool bench RUNNING" in line:
                break
        self.pid = self.process.pid
        self.status()
        self.gateway = self._gateway()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _gateway(self):
        with open(f"/proc/{self.pid}/task/{self.pid}/children",
                  encoding="ascii") as file:
            for child in file.read().split():
                with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                    if comm.read().startswith("drover-gateway"):
                        return int(child)
        raise RuntimeError("there is no gateway")

    def status(self):
        done = subprocess.run([self.drover, "status", "--output", "json"],
                              env=self.environment, check=True,
                              timeout=PATIENCE, stdout=subprocess.PIPE)
        return json.loads(done.stdout)


def memory(options):
    print(f"{'PSS in MB':<12}{'supervisor':>12}{'gateway':>10}{'both':>8}"
          "   (after 50 full statuses)")
    for count in (4, 100, 1000):
        with World(options, count, "0s") as world:
            alone = pss_kb(world.pid)
            for _ in range(50):
                world.status()
            supervisor = pss_kb(world.pid)
            gateway = pss_kb(world.gateway)
            print(f"{'N=' + str(count):<12}{supervisor / 1024:>12.1f}"
                  f"{gateway / 1024:>10.1f}"
                  f"{(supervisor + gateway) / 1024:>8.1f}"
                  f"   supervisor before: {alone / 1024:.1f}", flush=True)


def idle(options):
    with World(options, 4, "0s") as world:
        # Whatever the start has left to do is done before the count begins.
        time.sleep(5)
        before = (voluntary_switches(world.pid),
                  voluntary_switches(world.gateway))
        time.sleep(options.seconds)
        supervisor = voluntary_switches(world.pid) - before[0]
        gateway = voluntary_switches(world.gateway) - before[1]
    print(f"idle, heartbeats off, N=4, {options.seconds} s: voluntary switches "
          f"of the supervisor {supervisor}, of the gateway "
          f"{gateway / options.seconds:.1f} a second", flush=True)


def heartbeats(options):
    with World(options, 1000, "10s") as world:
        time.sleep(15)
        before = cpu_seconds(world.pid)
        time.sleep(options.seconds)
        used = cpu_seconds(world.pid) - before
    print(f"idle, heartbeats every 10 s, N=1000, {options.seconds} s: "
          f"{100 * used / options.seconds:.2f} % of a core", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    options.worker = os.path.abspath(options.worker)
    memory(options)
    idle(options)
    heartbeats(options)


if __name__ == "__main__":
    main()
