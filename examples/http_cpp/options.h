// What the example is told by its environment and command line.
#ifndef EXAMPLES_HTTP_CPP_OPTIONS_H_
#define EXAMPLES_HTTP_CPP_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace http_worker {

struct Options {
  // RESPONSE: the first word of each answer.
  std::string response = "hello";
  // ACCEPT_LOG_DIR: see accept_log.h.
  std::string accept_log_dir;
  // START_DELAY_MS: how long a start takes.
  std::chrono::milliseconds start_delay{0};
  // FAIL_START=1: a start fails.
  bool fail_start = false;
  // NEVER_READY=1: a start never ends.
  bool never_ready = false;
  // --port: where to listen without a supervisor.
  uint16_t port = 8080;
};

// InvalidArgument: the message says what is right.
absl::StatusOr<Options> ReadOptions(int argc, char** argv);

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_OPTIONS_H_
