#include "supervisor/cli/table.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "supervisor/cli/text.h"

namespace drover::cli {
namespace {

constexpr absl::string_view kGap = "  ";
// Marks a column that no row fills.
constexpr int kAbsent = 0;

std::string Pad(const Cell& cell, int width, bool right, bool last,
                const Style& style) {
  std::string text = Truncate(cell.text, width);
  std::string painted = style.Paint(cell.tone, text);
  std::string blank(std::max(0, width - DisplayWidth(text)), ' ');
  if (right) return absl::StrCat(blank, painted);
  return last ? painted : absl::StrCat(painted, blank);
}

std::string Line(const std::vector<Cell>& cells,
                 const std::vector<Column>& columns,
                 const std::vector<int>& widths, const Style& style) {
  size_t last = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] != kAbsent && !cells[i].text.empty()) last = i;
  }
  std::string line;
  for (size_t i = 0; i <= last; ++i) {
    if (widths[i] == kAbsent) continue;
    if (!line.empty()) absl::StrAppend(&line, kGap);
    absl::StrAppend(
        &line, Pad(cells[i], widths[i], columns[i].right, i == last, style));
  }
  return absl::StrCat(line, "\n");
}

}  // namespace

std::vector<int> Table::Widths(const Style& style) const {
  std::vector<int> widths(columns_.size(), kAbsent);
  int total = 0;
  size_t last = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    for (const std::vector<Cell>& row : rows_) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
    if (widths[i] == kAbsent) continue;
    widths[i] = std::max(widths[i], DisplayWidth(columns_[i].title));
    total += widths[i] + (total == 0 ? 0 : static_cast<int>(kGap.size()));
    last = i;
  }
  if (style.width > 0 && total > style.width) {
    widths[last] = std::max(1, widths[last] - (total - style.width));
  }
  return widths;
}

std::string Table::Render(const Style& style) const {
  if (rows_.empty()) return "";
  std::vector<Cell> titles;
  for (const Column& column : columns_) {
    titles.emplace_back(column.title, Tone::kHead);
  }
  return absl::StrCat(Line(titles, columns_, Widths(style), style),
                      RenderRows(style));
}

std::string Table::RenderRows(const Style& style) const {
  std::vector<int> widths = Widths(style);
  std::string out;
  for (const std::vector<Cell>& row : rows_) {
    absl::StrAppend(&out, Line(row, columns_, widths, style));
  }
  return out;
}

}  // namespace drover::cli
