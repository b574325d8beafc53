"""reflection_client.py against a real gateway under a fake supervisor."""

import json
import subprocess
import sys
import unittest

CLIENT = "supervisor/integration/reflection_client.py"
SUPERVISOR = "supervisor/admin/fake_supervisor_main"
# What any one step may take on a loaded machine, in seconds.
PATIENCE = 30


class ReflectionClientTest(unittest.TestCase):

    def setUp(self):
        self.supervisor = subprocess.Popen(
            [SUPERVISOR], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.target = "unix:" + self.supervisor.stdout.readline().strip()

    def tearDown(self):
        self.supervisor.stdin.close()
        self.assertEqual(self.supervisor.wait(PATIENCE), 0)
        self.supervisor.stdout.close()

    def run_client(self, *arguments):
        return subprocess.run(
            [sys.executable, CLIENT, self.target, *arguments],
            capture_output=True, text=True, timeout=PATIENCE, check=False)

    def call(self, method, request=None):
        done = self.run_client(method, json.dumps(request or {}))
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_lists_methods(self):
        done = self.run_client()
        self.assertEqual(done.returncode, 0, done.stderr)
        methods = done.stdout.split()
        self.assertEqual(len(methods), 20)
        self.assertIn("ReloadPool", methods)

    def test_lists_scales_and_reloads_pools(self):
        (before,) = self.call("ListPools")
        self.assertEqual([p["name"] for p in before["pools"]], ["web", "queue"])
        self.assertEqual(before["pools"][0]["count"], 2)
        scaled = self.call("ScalePool", {"pool": "web", "count": 5})
        self.assertEqual([o["state"] for o in scaled],
                         ["OPERATION_STATE_RUNNING", "OPERATION_STATE_SUCCEEDED"])
        reloaded = self.call("ReloadPool", {"pool": "web"})
        self.assertEqual(reloaded[-1]["kind"], "OPERATION_KIND_RELOAD")
        (pool,) = self.call("GetPool", {"pool": "web"})
        self.assertEqual(pool["count"], 5)
        self.assertEqual(pool["generation"], "2")

    def test_watches_events(self):
        watch = subprocess.Popen(
            [sys.executable, CLIENT, self.target, "WatchEvents", "{}",
             "--max", "3", "--timeout", str(PATIENCE)],
            stdout=subprocess.PIPE, text=True)
        snapshot = json.loads(watch.stdout.readline())
        self.assertEqual(len(snapshot["snapshot"]["pools"]), 2)
        self.call("ScalePool", {"pool": "queue", "count": 4})
        self.call("ReloadPool", {"pool": "web"})
        events = [json.loads(line)["event"] for line in watch.stdout]
        watch.stdout.close()
        self.assertEqual(watch.wait(PATIENCE), 0)
        changes = [event["pool_changed"] for event in events]
        self.assertEqual([(c["pool"], c["count"]) for c in changes],
                         [("queue", 4), ("web", 2)])
        self.assertLess(events[0]["token"], events[1]["token"])

    def test_shows_errors_with_their_remedy(self):
        done = self.run_client("GetPool", '{"pool": "nothing"}')
        self.assertEqual(done.returncode, 1)
        error = json.loads(done.stderr)
        self.assertEqual(error["code"], "NOT_FOUND")
        self.assertEqual(error["detail"]["reason"], "UNKNOWN_POOL")
        self.assertEqual(error["detail"]["field"], "pool")
        self.assertTrue(error["detail"]["remedy"])

    def test_refuses_what_reflection_does_not_know(self):
        self.assertEqual(self.run_client("Explode").returncode, 2)
        self.assertEqual(
            self.run_client("GetPool", '{"pond": "web"}').returncode, 2)


if __name__ == "__main__":
    unittest.main()
