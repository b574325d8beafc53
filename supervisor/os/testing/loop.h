// A loop for tests: runs until something is so, or a deadline has passed.
#ifndef SUPERVISOR_OS_TESTING_LOOP_H_
#define SUPERVISOR_OS_TESTING_LOOP_H_

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <chrono>

namespace drover::os {

class Loop {
 public:
  asio::io_context io;

  // Whether `condition` came true in time. The time is one that a loaded
  // machine does not reach and a hanging test does.
  template <typename Condition>
  bool RunUntil(Condition condition,
                std::chrono::seconds limit = std::chrono::seconds(30)) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      io.run_one_until(deadline);
    }
    return true;
  }

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_ =
      asio::make_work_guard(io);
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_TESTING_LOOP_H_
