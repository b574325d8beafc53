#include "supervisor/main/take_over.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "supervisor/base/failpoint.h"
#include "supervisor/base/version.h"
#include "supervisor/config/host.h"
#include "supervisor/handover/check.h"
#include "supervisor/handover/container.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/memory_file.h"
#include "supervisor/os/take_over_check.h"
#include "supervisor/os/take_over_guard.h"

namespace drover {
namespace {

#ifdef DROVER_FAILPOINTS
constexpr absl::Duration kLimit = absl::Seconds(3);
#else
constexpr absl::Duration kLimit = absl::Seconds(10);
#endif

absl::StatusOr<state::v1::Handover> ReadFrom(int fd) {
  auto bytes = os::ReadSealedFile(fd, handover::kBytesMax);
  if (!bytes.ok()) return bytes.status();
  return handover::ReadState(*bytes, config::ThisHost());
}

// Empty: it can.
std::string Refusal(const std::string& gateway) {
  auto handover = ReadFrom(os::TakeOverCheck::kStateFd);
  if (!handover.ok()) return std::string(handover.status().message());
  if (handover->program().has_admin_socket() &&
      ::access(gateway.c_str(), X_OK) != 0) {
    return absl::StrCat("there is no gateway ", gateway);
  }
  return "";
}

}  // namespace

absl::StatusOr<state::v1::Handover> ReadHandedOver(
    const TakeOverArguments& arguments) {
  os::TakeOverGuard::At("reading the state");
  DROVER_FAILPOINT("new-before-reading");
  auto handover = ReadFrom(arguments.state);
  if (!handover.ok()) return handover;
  os::TakeOverGuard::At("looking at the descriptors");
  DROVER_FAILPOINT("new-read");
  absl::Status whole = os::FdIntake::Verify(*handover);
  if (!whole.ok()) return whole;
  os::FdIntake(*handover).CloseOthers({arguments.state, arguments.former});
  DROVER_FAILPOINT("new-verified");
  return handover;
}

void BeginGuard(const std::vector<std::string>& own_arguments,
                const TakeOverArguments& arguments) {
  os::TakeOverGuard::Arm({.arguments = own_arguments,
                          .state = arguments.state,
                          .former = arguments.former,
                          .limit = kLimit});
  DROVER_FAILPOINT("new-guarded");
  // Executed by a descriptor it would be called by its number.
  ::prctl(PR_SET_NAME, "drover-supervisor");
}

void EndGuard(const TakeOverArguments& arguments) {
  os::TakeOverGuard::Disarm();
  ::close(arguments.state);
  if (arguments.former >= 0) ::close(arguments.former);
}

int AnswerCheck(const std::string& gateway) {
  DROVER_FAILPOINT("check");
  state::v1::TakeOverAnswer answer;
  answer.set_version(kVersion);
  answer.set_format(handover::kFormat);
  answer.set_refusal(Refusal(gateway));
  DROVER_FAILPOINT("check-answering");
  const std::string bytes = answer.SerializeAsString();
  const ssize_t written =
      ::write(os::TakeOverCheck::kAnswerFd, bytes.data(), bytes.size());
  return written == static_cast<ssize_t>(bytes.size()) ? 0 : 1;
}

}  // namespace drover
