#include "supervisor/cli/render_operation.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "supervisor/cli/table.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

// Workers that one line of progress names; the rest is counted.
constexpr int kMaxNamed = 3;

std::string Labelled(absl::string_view label, const std::string& text) {
  if (text.empty()) return "";
  return absl::StrCat("  ", label, std::string(8 - label.size(), ' '), text,
                      "\n");
}

std::string Reason(const admin::v1::Failure& failure) {
  std::string reason = Word(failure.reason());
  if (failure.message().empty()) return reason;
  return absl::StrCat(Escape(failure.message()), " (", reason, ")");
}

std::string Process(const admin::v1::WorkerId& id) {
  if (id.incarnation() == 0) return Name(id);
  return absl::StrCat(Name(id), ", generation ", id.generation(),
                      ", incarnation ", id.incarnation());
}

std::string ExitLine(const admin::v1::Exit& exit) {
  std::string line = Describe(exit);
  if (exit.out_of_memory()) absl::StrAppend(&line, ", out of memory");
  if (exit.core_dumped()) absl::StrAppend(&line, ", core dumped");
  return line;
}

std::string Output(const admin::v1::Exit& exit, const Style& style) {
  if (exit.last_output().empty()) return "";
  std::string out = "  last output:\n";
  for (const std::string& line : exit.last_output()) {
    absl::StrAppend(&out, "    ", style.Paint(Tone::kFaint, "|"), " ",
                    Escape(line), "\n");
  }
  return out;
}

absl::Duration Took(const admin::v1::Operation& operation) {
  return ToTime(operation.end_time()) - ToTime(operation.create_time());
}

std::string Counts(const admin::v1::Operation& operation) {
  return absl::StrCat(operation.done(), "/", operation.total());
}

std::string Detail(const admin::v1::Operation& operation) {
  if (!HasEnded(operation)) {
    if (operation.waiting().empty()) return "";
    const admin::v1::Waiting& first = operation.waiting(0);
    return absl::StrCat(Name(first.worker()), " ",
                        RenderWaiting(first, absl::ZeroDuration()));
  }
  return Escape(operation.failure().message());
}

}  // namespace

std::string RenderWaiting(const admin::v1::Waiting& waiting,
                          absl::Duration age) {
  std::string out = absl::StrCat("waits for ", Escape(waiting.what()));
  absl::StrAppend(&out, ", ", ShowDuration(ToDuration(waiting.since()) + age));
  if (waiting.has_deadline_in()) {
    absl::StrAppend(&out, ", ",
                    ShowDuration(ToDuration(waiting.deadline_in()) - age),
                    " left");
  }
  return out;
}

std::string RenderProgressLine(const admin::v1::Operation& operation) {
  std::string line =
      absl::StrCat(Escape(operation.id()), " ", Title(operation));
  if (operation.state() == admin::v1::OPERATION_STATE_ROLLING_BACK) {
    absl::StrAppend(&line, " rolls back");
  }
  absl::StrAppend(&line, ": ", Counts(operation));
  int named = std::min(operation.waiting_size(), kMaxNamed);
  for (int i = 0; i < named; ++i) {
    const admin::v1::Waiting& waiting = operation.waiting(i);
    absl::StrAppend(&line, ", ", Name(waiting.worker()), " ",
                    Word(waiting.state()), " waits for ",
                    Escape(waiting.what()));
  }
  int64_t more =
      int64_t{operation.waiting_size()} - named + operation.waiting_more();
  if (more > 0) absl::StrAppend(&line, ", and ", more, " more");
  return absl::StrCat(line, "\n");
}

std::string RenderFailure(const admin::v1::Failure& failure,
                          const Style& style) {
  std::string out = Labelled("reason:", Reason(failure));
  if (failure.has_worker()) {
    absl::StrAppend(&out, Labelled("worker:", Process(failure.worker())));
  }
  if (failure.has_exit()) {
    absl::StrAppend(&out, Labelled("exit:", ExitLine(failure.exit())),
                    Labelled("said:", Escape(failure.exit().last_words())),
                    Output(failure.exit(), style));
  }
  return absl::StrCat(out, Labelled("remedy:", Escape(failure.remedy())));
}

std::string RenderOutcome(const admin::v1::Operation& operation,
                          const Style& style) {
  std::string took = ShowDuration(Took(operation));
  if (operation.state() == admin::v1::OPERATION_STATE_SUCCEEDED) {
    return absl::StrCat(style.Paint(Tone::kGood, "done"), ": ",
                        Title(operation), ", ", Counts(operation), " in ", took,
                        " (", Escape(operation.id()), ")\n");
  }
  std::string out =
      absl::StrCat(style.Paint(Tone::kBad, "error"), ": ", Title(operation),
                   " ", Word(operation.state()), " after ", took, " (",
                   Escape(operation.id()), ")\n");
  if (!operation.has_failure()) return out;
  return absl::StrCat(out, RenderFailure(operation.failure(), style));
}

std::string RenderOperations(const admin::v1::ListOperationsResponse& response,
                             absl::Time now, const Style& style) {
  if (response.operations().empty()) return "no operations yet\n";
  Table table({{"ID"},
               {"OPERATION"},
               {"STATE"},
               {"DONE", true},
               {"BEGAN"},
               {"TOOK", true},
               {"BY"},
               {"DETAIL"}});
  for (const admin::v1::Operation& operation : response.operations()) {
    absl::Duration took = HasEnded(operation)
                              ? Took(operation)
                              : now - ToTime(operation.create_time());
    table.AddRow({Escape(operation.id()),
                  Title(operation),
                  {Word(operation.state()), ToneOf(operation.state())},
                  Counts(operation),
                  ShowDate(ToTime(operation.create_time())),
                  ShowDuration(took),
                  Escape(operation.caller()),
                  Detail(operation)});
  }
  return table.Render(style);
}

}  // namespace drover::cli
