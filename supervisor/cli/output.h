// Where a command writes: results to standard output, errors and hints to
// standard error; on a terminal also a block of lines that is painted again and
// again.
#ifndef SUPERVISOR_CLI_OUTPUT_H_
#define SUPERVISOR_CLI_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

class Output {
 public:
  // `color` false overrules what the terminal could do.
  Output(bool json, bool color);

  bool json() const { return json_; }
  // Standard output is a terminal that can repaint, and people read it.
  bool live() const { return live_; }

  // As the terminal is now; its size may change.
  Style style() const;
  Style error_style() const;
  int height() const;

  void Print(absl::string_view text);
  void PrintError(absl::string_view text);

  // Replaces the block that was painted before. The cursor stays below it and
  // is never hidden, so that a command that is killed leaves a sane terminal.
  void Paint(const std::vector<std::string>& lines);
  // Takes the block away.
  void Unpaint() { Paint({}); }

 private:
  bool json_;
  bool live_;
  bool color_;
  bool error_color_;
  int painted_ = 0;
};

// The bytes that replace a block of `former` lines by `lines`.
std::string Repaint(int former, const std::vector<std::string>& lines);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_OUTPUT_H_
