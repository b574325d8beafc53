#include "supervisor/control/refusals.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/control/safe_text.h"
#include "supervisor/core/refusal.h"

namespace drover::control {
namespace {

using absl::StatusCode;

enum class Reason {
  kMalformedRequest,
  kUnknownMethod,
  kRoleRequired,
  kTooManyCalls,
  kSupervisorBusy,
  kResponseTooLarge,
  kFieldMissing,
  kUnknownPool,
  kUnknownSlot,
  kUnknownOperation,
  kBadPageToken,
  kBadToken,
  kTokenOfAnotherSession,
  kTokenTooOld,
  kSupervisorEnded,
  kBadConfig,
  kCannotUpgrade,
};

// In the order of Reason.
struct Row {
  absl::string_view name;
  StatusCode code;
};
constexpr Row kRows[] = {
    {"MALFORMED_REQUEST", StatusCode::kInvalidArgument},
    {"UNKNOWN_METHOD", StatusCode::kUnimplemented},
    {"ROLE_REQUIRED", StatusCode::kPermissionDenied},
    {"TOO_MANY_CALLS", StatusCode::kResourceExhausted},
    {"SUPERVISOR_BUSY", StatusCode::kResourceExhausted},
    {"RESPONSE_TOO_LARGE", StatusCode::kResourceExhausted},
    {"FIELD_MISSING", StatusCode::kInvalidArgument},
    {"UNKNOWN_POOL", StatusCode::kNotFound},
    {"UNKNOWN_SLOT", StatusCode::kNotFound},
    {"UNKNOWN_OPERATION", StatusCode::kNotFound},
    {"BAD_PAGE_TOKEN", StatusCode::kInvalidArgument},
    {"BAD_TOKEN", StatusCode::kInvalidArgument},
    {"TOKEN_OF_ANOTHER_SESSION", StatusCode::kOutOfRange},
    {"TOKEN_TOO_OLD", StatusCode::kOutOfRange},
    {"SUPERVISOR_ENDED", StatusCode::kUnavailable},
    {"BAD_CONFIG", StatusCode::kInvalidArgument},
    {"CANNOT_UPGRADE", StatusCode::kUnimplemented},
};
static_assert(std::size(kRows) ==
              static_cast<size_t>(Reason::kCannotUpgrade) + 1);

// Of the texts of an end, in bytes; gRPC sends them all in 8 KiB of trailers.
constexpr size_t kMessageMax = 1024;
constexpr size_t kFieldMax = 256;
constexpr size_t kRemedyMax = 512;
constexpr size_t kNameMax = 80;

absl::Status Refuse(Reason reason, absl::string_view message,
                    absl::string_view field, absl::string_view remedy) {
  const Row& row = kRows[static_cast<size_t>(reason)];
  return core::Refuse(
      row.code, message,
      {std::string(row.name), std::string(field), std::string(remedy)});
}

// Names come from clients: shown, but not believed.
std::string Shown(absl::string_view name) {
  return absl::StrCat("\"", SafeText(name, kNameMax), "\"");
}

}  // namespace

std::vector<absl::string_view> OwnReasons() {
  std::vector<absl::string_view> names;
  for (const Row& row : kRows) names.push_back(row.name);
  return names;
}

absl::Status Malformed() {
  return Refuse(Reason::kMalformedRequest, "the request does not parse", "",
                "build it from the supervisor's own schema (reflection)");
}

absl::Status UnknownMethod(absl::string_view method) {
  return Refuse(Reason::kUnknownMethod,
                absl::StrCat("no method ", Shown(method)), "",
                "list the methods by reflection");
}

absl::Status NotAllowed(absl::string_view caller, absl::string_view method) {
  return Refuse(Reason::kRoleRequired,
                absl::StrCat(caller, " may not call ", method), "",
                "have the user listed in supervisor.admin.allow_users "
                "(observe_users for what only reads), then start the "
                "supervisor again");
}

absl::Status TooManyCalls(size_t max) {
  return Refuse(Reason::kTooManyCalls, absl::StrCat(max, " calls are open"), "",
                "end watches that you do not need; try later");
}

absl::Status TooBusy() {
  return Refuse(Reason::kSupervisorBusy,
                "earlier answers still wait for the gateway to take them", "",
                "try again in a moment");
}

absl::Status ResponseTooLarge(size_t bytes) {
  return Refuse(Reason::kResponseTooLarge,
                absl::StrCat("the answer of ", bytes,
                             " bytes is larger than a message may be"),
                "", "ask for less: one pool, one worker, a smaller page");
}

absl::Status Missing(absl::string_view field) {
  return Refuse(Reason::kFieldMissing, absl::StrCat(field, " is not set"),
                field, "set it");
}

absl::Status UnknownPool(absl::string_view pool) {
  return Refuse(Reason::kUnknownPool, absl::StrCat("no pool ", Shown(pool)),
                "pool", "list the pools with: drover status");
}

absl::Status UnknownSlot(absl::string_view pool, uint32_t slot) {
  return Refuse(Reason::kUnknownSlot,
                absl::StrCat("pool ", pool, " has no slot ", slot), "slot",
                absl::StrCat("see its slots with: drover status ", pool));
}

absl::Status UnknownOperation(absl::string_view id) {
  return Refuse(Reason::kUnknownOperation,
                absl::StrCat("no operation ", Shown(id), " (any more)"), "id",
                "list them with: drover operations");
}

absl::Status BadPageToken() {
  return Refuse(Reason::kBadPageToken,
                "the page token is none, or its pool is gone", "page_token",
                "give next_page_token of the page before; list again from the "
                "first page");
}

absl::Status BadToken() {
  return Refuse(Reason::kBadToken, "no event has this token", "token",
                "give the token of an event or a snapshot, unchanged, or none");
}

absl::Status TokenOfAnotherSession() {
  return Refuse(Reason::kTokenOfAnotherSession,
                "the token is from before the supervisor's last start", "token",
                "watch again without a token: a snapshot comes first");
}

absl::Status TokenTooOld() {
  return Refuse(Reason::kTokenTooOld,
                "what followed the token is not known any more", "token",
                "watch again without a token: a snapshot comes first");
}

absl::Status SupervisorEnded() {
  return Refuse(Reason::kSupervisorEnded, "the supervisor has ended", "",
                "what went before was all; start one with: drover run");
}

absl::Status CannotUpgrade() {
  return Refuse(Reason::kCannotUpgrade,
                "this supervisor cannot replace its program in place", "",
                "upgrade the program that it is embedded in");
}

absl::Status BadConfig(absl::string_view message, absl::string_view field,
                       absl::string_view remedy) {
  return Refuse(Reason::kBadConfig, message,
                field.empty() ? "config" : absl::StrCat("config.", field),
                remedy);
}

control::v1::End ToEnd(uint64_t call, const absl::Status& status) {
  control::v1::End end;
  end.set_call(call);
  end.set_code(static_cast<int32_t>(status.code()));
  end.set_message(SafeText(status.message(), kMessageMax));
  auto refusal = core::RefusalOf(status);
  if (refusal) {
    admin::v1::ErrorDetail detail;
    detail.set_reason(refusal->reason);
    detail.set_field(SafeText(refusal->field, kFieldMax));
    detail.set_remedy(SafeText(refusal->remedy, kRemedyMax));
    end.set_detail(detail.SerializeAsString());
  }
  return end;
}

}  // namespace drover::control
