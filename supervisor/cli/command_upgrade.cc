// upgrade: another program in the supervisor's place, watched to its end.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/cli/command.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/problem.h"
#include "supervisor/cli/render_upgrade.h"
#include "supervisor/cli/session.h"

namespace drover::cli {
namespace {

class Follower {
 public:
  Follower(Session* session, Output* output)
      : session_(session), output_(output) {}

  Outcome Run(const admin::v1::UpgradeSupervisorRequest& request);

 private:
  void Show(admin::v1::Upgrade upgrade);
  // Follows the stream; its end, where that is not the upgrade's.
  absl::Status Listen(const admin::v1::UpgradeSupervisorRequest& request);
  // The gateway has gone with the former program: asks for the outcome.
  absl::Status AskUntilEnded();
  absl::Status AskOnce();

  Session* session_;
  Output* output_;
  admin::v1::Upgrade upgrade_;
  std::string shown_;
};

void Follower::Show(admin::v1::Upgrade upgrade) {
  upgrade_ = std::move(upgrade);
  std::string text = output_->json()
                         ? ToJson(upgrade_)
                         : RenderUpgrade(upgrade_, output_->style()) + "\n";
  if (text == shown_) return;
  shown_ = text;
  if (!output_->json() && upgrade_.state() == admin::v1::UPGRADE_STATE_FAILED) {
    output_->PrintError(RenderUpgrade(upgrade_, output_->error_style()) + "\n");
  } else {
    output_->Print(text);
  }
}

absl::Status Follower::Listen(
    const admin::v1::UpgradeSupervisorRequest& request) {
  std::unique_ptr<Stream<admin::v1::Upgrade>> stream =
      session_->client().Open(request);
  for (;;) {
    admin::v1::Upgrade upgrade;
    switch (stream->Wait(session_->deadline(), &upgrade)) {
      case Next::kMessage:
        session_->NoteAnswer();
        Show(std::move(upgrade));
        break;
      case Next::kTick:
        return Problem(absl::StatusCode::kDeadlineExceeded,
                       "no result in time; the upgrade goes on", "NO_ANSWER",
                       "`drover status` and `drover watch` tell its outcome");
      case Next::kEnd:
        return stream->status();
    }
  }
}

absl::Status Follower::AskOnce() {
  absl::StatusOr<admin::v1::SupervisorInfo> info =
      session_->client().GetSupervisor();
  if (!info.ok()) return info.status();
  if (info->last_upgrade().number() < upgrade_.number()) {
    return Problem(absl::StatusCode::kInternal,
                   "another supervisor answers: the one that was to be "
                   "upgraded has ended",
                   "ANOTHER_SUPERVISOR", "see its log");
  }
  session_->NoteAnswer();
  Show(info->last_upgrade());
  return absl::OkStatus();
}

absl::Status Follower::AskUntilEnded() {
  while (!HasEnded(upgrade_)) {
    absl::Status status = session_->Reconnect();
    if (!status.ok()) return status;
    status = AskOnce();
    if (!status.ok() && status.code() != absl::StatusCode::kUnavailable) {
      return status;
    }
  }
  return absl::OkStatus();
}

Outcome Follower::Run(const admin::v1::UpgradeSupervisorRequest& request) {
  absl::Status status = Listen(request);
  if (status.code() == absl::StatusCode::kUnavailable &&
      upgrade_.number() != 0 && !IsSupervisorEnd(status)) {
    status = AskUntilEnded();
  }
  if (!status.ok()) return status;
  return upgrade_.state() == admin::v1::UPGRADE_STATE_SUCCEEDED
             ? ExitCode::kOk
             : ExitCode::kFailed;
}

// As the supervisor takes it, whose directory may be another.
absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  if (path.empty() || path[0] == '/') return path;
  std::unique_ptr<char, decltype(&std::free)> here(::realpath(".", nullptr),
                                                   &std::free);
  if (here == nullptr) {
    return UsageProblem("the current directory is gone",
                        "give --binary an absolute path");
  }
  return absl::StrCat(here.get(), "/", path);
}

}  // namespace

Outcome Upgrade(const Options& options, Output* output) {
  absl::StatusOr<std::string> binary = AbsolutePath(options.binary);
  if (!binary.ok()) return binary.status();
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  admin::v1::UpgradeSupervisorRequest request;
  request.set_binary(*binary);
  return Follower(&session, output).Run(request);
}

}  // namespace drover::cli
