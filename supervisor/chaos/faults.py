"""The actions of a plan, done to a run: one function each."""

import os
import resource
import signal
import time

from supervisor.chaos import victims
from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

# Nothing without a disk that can fall ill.
OF_THE_DISK = ("hang the disk", "fill the disk")
COUNTS = (2, 4)  # of workers of a pool, least and most


def _victim(run, pool):
    """The newest worker that serves: a reload that goes on wants to keep it."""
    serving = [worker for worker in run.case.workers(pool)
               if worker["state"] == "WORKER_STATE_STARTED"]
    if not serving:
        raise AssertionError(f"nobody serves in {pool}")
    worker = max(serving, key=lambda worker: int(worker["id"]["incarnation"]))
    if world.parent_of(worker["pid"]) != run.supervisor.pid:
        raise AssertionError(f"not the supervisor's: {worker}")
    return worker


def _count(action):
    least, most = COUNTS
    return least + int(action.chance * (most - least + 1))


def kill_worker(run, action):
    worker = _victim(run, action.pool)
    run.excuse(action.pool, worker["pid"])
    victims.kill(worker["pid"], run.accept_logs)
    run.record.await_exit(worker)


def stop_for_a_moment(run, action):
    """Shorter than the heartbeat allows: nothing may come of it."""
    pid = _victim(run, action.pool)["pid"]
    victims.stop(pid)
    time.sleep(0.1 + action.chance)
    os.kill(pid, signal.SIGCONT)


def stop_for_good(run, action):
    """Until the supervisor ends it."""
    worker = _victim(run, action.pool)
    run.excuse(action.pool, worker["pid"])
    victims.stop_and_note(worker["pid"], run.accept_logs)
    run.record.await_exit(worker)


def kill_gateway(run, _):
    os.kill(run.supervisor.gateway(), signal.SIGKILL)


def kill_supervisor(run, _):
    run.record.take()
    former = run.supervisor.pid
    os.kill(former, signal.SIGKILL)
    run.supervisor.lines.until(f"(pid {former}) was ended by SIGKILL")
    run.supervisor.ready(*run.counts).found()
    run.await_capacity()
    run.record.begin()
    run.release = upgrades.SAME  # the holder has but its own release
    before = run.case.status()["supervisor"]["predecessor"]
    if (before["pid"], before["ended_by"]) != (former, "SIGKILL"):
        raise AssertionError(f"killed {former}, told {before}")


def upgrade(run, _):
    run.case.expect_upgrade(run.release)


def upgrade_to_other(run, _):
    other = ({upgrades.SAME, upgrades.NEXT} - {run.release}).pop()
    run.case.expect_upgrade(other)
    run.release = other


def upgrade_to_nothing(run, _):
    run.case.expect_bad(run.case.path("no-such-program"))


def upgrade_to_what_may_not_run(run, _):
    run.case.expect_bad(run.case.program("plain", mode=0o644))


def upgrade_to_what_exits(run, _):
    run.case.expect_failure("/bin/false", "ended with code 1")


def reload(run, action):
    run.change("reload", action.pool, *(["--detach"] if action.hasty else []))


def scale(run, action):
    count = _count(action)
    run.change("scale", action.pool, str(count))
    run.counts[action.pool] = count


def apply(run, action):
    """Another number of workers in one pool, other variables in the next."""
    run.counts[action.pool] = _count(action)
    names = list(run.colours)
    run.colours[names[int(action.chance * len(names))]] += 1
    run.change("apply", "-f", run.file())


def fill_pipes(run, _):
    run.change("restart", "noisy/0")


def _be_loud(run):
    """More lines than wait for a disk. An operation and an answer need none."""
    run.change("restart", "noisy/0")
    run.await_capacity()


def hang_the_disk(run, action):
    """For longer than a heartbeat allows a worker, sometimes: the supervisor,
    which does not hang with it, goes on sending Pings and hearing answers."""
    run.disk.hang()
    try:
        _be_loud(run)
        if not run.disk.await_victim(world.PATIENCE):
            raise AssertionError("nobody writes to the disk")
        time.sleep(1 + 5 * action.chance)
        _be_loud(run)
    finally:
        run.disk.recover()


def fill_the_disk(run, action):
    run.disk.room = int(action.chance * 100_000)
    try:
        _be_loud(run)
    finally:
        run.disk.recover()
    _be_loud(run)


def exhaust_descriptors(run, action):
    """A worker dies while its supervisor can open nothing: the successor comes
    once it can again."""
    pid = run.supervisor.pid
    worker = _victim(run, action.pool)
    run.excuse(action.pool, worker["pid"])
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
    try:
        victims.kill(worker["pid"], run.accept_logs)
        time.sleep(0.5 + action.chance)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    run.record.await_exit(worker)


OF = {
    "kill worker": kill_worker,
    "stop worker for a moment": stop_for_a_moment,
    "stop worker for good": stop_for_good,
    "kill gateway": kill_gateway,
    "kill supervisor": kill_supervisor,
    "upgrade": upgrade,
    "upgrade to the other release": upgrade_to_other,
    "upgrade to nothing": upgrade_to_nothing,
    "upgrade to what may not run": upgrade_to_what_may_not_run,
    "upgrade to what exits": upgrade_to_what_exits,
    "reload": reload,
    "scale": scale,
    "apply": apply,
    "fill pipes": fill_pipes,
    "exhaust descriptors": exhaust_descriptors,
    "hang the disk": hang_the_disk,
    "fill the disk": fill_the_disk,
}
