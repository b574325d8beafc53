#include "supervisor/config/policies.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/base/share.h"
#include "supervisor/config/durations.h"
#include "supervisor/config/field_names.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

absl::Status Refuse(std::string field, std::string found, std::string remedy) {
  return ToStatus({.field = std::move(field),
                   .found = std::move(found),
                   .remedy = std::move(remedy)});
}

std::string Show(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(ToAbsl(duration));
}

absl::Status CheckBackoff(const v1::Backoff& backoff, const std::string& path) {
  if (ToAbsl(backoff.max()) >= ToAbsl(backoff.initial())) {
    return absl::OkStatus();
  }
  return Refuse(JoinPath(path, "max"),
                absl::StrCat(Show(backoff.max()), " is below initial"),
                absl::StrCat("give ", Show(backoff.initial()), "..24h"));
}

absl::Status CheckExitCodes(const v1::Restart& restart,
                            const std::string& path) {
  for (int i = 0; i < restart.permanent_exit_codes_size(); ++i) {
    const uint32_t code = restart.permanent_exit_codes(i);
    if (code >= 1 && code <= 255) continue;
    return Refuse(
        absl::StrCat(JoinPath(path, "permanent_exit_codes"), "[", i, "]"),
        absl::StrCat(code,
                     code == 0 ? " is a normal exit" : " is no exit code"),
        code == 0 ? "use on_normal_exit for it" : "give 1..255");
  }
  return absl::OkStatus();
}

absl::Status CheckShare(const std::string& text, const std::string& field) {
  if (ParseShare(text)) return absl::OkStatus();
  return Refuse(field, absl::StrCat(Quote(text), " is no share of a pool"),
                "give a number, 0..4096, or a part, \"0%\"..\"100%\"");
}

absl::Status CheckShares(const v1::Pool& pool, const std::string& path) {
  const std::string surge = JoinPath(path, "max_surge");
  const std::string unavailable = JoinPath(path, "max_unavailable");
  const v1::Reload& reload = pool.reload();
  absl::Status status = CheckShare(reload.max_surge(), surge);
  if (status.ok()) status = CheckShare(reload.max_unavailable(), unavailable);
  if (!status.ok()) return status;
  const Share above = *ParseShare(reload.max_surge());
  const Share below = *ParseShare(reload.max_unavailable());
  if (above.number == 0 && below.number == 0) {
    return Refuse(surge,
                  absl::StrCat("0, and so is ", unavailable,
                               ": a reload could replace nothing"),
                  "raise one of both");
  }
  if (!below.percent && below.number > pool.count()) {
    return Refuse(
        unavailable,
        absl::StrCat(below.number, " is above ", "count, ", pool.count()),
        absl::StrCat("give at most ", pool.count(), ", or a part"));
  }
  return absl::OkStatus();
}

absl::Status CheckCanary(const v1::Pool& pool, const std::string& path) {
  const v1::Canary& canary = pool.reload().canary();
  if (canary.workers() <= pool.count()) return absl::OkStatus();
  return Refuse(
      JoinPath(path, "canary.workers"),
      absl::StrCat(canary.workers(), " is above count, ", pool.count()),
      absl::StrCat("give at most ", pool.count()));
}

// What a slot takes anyway would be taken for a lack of progress.
absl::Status CheckProgress(const v1::Pool& pool, const std::string& path) {
  const v1::Reload& reload = pool.reload();
  const std::string field = JoinPath(path, "progress_timeout");
  const std::pair<const char*, const google::protobuf::Duration*> parts[] = {
      {"reload.min_ready_time", &reload.min_ready_time()},
      {"timeouts.lame_duck", &pool.timeouts().lame_duck()}};
  for (const auto& [name, part] : parts) {
    if (ToAbsl(*part) < ToAbsl(reload.progress_timeout())) continue;
    return Refuse(
        field,
        absl::StrCat(Show(reload.progress_timeout()), " is not above ", name,
                     ", ", Show(*part), ": every reload would be rolled back"),
        "raise it, or lower the other");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPolicies(const v1::Pool& pool, const std::string& path) {
  const std::string restart = JoinPath(path, "restart");
  const std::string reload = JoinPath(path, "reload");
  absl::Status status =
      CheckBackoff(pool.restart().backoff(), JoinPath(restart, "backoff"));
  if (status.ok()) status = CheckExitCodes(pool.restart(), restart);
  if (status.ok()) status = CheckShares(pool, reload);
  if (status.ok()) status = CheckCanary(pool, reload);
  if (status.ok()) status = CheckProgress(pool, reload);
  return status;
}

}  // namespace drover::config
