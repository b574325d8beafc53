#!/usr/bin/python3
"""Carries out the orders of the conformance suite with Drover's command.

    control.py DROVER stop|start|restart|reload|ends
"""

import json
import os
import subprocess
import sys
import time

# The socket is there once the supervisor runs.
PATIENCE = 20.0
LOOK = 0.02  # seconds
ORDERS = {"stop": ["stop", "app"], "start": ["start", "app"],
          "restart": ["restart", "app/0"],
          "reload": ["reload", "app", "--in-place"]}
# User messages come from a program that embeds the supervisor; there is none.
UNKNOWN_ORDER = 64
NAMES = {"normal_exit": "NormalExit", "abnormal_exit": "AbnormalExit",
         "external_signal": "ExternalSignal"}


def report(end, pids):
    """The line that the suite reads."""
    kind = next((kind for kind in NAMES if kind in end), None)
    how = end.get(kind) or {}
    words = [end.get("text", ""), end.get("last_words", "")]
    return " ".join([
        f"exit pid={pids.get(end['worker'].get('incarnation'), 0)}",
        f"reason={NAMES.get(kind, 'none')}",
        f"number={how.get('signal', how.get('code', 0))}",
        f"due={str(end.get('due', False)).lower()}",
        f"by_supervisor={str(end.get('by_supervisor', False)).lower()}",
        f"cause={end.get('cause', '').removeprefix('FAILURE_REASON_')}",
        f"text={'; '.join(filter(None, words))}",
    ]).replace("\n", " ")


def watch(drover, environment):
    """Lines of `drover watch`; begins again while its gateway comes up."""
    deadline = time.monotonic() + PATIENCE
    seen = False
    while not seen and time.monotonic() < deadline:
        process = subprocess.Popen([drover, "watch", "--output", "json"],
                                   stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.DEVNULL, env=environment)
        for line in process.stdout:
            seen = True
            yield json.loads(line)
        process.wait()
        time.sleep(LOOK)


def ends(drover, environment):
    pids = {}  # by incarnation: a report of an end names no process
    for found in watch(drover, environment):
        event = found.get("event", {})
        workers = found.get("snapshot", {}).get("workers", [])
        for worker in [*workers, event.get("worker_changed", {})]:
            if worker.get("pid"):
                pids[worker["id"].get("incarnation")] = worker["pid"]
        if "snapshot" in found:
            print("ready", flush=True)
        exited = event.get("worker_exited")
        if exited:
            print(report(exited["exit"], pids), flush=True)


def await_socket(path):
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(path) and time.monotonic() < deadline:
        time.sleep(LOOK)


def main():
    drover, order = sys.argv[1:3]
    socket = os.path.join(os.environ["CONFORMANCE_DIR"], "admin")
    await_socket(socket)
    environment = {**os.environ, "DROVER_SOCKET": socket}
    if order == "ends":
        return ends(drover, environment)
    if order not in ORDERS:
        return UNKNOWN_ORDER
    return subprocess.run([drover, *ORDERS[order]], env=environment,
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
