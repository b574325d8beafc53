// What the command line is made of, as data: from it come --help, the man page,
// shell completion and the hint on a mistyped word.
#ifndef SUPERVISOR_CLI_MANUAL_H_
#define SUPERVISOR_CLI_MANUAL_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace drover::cli {

// What the parser knows of an option.
struct OptionInfo {
  // "-f", "--file"
  std::vector<std::string> names;
  // "FILE"; empty for a switch.
  std::string value;
  std::string text;
  // What may follow, where that is a fixed set.
  std::vector<std::string> choices;
};

// What the parser knows of a command; `name` of a nested one is its own word.
struct CommandInfo {
  std::string name;
  std::string text;
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> commands;
};

// What nobody but a person can write.
struct ManualPage {
  absl::string_view command;  // "operations watch"
  absl::string_view usage;    // without "drover "
  absl::string_view summary;
  absl::string_view description;
  absl::string_view examples;
  // Which of exit_code.h's codes it may end with, as in "0 2 3".
  absl::string_view exit_codes;
  absl::string_view see_also;
};

absl::Span<const ManualPage> ManualPages();
// Null if there is none.
const ManualPage* FindPage(absl::string_view command);

// "drover --help": `root` is the program.
std::string RenderOverview(const CommandInfo& root);
// "drover scale --help"
std::string RenderHelp(const CommandInfo& root, const CommandInfo& command,
                       const ManualPage& page);

// The word of `words` that `typed` may have meant; empty if none is near.
std::string Nearest(absl::string_view typed,
                    const std::vector<std::string>& words);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_MANUAL_H_
