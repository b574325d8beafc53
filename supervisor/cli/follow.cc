#include "supervisor/cli/follow.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/problem.h"
#include "supervisor/cli/progress.h"
#include "supervisor/cli/render_operation.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

// How often times on the screen move.
constexpr absl::Duration kRepaintEvery = absl::Milliseconds(200);

class Follower {
 public:
  Follower(Session* session, std::unique_ptr<OperationStream> stream,
           const Options& options, Output* output)
      : session_(session),
        stream_(std::move(stream)),
        options_(options),
        output_(output),
        begin_(absl::Now()) {}

  Outcome Run();

 private:
  bool begun() const { return !operation_.id().empty(); }
  absl::Time Deadline() const;
  absl::Time NextTick() const;
  void ShowPlan(const admin::v1::Operation& operation);
  void Show();
  void Paint();
  Outcome Conclude();
  Outcome OnStreamEnd();
  absl::Status Resume();
  absl::Status GoesOn(absl::StatusCode code, absl::string_view why) const;
  absl::Status TimedOut() const;

  Session* session_;
  std::unique_ptr<OperationStream> stream_;
  const Options& options_;
  Output* output_;
  absl::Time begin_;
  absl::Time news_ = absl::InfinitePast();
  admin::v1::Operation operation_;
  // The plain line printed last: the same twice tells nothing.
  std::string line_;
};

absl::Time Follower::Deadline() const {
  absl::Time first_answer =
      begun() ? absl::InfiniteFuture() : begin_ + kPatience;
  return std::min(session_->deadline(), first_answer);
}

absl::Time Follower::NextTick() const {
  if (!output_->live() || !begun()) return Deadline();
  return std::min(Deadline(), absl::Now() + kRepaintEvery);
}

void Follower::Paint() {
  absl::Time now = absl::Now();
  ProgressView view = {now - begin_, now - news_, output_->height()};
  output_->Paint(RenderProgress(operation_, view, output_->style()));
}

void Follower::Show() {
  if (output_->json()) {
    output_->Print(ToJson(operation_));
  } else if (HasEnded(operation_)) {
    output_->Unpaint();
  } else if (output_->live()) {
    Paint();
  } else if (std::string line = RenderProgressLine(operation_); line != line_) {
    output_->Print(line);
    line_ = std::move(line);
  }
}

// Once, as soon as there is one.
void Follower::ShowPlan(const admin::v1::Operation& operation) {
  bool is_news = operation_.plan().empty() && !operation.plan().empty();
  if (!is_news || output_->json() || options_.detach) return;
  output_->Print(absl::StrCat(Escape(operation.id()), ": ",
                              Escape(operation.plan()), "\n"));
}

absl::Status Follower::GoesOn(absl::StatusCode code,
                              absl::string_view why) const {
  const std::string& id = operation_.id();
  std::string message =
      absl::StrCat(why, ": ", Title(operation_), " is still running");
  if (!operation_.waiting().empty()) {
    const admin::v1::Waiting& first = operation_.waiting(0);
    absl::StrAppend(&message, "; ", Name(first.worker()), " (",
                    Word(first.state()), ") ",
                    RenderWaiting(first, absl::Now() - news_));
  }
  return Problem(
      code, message,
      code == absl::StatusCode::kCancelled ? "INTERRUPTED" : "STILL_RUNNING",
      absl::StrCat("`drover operations watch ", id,
                   "` waits on; `drover operations cancel ", id, "` ends it"));
}

absl::Status Follower::TimedOut() const {
  if (begun()) {
    return GoesOn(
        absl::StatusCode::kDeadlineExceeded,
        absl::StrCat("no result after ", ShowDuration(absl::Now() - begin_)));
  }
  return Problem(absl::StatusCode::kDeadlineExceeded,
                 "the supervisor has not answered", "NO_ANSWER",
                 "whether it began: `drover operations`");
}

Outcome Follower::Run() {
  for (;;) {
    admin::v1::Operation operation;
    switch (stream_->Wait(NextTick(), &operation)) {
      case Next::kMessage:
        ShowPlan(operation);
        operation_ = std::move(operation);
        news_ = absl::Now();
        session_->NoteAnswer();
        if (options_.detach) return Conclude();
        Show();
        break;
      case Next::kTick:
        if (absl::Now() >= Deadline()) {
          output_->Unpaint();
          return TimedOut();
        }
        if (output_->live() && begun()) Paint();
        break;
      case Next::kEnd:
        if (Outcome outcome = OnStreamEnd();
            !outcome.ok() || stream_ == nullptr) {
          output_->Unpaint();
          return outcome;
        }
        break;
    }
  }
}

// Leaves a stream to go on with, or none.
Outcome Follower::OnStreamEnd() {
  absl::Status status = stream_->status();
  stream_.reset();
  if (IsInterrupted(status)) {
    return begun() ? GoesOn(absl::StatusCode::kCancelled, "interrupted")
                   : status;
  }
  bool gone = status.code() == absl::StatusCode::kUnavailable;
  if (!begun() || !(status.ok() || gone)) return status;
  if (HasEnded(operation_)) return Conclude();
  if (gone && operation_.kind() == admin::v1::OPERATION_KIND_SHUTDOWN &&
      !session_->Connect().ok()) {
    output_->Unpaint();
    if (!output_->json()) output_->Print("the supervisor has ended\n");
    return ExitCode::kOk;
  }
  if (IsSupervisorEnd(status)) return status;
  // Also where the stream ended well before the operation did: ask again.
  absl::Status resumed = Resume();
  if (!resumed.ok()) return resumed;
  return ExitCode::kOk;
}

absl::Status Follower::Resume() {
  absl::Status status = session_->Reconnect();
  if (IsInterrupted(status)) {
    return GoesOn(absl::StatusCode::kCancelled, "interrupted");
  }
  if (!status.ok()) return status;
  stream_ = session_->client().WatchOperation(operation_.id());
  return absl::OkStatus();
}

Outcome Follower::Conclude() {
  if (output_->json()) {
    if (options_.detach) output_->Print(ToJson(operation_));
  } else if (!HasEnded(operation_)) {
    output_->Print(absl::StrCat(Escape(operation_.id()), "\n"));
  } else if (operation_.state() == admin::v1::OPERATION_STATE_SUCCEEDED) {
    output_->Print(RenderOutcome(operation_, output_->style()));
  } else {
    output_->PrintError(RenderOutcome(operation_, output_->error_style()));
  }
  bool fine = !HasEnded(operation_) ||
              operation_.state() == admin::v1::OPERATION_STATE_SUCCEEDED;
  return fine ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

Outcome Follow(Session* session, std::unique_ptr<OperationStream> stream,
               const Options& options, Output* output) {
  return Follower(session, std::move(stream), options, output).Run();
}

}  // namespace drover::cli
