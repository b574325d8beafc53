#include "supervisor/cli/manual.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "supervisor/cli/exit_code.h"

namespace drover::cli {
namespace {

constexpr size_t kWidth = 78;

// Commands as a newcomer meets them.
struct Group {
  absl::string_view title;
  std::vector<absl::string_view> commands;
};

const std::vector<Group>& Groups() {
  static const auto* const groups = new std::vector<Group>{
      {"Run", {"run", "check", "plan", "apply", "shutdown"}},
      {"Look", {"status", "watch", "logs", "operations", "version"}},
      {"Change", {"scale", "reload", "restart", "stop", "start"}},
      {"Install", {"upgrade", "systemd-unit", "completion", "man"}},
  };
  return *groups;
}

// Words of `text` in lines of kWidth, each after `indent` spaces; "\n" in it
// begins a new line.
std::string Wrap(absl::string_view text, size_t indent) {
  std::string out;
  for (absl::string_view paragraph : absl::StrSplit(text, '\n')) {
    std::string line(indent, ' ');
    size_t begin = line.size();
    for (absl::string_view word :
         absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
      if (line.size() > begin && line.size() + 1 + word.size() > kWidth) {
        absl::StrAppend(&out, line, "\n");
        line = std::string(indent, ' ');
      }
      absl::StrAppend(&line, line.size() > begin ? " " : "", word);
    }
    absl::StrAppend(&out, line, "\n");
  }
  return out;
}

std::string OptionLine(const OptionInfo& option) {
  std::string names = absl::StrJoin(option.names, ", ");
  if (!option.value.empty()) absl::StrAppend(&names, " ", option.value);
  return names;
}

std::string RenderOptions(absl::string_view title,
                          const std::vector<OptionInfo>& options) {
  if (options.empty()) return "";
  constexpr size_t kColumn = 28;
  std::string out = absl::StrCat("\n", title, ":\n");
  for (const OptionInfo& option : options) {
    std::string text = Wrap(option.text, kColumn);
    std::string head = absl::StrCat("  ", OptionLine(option));
    if (head.size() + 2 <= kColumn) {
      absl::StrAppend(&out, head, text.substr(head.size()));
    } else {
      absl::StrAppend(&out, head, "\n", text);
    }
  }
  return out;
}

// Those that `chosen` names; all if it is empty.
std::string RenderExitCodes(absl::string_view chosen) {
  std::vector<std::string> codes =
      absl::StrSplit(chosen, ' ', absl::SkipEmpty());
  std::string out = "\nExit codes:\n";
  for (const ExitCodeText& text : ExitCodes()) {
    std::string number = absl::StrCat(static_cast<int>(text.code));
    bool wanted = codes.empty() ||
                  std::find(codes.begin(), codes.end(), number) != codes.end();
    if (!wanted) continue;
    absl::StrAppendFormat(&out, "  %-4s %s\n", number, text.meaning);
  }
  return out;
}

size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string RenderOverview(const CommandInfo& root) {
  std::string out =
      "drover runs pools of workers and changes them without losing a "
      "request.\n\n"
      "Usage: drover COMMAND [OPTIONS]\n";
  for (const Group& group : Groups()) {
    absl::StrAppend(&out, "\n", group.title, ":\n");
    for (absl::string_view command : group.commands) {
      absl::StrAppendFormat(&out, "  %-12s %s\n", command,
                            FindPage(command)->summary);
    }
  }
  absl::StrAppend(
      &out,
      "\nFirst steps:\n"
      "  drover run -n 4 --listen http=tcp://127.0.0.1:8080 -- ./server\n"
      "  drover status             (in another terminal)\n"
      "  drover scale app 8\n"
      "  drover COMMAND --help     an example of each\n",
      RenderOptions("Options of every command", root.options),
      "\nEnvironment:\n"
      "  DROVER_SOCKET   where the supervisor answers, if --socket does not "
      "say\n"
      "  DROVER_LOG      components that write debug lines: \"cli\", \"*\"\n"
      "  DROVER_LIBEXEC  where drover-supervisor is, if not beside drover\n"
      "  NO_COLOR        no colours\n",
      RenderExitCodes(""));
  return out;
}

std::string RenderHelp(const CommandInfo& root, const CommandInfo& command,
                       const ManualPage& page) {
  std::string out =
      absl::StrCat(page.summary, ".\n\nUsage: drover ", page.usage, "\n");
  if (!page.description.empty()) {
    absl::StrAppend(&out, "\n", Wrap(page.description, 0));
  }
  absl::StrAppend(&out, "\nExamples:\n", page.examples, "\n",
                  RenderOptions("Options", command.options),
                  RenderOptions("Options of every command", root.options),
                  RenderExitCodes(page.exit_codes));
  if (!page.see_also.empty()) {
    absl::StrAppend(&out, "\nSee also: ", page.see_also, "\n");
  }
  return out;
}

std::string Nearest(absl::string_view typed,
                    const std::vector<std::string>& words) {
  std::string nearest;
  size_t least = std::max<size_t>(1, typed.size() / 3) + 1;
  for (const std::string& word : words) {
    size_t distance = Distance(typed, word);
    if (distance < least) {
      least = distance;
      nearest = word;
    }
  }
  return nearest;
}

}  // namespace drover::cli
