// drover-conformance: checks any worker, and any supervisor, against SPEC.md.
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "conformance/record/json.h"
#include "conformance/record/judge.h"
#include "conformance/report/report.h"
#include "conformance/runner/catalogue.h"
#include "conformance/runner/execute.h"
#include "conformance/runner/explain.h"
#include "conformance/runner/lists.h"
#include "conformance/runner/options.h"
#include "conformance/supervisor/puppet.h"

namespace drover::conformance {
namespace {

constexpr int kBadInput = 2;

int Complain(const absl::Status& status) {
  std::cerr << "drover-conformance: " << std::string(status.message())
            << std::endl;
  return kBadInput;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!(text << file.rdbuf()) && !file.eof()) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  }
  return text.str();
}

// A report's file, opened before anything is run.
class Report {
 public:
  using Renderer = std::string (*)(const record::Run& run, bool strict);

  Report(std::string path, Renderer render)
      : path_(std::move(path)), render_(render) {}

  absl::Status Open() {
    if (path_.empty() || path_ == "-") return absl::OkStatus();
    file_.open(path_);
    if (file_) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        path_, ": cannot be written; name a file in a directory that can"));
  }

  absl::Status Write(const record::Run& run, bool strict) {
    if (path_.empty()) return absl::OkStatus();
    std::string text = render_(run, strict);
    (path_ == "-" ? std::cout : file_) << text << std::flush;
    if (path_ == "-" || file_) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(path_, ": writing failed"));
  }

  bool to_stdout() const { return path_ == "-"; }

 private:
  std::string path_;
  Renderer render_;
  std::ofstream file_;
};

struct Lists {
  std::vector<std::string> failing;
  std::vector<std::string> flaky;
};

absl::StatusOr<std::vector<std::string>> ReadList(
    const std::string& path, const std::vector<const Case*>& all) {
  if (path.empty()) return std::vector<std::string>();
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return ParseList(*text, path, all);
}

absl::StatusOr<Lists> ReadLists(const Options& options,
                                const std::vector<const Case*>& all) {
  auto failing = ReadList(options.known_failing, all);
  if (!failing.ok()) return failing.status();
  auto flaky = ReadList(options.known_flaky, all);
  if (!flaky.ok()) return flaky.status();
  return Lists{*std::move(failing), *std::move(flaky)};
}

void ApplyLists(const Lists& lists, record::Run& run) {
  MarkExpectations(lists.failing, lists.flaky, run);
  for (const std::string& entry : IdleEntries(lists.failing, run)) {
    run.add_complaints(absl::StrCat(
        entry, " is listed as failing, and no case of it could be run"));
  }
}

std::string JsonOf(const record::Run& run, bool) { return ToJson(run); }

absl::StatusOr<record::Run> ReadRecord(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return FromJson(*text);
}

int Explain(const Options& options, const std::vector<const Case*>& all) {
  for (const Case* each : all) {
    if (options.explain != each->id) continue;
    std::cout << ExplainText(*each);
    return 0;
  }
  return Complain(absl::InvalidArgumentError(absl::StrCat(
      "no case has the id \"", options.explain, "\"; --list shows all")));
}

class Program {
 public:
  explicit Program(const Options& options)
      : options_(options),
        all_(Catalogue(options.mode)),
        style_{.color = ::isatty(STDOUT_FILENO) != 0,
               .verbose = options.verbose,
               .strict = options.strict} {
    reports_.push_back(std::make_unique<Report>(options.json, JsonOf));
    reports_.push_back(std::make_unique<Report>(options.tap, Tap));
    reports_.push_back(std::make_unique<Report>(options.junit, Junit));
    reports_.push_back(std::make_unique<Report>(options.html, Html));
  }

  int Run() {
    if (!options_.explain.empty()) return Explain(options_, all_);
    auto selected = Select(all_, options_.filter);
    if (!selected.ok()) return Complain(selected.status());
    if (options_.list) {
      std::cout << ListText(*selected, options_.verbose);
      return 0;
    }
    auto lists = ReadLists(options_, all_);
    if (!lists.ok()) return Complain(lists.status());
    for (auto& report : reports_) {
      if (absl::Status status = report->Open(); !status.ok()) {
        return Complain(status);
      }
      quiet_ |= report->to_stdout();
    }
    auto run = options_.render.empty() ? Perform(*selected, *lists)
                                       : ReadRecord(options_.render);
    if (!run.ok()) return Complain(run.status());
    return Conclude(*run);
  }

 private:
  absl::StatusOr<record::Run> Perform(const std::vector<const Case*>& cases,
                                      const Lists& lists) {
    record::Run run =
        Execute(options_, cases, [this](const record::Case& result) {
          if (!quiet_) std::cout << CaseLine(result, style_) << std::flush;
        });
    ApplyLists(lists, run);
    return run;
  }

  int Conclude(const record::Run& run) {
    if (!quiet_) std::cout << Summary(run, style_) << std::flush;
    for (auto& report : reports_) {
      absl::Status status = report->Write(run, options_.strict);
      if (!status.ok()) return Complain(status);
    }
    return ExitCode(run, options_.strict);
  }

  const Options& options_;
  std::vector<const Case*> all_;
  TerminalStyle style_;
  std::vector<std::unique_ptr<Report>> reports_;
  // A report goes to standard output; nothing else may.
  bool quiet_ = false;
};

int Main(int argc, char** argv) {
  // As a worker of a supervisor under test.
  if (argc == 3 && argv[1] == absl::string_view("--puppet")) {
    return PuppetMain(argv[2]);
  }
  absl::StatusOr<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) return Complain(options.status());
  if (!options->text.empty()) {
    std::cout << options->text;
    return 0;
  }
  return Program(*options).Run();
}

}  // namespace
}  // namespace drover::conformance

int main(int argc, char** argv) {
  return drover::conformance::Main(argc, argv);
}
