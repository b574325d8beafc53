#include "conformance/runner/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::conformance {
namespace {

constexpr char kAbout[] =
    "Checks a worker, or a supervisor, against the Drover worker lifecycle "
    "protocol, clause by clause.\n";
constexpr char kFooter[] =
    "Exit codes: 0 conforms, 1 does not (or a list is out of date), 2 bad "
    "input, 3 the suite itself failed.\n"
    "Example:    drover-conformance --listener http -- ./worker --port 0";
constexpr char kPlain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "%+,-./:=@_";
// Below it no process could answer in time.
constexpr double kLeastScale = 0.01;

void AddSubject(CLI::App& app, Options& options, std::string& control) {
  app.add_option("--mode", options.mode, "what the command is")
      ->check(CLI::IsMember({"worker", "supervisor"}))
      ->capture_default_str();
  app.add_option("--listener", options.plan.listeners,
                 "a listener that the worker accepts on, by name; repeatable");
  app.add_flag("--testee", options.plan.testee,
               "the worker does what DROVER_TESTEE asks (README.md)");
  app.add_option("--control", control,
                 "supervisor mode: the command that carries out orders");
}

void AddFilters(CLI::App& app, Options& options) {
  app.add_option("--case", options.filter.cases,
                 "run cases of this id; * matches anything; repeatable");
  app.add_option("--skip", options.filter.skip, "leave cases of this id out");
  app.add_option("--chapter", options.filter.chapters,
                 "run cases of this chapter: FR, or FRAME");
  app.add_option("--clause", options.filter.clauses,
                 "run cases that stand on this clause");
  app.add_option("--level", options.filter.level,
                 "run cases that stand on a clause of this level");
  app.add_flag("--list", options.list,
               "show the cases (with --verbose, their clauses) and run none");
  app.add_option("--explain", options.explain,
                 "show what a case does, and its clauses");
}

void AddVerdicts(CLI::App& app, Options& options) {
  app.add_option("--known-failing", options.known_failing,
                 "a file of ids that have to fail");
  app.add_option("--known-flaky", options.known_flaky,
                 "a file of ids that may fail");
  app.add_flag("--strict", options.strict, "a SHOULD counts like a MUST");
}

void AddReports(CLI::App& app, Options& options) {
  app.add_option("--json", options.json, "write the record of the run");
  app.add_option("--tap", options.tap, "write it as TAP");
  app.add_option("--junit", options.junit, "write it as JUnit XML");
  app.add_option("--html", options.html, "write it as one HTML page");
  app.add_option("--render", options.render,
                 "run nothing: take the record from this JSON file");
  app.add_flag("--verbose", options.verbose, "show the frames of every case");
}

void AddPace(CLI::App& app, Options& options) {
  app.add_option("--scale", options.plan.scale,
                 "multiply every time that is waited")
      ->check(CLI::Range(kLeastScale, 1000.0))
      ->capture_default_str();
  app.add_option("--jobs", options.jobs, "cases side by side")
      ->check(CLI::Range(0, 256));
  app.add_option("--repeat", options.repeat, "run each case so often")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
}

bool IsListenerName(absl::string_view name) {
  return !name.empty() && name.size() <= 63 && name[0] >= 'a' &&
         name[0] <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
             absl::string_view::npos;
}

absl::Status Check(Options& options) {
  for (const std::string& name : options.plan.listeners) {
    if (!IsListenerName(name)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--listener: \"", name, "\" is not like [a-z][a-z0-9_-]{0,62}"));
    }
  }
  if (options.plan.testee && options.plan.listeners.empty()) {
    options.plan.listeners = {"http"};
  }
  bool runs = !options.list && options.explain.empty() &&
              options.render.empty() && options.text.empty();
  if (runs && options.plan.command.empty()) {
    return absl::InvalidArgumentError(
        "no command to check; put it behind --, as in: drover-conformance -- "
        "./worker");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app(kAbout, "drover-conformance");
  app.footer(kFooter);
  app.set_version_flag("--version", "drover-conformance 1.0.0");
  std::string control;
  AddSubject(app, options, control);
  AddFilters(app, options);
  AddVerdicts(app, options);
  AddReports(app, options);
  AddPace(app, options);
  // What stands behind -- is not ours to read.
  const char* const* end =
      std::find(argv + 1, argv + argc, absl::string_view("--"));
  if (end != argv + argc) {
    options.plan.command.assign(end + 1, argv + argc);
  }
  try {
    app.parse(static_cast<int>(end - argv), argv);
  } catch (const CLI::CallForHelp&) {
    options.text = app.help();
  } catch (const CLI::CallForVersion&) {
    options.text = absl::StrCat(app.version(), "\n");
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(error.what(), "; --help shows what there is"));
  }
  options.plan.control = absl::StrSplit(control, ' ', absl::SkipEmpty());
  if (absl::Status status = Check(options); !status.ok()) return status;
  return options;
}

std::string ShellWord(absl::string_view word) {
  if (!word.empty() &&
      word.find_first_not_of(kPlain) == absl::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string RepeatCommand(const Options& options, absl::string_view case_id) {
  std::string text = absl::StrCat("drover-conformance --case ", case_id);
  if (options.mode != "worker") {
    absl::StrAppend(&text, " --mode ", options.mode);
  }
  if (options.plan.testee) absl::StrAppend(&text, " --testee");
  for (const std::string& name : options.plan.listeners) {
    absl::StrAppend(&text, " --listener ", name);
  }
  if (!options.plan.control.empty()) {
    std::string control;
    for (const std::string& word : options.plan.control) {
      absl::StrAppend(&control, control.empty() ? "" : " ", word);
    }
    absl::StrAppend(&text, " --control ", ShellWord(control));
  }
  if (options.plan.scale != 1.0) {
    absl::StrAppend(&text, " --scale ", options.plan.scale);
  }
  absl::StrAppend(&text, " --");
  for (const std::string& word : options.plan.command) {
    absl::StrAppend(&text, " ", ShellWord(word));
  }
  return text;
}

}  // namespace drover::conformance
