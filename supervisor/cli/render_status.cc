#include "supervisor/cli/render_status.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "supervisor/cli/render_operation.h"
#include "supervisor/cli/render_predecessor.h"
#include "supervisor/cli/table.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

// Troubles beyond this are counted, not told.
constexpr int kMaxTroubles = 4;
constexpr int kMaxLines = 8;

std::string Header(const admin::v1::SupervisorInfo& info, absl::Time now,
                   const Style& style) {
  std::string out = absl::StrCat(
      style.Paint(Tone::kHead, absl::StrCat("drover ", Escape(info.version()))),
      "  pid ", info.pid(), "  up ",
      ShowDuration(now - ToTime(info.start_time())));
  if (!info.config_file().empty()) {
    absl::StrAppend(&out, "  ", Escape(info.config_file()));
  }
  if (info.upgrades() > 0) {
    absl::StrAppend(&out, "  upgraded ",
                    info.upgrades() == 1
                        ? "once"
                        : absl::StrCat(info.upgrades(), " times"));
  }
  if (info.shutting_down()) {
    absl::StrAppend(&out, "  ", style.Paint(Tone::kBusy, "shuts down"));
  }
  return absl::StrCat(out, "\n");
}

std::string Listeners(const admin::v1::Pool& pool) {
  return absl::StrJoin(
      pool.listeners(), " ",
      [](std::string* out, const admin::v1::ListenerInfo& listener) {
        absl::StrAppend(out, Escape(listener.name()), "=",
                        Escape(listener.address()));
      });
}

std::string Generation(const admin::v1::Pool& pool) {
  if (pool.next_generation() == 0) return absl::StrCat(pool.generation());
  std::string out =
      absl::StrCat(pool.generation(), ">", pool.next_generation());
  if (pool.has_bakes_for()) {
    absl::StrAppend(&out, " bakes ",
                    ShowDuration(ToDuration(pool.bakes_for())));
  }
  return out;
}

std::string NonZero(uint64_t number) {
  return number == 0 ? "" : absl::StrCat(number);
}

std::string Pools(const admin::v1::Snapshot& snapshot, const Style& style) {
  Table table({{"POOL"},
               {"STATE"},
               {"READY", true},
               {"GEN", true},
               {"RESTARTS", true},
               {"OPERATION"},
               {"LISTENERS"}});
  for (const admin::v1::Pool& pool : snapshot.pools()) {
    bool ready = pool.ready() >= pool.count();
    table.AddRow({Escape(pool.name()),
                  {Word(pool.state()), ToneOf(pool.state())},
                  {absl::StrCat(pool.ready(), "/", pool.count()),
                   ready ? Tone::kPlain : Tone::kBusy},
                  Generation(pool),
                  absl::StrCat(pool.restarts()),
                  Escape(pool.operation()),
                  Listeners(pool)});
  }
  return table.Render(style);
}

// Which of the two processes of a slot, while it is replaced.
std::string Part(const admin::v1::Worker& worker) {
  switch (worker.role()) {
    case admin::v1::WORKER_ROLE_SUCCESSOR:
      return "comes";
    case admin::v1::WORKER_ROLE_OUTGOING:
      return "goes";
    default:
      return "";
  }
}

// What it says of itself, in words and numbers.
std::string StatusText(const admin::v1::Worker& worker) {
  std::vector<std::string> gauges;
  for (const auto& [name, value] : worker.gauges()) {
    gauges.push_back(absl::StrFormat("%s=%g", Escape(name), value));
  }
  // A map has no order; a screen needs one.
  std::sort(gauges.begin(), gauges.end());
  if (!worker.status_text().empty()) {
    gauges.insert(gauges.begin(), Escape(worker.status_text()));
  }
  if (worker.lame_duck()) gauges.insert(gauges.begin(), "lame duck");
  if (worker.process_stopped()) {
    gauges.insert(gauges.begin(), "stopped by a signal");
  }
  return absl::StrJoin(gauges, " ");
}

std::string Left(const admin::v1::Worker& worker) {
  return worker.has_deadline_in()
             ? ShowDuration(ToDuration(worker.deadline_in()))
             : "";
}

std::vector<Cell> WorkerRow(const admin::v1::Worker& worker) {
  return {Name(worker.id()),
          Part(worker),
          {Word(worker.state()), ToneOf(worker.state())},
          ShowDuration(ToDuration(worker.state_age())),
          Left(worker),
          NonZero(worker.id().generation()),
          NonZero(worker.pid()),
          NonZero(worker.in_flight()),
          NonZero(worker.restarts()),
          StatusText(worker)};
}

std::string Workers(const admin::v1::Snapshot& snapshot, const Style& style) {
  Table table({{"WORKER"},
               {"PART"},
               {"STATE"},
               {"FOR", true},
               {"LEFT", true},
               {"GEN", true},
               {"PID", true},
               {"IN-FLIGHT", true},
               {"RESTARTS", true},
               {"STATUS"}});
  for (const admin::v1::Worker& worker : snapshot.workers()) {
    table.AddRow(WorkerRow(worker));
  }
  return table.Render(style);
}

std::string Operations(const admin::v1::Snapshot& snapshot,
                       const Style& style) {
  std::string out;
  for (const admin::v1::Operation& operation : snapshot.operations()) {
    if (HasEnded(operation)) continue;
    absl::StrAppend(&out, style.Paint(Tone::kBusy, Escape(operation.id())), " ",
                    Title(operation), ": ", operation.done(), "/",
                    operation.total(), "\n");
    for (const admin::v1::Waiting& waiting : operation.waiting()) {
      absl::StrAppend(&out, "  ", Name(waiting.worker()), " ",
                      Word(waiting.state()), " ",
                      RenderWaiting(waiting, absl::ZeroDuration()), "\n");
    }
    if (operation.waiting_more() > 0) {
      absl::StrAppend(&out, "  and ", operation.waiting_more(), " more\n");
    }
  }
  return out;
}

bool IsInTrouble(const admin::v1::Worker& worker) {
  return worker.state() == admin::v1::WORKER_STATE_FAILED ||
         worker.state() == admin::v1::WORKER_STATE_BACKING_OFF;
}

std::string LastLines(const admin::v1::Exit& exit, const Style& style) {
  std::string out;
  int skip = std::max(0, exit.last_output_size() - kMaxLines);
  for (const std::string& line : exit.last_output()) {
    if (skip-- > 0) continue;
    absl::StrAppend(&out, "    ", style.Paint(Tone::kFaint, "|"), " ",
                    Truncate(Escape(line), style.width - 6), "\n");
  }
  return out;
}

std::string Trouble(const admin::v1::Worker& worker, const Style& style) {
  std::string out = absl::StrCat(style.Paint(Tone::kBad, Name(worker.id())),
                                 " is ", Word(worker.state()));
  if (worker.has_deadline_in() &&
      worker.state() == admin::v1::WORKER_STATE_BACKING_OFF) {
    absl::StrAppend(&out, ", next start in ", Left(worker));
  }
  if (!worker.has_last_exit()) return absl::StrCat(out, "\n");
  const admin::v1::Exit& exit = worker.last_exit();
  absl::StrAppend(&out, ": ", Describe(exit), "\n");
  if (!exit.last_words().empty()) {
    absl::StrAppend(&out, "  said: ", Escape(exit.last_words()), "\n");
  }
  return absl::StrCat(out, LastLines(exit, style));
}

std::string FailedPools(const admin::v1::Snapshot& snapshot,
                        const Style& style) {
  std::string out;
  for (const admin::v1::Pool& pool : snapshot.pools()) {
    if (!pool.has_failure()) continue;
    absl::StrAppend(&out, style.Paint(Tone::kBad, Escape(pool.name())), " is ",
                    Word(pool.state()), "\n",
                    RenderFailure(pool.failure(), style));
  }
  return out;
}

std::string Troubles(const admin::v1::Snapshot& snapshot, const Style& style) {
  std::string out;
  int count = 0;
  for (const admin::v1::Worker& worker : snapshot.workers()) {
    if (!IsInTrouble(worker)) continue;
    if (++count <= kMaxTroubles) absl::StrAppend(&out, Trouble(worker, style));
  }
  if (count > kMaxTroubles) {
    absl::StrAppend(&out, "and ", count - kMaxTroubles,
                    " more workers in trouble\n");
  }
  return out;
}

std::string Section(const std::string& text) {
  return text.empty() ? "" : absl::StrCat("\n", text);
}

}  // namespace

std::string RenderStatus(const admin::v1::Snapshot& snapshot, absl::Time now,
                         const Style& style) {
  return absl::StrCat(
      Header(snapshot.supervisor(), now, style),
      snapshot.supervisor().has_predecessor()
          ? RenderPredecessor(snapshot.supervisor().predecessor(), style)
          : "",
      Section(Pools(snapshot, style)), Section(Workers(snapshot, style)),
      Section(Operations(snapshot, style)), Section(Troubles(snapshot, style)),
      Section(FailedPools(snapshot, style)));
}

bool IsAllReady(const admin::v1::Snapshot& snapshot) {
  return std::all_of(snapshot.pools().begin(), snapshot.pools().end(),
                     [](const admin::v1::Pool& pool) {
                       return pool.state() == admin::v1::POOL_STATE_RUNNING &&
                              pool.ready() >= pool.count();
                     });
}

}  // namespace drover::cli
