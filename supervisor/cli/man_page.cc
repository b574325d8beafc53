#include "supervisor/cli/man_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "supervisor/base/version.h"
#include "supervisor/cli/exit_code.h"

namespace drover::cli {
namespace {

// Text that roff takes for text.
std::string Roff(absl::string_view text) {
  std::string out = absl::StrReplaceAll(
      text, {{"\\", "\\e"}, {"-", "\\-"}, {"…", "..."}, {"\n", "\n.br\n"}});
  bool is_request = !out.empty() && (out[0] == '.' || out[0] == '\'');
  return is_request ? absl::StrCat("\\&", out) : out;
}

void AppendOption(const OptionInfo& option, std::string* out) {
  absl::StrAppend(out, ".TP\n\\fB", Roff(absl::StrJoin(option.names, ", ")),
                  "\\fR");
  if (!option.value.empty()) {
    absl::StrAppend(out, " \\fI", Roff(option.value), "\\fR");
  }
  absl::StrAppend(out, "\n", Roff(option.text), "\n");
}

const CommandInfo* Find(const CommandInfo& root, absl::string_view words) {
  const CommandInfo* found = &root;
  for (absl::string_view word : absl::StrSplit(words, ' ')) {
    const CommandInfo* next = nullptr;
    for (const CommandInfo& command : found->commands) {
      if (command.name == word) next = &command;
    }
    if (next == nullptr) return nullptr;
    found = next;
  }
  return found;
}

void AppendCommand(const CommandInfo& root, const ManualPage& page,
                   std::string* out) {
  absl::StrAppend(out, ".SS \"drover ", Roff(page.usage), "\"\n",
                  Roff(page.summary), ".\n");
  if (!page.description.empty()) {
    absl::StrAppend(out, ".PP\n", Roff(page.description), "\n");
  }
  if (const CommandInfo* info = Find(root, page.command)) {
    for (const OptionInfo& option : info->options) AppendOption(option, out);
  }
  absl::StrAppend(out, ".PP\n.nf\n", Roff(page.examples), "\n.fi\n");
}

}  // namespace

std::string RenderManPage(const CommandInfo& root) {
  std::string out = absl::StrCat(
      ".TH DROVER 1 \"\" \"drover ", kVersion, "\"\n",
      ".SH NAME\ndrover \\- run pools of workers and change them without "
      "losing a request\n",
      ".SH SYNOPSIS\n\\fBdrover\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n",
      ".SH COMMANDS\n");
  for (const ManualPage& page : ManualPages()) AppendCommand(root, page, &out);
  absl::StrAppend(&out, ".SH OPTIONS OF EVERY COMMAND\n");
  for (const OptionInfo& option : root.options) AppendOption(option, &out);
  absl::StrAppend(&out, ".SH EXIT STATUS\n");
  for (const ExitCodeText& text : ExitCodes()) {
    absl::StrAppend(&out, ".TP\n", static_cast<int>(text.code), "\n",
                    Roff(text.meaning), "\n");
  }
  return out;
}

}  // namespace drover::cli
