#include "supervisor/cli/completion.h"

#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace drover::cli {
namespace {

// "operations watch" and what may follow it.
using Visitor =
    std::function<void(const std::string& words, const CommandInfo& command)>;

void Visit(const CommandInfo& command, const std::string& words,
           const Visitor& visitor) {
  for (const CommandInfo& sub : command.commands) {
    std::string path =
        words.empty() ? sub.name : absl::StrCat(words, " ", sub.name);
    visitor(path, sub);
    Visit(sub, path, visitor);
  }
}

std::string CommandNames(const CommandInfo& command) {
  return absl::StrJoin(command.commands, " ",
                       [](std::string* out, const CommandInfo& sub) {
                         absl::StrAppend(out, sub.name);
                       });
}

std::string OptionNames(const CommandInfo& command) {
  return absl::StrJoin(command.options, " ",
                       [](std::string* out, const OptionInfo& option) {
                         absl::StrAppend(out, absl::StrJoin(option.names, " "));
                       });
}

// Every option of every command, each once.
std::vector<OptionInfo> AllOptions(const CommandInfo& root) {
  std::vector<OptionInfo> all = root.options;
  Visit(root, "", [&all](const std::string&, const CommandInfo& command) {
    for (const OptionInfo& option : command.options) {
      bool known = false;
      for (const OptionInfo& other : all) known |= other.names == option.names;
      if (!known) all.push_back(option);
    }
  });
  return all;
}

bool IsPath(const OptionInfo& option) {
  return option.value == "FILE" || option.value == "PATH";
}

std::string Bash(const CommandInfo& root) {
  std::string out =
      "# drover's words for bash: source <(drover completion bash)\n"
      "_drover() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local words= word i\n"
      "  case $prev in\n";
  for (const OptionInfo& option : AllOptions(root)) {
    if (option.value.empty()) continue;
    std::string reply =
        IsPath(option)
            ? "compgen -f -- \"$cur\""
            : absl::StrCat("compgen -W '", absl::StrJoin(option.choices, " "),
                           "' -- \"$cur\"");
    // -f of one command takes a file, of another nothing: only the long name
    // is the same everywhere.
    absl::StrAppend(&out, "    ", option.names.back(), ") COMPREPLY=($(", reply,
                    ")); return ;;\n");
  }
  absl::StrAppend(&out,
                  "  esac\n"
                  "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
                  "    word=${COMP_WORDS[i]}\n"
                  "    [[ $word == -- ]] && { COMPREPLY=($(compgen -f -- "
                  "\"$cur\")); return; }\n"
                  "    case \"$words $word\" in\n");
  Visit(root, "", [&out](const std::string& words, const CommandInfo&) {
    absl::StrAppend(&out, "      ' ", words, "') words=' ", words, "' ;;\n");
  });
  absl::StrAppend(&out,
                  "    esac\n"
                  "  done\n"
                  "  local next=\n"
                  "  case $words in\n"
                  "    '') next='",
                  CommandNames(root), "' ;;\n");
  Visit(root, "", [&out](const std::string& words, const CommandInfo& command) {
    absl::StrAppend(
        &out, "    ' ", words, "') next='",
        absl::StrJoin({CommandNames(command), OptionNames(command)}, " "),
        "' ;;\n");
  });
  absl::StrAppend(&out,
                  "  esac\n"
                  "  COMPREPLY=($(compgen -W \"$next ",
                  OptionNames(root),
                  "\" -- \"$cur\"))\n"
                  "  case $words in\n"
                  "    ' check'|' plan'|' apply') COMPREPLY+=($(compgen -f -- "
                  "\"$cur\")) ;;\n"
                  "    ' completion') COMPREPLY+=($(compgen -W 'bash zsh fish' "
                  "-- \"$cur\")) ;;\n"
                  "  esac\n"
                  "}\n"
                  "complete -o filenames -F _drover drover\n");
  return out;
}

// One function serves both: zsh runs bash's completions.
std::string Zsh(const CommandInfo& root) {
  return absl::StrCat(
      "#compdef drover\n"
      "# drover's words for zsh: put this file into a directory of $fpath.\n"
      "autoload -U +X bashcompinit && bashcompinit\n",
      Bash(root),
      // zsh has loaded the file because of the first completion, which is still
      // to be answered.
      "if (( $+compstate )); then _bash_complete -o filenames -F _drover; "
      "fi\n");
}

std::string Quote(absl::string_view text) {
  return absl::StrCat(
      "'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

std::string FishOption(const std::string& condition, const OptionInfo& option) {
  std::string out = absl::StrCat("complete -c drover", condition);
  for (absl::string_view name : option.names) {
    bool is_long = absl::ConsumePrefix(&name, "--");
    if (!is_long) absl::ConsumePrefix(&name, "-");
    absl::StrAppend(&out, is_long ? " -l " : " -s ", name);
  }
  if (!option.value.empty()) {
    absl::StrAppend(&out, IsPath(option) ? " -rF" : " -x");
  }
  if (!option.choices.empty()) {
    absl::StrAppend(&out, " -a ", Quote(absl::StrJoin(option.choices, " ")));
  }
  return absl::StrCat(out, " -d ", Quote(option.text), "\n");
}

std::string Fish(const CommandInfo& root) {
  std::string out =
      "# drover's words for fish.\n"
      "complete -c drover -f\n";
  for (const OptionInfo& option : root.options) {
    absl::StrAppend(&out, FishOption("", option));
  }
  for (const CommandInfo& command : root.commands) {
    absl::StrAppend(&out, "complete -c drover -n __fish_use_subcommand -a ",
                    command.name, " -d ", Quote(command.text), "\n");
    std::string inside =
        absl::StrCat(" -n '__fish_seen_subcommand_from ", command.name, "'");
    for (const OptionInfo& option : command.options) {
      absl::StrAppend(&out, FishOption(inside, option));
    }
    for (const CommandInfo& sub : command.commands) {
      absl::StrAppend(&out, "complete -c drover", inside, " -a ", sub.name,
                      " -d ", Quote(sub.text), "\n");
    }
  }
  absl::StrAppend(
      &out,
      "complete -c drover -n '__fish_seen_subcommand_from check plan apply' "
      "-F\n"
      "complete -c drover -n '__fish_seen_subcommand_from completion' -a "
      "'bash zsh fish'\n");
  return out;
}

}  // namespace

std::string RenderCompletion(const CommandInfo& root, absl::string_view shell) {
  if (shell == "zsh") return Zsh(root);
  if (shell == "fish") return Fish(root);
  return Bash(root);
}

}  // namespace drover::cli
