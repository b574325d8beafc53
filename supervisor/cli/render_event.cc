#include "supervisor/cli/render_event.h"

#include "absl/strings/str_cat.h"
#include "supervisor/cli/render_predecessor.h"
#include "supervisor/cli/render_upgrade.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

std::string Suffix(const std::string& text) {
  return text.empty() ? "" : absl::StrCat(": ", Escape(text));
}

std::string Text(const admin::v1::WorkerChanged& change, const Style& style) {
  std::string out = absl::StrCat(Name(change.id()), " ");
  // A process that is new has no former state.
  if (change.former() != change.state()) {
    absl::StrAppend(&out, Word(change.former()), " -> ");
  }
  absl::StrAppend(&out,
                  style.Paint(ToneOf(change.state()), Word(change.state())));
  if (change.pid() != 0) absl::StrAppend(&out, ", pid ", change.pid());
  return absl::StrCat(out, Suffix(change.text()));
}

std::string Text(const admin::v1::WorkerExited& exited, const Style& style) {
  const admin::v1::Exit& exit = exited.exit();
  std::string out = absl::StrCat(
      Name(exit.worker()), " ",
      style.Paint(exit.due() ? Tone::kFaint : Tone::kBad, Describe(exit)));
  if (!exited.next().empty()) {
    absl::StrAppend(&out, "; ", Escape(exited.next()));
  }
  return out;
}

std::string Text(const admin::v1::PoolChanged& change, const Style& style) {
  return absl::StrCat(Escape(change.pool()), " ", Word(change.former()), " -> ",
                      style.Paint(ToneOf(change.state()), Word(change.state())),
                      ", ", change.count(), " workers, generation ",
                      change.generation(), Suffix(change.failure().message()));
}

std::string Text(const admin::v1::OperationChanged& change,
                 const Style& style) {
  const admin::v1::Operation& operation = change.operation();
  return absl::StrCat(
      Escape(operation.id()), " ", Title(operation), " ",
      style.Paint(ToneOf(operation.state()), Word(operation.state())), ", ",
      operation.done(), "/", operation.total(),
      Suffix(operation.failure().message()));
}

std::string Text(const admin::v1::UserMessageReceived& message) {
  return absl::StrCat(Name(message.worker()), " sent \"",
                      Escape(message.topic()), "\", ", message.payload().size(),
                      " bytes");
}

std::string Text(const admin::v1::Event& event, const Style& style) {
  switch (event.kind_case()) {
    case admin::v1::Event::kWorkerChanged:
      return Text(event.worker_changed(), style);
    case admin::v1::Event::kWorkerExited:
      return Text(event.worker_exited(), style);
    case admin::v1::Event::kPoolChanged:
      return Text(event.pool_changed(), style);
    case admin::v1::Event::kOperationChanged:
      return Text(event.operation_changed(), style);
    case admin::v1::Event::kPoolRemoved:
      return absl::StrCat(Escape(event.pool_removed().pool()), " is removed");
    case admin::v1::Event::kUserMessage:
      return Text(event.user_message());
    case admin::v1::Event::kGatewayChanged:
      return absl::StrCat("gateway ", Escape(event.gateway_changed().text()));
    case admin::v1::Event::kSupervisorLost:
      return Sentence(event.supervisor_lost().predecessor(), style);
    case admin::v1::Event::kUpgradeChanged:
      return RenderUpgrade(event.upgrade_changed().upgrade(), style);
    case admin::v1::Event::KIND_NOT_SET:
      break;
  }
  return "an event that this release does not know";
}

std::string RenderSnapshot(const admin::v1::Snapshot& snapshot,
                           const Style& style) {
  std::string out;
  for (const admin::v1::Pool& pool : snapshot.pools()) {
    absl::StrAppend(&out, "now          ", Escape(pool.name()), " ",
                    style.Paint(ToneOf(pool.state()), Word(pool.state())), ", ",
                    pool.ready(), "/", pool.count(), " ready, generation ",
                    pool.generation(), "\n");
  }
  return out;
}

}  // namespace

std::string RenderEvent(const admin::v1::WatchEventsResponse& response,
                        const Style& style) {
  if (response.has_snapshot()) {
    return RenderSnapshot(response.snapshot(), style);
  }
  if (response.has_lost()) {
    return absl::StrCat(style.Paint(Tone::kBad, "lost"), "         ",
                        response.lost().events(),
                        " events: this reader was too slow\n");
  }
  const admin::v1::Event& event = response.event();
  return absl::StrCat(
      style.Paint(Tone::kFaint, ShowClock(ToTime(event.time()))), " ",
      Text(event, style), "\n");
}

std::string RenderLogLine(const admin::v1::LogLine& line, bool times,
                          const Style& style) {
  std::string out;
  if (line.lost() > 0) {
    absl::StrAppend(&out, style.Paint(Tone::kBad, "lost"), " ", line.lost(),
                    " lines\n");
  }
  if (times) {
    absl::StrAppend(
        &out, style.Paint(Tone::kFaint, ShowClock(ToTime(line.time()))), " ");
  }
  bool error = line.stream() == admin::v1::LOG_STREAM_STDERR;
  return absl::StrCat(
      out, Name(line.worker()), " ",
      style.Paint(error ? Tone::kBad : Tone::kFaint, error ? "!" : "|"), " ",
      Escape(line.line()), "\n");
}

}  // namespace drover::cli
