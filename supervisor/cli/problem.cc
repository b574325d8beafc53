#include "supervisor/cli/problem.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "supervisor/cli/exit_code.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/text.h"

namespace drover::cli {
namespace {

constexpr absl::string_view kDetailUrl =
    "type.googleapis.com/drover.admin.v1.ErrorDetail";
constexpr absl::string_view kInterrupted = "INTERRUPTED";

void Attach(const admin::v1::ErrorDetail& detail, absl::Status* status) {
  status->SetPayload(kDetailUrl, absl::Cord(detail.SerializeAsString()));
}

// What can be said where the supervisor gave no remedy of its own.
absl::string_view UsualRemedy(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "try again; if it stays so, look at the supervisor's own output";
    case absl::StatusCode::kPermissionDenied:
      return "ask for a place in supervisor.admin.allow_users";
    case absl::StatusCode::kNotFound:
      return "`drover status` lists pools and slots";
    case absl::StatusCode::kAborted:
      return "`drover operations` shows what runs";
    case absl::StatusCode::kUnimplemented:
      return "supervisor and drover must be of the same release: "
             "`drover version` shows both";
    default:
      return "";
  }
}

std::string Line(absl::string_view label, absl::string_view text) {
  return text.empty() ? "" : absl::StrCat(label, ": ", Escape(text), "\n");
}

}  // namespace

absl::Status Problem(absl::StatusCode code, absl::string_view message,
                     absl::string_view reason, absl::string_view remedy) {
  absl::Status status(code, message);
  admin::v1::ErrorDetail detail;
  detail.set_reason(std::string(reason));
  detail.set_remedy(std::string(remedy));
  Attach(detail, &status);
  return status;
}

absl::Status FieldProblem(absl::string_view message, absl::string_view reason,
                          absl::string_view field, absl::string_view remedy) {
  absl::Status status =
      Problem(absl::StatusCode::kInvalidArgument, message, reason, remedy);
  admin::v1::ErrorDetail detail = DetailOf(status);
  detail.set_field(std::string(field));
  Attach(detail, &status);
  return status;
}

absl::Status UsageProblem(absl::string_view message, absl::string_view remedy) {
  return Problem(absl::StatusCode::kInvalidArgument, message, "USAGE", remedy);
}

absl::Status Interrupted(absl::string_view message) {
  return Problem(absl::StatusCode::kCancelled, message, kInterrupted, "");
}

bool IsInterrupted(const absl::Status& status) {
  return status.code() == absl::StatusCode::kCancelled &&
         DetailOf(status).reason() == kInterrupted;
}

bool IsSupervisorEnd(const absl::Status& status) {
  return DetailOf(status).reason() == "SUPERVISOR_ENDED";
}

absl::Status FromRpc(int code, const std::string& message,
                     const std::string& details) {
  if (code == 0) return absl::OkStatus();
  absl::Status status(static_cast<absl::StatusCode>(code), message);
  admin::v1::StatusDetails outer;
  if (!outer.ParseFromString(details)) return status;
  for (const google::protobuf::Any& any : outer.details()) {
    admin::v1::ErrorDetail detail;
    if (any.type_url() == kDetailUrl && detail.ParseFromString(any.value())) {
      Attach(detail, &status);
    }
  }
  return status;
}

admin::v1::ErrorDetail DetailOf(const absl::Status& status) {
  admin::v1::ErrorDetail detail;
  absl::optional<absl::Cord> bytes = status.GetPayload(kDetailUrl);
  if (!bytes.has_value() || !detail.ParseFromString(std::string(*bytes))) {
    detail.Clear();
  }
  return detail;
}

std::string RenderProblem(const absl::Status& status, const Style& style) {
  admin::v1::ErrorDetail detail = DetailOf(status);
  // Most messages name it.
  if (absl::StrContains(status.message(), detail.field())) detail.clear_field();
  std::string remedy = detail.remedy();
  if (remedy.empty()) remedy = std::string(UsualRemedy(status.code()));
  return absl::StrCat(style.Paint(Tone::kBad, "error"), ": ",
                      Escape(status.message()), "\n",
                      Line("field", detail.field()), Line("remedy", remedy));
}

std::string RenderProblemJson(const absl::Status& status) {
  admin::v1::ErrorDetail detail = DetailOf(status);
  auto member = [](absl::string_view name, const std::string& value) {
    return absl::StrCat("\"", name, "\":", JsonString(value), ",");
  };
  return absl::StrCat(
      "{\"error\":{", member("code", absl::StatusCodeToString(status.code())),
      member("message", std::string(status.message())),
      member("reason", detail.reason()), member("field", detail.field()),
      member("remedy", detail.remedy()),
      "\"exit_code\":", static_cast<int>(ToExitCode(status)), "}}\n");
}

}  // namespace drover::cli
