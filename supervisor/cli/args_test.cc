#include "supervisor/cli/args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "supervisor/cli/completion.h"
#include "supervisor/cli/exit_code.h"
#include "supervisor/cli/man_page.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Args = std::vector<std::string>;

absl::StatusOr<Options> Parse(const Args& args) {
  return ParseArgs(args, {.socket = "", .default_socket = "/default"});
}

Options Understood(const Args& args) {
  absl::StatusOr<Options> options = Parse(args);
  EXPECT_TRUE(options.ok()) << options.status();
  return options.ok() ? *options : Options();
}

std::string Remedy(const Args& args) {
  absl::StatusOr<Options> options = Parse(args);
  EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument);
  return DetailOf(options.status()).remedy();
}

TEST(ArgsTest, GlobalOptionsStandAnywhere) {
  for (const Args& args : std::vector<Args>{
           {"--socket", "/s", "-o", "json", "--timeout", "5m", "status"},
           {"status", "--socket", "/s", "-o", "json", "--timeout", "5m"}}) {
    Options options = Understood(args);
    EXPECT_EQ(options.command, Command::kStatus);
    EXPECT_EQ(options.socket, "/s");
    EXPECT_TRUE(options.json);
    EXPECT_EQ(options.timeout, absl::Minutes(5));
  }
}

TEST(ArgsTest, TheSocketComesFromFlagThenEnvironmentThenDefault) {
  Environment environment = {.socket = "/env", .default_socket = "/default"};
  EXPECT_EQ(ParseArgs({"status", "--socket", "/s"}, environment)->socket, "/s");
  EXPECT_EQ(ParseArgs({"status"}, environment)->socket, "/env");
  EXPECT_EQ(Understood({"status"}).socket, "/default");
  // A supervisor that starts asks its configuration.
  EXPECT_EQ(Understood({"run", "-f", "x"}).socket, "");
}

TEST(ArgsTest, APoolMayBeCalledAsACommandIs) {
  Options options = Understood({"reload", "status"});
  EXPECT_EQ(options.command, Command::kReload);
  EXPECT_EQ(options.pool, "status");
}

TEST(ArgsTest, WorkersAreNamedByPoolAndSlot) {
  Options options = Understood({"restart", "web/3"});
  EXPECT_EQ(options.pool, "web");
  EXPECT_EQ(options.slot, 3u);
  EXPECT_THAT(Remedy({"restart", "web"}), HasSubstr("drover reload web"));
  EXPECT_THAT(Remedy({"restart", "web/x"}), HasSubstr("POOL/SLOT"));
  EXPECT_FALSE(Understood({"logs", "web"}).slot.has_value());
  EXPECT_EQ(Understood({"logs", "web/0"}).slot, 0u);
}

TEST(ArgsTest, ScaleTakesBothForms) {
  EXPECT_EQ(Understood({"scale", "web", "8"}).count, 8u);
  Options options = Understood({"scale", "web=9"});
  EXPECT_EQ(options.pool, "web");
  EXPECT_EQ(options.count, 9u);
  EXPECT_EQ(Remedy({"scale", "web"}), "drover scale web 8");
  EXPECT_THAT(Remedy({"scale", "web", "-1"}), HasSubstr("1..4096"));
  EXPECT_THAT(Remedy({"scale", "web", "many"}), HasSubstr("whole number"));
}

TEST(ArgsTest, NestedCommands) {
  EXPECT_EQ(Understood({"operations"}).command, Command::kOperations);
  Options options = Understood({"operations", "watch", "op-1", "-o", "json"});
  EXPECT_EQ(options.command, Command::kOperationsWatch);
  EXPECT_EQ(options.operation, "op-1");
  EXPECT_TRUE(options.json);
}

TEST(ArgsTest, WhatFollowsTheDashesIsTakenWordForWord) {
  Options options =
      Understood({"run", "-n", "4", "--", "sh", "-c", "[a]", "--", "status"});
  EXPECT_THAT(options.flags.command,
              ElementsAre("sh", "-c", "[a]", "--", "status"));
  EXPECT_EQ(options.flags.count, 4u);
  EXPECT_FALSE(Parse({"status", "--", "x"}).ok());
  EXPECT_FALSE(Parse({"run", "-f", "x", "--", "y"}).ok());
}

TEST(ArgsTest, MistypedCommandsGetAHint) {
  EXPECT_EQ(Remedy({"stauts"}), "did you mean: drover status");
  EXPECT_EQ(Remedy({"frobnicate"}), "drover --help");
  EXPECT_EQ(Remedy({}), "drover --help lists them");
  EXPECT_EQ(Remedy({"scale", "web", "4", "--foo"}), "drover scale --help");
}

TEST(ArgsTest, DurationsMustBeAboveZero) {
  for (const char* bad : {"0", "-1s", "5", "soon"}) {
    EXPECT_FALSE(Parse({"status", "--timeout", bad}).ok()) << bad;
  }
}

// Each command as its words: {"operations", "watch"}.
void Collect(const CommandInfo& info, const Args& words,
             std::vector<Args>* all) {
  for (const CommandInfo& command : info.commands) {
    Args path = words;
    path.push_back(command.name);
    all->push_back(path);
    Collect(command, path, all);
  }
}

TEST(ManualTest, EveryCommandHasHelpWithAnExampleAndExitCodes) {
  std::vector<Args> commands;
  Collect(DescribeCommands(), {}, &commands);
  EXPECT_EQ(commands.size(), ManualPages().size());
  for (Args words : commands) {
    words.push_back("--help");
    Options help = Understood(words);
    EXPECT_EQ(help.command, Command::kHelp);
    for (const char* part :
         {"Usage: drover ", "Examples:\n  ", "Exit codes:"}) {
      EXPECT_THAT(help.text, HasSubstr(part)) << words[0];
    }
  }
}

TEST(ManualTest, TheOverviewNamesEveryCommandAndExitCode) {
  std::string text = Understood({"--help"}).text;
  for (const CommandInfo& command : DescribeCommands().commands) {
    EXPECT_THAT(text, HasSubstr("\n  " + command.name + " "));
  }
  for (const ExitCodeText& code : ExitCodes()) {
    EXPECT_TRUE(absl::StrContains(text, code.meaning)) << code.meaning;
  }
}

TEST(ManualTest, ThePageOfExitCodesIsTheTable) {
  std::ifstream file("docs/cli.md");
  std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const ExitCodeText& code : ExitCodes()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("| ", static_cast<int>(code.code),
                                             " | ", code.meaning, " |\n")));
  }
}

TEST(CompletionTest, EveryShellKnowsEveryCommandAndOption) {
  CommandInfo root = DescribeCommands();
  for (const char* shell : {"bash", "zsh", "fish"}) {
    std::string script = RenderCompletion(root, shell);
    for (const CommandInfo& command : root.commands) {
      EXPECT_TRUE(absl::StrContains(script, command.name)) << shell;
      for (const OptionInfo& option : command.options) {
        std::string name = option.names.back();
        if (script.find("-l ") != std::string::npos) name = name.substr(2);
        EXPECT_TRUE(absl::StrContains(script, name)) << shell << name;
      }
    }
  }
}

TEST(ManPageTest, NoTextIsTakenForARequest) {
  std::string page = RenderManPage(DescribeCommands());
  EXPECT_THAT(page, HasSubstr(".TH DROVER 1"));
  EXPECT_THAT(page, HasSubstr("\n.SS \"drover operations cancel ID\"\n"));
  EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
}

}  // namespace
}  // namespace drover::cli
