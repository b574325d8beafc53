"""Ends: at a terminal, by signal, as the first process of a namespace; and the
processes that workers leave behind."""

import os
import select
import signal
import subprocess
import unittest

from supervisor.integration import world


class SignalTest(world.Case):

    def interrupt(self, supervisor):
        """As Ctrl-C at a terminal does: to the whole foreground group."""
        os.killpg(supervisor.pid, signal.SIGINT)

    def terminal(self, *pools):
        return self.run_supervisor(
            "-f", self.config(*pools), start_new_session=True,
            environment={"DROVER_LOG": "core"})

    def test_interrupt_drains_and_ends(self):
        supervisor = self.terminal(
            world.pool("web", world.unruly(), count=2)).ready("web")
        self.interrupt(supervisor)
        said = supervisor.end(0)
        for slot in (0, 1):
            self.assertIn(f"drover core: web/{slot} incarnation {slot + 1}: "
                          "exited with code 0; removed", said)
        self.assertFalse(os.path.exists(self.socket))

    def test_a_second_interrupt_does_not_wait(self):
        supervisor = self.terminal(
            world.pool("web", world.unruly("ignores-term"))).ready("web")
        self.interrupt(supervisor)
        supervisor.output.until("ignoring stop")
        self.interrupt(supervisor)
        self.assertIn("web/0 incarnation 1: killed by SIGKILL sent by the "
                      "supervisor", "\n".join(supervisor.end(0)))
        self.assertFalse(os.path.exists(self.socket))

    def test_sigterm_is_the_same(self):
        supervisor = self.start(world.pool("web", world.unruly()))
        supervisor.process.send_signal(signal.SIGTERM)
        supervisor.end(0)
        self.assertFalse(os.path.exists(self.socket))

    def test_shutdown_hard(self):
        supervisor = self.start(
            world.pool("web", world.unruly("ignores-term"), count=2))
        self.drover("shutdown", "--hard", code=None)
        supervisor.end(0)
        self.assertFalse(os.path.exists(self.socket))

    def test_interrupt_during_the_start(self):
        supervisor = self.terminal(
            world.pool("web", world.unruly("hangs-in-start"),
                       timeouts={"quit": "200ms"}))
        supervisor.output.until("hanging")
        self.interrupt(supervisor)
        said = "\n".join(supervisor.end(0))
        self.assertIn("start CANCELLED", said)

    def test_the_restart_policy_may_end_everything(self):
        supervisor = self.start(
            world.pool("web", world.unruly()),
            world.pool("vital", world.unruly(),
                       restart={"on_external_signal": "shut_down"}))
        os.kill(self.pids("vital")[0], signal.SIGKILL)
        said = "\n".join(supervisor.end(3))
        self.assertIn("vital/0 killed by SIGKILL", said)
        self.assertFalse(os.path.exists(self.socket))


class ProcessTest(world.Case):

    def test_each_worker_leads_a_group_of_its_own(self):
        supervisor = self.start(world.pool("web", world.unruly(), count=2))
        for pid in self.pids("web"):
            self.assertEqual(os.getpgid(pid), pid)
            self.assertEqual(world.parent_of(pid), supervisor.pid)
        self.shut_down(supervisor)

    def test_what_a_worker_leaves_in_its_group_is_ended(self):
        script = (f"sleep 1000 & echo child $!; "
                  f"exec {' '.join(world.unruly())}")
        supervisor = self.start(world.pool("web", world.shell(script)))
        child = int(supervisor.output.until("child").split()[-1])
        self.assertTrue(os.path.exists(f"/proc/{child}"))
        self.shut_down(supervisor)
        # It was killed before the supervisor ended, and dies in its own time.
        await_end(child)

    def test_orphans_are_reaped(self):
        """Descendants that outlive their parents, outside of any group."""
        script = ("for n in 1 2 3; do setsid -f sh -c 'echo orphan $$'; done; "
                  f"exec {' '.join(world.unruly())}")
        supervisor = self.start(world.pool("web", world.shell(script)))
        orphans = [int(supervisor.output.until("orphan").split()[-1])
                   for _ in range(3)]
        for pid in orphans:
            await_end(pid)
        # An answer that began after their ends comes after they were reaped.
        self.drover("status")
        self.drover("status")
        names = sorted(supervisor.children().values())
        self.assertEqual([name[:6] for name in names], ["drover", "python"])
        self.shut_down(supervisor)

    def test_as_the_first_process_of_a_namespace(self):
        """Where a namespace may be made; else the same without one."""
        alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        first = subprocess.run([*alone, "true"], capture_output=True,
                               check=False).returncode == 0
        script = ("setsid -f sh -c 'echo orphan'; echo parent $PPID; "
                  f"exec {' '.join(world.unruly())}")
        supervisor = world.Supervisor(self, self.spawn(
            (alone if first else []) + [f"{world.BIN}/drover", "run", "-f",
                                        self.config(world.pool(
                                            "web", world.shell(script)))]))
        parent, _ = supervisor.output.each("parent", "orphan")
        parent = parent.split()[-1]
        supervisor.ready("web")
        pid = supervisor.pid
        if first:
            (pid,) = supervisor.children()
        self.assertEqual(parent, "1" if first else str(pid))
        self.drover("restart", "web/0")
        # The first process of a namespace dies of no signal that it does not
        # handle.
        os.kill(pid, signal.SIGTERM)
        supervisor.end(0)
        self.assertFalse(os.path.exists(self.socket))


def await_end(pid):
    """Until the process has ended, whether or not it was reaped."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([fd], [], [], world.PATIENCE)[0]:
            raise AssertionError(f"{pid} lives")
    finally:
        os.close(fd)


if __name__ == "__main__":
    unittest.main()
