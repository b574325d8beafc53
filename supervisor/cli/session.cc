#include "supervisor/cli/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "supervisor/base/log.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kRetryEvery = absl::Milliseconds(100);

}  // namespace

Session::Session(const Options& options)
    : socket_(options.socket),
      patience_(options.timeout.value_or(kPatience)),
      deadline_(options.timeout.has_value() ? absl::Now() + *options.timeout
                                            : absl::InfiniteFuture()) {}

absl::Status Session::Connect() {
  client_.reset();
  DROVER_LOG(kCli, "connects to ", socket_);
  absl::StatusOr<std::unique_ptr<Client>> client =
      Client::Connect(socket_, patience_, &interrupts_);
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  return absl::OkStatus();
}

absl::Status Session::Reconnect() {
  lost_ = std::min(lost_, absl::Now());
  absl::Time until = std::min(deadline_, lost_ + kPatience);
  for (;;) {
    if (interrupts_.WaitUntil(absl::Now() + kRetryEvery)) {
      return Interrupted("interrupted");
    }
    absl::Status status = Connect();
    if (absl::Now() < until) {
      if (status.ok()) return status;
      continue;
    }
    if (!status.ok()) return status;
    return Problem(absl::StatusCode::kUnavailable,
                   absl::StrCat("the supervisor at ", socket_,
                                " hangs up again and again"),
                   "HUNG_UP", "look at the supervisor's own output");
  }
}

}  // namespace drover::cli
