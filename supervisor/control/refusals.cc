#include "supervisor/control/refusals.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/core/refusal.h"
#include "supervisor/output/sanitize.h"

namespace drover::control {
namespace {

using absl::StatusCode;
using core::Refuse;

// Names come from clients: shown, but not believed.
std::string Shown(absl::string_view name) {
  return absl::StrCat("\"", output::Sanitize(name.substr(0, 80)), "\"");
}

}  // namespace

absl::Status Malformed() {
  return Refuse(StatusCode::kInvalidArgument, "the request does not parse",
                {"MALFORMED_REQUEST", "",
                 "build it from the supervisor's own schema (reflection)"});
}

absl::Status UnknownMethod(absl::string_view method) {
  return Refuse(StatusCode::kUnimplemented,
                absl::StrCat("no method ", Shown(method)),
                {"UNKNOWN_METHOD", "", "list the methods by reflection"});
}

absl::Status NotAllowed(absl::string_view caller, absl::string_view method) {
  return Refuse(
      StatusCode::kPermissionDenied,
      absl::StrCat(caller, " may look but not call ", method),
      {"ROLE_REQUIRED", "",
       "have the user listed in supervisor.admin.allow_users, then start the "
       "supervisor again"});
}

absl::Status TooManyCalls(size_t max) {
  return Refuse(
      StatusCode::kResourceExhausted, absl::StrCat(max, " calls are open"),
      {"TOO_MANY_CALLS", "", "end watches you do not need; try later"});
}

absl::Status Missing(absl::string_view field) {
  return Refuse(StatusCode::kInvalidArgument,
                absl::StrCat(field, " is not set"),
                {"FIELD_MISSING", std::string(field), "set it"});
}

absl::Status UnknownPool(absl::string_view pool) {
  return Refuse(StatusCode::kNotFound, absl::StrCat("no pool ", Shown(pool)),
                {"UNKNOWN_POOL", "pool", "list the pools with: drover status"});
}

absl::Status UnknownSlot(absl::string_view pool, uint32_t slot) {
  return Refuse(StatusCode::kNotFound,
                absl::StrCat("pool ", pool, " has no slot ", slot),
                {"UNKNOWN_SLOT", "slot",
                 absl::StrCat("see its slots with: drover status ", pool)});
}

absl::Status UnknownOperation(absl::string_view id) {
  return Refuse(
      StatusCode::kNotFound, absl::StrCat("no operation ", Shown(id)),
      {"UNKNOWN_OPERATION", "id", "list them with: drover operations"});
}

absl::Status BadPageToken() {
  return Refuse(StatusCode::kInvalidArgument, "the page token is not one",
                {"BAD_PAGE_TOKEN", "page_token",
                 "give next_page_token of the page before, or none"});
}

absl::Status TokenTooOld() {
  return Refuse(StatusCode::kOutOfRange,
                "what followed the token is not known any more",
                {"TOKEN_TOO_OLD", "token",
                 "watch again without a token: a snapshot comes first"});
}

absl::Status BadConfig(absl::string_view message, absl::string_view field,
                       absl::string_view remedy) {
  return Refuse(
      StatusCode::kInvalidArgument, message,
      {"BAD_CONFIG", field.empty() ? "config" : absl::StrCat("config.", field),
       std::string(remedy)});
}

control::v1::End ToEnd(uint64_t call, const absl::Status& status) {
  control::v1::End end;
  end.set_call(call);
  end.set_code(static_cast<int32_t>(status.code()));
  end.set_message(std::string(status.message()));
  auto refusal = core::RefusalOf(status);
  if (refusal) {
    admin::v1::ErrorDetail detail;
    detail.set_reason(refusal->reason);
    detail.set_field(refusal->field);
    detail.set_remedy(refusal->remedy);
    end.set_detail(detail.SerializeAsString());
  }
  return end;
}

}  // namespace drover::control
