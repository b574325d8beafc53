// version: which release answers whom.
#include "absl/strings/str_cat.h"
#include "supervisor/base/version.h"
#include "supervisor/cli/command.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/problem.h"
#include "supervisor/cli/session.h"
#include "supervisor/cli/text.h"

namespace drover::cli {

Outcome Version(const Options& options, Output* output) {
  Session session(options);
  std::string supervisor;
  if (session.Connect().ok()) {
    absl::StatusOr<admin::v1::SupervisorInfo> info =
        session.client().GetSupervisor();
    if (info.ok()) supervisor = info->version();
    if (IsInterrupted(info.status())) return info.status();
  }
  if (output->json()) {
    output->Print(absl::StrCat("{\"drover\":", JsonString(kVersion),
                               ",\"supervisor\":", JsonString(supervisor),
                               "}\n"));
    return ExitCode::kOk;
  }
  output->Print(absl::StrCat(
      "drover ", kVersion, "\n",
      supervisor.empty()
          ? ""
          : absl::StrCat("supervisor ", Escape(supervisor), "\n")));
  return ExitCode::kOk;
}

}  // namespace drover::cli
