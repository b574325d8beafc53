// Text in columns.
#ifndef SUPERVISOR_CLI_TABLE_H_
#define SUPERVISOR_CLI_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "supervisor/cli/style.h"

namespace drover::cli {

// `text` must be escaped already.
struct Cell {
  // Implicit: a row reads as a list of texts.
  Cell(std::string words, Tone meaning = Tone::kPlain)
      : text(std::move(words)), tone(meaning) {}

  std::string text;
  Tone tone;
};

struct Column {
  std::string title;
  bool right = false;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  // Columns that are empty in every row are left out. Where the terminal is too
  // narrow the last column is cut, if need be to nothing but "…".
  std::string Render(const Style& style) const;
  // The same without the titles.
  std::string RenderRows(const Style& style) const;

 private:
  std::vector<int> Widths(const Style& style) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_TABLE_H_
