"""A client that knows nothing but reflection, with a real supervisor: it lists
pools, scales, reloads and watches events."""

import json
import subprocess
import sys
import unittest

from supervisor.integration import world

CLIENT = "supervisor/integration/reflection_client.py"


class ReflectionTest(world.Case):

    def setUp(self):
        super().setUp()
        self.supervisor = self.start(
            world.pool("web", world.unruly(), count=2),
            world.pool("mail", world.unruly()))

    def words(self, *arguments):
        return [sys.executable, CLIENT, "unix:" + self.socket, *arguments]

    def call(self, method, code=0, **request):
        done = subprocess.run(
            self.words(method, json.dumps(request)), capture_output=True,
            text=True, timeout=world.PATIENCE, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        if code:
            return json.loads(done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_lists_scales_reloads_and_watches(self):
        watch = self.spawn(self.words("WatchEvents", "{}", "--timeout",
                                      str(world.PATIENCE)), stderr=None)
        lines = world.Lines(watch.stdout)
        snapshot = json.loads(lines.next())["snapshot"]
        self.assertEqual([p["name"] for p in snapshot["pools"]],
                         ["web", "mail"])
        (listed,) = self.call("ListPools")
        self.assertEqual([(p["name"], p["count"], p["ready"])
                          for p in listed["pools"]],
                         [("web", 2, 2), ("mail", 1, 1)])
        *_, scaled = self.call("ScalePool", pool="web", count=3)
        self.assertEqual(scaled["state"], "OPERATION_STATE_SUCCEEDED")
        first, *_, reloaded = self.call("ReloadPool", pool="web")
        self.assertEqual(first["id"], reloaded["id"])
        self.assertEqual((reloaded["state"], reloaded["done"]),
                         ("OPERATION_STATE_SUCCEEDED", 3))
        (pool,) = self.call("GetPool", pool="web")
        self.assertEqual((pool["ready"], pool["generation"]), (3, "2"))
        self.shut_down(self.supervisor)
        lines.rest()
        events = [json.loads(line).get("event", {}) for line in lines.seen]
        changes = [e["worker_changed"] for e in events if "worker_changed" in e]
        started = [(c["id"].get("slot", 0), c["id"]["generation"])
                   for c in changes if c["state"] == "WORKER_STATE_STARTED"]
        self.assertEqual(sorted(started),
                         [(0, "2"), (1, "2"), (2, "1"), (2, "2")])
        exits = [e["worker_exited"] for e in events if "worker_exited" in e]
        # Three of the old generation, three of the new, one of the other pool.
        self.assertEqual(len(exits), 7)
        tokens = [e["token"] for e in events if e]
        self.assertEqual(len(tokens), len(set(tokens)))

    def test_errors_say_what_to_do(self):
        for method, request, code, reason in (
                ("GetPool", {"pool": "x"}, "NOT_FOUND", "UNKNOWN_POOL"),
                ("ScalePool", {"pool": "web", "count": 0}, "INVALID_ARGUMENT",
                 "COUNT_OUT_OF_RANGE"),
                ("RestartWorker", {"pool": "web", "slot": 9}, "NOT_FOUND",
                 "UNKNOWN_SLOT"),
                ("StartPool", {"pool": "web"}, "FAILED_PRECONDITION",
                 "WRONG_STATE")):
            error = self.call(method, code=1, **request)
            self.assertEqual((error["code"], error["detail"]["reason"]),
                             (code, reason))
            self.assertTrue(error["detail"]["remedy"])
        self.shut_down(self.supervisor)

    def test_a_configuration_is_checked_by_the_supervisor_too(self):
        error = self.call("ApplyConfig", code=1, config={
            "pools": [{"name": "web", "command": ["x"], "count": 5000}]})
        self.assertEqual(error["detail"]["reason"], "BAD_CONFIG")
        self.assertEqual(error["detail"]["field"], "config.pools[0].count")
        self.assertIn("1..4096", error["detail"]["remedy"])
        self.shut_down(self.supervisor)


if __name__ == "__main__":
    unittest.main()
