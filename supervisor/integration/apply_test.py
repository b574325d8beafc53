"""Changes of the configuration: what plan says is what apply and SIGHUP do, and
no process is touched that need not be."""

import os
import signal
import unittest

from supervisor.integration import world


def kinds(plan):
    return {change["pool"]: change["kind"].removeprefix("CHANGE_KIND_")
            for change in plan["changes"]}


class ApplyTest(world.Case):

    def setUp(self):
        super().setUp()
        same, reloaded, scaled, updated, removed = (
            world.pool(name, world.unruly(), count=2)
            for name in ("same", "reloaded", "scaled", "updated", "removed"))
        self.pools = [same, reloaded, scaled, updated, removed]
        self.supervisor = self.start(*self.pools)
        self.before = {p["name"]: self.pids(p["name"]) for p in self.pools}
        self.changed = [
            same,
            {**reloaded, "environment": {"COLOUR": "green"}},
            {**scaled, "count": 3},
            {**updated, "timeouts": {"stop": "7s"}},
            world.pool("added", world.unruly()),
        ]

    def assert_changed(self):
        pools = {p["name"]: p for p in self.status()["pools"]}
        self.assertEqual(sorted(pools),
                         ["added", "reloaded", "same", "scaled", "updated"])
        for name in ("same", "updated"):
            self.assertEqual(self.pids(name), self.before[name])
            self.assertEqual(pools[name]["generation"], "1")
        self.assertEqual(pools["updated"]["spec"]["timeouts"]["stop"], "7s")
        self.assertEqual(self.pids("scaled")[:2], self.before["scaled"])
        self.assertEqual(pools["scaled"]["ready"], 3)
        self.assertEqual(pools["reloaded"]["generation"], "2")
        self.assertFalse(set(self.pids("reloaded"))
                         & set(self.before["reloaded"]))
        for pid in self.before["removed"]:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertEqual(pools["added"]["ready"], 1)

    def test_plan_says_it_and_changes_nothing(self):
        plan = self.drover("plan", "-f", self.config(*self.changed)).last
        self.assertEqual(kinds(plan), {
            "same": "UNCHANGED", "reloaded": "RELOAD", "scaled": "SCALE",
            "updated": "UPDATE", "removed": "REMOVE", "added": "ADD"})
        fields = {c["pool"]: c["fields"] for c in plan["changes"]}
        self.assertEqual(fields["scaled"], ["count: 2 -> 3"])
        self.assertIn("COLOUR", "".join(fields["reloaded"]))
        self.assertNotIn("green", str(plan))
        for name, pids in self.before.items():
            self.assertEqual(self.pids(name), pids)
        self.shut_down(self.supervisor)

    def test_apply_does_it(self):
        path = self.config(*self.changed)
        apply = self.drover("apply", "-f", path).last
        self.assertEqual(apply["state"], "OPERATION_STATE_SUCCEEDED")
        self.assert_changed()
        self.assertEqual(
            set(kinds(self.drover("plan", "-f", path).last).values()),
            {"UNCHANGED"})
        self.shut_down(self.supervisor)

    def test_sighup_does_it(self):
        self.config(*self.changed)
        events = self.watch()
        self.supervisor.process.send_signal(signal.SIGHUP)

        def ended(event):
            operation = event.get("operation_changed", {}).get("operation", {})
            return operation.get("kind") == "OPERATION_KIND_APPLY" \
                and operation.get("end_time") and operation
        self.assertEqual(events.until(ended)["caller"], "SIGHUP")
        self.assert_changed()
        self.shut_down(self.supervisor)

    def test_what_needs_a_new_supervisor_is_said(self):
        path = self.config(*self.pools, supervisor={"shutdown_timeout": "5s"},
                           name="other.json")
        # The socket is named in both.
        with open(path, encoding="utf-8") as file:
            self.assertIn("shutdown_timeout", file.read())
        plan = self.drover("plan", "-f", path).last
        self.assertIn("shutdown_timeout", "".join(plan["needs_restart"]))
        self.shut_down(self.supervisor)


class FormatsTest(world.Case):

    def test_the_same_in_three_formats(self):
        """What runs from YAML is unchanged by JSON and textproto."""
        command = world.unruly()
        yaml = self.write("a.yaml", (
            f"supervisor: {{admin: {{socket: {self.socket}}}}}\n"
            f"pools:\n- name: web\n  command: [{', '.join(command)}]\n"
            "  timeouts: {stop: 1.5s}\n"))
        words = ", ".join(f'"{word}"' for word in command)
        text = self.write("a.textproto", (
            f'supervisor {{ admin {{ socket: "{self.socket}" }} }}\n'
            f'pools {{ name: "web" command: [{words}]\n'
            "  timeouts { stop { seconds: 1 nanos: 500000000 } } }\n"))
        json = self.config(world.pool("web", command,
                                      timeouts={"stop": "1500ms"}))
        supervisor = self.run_supervisor("-f", yaml).ready("web")
        for path in (json, text):
            plan = self.drover("plan", "-f", path).last
            self.assertEqual(kinds(plan), {"web": "UNCHANGED"})
            self.assertEqual(plan["needs_restart"], [])
        self.shut_down(supervisor)

    def test_without_a_file(self):
        supervisor = self.run_supervisor(
            "-n", "2", "--name", "mail", "--env", "COLOUR=red",
            "--listen", "http=tcp://127.0.0.1:0", "--", *world.unruly())
        supervisor.ready("mail")
        (pool,) = self.status()["pools"]
        self.assertEqual((pool["name"], pool["ready"]), ("mail", 2))
        self.assertRegex(pool["listeners"][0]["address"],
                         r"^tcp://127\.0\.0\.1:[1-9]\d+$")
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
