// watch and logs: what happens, as it happens.
#include <utility>

#include "supervisor/cli/command.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/problem.h"
#include "supervisor/cli/render_event.h"
#include "supervisor/cli/session.h"

namespace drover::cli {
namespace {

// The token to go on with after `response`, if it has one.
void NoteToken(const admin::v1::WatchEventsResponse& response,
               admin::v1::WatchEventsRequest* request) {
  if (response.has_snapshot()) request->set_token(response.snapshot().token());
  if (response.has_event()) request->set_token(response.event().token());
}

bool IsGone(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable &&
         !IsSupervisorEnd(status);
}

// Prints one stream's events. OK when --timeout is over.
absl::Status PrintEvents(Session* session,
                         admin::v1::WatchEventsRequest* request,
                         Output* output) {
  auto stream = session->client().Watch(*request);
  for (;;) {
    admin::v1::WatchEventsResponse response;
    switch (stream->Wait(session->deadline(), &response)) {
      case Next::kMessage:
        session->NoteAnswer();
        NoteToken(response, request);
        output->Print(output->json() ? ToJson(response)
                                     : RenderEvent(response, output->style()));
        break;
      case Next::kTick:
        return absl::OkStatus();
      case Next::kEnd:
        return stream->status().ok()
                   ? absl::UnavailableError("the supervisor ended the stream")
                   : stream->status();
    }
  }
}

absl::Status PrintLogs(Session* session,
                       const admin::v1::TailLogsRequest& request, bool times,
                       Output* output) {
  auto stream = session->client().TailLogs(request);
  for (;;) {
    admin::v1::LogLine line;
    switch (stream->Wait(session->deadline(), &line)) {
      case Next::kMessage:
        session->NoteAnswer();
        output->Print(output->json()
                          ? ToJson(line)
                          : RenderLogLine(line, times, output->style()));
        break;
      case Next::kTick:
        return absl::OkStatus();
      case Next::kEnd:
        return stream->status();
    }
  }
}

// Ctrl-C is how one leaves a stream, and the supervisor's end is the last thing
// that happens in one: nothing to complain of.
Outcome Leave(const absl::Status& status, Output* output) {
  if (IsInterrupted(status)) return ExitCode::kInterrupted;
  if (IsSupervisorEnd(status)) {
    output->PrintError("the supervisor has ended\n");
    return ExitCode::kOk;
  }
  if (!status.ok()) return status;
  return ExitCode::kOk;
}

}  // namespace

Outcome Watch(const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  admin::v1::WatchEventsRequest request;
  request.set_pool(options.pool);
  for (;;) {
    absl::Status status = PrintEvents(&session, &request, output);
    if (status.code() == absl::StatusCode::kOutOfRange) {
      // Away for too long, or another supervisor: begin anew.
      output->PrintError("events were missed; what follows begins anew\n");
      request.clear_token();
      continue;
    }
    if (!IsGone(status) || request.token().empty()) {
      return Leave(status, output);
    }
    absl::Status again = session.Reconnect();
    if (!again.ok()) return Leave(again, output);
  }
}

Outcome Logs(const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  admin::v1::TailLogsRequest request;
  request.set_pool(options.pool);
  if (options.slot.has_value()) request.set_slot(*options.slot);
  if (options.lines.has_value()) request.set_lines(*options.lines);
  request.set_follow(options.follow);
  for (;;) {
    absl::Status status = PrintLogs(&session, request, options.times, output);
    if (!options.follow || !IsGone(status)) return Leave(status, output);
    absl::Status again = session.Reconnect();
    if (!again.ok()) return Leave(again, output);
    output->PrintError("the connection broke; lines may be missing here\n");
    request.set_lines(0);
  }
}

}  // namespace drover::cli
