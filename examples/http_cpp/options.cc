#include "examples/http_cpp/options.h"

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace http_worker {
namespace {

constexpr int kMaxStartDelayMs = 3'600'000;

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

absl::Status ReadPort(int argc, char** argv, uint16_t& port) {
  if (argc == 1) return absl::OkStatus();
  int number = 0;
  if (argc != 3 || absl::string_view(argv[1]) != "--port" ||
      !absl::SimpleAtoi(argv[2], &number) || number < 0 || number > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("usage: ", argv[0], " [--port 0..65535]"));
  }
  port = static_cast<uint16_t>(number);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ReadOptions(int argc, char** argv) {
  Options options;
  options.response = Environment("RESPONSE", "hello");
  options.accept_log_dir = Environment("ACCEPT_LOG_DIR", "");
  options.fail_start = Environment("FAIL_START", "") == "1";
  options.never_ready = Environment("NEVER_READY", "") == "1";
  int ms = 0;
  if (!absl::SimpleAtoi(Environment("START_DELAY_MS", "0"), &ms) || ms < 0 ||
      ms > kMaxStartDelayMs) {
    return absl::InvalidArgumentError(
        absl::StrCat("START_DELAY_MS is not from 0 to ", kMaxStartDelayMs));
  }
  options.start_delay = std::chrono::milliseconds(ms);
  const absl::Status port = ReadPort(argc, argv, options.port);
  if (!port.ok()) return port;
  return options;
}

}  // namespace http_worker
