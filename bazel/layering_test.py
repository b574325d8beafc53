import os
import pathlib
import tempfile
import unittest

import layering

# The tree itself, not the copy of it that Bazel lays out for a test: a new file is
# held to the rules before any BUILD file names it.
WORKSPACE = pathlib.Path(os.path.realpath("WORKSPACE")).parent


class TreeTest(unittest.TestCase):
    def test_includes_follow_the_arrows(self):
        found, count = layering.check(WORKSPACE)
        self.assertEqual(found, [], "\n" + "\n".join(found))
        self.assertGreater(count, 0)

    def test_arrows_have_no_cycle(self):
        def visit(room, above):
            self.assertNotIn(room, above, " -> ".join((*above, room)))
            for below in layering.ROOMS.get(room, layering.Room()).rooms:
                visit(below, (*above, room))

        for room in layering.ROOMS:
            visit(room, ())


class WrongFileTest(unittest.TestCase):
    """The rules find what they are for."""

    def complaints(self, path, *includes):
        return self.complaints_about(
            path, "".join(f"#include {include}\n" for include in includes))

    def complaints_about(self, path, text):
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True)
            file.write_text(text)
            return layering.check(root)[0]

    def test_wrong(self):
        for path, include in (
                ("supervisor/core/pool.cc", '"supervisor/os/spawn.h"'),
                ("supervisor/core/pool.cc", '"supervisor/base/log.h"'),
                ("supervisor/core/pool.cc", "<unistd.h>"),
                ("supervisor/core/pool.cc", "<sys/socket.h>"),
                ("supervisor/core/pool.cc", "<thread>"),
                ("supervisor/core/pool.h", '"absl/time/clock.h"'),
                ("supervisor/core/pool.cc", '"gtest/gtest.h"'),
                ("supervisor/wire/frame.cc", "<cstdio>"),
                ("supervisor/wire/frame.cc", '"supervisor/core/ids.h"'),
                ("supervisor/os/loop.cc", "<grpcpp/server.h>"),
                ("supervisor/os/loop.cc", '"absl/synchronization/mutex.h"'),
                ("supervisor/cli/fake_admin.cc", '"absl/synchronization/notification.h"'),
                ("supervisor/os/loop.cc", '"supervisor/admin/link.h"'),
                ("supervisor/admin/link.cc", '"supervisor/core/ids.h"'),
                ("supervisor/admin/link_test.cc", '"supervisor/os/spawn.h"'),
                ("supervisor/sim/world.cc", '"supervisor/os/spawn.h"'),
                ("supervisor/sim/world.cc", "<chrono>"),
                ("supervisor/attic/old.cc", "<string>"),
                ("sdk-c/src/session.c", '"absl/status/status.h"'),
                ("sdk-c/src/session.c", '"drover/worker/v1/worker.pb.h"'),
                ("sdk-cpp/src/worker.cc", '"google/protobuf/message.h"'),
                ("conformance/runner/main.cc", '"supervisor/wire/frame.h"'),
                ("conformance/runner/main.cc", '"drover.h"'),
                ("conformance/runner/main.cc", "<drover/worker.h>"),
        ):
            with self.subTest(path=path, include=include):
                self.assertEqual(len(self.complaints(path, "<string>", include)), 1)

    def test_a_shell_that_looks_at_a_state(self):
        for path in "supervisor/os/shell.cc", "supervisor/admin/service.cc":
            for code in ("if (view.state == core::WorkerState::kStarted) Kill();",
                         "case worker::v1::STATE_STOPPED:",
                         "if (worker.state() == WORKER_STATE_FAILED) return;"):
                with self.subTest(path=path, code=code):
                    self.assertEqual(len(self.complaints_about(path, code)), 1)
                    self.assertEqual(self.complaints_about(path, "// " + code), [])
        for path in "supervisor/os/shell_test.cc", "supervisor/control/views.cc":
            self.assertEqual(self.complaints_about(path, "worker::v1::STATE_FAILED"), [])

    def test_right(self):
        for path, *includes in (
                ("supervisor/core/pool.cc", '"supervisor/wire/frame.h"', "<string>",
                 '"drover/worker/v1/worker.pb.h"', '"absl/time/time.h"', "<csignal>"),
                ("supervisor/core/pool_test.cc", '"gtest/gtest.h"', "<fstream>"),
                ("supervisor/core/testing/harness.h", "<iostream>"),
                ("supervisor/os/loop.cc", "<asio/io_context.hpp>", "<sys/socket.h>",
                 '"supervisor/core/ids.h"'),
                ("supervisor/admin/server.cc", "<grpcpp/server.h>",
                 '"drover/admin/v1/admin.grpc.pb.h"'),
                ("sdk-c/src/session.c", '"drover.h"', '"table.h"', "<unistd.h>"),
                ("sdk-c/tests/codec_test.cc", '"drover/worker/v1/worker.pb.h"'),
                ("sdk-cpp/src/worker.cc", '"drover/worker.h"', '"drover.h"'),
                ("examples/hello/hello.c", '"drover.h"'),
        ):
            with self.subTest(path=path):
                self.assertEqual(self.complaints(path, *includes), [])

    def test_an_empty_tree_is_right(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(layering.check(root), ([], 0))


if __name__ == "__main__":
    unittest.main()
