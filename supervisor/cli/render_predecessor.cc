#include "supervisor/cli/render_predecessor.h"

#include "absl/strings/str_cat.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

constexpr int kMaxShown = 4;

std::string Line(const admin::v1::LostWorker& worker, const Style& style) {
  std::string line =
      absl::StrCat("  ", Name(worker.id()), " was ",
                   style.Paint(ToneOf(worker.state()), Word(worker.state())));
  if (!worker.status_text().empty()) {
    absl::StrAppend(&line, ": ", Escape(worker.status_text()));
  }
  return line + "\n";
}

}  // namespace

std::string Sentence(const admin::v1::Predecessor& predecessor,
                     const Style& style) {
  std::string killed = "was killed";
  if (!predecessor.ended_by().empty()) {
    absl::StrAppend(&killed, " by ", Escape(predecessor.ended_by()));
  }
  std::string text = "the supervisor before";
  if (predecessor.pid() != 0) {
    absl::StrAppend(&text, " (pid ", predecessor.pid(), ")");
  }
  absl::StrAppend(&text, " ", style.Paint(Tone::kBad, killed), "; ",
                  predecessor.workers_lost(), " workers lost it");
  if (!predecessor.unknown().empty()) {
    absl::StrAppend(&text,
                    ", and not all are known: ", Escape(predecessor.unknown()));
  }
  return text;
}

std::string RenderPredecessor(const admin::v1::Predecessor& predecessor,
                              const Style& style) {
  std::string out = Sentence(predecessor, style) + "\n";
  int shown = 0;
  for (const admin::v1::LostWorker& worker : predecessor.workers()) {
    if (++shown > kMaxShown) break;
    out += Line(worker, style);
  }
  if (shown > kMaxShown) {
    absl::StrAppend(&out, "  and ",
                    static_cast<int>(predecessor.workers_lost()) - kMaxShown,
                    " more\n");
  }
  return out;
}

}  // namespace drover::cli
