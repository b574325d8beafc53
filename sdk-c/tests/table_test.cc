// The worker table of SPEC.md, cell by cell, against the library's.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "drover.h"
#include "gtest/gtest.h"
#include "tests/internal.h"

namespace {

constexpr char kSpec[] = "proto/SPEC.md";

std::vector<std::string> Cells(absl::string_view row) {
  std::vector<std::string> cells;
  for (absl::string_view cell : absl::StrSplit(row, '|')) {
    cells.emplace_back(absl::StripAsciiWhitespace(cell));
  }
  // What stands outside the first and last bar.
  if (cells.size() >= 2) {
    cells.erase(cells.begin());
    cells.pop_back();
  }
  return cells;
}

// The rows under the mark of that name: the head first, without the rule.
std::vector<std::vector<std::string>> ReadTable(const std::string& name) {
  std::ifstream in(kSpec);
  std::vector<std::vector<std::string>> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "<!-- table: " + name + " -->") {
      inside = true;
    } else if (inside && !absl::StartsWith(line, "|")) {
      break;
    } else if (inside && !absl::StartsWith(line, "|---")) {
      rows.push_back(Cells(line));
    }
  }
  return rows;
}

const std::map<std::string, drvr_input>& Inputs() {
  static const auto* const inputs = new std::map<std::string, drvr_input>{
      {"Welcome", DRVR_ON_WELCOME},
      {"Start", DRVR_ON_START},
      {"Stop", DRVR_ON_STOP},
      {"Quit", DRVR_ON_QUIT},
      {"Ping", DRVR_ON_PING},
      {"Reload", DRVR_ON_RELOAD},
      {"LameDuck", DRVR_ON_LAME_DUCK},
      {"UserMessage", DRVR_ON_USER_MESSAGE},
      {"Result", DRVR_ON_RESULT},
      {"unknown", DRVR_ON_UNKNOWN},
      {"ProtocolError", DRVR_ON_PROTOCOL_ERROR},
      {"end of stream", DRVR_ON_EOF},
      {"SIGTERM", DRVR_ON_SIGTERM}};
  return *inputs;
}

// A cell of the library in the words of SPEC.md.
std::string Show(drvr_cell cell) {
  static const char* const kActions[] = {
      "",        "ignore", "violation",     "begin",   "refuse",
      "STOPPED", "cancel", "drain",         "earlier", "pong",
      "result",  "note",   "unimplemented", "exit 0",  "exit 1",
      "exit 76"};
  std::string text = kActions[cell.action];
  if (cell.next == DRVR_STAY) return text;
  if (!text.empty()) text += ' ';
  return text + "-> " + drover_state_name(cell.next);
}

TEST(Table, IsTheOneOfTheSpecification) {
  const auto rows = ReadTable("worker");
  ASSERT_EQ(rows.size(), Inputs().size() + 1);
  const std::vector<std::string>& head = rows[0];
  ASSERT_EQ(head.size(), DRVR_STATE_COUNT + 1u);
  for (size_t row = 1; row < rows.size(); ++row) {
    const auto input = Inputs().find(rows[row][0]);
    ASSERT_NE(input, Inputs().end()) << rows[row][0];
    ASSERT_EQ(rows[row].size(), head.size()) << rows[row][0];
    for (int state = 0; state < DRVR_STATE_COUNT; ++state) {
      EXPECT_EQ(head[state + 1], drover_state_name(state));
      EXPECT_EQ(rows[row][state + 1], Show(drvr_table(input->second, state)))
          << rows[row][0] << " in " << head[state + 1];
    }
  }
}

}  // namespace
