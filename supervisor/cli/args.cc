#include "supervisor/cli/args.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

// Strings as they were typed, and the parser that fills them.
class Parser {
 public:
  Parser();

  absl::StatusOr<Options> Parse(std::vector<std::string> args,
                                const Environment& environment);
  CommandInfo Describe() const;

 private:
  CLI::App* Add(CLI::App* parent, const char* name, Command command);
  void AddGlobals();
  void AddRun();
  void AddConfig();
  void AddReads();
  void AddChanges();
  void AddOperations();
  void AddInstall();

  absl::Status Finish(const Environment& environment);
  absl::Status FinishTarget();
  absl::Status FinishScale();
  absl::StatusOr<Options> Help() const;
  absl::Status Misunderstood(const CLI::Error& error) const;
  std::string CommandWords() const;

  CLI::App app_{"", "drover"};
  Options options_;
  std::string output_ = "text";
  std::string timeout_;
  std::string target_;
  std::string number_;
  bool no_color_ = false;
};

// A set of words; what they are is in the option's type already.
CLI::Validator OneOf(std::vector<std::string> words) {
  return CLI::IsMember(std::move(words)).description("");
}

OptionInfo Describe(const CLI::Option& option) {
  OptionInfo info;
  for (const std::string& name : option.get_snames()) {
    info.names.push_back(absl::StrCat("-", name));
  }
  for (const std::string& name : option.get_lnames()) {
    info.names.push_back(absl::StrCat("--", name));
  }
  if (option.get_items_expected_max() > 0) info.value = option.get_type_name();
  info.text = option.get_description();
  if (absl::StrContains(info.value, '|')) {
    info.choices = absl::StrSplit(info.value, '|');
  }
  return info;
}

CommandInfo Describe(const CLI::App& app) {
  CommandInfo info;
  info.name = app.get_name();
  info.text = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    bool is_help = app.get_parent() != nullptr && option == app.get_help_ptr();
    if (is_help || option->get_positional()) continue;
    info.options.push_back(Describe(*option));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    info.commands.push_back(Describe(*command));
  }
  return info;
}

std::string FullName(const CLI::App& app) {
  if (app.get_parent() == nullptr ||
      app.get_parent()->get_parent() == nullptr) {
    return app.get_name();
  }
  return absl::StrCat(FullName(*app.get_parent()), " ", app.get_name());
}

Parser::Parser() {
  app_.require_subcommand(0, 1);
  app_.set_help_flag("-h,--help", "What it does, with examples");
  AddGlobals();
  AddRun();
  AddConfig();
  AddReads();
  AddChanges();
  AddOperations();
  AddInstall();
}

CLI::App* Parser::Add(CLI::App* parent, const char* name, Command command) {
  CLI::App* sub = parent->add_subcommand(name);
  const ManualPage* page = FindPage(FullName(*sub));
  if (page != nullptr) sub->description(std::string(page->summary));
  sub->fallthrough();
  // The innermost command decides: parents are called before it.
  sub->parse_complete_callback([this, sub, command] {
    if (sub->get_subcommands().empty()) options_.command = command;
  });
  return sub;
}

void Parser::AddGlobals() {
  app_.add_option("--socket", options_.socket,
                  "The supervisor's admin socket (DROVER_SOCKET)")
      ->type_name("PATH");
  app_.add_option("-o,--output", output_,
                  "json prints one object, or one a line where there are many")
      ->type_name("text|json")
      ->check(OneOf({"text", "json"}));
  app_.add_option("--timeout", timeout_,
                  "Wait no longer than this, as in 30s or 5m; what was begun "
                  "goes on")
      ->type_name("DURATION");
  app_.add_flag("--no-color", no_color_, "No colours, as NO_COLOR");
}

void Parser::AddRun() {
  CLI::App* run = Add(&app_, "run", Command::kRun);
  PoolFlags& flags = options_.flags;
  run->add_option("-f,--file", options_.file,
                  "Configuration: YAML, JSON or textproto")
      ->type_name("FILE");
  run->add_option("--format", options_.format,
                  "Of the file, where its name does not tell")
      ->type_name("yaml|json|textproto")
      ->check(OneOf({"yaml", "json", "textproto"}));
  run->add_option("-n,--count", number_, "Without a file: how many workers")
      ->type_name("N");
  run->add_option("--listen", flags.listeners,
                  "Without a file: a socket for the workers, such as "
                  "http=tcp://127.0.0.1:8080; may be repeated")
      ->type_name("NAME=ADDRESS")
      ->allow_extra_args(false);
  run->add_option("--name", flags.name, "Without a file: the pool's name [app]")
      ->type_name("NAME");
  run->add_option("--env", flags.environment,
                  "Without a file: for the workers' environment; may be "
                  "repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  run->add_option("--directory", flags.directory,
                  "Without a file: where the workers run")
      ->type_name("PATH");
  run->add_option("--user", flags.user, "Without a file: whom they run as")
      ->type_name("USER");
  run->add_flag("--no-admin", options_.no_admin,
                "Without the admin API; no other command reaches it then");
  run->add_flag("--hold-sockets", options_.hold_sockets,
                "Keep the listening sockets over a crash of the supervisor, "
                "and start it again; where no systemd does");
  run->add_option("--gateway", options_.gateway,
                  "Another admin gateway program than the installed one")
      ->type_name("PATH");
}

void Parser::AddConfig() {
  for (auto [name, command] : {std::pair{"check", Command::kCheck},
                               {"plan", Command::kPlan},
                               {"apply", Command::kApply}}) {
    CLI::App* sub = Add(&app_, name, command);
    sub->add_option("-f,--file,file", options_.file,
                    "Configuration: YAML, JSON or textproto")
        ->type_name("FILE")
        ->required();
    sub->add_option("--format", options_.format,
                    "Of the file, where its name does not tell")
        ->type_name("yaml|json|textproto")
        ->check(OneOf({"yaml", "json", "textproto"}));
    if (command == Command::kApply) {
      sub->add_flag("--detach", options_.detach, "Print its id, do not wait");
    }
  }
}

void Parser::AddReads() {
  CLI::App* status = Add(&app_, "status", Command::kStatus);
  status->add_option("pool", options_.pool)->type_name("POOL");
  status->add_flag("-w,--watch", options_.watch, "Again every second");
  status->add_flag("--check", options_.check, "Exit 8 unless all are ready");

  CLI::App* watch = Add(&app_, "watch", Command::kWatch);
  watch->add_option("pool", options_.pool)->type_name("POOL");

  CLI::App* logs = Add(&app_, "logs", Command::kLogs);
  logs->add_option("target", target_)->type_name("POOL[/SLOT]");
  logs->add_flag("-f,--follow", options_.follow, "Go on with new lines");
  logs->add_option("-n,--lines", options_.lines,
                   "Of what is kept, so many of each worker [20]")
      ->type_name("LINES");
  logs->add_flag("-t,--times", options_.times, "When each was written");

  Add(&app_, "version", Command::kVersion);
}

void Parser::AddChanges() {
  CLI::App* scale = Add(&app_, "scale", Command::kScale);
  scale->add_option("pool", target_)->type_name("POOL")->required();
  scale->add_option("count", number_)->type_name("N");
  for (auto [name, command] : {std::pair{"reload", Command::kReload},
                               {"stop", Command::kStop},
                               {"start", Command::kStart}}) {
    Add(&app_, name, command)
        ->add_option("pool", options_.pool)
        ->type_name("POOL")
        ->required();
  }
  CLI::App* restart = Add(&app_, "restart", Command::kRestart);
  restart->add_option("target", target_)->type_name("POOL/SLOT")->required();
  CLI::App* shutdown = Add(&app_, "shutdown", Command::kShutdown);
  CLI::Option* fast = shutdown->add_flag(
      "--fast", options_.fast, "No lame duck and no drain: Quit at once");
  shutdown->add_flag("--hard", options_.hard, "Kill, do not drain")
      ->excludes(fast);
  CLI::App* reload = app_.get_subcommand("reload");
  CLI::Option* in_place =
      reload->add_flag("--in-place", options_.in_place,
                       "Send the workers Reload; all need that capability");
  reload
      ->add_flag("--replace", options_.replace,
                 "Replace the workers, whatever reload.in_place says")
      ->excludes(in_place);
  Add(&app_, "upgrade", Command::kUpgrade)
      ->add_option("--binary", options_.binary,
                   "The new drover-supervisor; without it the file at the path "
                   "that the present one was executed by")
      ->type_name("PATH");
  for (const char* name :
       {"scale", "reload", "restart", "stop", "start", "shutdown"}) {
    app_.get_subcommand(name)->add_flag("--detach", options_.detach,
                                        "Print its id, do not wait");
  }
}

void Parser::AddOperations() {
  CLI::App* operations = Add(&app_, "operations", Command::kOperations);
  operations->require_subcommand(0, 1);
  operations->add_flag("--running", options_.running, "Only those that run");
  for (auto [name, command] : {std::pair{"watch", Command::kOperationsWatch},
                               {"cancel", Command::kOperationsCancel}}) {
    Add(operations, name, command)
        ->add_option("id", options_.operation)
        ->type_name("ID")
        ->required();
  }
}

void Parser::AddInstall() {
  CLI::App* unit = Add(&app_, "systemd-unit", Command::kSystemdUnit);
  unit->add_option("-f,--file", options_.file,
                   "Configuration; without it, of instances in /etc/drover")
      ->type_name("FILE");
  unit->add_option("--format", options_.format,
                   "Of the file, where its name does not tell")
      ->type_name("yaml|json|textproto")
      ->check(OneOf({"yaml", "json", "textproto"}));
  unit->add_option("--program", options_.program,
                   "Where drover will be, if not where it is")
      ->type_name("PATH");
  unit->add_option("--systemd-version", options_.systemd_version,
                   "Of the systemd that is to read it [254]")
      ->type_name("N");
  CLI::App* completion = Add(&app_, "completion", Command::kCompletion);
  completion->add_option("shell", options_.shell)
      ->type_name("bash|zsh|fish")
      ->check(OneOf({"bash", "zsh", "fish"}))
      ->required();
  Add(&app_, "man", Command::kMan);
}

CommandInfo Parser::Describe() const { return cli::Describe(app_); }

// "web/3" into pool and slot; the slot may be missing where it may be.
absl::Status Parser::FinishTarget() {
  std::pair<std::string, std::string> parts =
      absl::StrSplit(target_, absl::MaxSplits('/', 1));
  options_.pool = parts.first;
  if (!absl::StrContains(target_, '/')) {
    if (options_.command == Command::kLogs) return absl::OkStatus();
    return UsageProblem(
        absl::StrCat("\"", target_, "\" names no slot"),
        absl::StrCat("POOL/SLOT, such as ", target_,
                     "/0; to replace all workers: drover reload ", target_));
  }
  uint32_t slot = 0;
  if (!absl::SimpleAtoi(parts.second, &slot)) {
    return UsageProblem(absl::StrCat("\"", parts.second, "\" is no slot"),
                        "POOL/SLOT, such as web/3; `drover status` lists them");
  }
  options_.slot = slot;
  return absl::OkStatus();
}

// "web 8" or "web=8".
absl::Status Parser::FinishScale() {
  std::string number = number_;
  std::pair<std::string, std::string> parts =
      absl::StrSplit(target_, absl::MaxSplits('=', 1));
  options_.pool = parts.first;
  if (number.empty()) number = parts.second;
  if (number.empty()) {
    return UsageProblem("how many workers?",
                        absl::StrCat("drover scale ", options_.pool, " 8"));
  }
  if (!absl::SimpleAtoi(number, &options_.count)) {
    return UsageProblem(
        absl::StrCat("\"", number, "\" is no number of workers"),
        "a whole number, 1..4096");
  }
  return absl::OkStatus();
}

absl::Status FinishTimeout(const std::string& text, Options* options) {
  if (text.empty()) return absl::OkStatus();
  absl::Duration timeout;
  if (!absl::ParseDuration(text, &timeout) || timeout <= absl::ZeroDuration()) {
    return UsageProblem(
        absl::StrCat("--timeout: \"", text, "\" is no duration above 0"),
        "such as 500ms, 30s, 5m or 1h");
  }
  options->timeout = timeout;
  return absl::OkStatus();
}

absl::Status FinishRun(const std::string& number, Options* options) {
  PoolFlags& flags = options->flags;
  bool has_flags = !flags.command.empty() || !number.empty() ||
                   !flags.listeners.empty() || !flags.environment.empty() ||
                   !flags.directory.empty() || !flags.user.empty();
  if (!options->file.empty() && has_flags) {
    return UsageProblem("both a file and flags describe the workers",
                        "write it all into the file, or leave -f away");
  }
  if (options->file.empty() && flags.command.empty()) {
    return UsageProblem(
        "nothing to run",
        "drover run -f FILE, or drover run -n 4 -- COMMAND ARGUMENTS…");
  }
  uint32_t count = 0;
  if (number.empty()) return absl::OkStatus();
  if (!absl::SimpleAtoi(number, &count)) {
    return UsageProblem(absl::StrCat("-n: \"", number, "\" is no number"),
                        "a whole number, 1..4096");
  }
  flags.count = count;
  return absl::OkStatus();
}

absl::Status Parser::Finish(const Environment& environment) {
  options_.json = output_ == "json";
  options_.color = !no_color_;
  if (options_.socket.empty()) options_.socket = environment.socket;
  // For `run` nothing said means that the configuration decides.
  if (options_.socket.empty() && options_.command != Command::kRun) {
    options_.socket = environment.default_socket;
  }
  absl::Status status = FinishTimeout(timeout_, &options_);
  if (!status.ok()) return status;
  switch (options_.command) {
    case Command::kRun:
      return FinishRun(number_, &options_);
    case Command::kScale:
      return FinishScale();
    case Command::kRestart:
      return FinishTarget();
    case Command::kLogs:
      return target_.empty() ? absl::OkStatus() : FinishTarget();
    default:
      return absl::OkStatus();
  }
}

// The command as far as it was understood: "operations watch".
std::string Parser::CommandWords() const {
  const CLI::App* app = &app_;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return app == &app_ ? "" : FullName(*app);
}

absl::StatusOr<Options> Parser::Help() const {
  CommandInfo root = Describe();
  const CommandInfo* info = &root;
  std::string words = CommandWords();
  for (absl::string_view word : absl::StrSplit(words, ' ', absl::SkipEmpty())) {
    for (const CommandInfo& command : info->commands) {
      if (command.name == word) {
        info = &command;
        break;
      }
    }
  }
  Options help;
  const ManualPage* page = FindPage(words);
  help.text =
      page == nullptr ? RenderOverview(root) : RenderHelp(root, *info, *page);
  return help;
}

absl::Status Parser::Misunderstood(const CLI::Error& error) const {
  std::string words = CommandWords();
  std::vector<std::string> rest = app_.remaining();
  if (words.empty() && !rest.empty() && rest[0][0] != '-') {
    std::vector<std::string> names;
    for (const CommandInfo& command : Describe().commands) {
      names.push_back(command.name);
    }
    std::string near = Nearest(rest[0], names);
    return UsageProblem(absl::StrCat("there is no command \"", rest[0], "\""),
                        near.empty()
                            ? "drover --help"
                            : absl::StrCat("did you mean: drover ", near));
  }
  if (!rest.empty()) {
    return UsageProblem(
        absl::StrCat("\"", rest[0], "\" is not understood here"),
        absl::StrCat("drover ", words, words.empty() ? "" : " ", "--help"));
  }
  return UsageProblem(
      error.what(),
      absl::StrCat("drover ", words, words.empty() ? "" : " ", "--help"));
}

absl::StatusOr<Options> Parser::Parse(std::vector<std::string> args,
                                      const Environment& environment) {
  // What follows "--" is the workers' command, word for word.
  auto end = std::find(args.begin(), args.end(), "--");
  bool has_command = end != args.end();
  if (has_command) {
    options_.flags.command.assign(end + 1, args.end());
    args.erase(end, args.end());
  }
  // CLI11 takes them from the back.
  std::reverse(args.begin(), args.end());
  try {
    app_.parse(std::move(args));
  } catch (const CLI::CallForHelp&) {
    return Help();
  } catch (const CLI::ParseError& error) {
    return Misunderstood(error);
  }
  if (CommandWords().empty()) {
    return UsageProblem("which command?", "drover --help lists them");
  }
  if (has_command && options_.command != Command::kRun) {
    return UsageProblem("only `drover run` takes a command after --", "");
  }
  absl::Status status = Finish(environment);
  if (!status.ok()) return status;
  return options_;
}

}  // namespace

absl::StatusOr<Options> ParseArgs(const std::vector<std::string>& args,
                                  const Environment& environment) {
  return Parser().Parse(args, environment);
}

CommandInfo DescribeCommands() { return Parser().Describe(); }

}  // namespace drover::cli
