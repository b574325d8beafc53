#include "supervisor/cli/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/cli/render_operation.h"
#include "supervisor/cli/table.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

constexpr int kBarWidth = 24;
constexpr int kMinBarWidth = 8;
constexpr int kMaxWorkers = 8;

std::string Bar(uint32_t done, uint32_t total, int width) {
  uint32_t part = std::min(done, total);
  int filled =
      total == 0 ? 0 : static_cast<int>(width * uint64_t{part} / total);
  return absl::StrCat("[", std::string(filled, '#'),
                      std::string(width - filled, '-'), "]");
}

std::string Headline(const admin::v1::Operation& operation,
                     absl::Duration elapsed, const Style& style) {
  bool back = operation.state() == admin::v1::OPERATION_STATE_ROLLING_BACK;
  std::string title = absl::StrCat(Title(operation), back ? " rolls back" : "");
  std::string counts =
      absl::StrCat(operation.done(), "/", operation.total(), "  ",
                   ShowDuration(elapsed), "  ", Escape(operation.id()));
  int taken = DisplayWidth(title) + DisplayWidth(counts) + 6;
  int room =
      style.width == 0 ? kBarWidth : std::min(kBarWidth, style.width - taken);
  if (room < kMinBarWidth) {
    return Truncate(absl::StrCat(title, "  ", counts), style.width);
  }
  Tone tone = back ? Tone::kBad : Tone::kGood;
  return absl::StrCat(
      title, "  ",
      style.Paint(tone, Bar(operation.done(), operation.total(), room)), "  ",
      counts);
}

int Limit(int height) {
  if (height == 0) return kMaxWorkers;
  return std::clamp(height / 2 - 2, 1, kMaxWorkers);
}

}  // namespace

std::vector<std::string> RenderProgress(const admin::v1::Operation& operation,
                                        const ProgressView& view,
                                        const Style& style) {
  std::vector<std::string> lines = {Headline(operation, view.elapsed, style)};
  int limit = Limit(view.height);
  int shown = 0;
  Table table({{""}, {""}, {""}});
  for (const admin::v1::Waiting& waiting : operation.waiting()) {
    if (shown == limit) break;
    ++shown;
    table.AddRow({absl::StrCat("  ", Name(waiting.worker())),
                  {Word(waiting.state()), ToneOf(waiting.state())},
                  RenderWaiting(waiting, view.age)});
  }
  std::vector<std::string> rows =
      absl::StrSplit(table.RenderRows(style), '\n', absl::SkipEmpty());
  lines.insert(lines.end(), rows.begin(), rows.end());
  int hidden = operation.waiting_size() - shown +
               static_cast<int>(operation.waiting_more());
  if (hidden > 0) {
    lines.push_back(absl::StrCat("  and ", hidden, " more"));
  }
  return lines;
}

}  // namespace drover::cli
