"""Commands that cannot be done: the right exit code, what is wrong and what to
do about it; and nothing changed."""

import unittest

from supervisor.integration import world


class AdminTest(world.Case):

    def setUp(self):
        super().setUp()
        # The pool "slow" reaches STARTED only once this is gone.
        self.wait = self.path("wait")
        self.slow = world.pool("slow", world.shell(
            f"cat {self.wait}; exec {' '.join(world.unruly())}"))
        self.supervisor = self.start(
            world.pool("web", world.unruly(), count=2), self.slow)
        self.before = self.state()

    def tearDown(self):
        self.assertEqual(self.state(), self.before)
        self.shut_down(self.supervisor)
        super().tearDown()

    def state(self):
        status = self.status()
        return ([(w["id"], w["pid"], w["state"]) for w in status["workers"]],
                [(p["name"], p["count"], p["generation"], p["state"])
                 for p in status["pools"]])

    def refused(self, words, code, reason, *texts):
        answer = self.drover(*words.split(), code=code)
        error = answer.error
        self.assertEqual(answer.text, "")
        self.assertEqual((error["reason"], error["exit_code"]), (reason, code))
        self.assertTrue(error["remedy"])
        for text in texts:
            self.assertIn(text, error["message"])
        return error

    def test_unknown_pool(self):
        for words in ("scale nothing 2", "reload nothing", "restart nothing/0",
                      "stop nothing", "start nothing", "status nothing",
                      "logs nothing"):
            with self.subTest(words):
                self.refused(words, 5, "UNKNOWN_POOL", '"nothing"')

    def test_unknown_slot(self):
        self.refused("restart web/2", 5, "UNKNOWN_SLOT", "web", "2")

    def test_unknown_operation(self):
        self.refused("operations watch op-999", 5, "UNKNOWN_OPERATION",
                     "op-999")
        self.refused("operations cancel op-999", 5, "UNKNOWN_OPERATION")

    def test_scale_out_of_range(self):
        for count in ("0", "4097"):
            error = self.refused(f"scale web {count}", 2, "COUNT_OUT_OF_RANGE",
                                 count)
            self.assertEqual(error["field"], "count")
            self.assertIn("1..4096", error["remedy"])

    def test_scale_below_zero_and_no_number(self):
        for count in ("-1", "4294967297", "many"):
            self.refused(f"scale web {count}", 2, "USAGE")

    def test_start_of_a_pool_that_runs(self):
        self.refused("start web", 6, "WRONG_STATE", "web", "RUNNING")

    def test_no_such_command(self):
        self.refused("explode web", 2, "USAGE")

    def test_no_supervisor(self):
        answer = self.drover("status", "--socket", self.path("none.sock"),
                             code=3)
        self.assertIn("none.sock", answer.error["message"])
        self.assertTrue(answer.error["remedy"])


class BusyTest(world.Case):
    """While another operation runs."""

    def setUp(self):
        super().setUp()
        # A worker that reaches STARTED only when a line comes through the
        # pipe; the first one gets its line at once.
        self.gate = self.write("open", "")
        pipe, self.say = self.pipe("pipe")
        script = (f"rm {self.gate} 2>/dev/null || read line < {pipe}; "
                  f"exec {' '.join(world.unruly())}")
        self.supervisor = self.start(
            world.pool("web", world.shell(script)))
        self.before = self.pids("web")
        self.events = self.watch()

    def begin(self, *words):
        return self.drover(*words, "--detach").last["id"]

    def let_go(self):
        self.say("go")

    def busy(self, *words):
        error = self.drover(*words, code=6).error
        self.assertEqual(error["reason"], "OPERATION_RUNNING", error)
        self.assertTrue(error["remedy"])
        return error

    def test_reload_during_reload(self):
        reload = self.begin("reload", "web")
        for words in (("reload", "web"), ("restart", "web/0"),
                      ("stop", "web")):
            self.assertIn(reload, str(self.busy(*words)))
        waiting = self.drover("operations", "--running").last["operations"]
        self.assertEqual([o["id"] for o in waiting], [reload])
        self.assertEqual(waiting[0]["waiting"][0]["worker"]["pool"], "web")
        self.assertEqual(self.pids("web")[0], self.before[0])
        self.let_go()
        done = self.drover("operations", "watch", reload).last
        self.assertEqual(done["state"], "OPERATION_STATE_SUCCEEDED")
        (worker,) = self.workers("web")
        self.assertEqual(worker["id"]["generation"], "2")
        self.shut_down(self.supervisor)

    def test_a_scale_beside_a_reload(self):
        reload = self.begin("reload", "web")
        scale = self.begin("scale", "web", "2")
        self.let_go()
        self.let_go()
        for operation in (scale, reload):
            done = self.drover("operations", "watch", operation).last
            self.assertEqual(done["state"], "OPERATION_STATE_SUCCEEDED")
        workers = self.workers("web")
        self.assertEqual([w["id"]["generation"] for w in workers], ["2", "2"])
        self.shut_down(self.supervisor)

    def test_a_reload_is_cancelled(self):
        reload = self.begin("reload", "web")
        done = self.drover("operations", "cancel", reload).last
        self.assertEqual(done["state"], "OPERATION_STATE_ROLLED_BACK")
        self.assertEqual(done["failure"]["reason"], "FAILURE_REASON_CANCELLED")
        self.assertEqual(self.pids("web"), self.before)
        self.shut_down(self.supervisor)

    def test_a_scale_takes_the_place_of_a_scale(self):
        first = self.begin("scale", "web", "3")
        second = self.drover("scale", "web", "1").last
        self.assertEqual(second["state"], "OPERATION_STATE_SUCCEEDED")
        self.assertEqual(self.pids("web"), self.before)
        former = self.drover("operations", "watch", first, code=1).last
        self.assertEqual(former["state"], "OPERATION_STATE_SUPERSEDED")
        self.assertIn(second["id"], former["failure"]["message"])
        self.shut_down(self.supervisor)

    def test_a_client_that_does_not_wait_cancels_nothing(self):
        answer = self.drover("reload", "web", "--timeout", "300ms", code=7)
        self.assertIn("op-", answer.error["message"]
                      + answer.error["remedy"] + answer.text)
        self.let_go()
        self.until_status(
            lambda status: status["pools"][0]["generation"] == "2")
        self.shut_down(self.supervisor)


class StoppedTest(world.Case):

    def test_what_a_stopped_pool_refuses(self):
        supervisor = self.start(world.pool("web", world.unruly(), count=2))
        before = self.pids("web")
        self.drover("stop", "web")
        for words in (("stop", "web"), ("reload", "web"), ("restart", "web/0"),
                      ("scale", "web", "3")):
            error = self.drover(*words, code=6).error
            self.assertEqual(error["reason"], "WRONG_STATE", words)
            self.assertIn("STOPPED", error["message"])
            self.assertTrue(error["remedy"])
        self.assertEqual(
            [(w["pid"], w["state"]) for w in self.workers("web")],
            [(pid, "WORKER_STATE_STOPPED") for pid in before])
        self.drover("start", "web")
        self.assertEqual(self.pids("web"), before)
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
