"""The upgrade in place: same process, same workers, another program."""

import os
import signal
import unittest

from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

WEB = world.pool("web", world.unruly(), count=3,
                 listeners=[{"name": "http", "address": "tcp://127.0.0.1:0"}])


class UpgradeTest(upgrades.Case):

    def test_same_process_same_workers(self):
        supervisor = self.start(WEB)
        pids = self.pids("web")
        before = self.status()
        upgrade = self.expect_upgrade()
        after = self.status()
        self.assertEqual(self.pids("web"), pids)
        self.assertEqual(after["supervisor"]["pid"], supervisor.pid)
        for field in ("session", "start_time", "config_file"):
            self.assertEqual(after["supervisor"][field],
                             before["supervisor"][field], field)
        self.assertEqual(after["pools"], before["pools"])
        self.assertEqual(after["supervisor"]["upgrades"], 1)
        self.assertEqual(after["supervisor"]["last_upgrade"], upgrade)
        self.assertEqual(world.name_of(supervisor.pid), "drover-supervis")
        self.shut_down(supervisor)

    def test_forward_and_back(self):
        supervisor = self.start(WEB)
        pids = self.pids("web")
        forward = self.expect_upgrade(upgrades.NEXT)
        self.assertEqual(forward["version"], upgrades.NEXT_VERSION)
        former = forward["former_version"]
        self.assertEqual(self.supervisor_info()["version"],
                         upgrades.NEXT_VERSION)
        self.assertEqual(os.readlink(f"/proc/{supervisor.pid}/exe"),
                         os.path.realpath(upgrades.NEXT))
        back = self.expect_upgrade(upgrades.SAME)
        self.assertEqual((back["former_version"], back["version"]),
                         (upgrades.NEXT_VERSION, former))
        self.assertEqual(self.pids("web"), pids)
        self.shut_down(supervisor)

    def test_by_signal_from_where_it_was_started(self):
        supervisor = self.start(WEB)
        pids = self.pids("web")
        os.kill(supervisor.pid, signal.SIGUSR2)
        supervisor.lines.until("succeeded")
        self.assertEqual(self.pids("web"), pids)
        last = self.supervisor_info()["last_upgrade"]
        self.assertEqual(last["caller"], "SIGUSR2")
        self.shut_down(supervisor)

    def test_commands_work_on_it_afterwards(self):
        supervisor = self.start(WEB)
        self.expect_upgrade()
        self.drover("scale", "web", "5")
        self.assertEqual(len(self.pids("web")), 5)
        before = self.pids("web")
        self.drover("reload", "web")
        self.assertFalse(set(before) & set(self.pids("web")))
        self.drover("restart", "web/0")
        self.drover("stop", "web")
        self.expect_upgrade()
        self.drover("start", "web")
        self.shut_down(supervisor)

    def test_a_worker_that_dies_afterwards_is_replaced(self):
        supervisor = self.start(WEB)
        self.expect_upgrade()
        events = self.watch()
        pid = self.pids("web")[1]
        os.kill(pid, signal.SIGKILL)
        exit_ = events.exit_of("web", 1)
        self.assertEqual(exit_["external_signal"]["name"], "SIGKILL")
        self.until_status(lambda status: status["pools"][0].get("ready") == 3)
        self.shut_down(supervisor)

    def test_a_signal_ends_it_afterwards(self):
        supervisor = self.start(WEB)
        self.expect_upgrade()
        os.kill(supervisor.pid, signal.SIGTERM)
        supervisor.end(0)
        self.assertFalse(os.path.exists(self.socket))
        self.assertFalse(os.path.exists(self.socket + ".lock"))

    def test_the_lock_is_held_on(self):
        supervisor = self.start(WEB)
        self.expect_upgrade()
        second = self.run_supervisor("-f", self.path("drover.json"))
        self.assertIn(f"pid {supervisor.pid}", "\n".join(second.end(1)))
        self.shut_down(supervisor)

    def test_watchers_miss_no_event(self):
        supervisor = self.start(WEB)
        events = self.watch()
        self.expect_upgrade()
        self.drover("restart", "web/0")
        ended = events.until(
            lambda event: event.get("operation_changed", {}).get(
                "operation", {}).get("state") == "OPERATION_STATE_SUCCEEDED"
            and event)
        numbers = [int(event["token"].rpartition(".")[2])
                   for event in events.seen]
        self.assertEqual(numbers, list(range(numbers[0], numbers[-1] + 1)))
        states = [event["upgrade_changed"]["upgrade"]["state"]
                  for event in events.seen if "upgrade_changed" in event]
        self.assertEqual(states, ["UPGRADE_STATE_CHECKING",
                                  "UPGRADE_STATE_EXECUTING",
                                  upgrades.SUCCEEDED])
        self.assertEqual(ended["token"].rpartition(".")[0],
                         self.supervisor_info()["session"])
        self.shut_down(supervisor)

    def test_below_a_holder(self):
        """What it keeps is kept on: a crash afterwards costs the workers, not
        the sockets."""
        holder = self.run_supervisor(
            "-f", self.config(WEB), "--hold-sockets").ready("web")
        pid = self.supervisor_info()["pid"]
        before = self.pids("web")
        address = self.status()["pools"][0]["listeners"][0]["address"]
        self.expect_upgrade(upgrades.NEXT)
        self.assertEqual(self.pids("web"), before)
        os.kill(pid, signal.SIGKILL)
        holder.ready("web")
        status = self.status()
        self.assertNotEqual(status["supervisor"]["pid"], pid)
        self.assertEqual(status["pools"][0]["listeners"][0]["address"],
                         address)
        self.drover("shutdown")
        holder.end(0)

    def test_without_an_admin_api(self):
        supervisor = self.run_supervisor(
            "-f", self.config(WEB), "--no-admin").ready("web")
        workers = set(supervisor.children())
        os.kill(supervisor.pid, signal.SIGUSR2)
        supervisor.lines.until("succeeded")
        self.assertEqual(set(supervisor.children()), workers)
        os.kill(supervisor.pid, signal.SIGTERM)
        supervisor.end(0)

    def test_a_pool_of_the_command_line(self):
        """Its configuration is in memory, behind a descriptor: SIGHUP finds it
        there."""
        supervisor = self.run_supervisor(
            "-n", "2", "--name", "web", "--socket", self.socket, "--",
            *world.unruly()).ready("web")
        pids = self.pids("web")
        self.expect_upgrade()
        os.kill(supervisor.pid, signal.SIGHUP)
        supervisor.lines.until("(SIGHUP)")
        supervisor.lines.until("apply SUCCEEDED")
        self.assertEqual(self.pids("web"), pids)
        self.shut_down(supervisor)

    def test_descriptors_do_not_grow(self):
        supervisor = self.start(WEB)
        self.expect_upgrade()
        before = len(upgrades.descriptors(supervisor.pid))
        for _ in range(5):
            self.expect_upgrade()
        self.assertEqual(len(upgrades.descriptors(supervisor.pid)), before)
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
