#!/usr/bin/python3
"""Runs Drover's supervisor as the conformance suite wants it: reads the
CONFORMANCE_ variables, writes a configuration, and becomes `drover run`.

    adapter.py DROVER
"""

import json
import os
import sys


def number(name):
    return int(os.environ[f"CONFORMANCE_{name}"])


def time(name):
    return f"{number(name)}ms"


def command():
    puppet = [os.environ["CONFORMANCE_PUPPET"], "--puppet",
              os.environ["CONFORMANCE_SOCKET"]]
    if not number("WRAPPED"):
        return puppet
    return ["/bin/sh", "-c", 'trap : TERM; "$@"; exit $?', "sh", *puppet]


def restart():
    action = "restart" if number("RESTART") else "leave"
    backoff = {"initial": time("BACKOFF_MS"),
               "max": f"{20 * number('BACKOFF_MS')}ms", "factor": 2,
               "jitter": 0, "reset_after": "60s"}
    causes = ("external_signal", "abnormal_exit", "normal_exit",
              "start_failure", "unresponsive")
    return {**{f"on_{cause}": action for cause in causes},
            "backoff": backoff, "max_restarts": number("MAX_RESTARTS"),
            "window": "60s"}


def configuration():
    directory = os.environ["CONFORMANCE_DIR"]
    listener = os.environ["CONFORMANCE_LISTENER"]
    timeouts = ("hello", "start", "stop", "quit", "kill", "loss",
                "answer_grace", "extend_max", "reload")
    pool = {
        "name": "app",
        "command": command(),
        "count": number("COUNT"),
        "listeners": [{"name": listener,
                       "address": f"unix://{directory}/listener"}]
                     if listener else [],
        "timeouts": {name: time(f"{name.upper()}_MS") for name in timeouts},
        "heartbeat": {"interval": time("PING_INTERVAL_MS"),
                      "timeout": time("PING_TIMEOUT_MS")},
        "restart": restart(),
    }
    return {"supervisor": {"admin": {"socket": f"{directory}/admin"},
                           "max_parallel_starts": 64},
            "pools": [pool]}


def main():
    path = os.path.join(os.environ["CONFORMANCE_DIR"], "drover.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(configuration(), file)
    os.execv(sys.argv[1], [sys.argv[1], "run", "-f", path])


if __name__ == "__main__":
    main()
