// check, plan, apply: what a configuration file says, and would change.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/cli/command.h"
#include "supervisor/cli/config_file.h"
#include "supervisor/cli/follow.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/render_plan.h"
#include "supervisor/cli/session.h"
#include "supervisor/cli/text.h"

namespace drover::cli {
namespace {

uint32_t Workers(const config::v1::Config& config) {
  uint32_t workers = 0;
  for (const config::v1::Pool& pool : config.pools()) workers += pool.count();
  return workers;
}

std::string Count(uint32_t number, absl::string_view what) {
  return absl::StrCat(number, " ", what, number == 1 ? "" : "s");
}

}  // namespace

Outcome Check(const Options& options, Output* output) {
  absl::StatusOr<config::v1::Config> config =
      LoadConfig(options.file, options.format);
  if (config.ok()) config = Complete(*std::move(config));
  if (!config.ok()) return config.status();
  output->Print(output->json()
                    ? ToJson(*config)
                    : absl::StrCat(Escape(options.file), " is right: ",
                                   Count(config->pools_size(), "pool"), ", ",
                                   Count(Workers(*config), "worker"), "\n"));
  return ExitCode::kOk;
}

Outcome Plan(const Options& options, Output* output) {
  absl::StatusOr<config::v1::Config> config =
      LoadConfig(options.file, options.format);
  if (!config.ok()) return config.status();
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  admin::v1::PlanConfigRequest request;
  *request.mutable_config() = *std::move(config);
  absl::StatusOr<admin::v1::Plan> plan = session.client().Plan(request);
  if (!plan.ok()) return plan.status();
  output->Print(output->json() ? ToJson(*plan)
                               : RenderPlan(*plan, output->style()));
  return ExitCode::kOk;
}

Outcome Apply(const Options& options, Output* output) {
  absl::StatusOr<config::v1::Config> config =
      LoadConfig(options.file, options.format);
  if (!config.ok()) return config.status();
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  admin::v1::ApplyConfigRequest request;
  *request.mutable_config() = *std::move(config);
  return Follow(&session, session.client().Open(request), options, output);
}

}  // namespace drover::cli
