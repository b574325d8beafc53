#include "supervisor/main/upgrade.h"

#include <asio/post.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "supervisor/base/failpoint.h"
#include "supervisor/base/log.h"
#include "supervisor/base/version.h"
#include "supervisor/control/views.h"
#include "supervisor/core/refusal.h"
#include "supervisor/handover/container.h"
#include "supervisor/os/memory_file.h"
#include "supervisor/os/program_file.h"
#include "supervisor/os/take_over_guard.h"

namespace drover {
namespace {

constexpr char kRemedy[] =
    "the former program goes on, nothing has changed; mend what is named and "
    "upgrade again";

absl::Status BadBinary(const absl::Status& why) {
  return core::Refuse(
      absl::StatusCode::kFailedPrecondition, why.message(),
      {"BAD_BINARY", "binary", "give the path of a drover-supervisor"});
}

}  // namespace

InPlaceUpgrade::InPlaceUpgrade(asio::io_context& io, os::Children& children,
                               Options options, Callbacks callbacks)
    : io_(io),
      children_(children),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      path_(os::OwnProgramPath()) {}

bool InPlaceUpgrade::running() const {
  return last_.state() == admin::v1::UPGRADE_STATE_CHECKING ||
         last_.state() == admin::v1::UPGRADE_STATE_EXECUTING;
}

absl::Status InPlaceUpgrade::Begin(const std::string& binary,
                                   absl::string_view caller) {
  if (running()) {
    return core::Refuse(absl::StatusCode::kAborted,
                        absl::StrCat("an upgrade by ", last_.caller(), " to ",
                                     last_.binary(), " is under way"),
                        {"UPGRADE_RUNNING", "", "wait for its end"});
  }
  const std::string path = binary.empty() ? path_ : binary;
  auto program = os::OpenProgram(path);
  if (!program.ok()) return BadBinary(program.status());
  program_ = *std::move(program);
  if (absl::Status asked = Check(path); !asked.ok()) return asked;
  const uint32_t number = last_.number() + 1;
  last_.Clear();
  last_.set_number(number);
  last_.set_state(admin::v1::UPGRADE_STATE_CHECKING);
  last_.set_binary(path);
  last_.set_former_version(kVersion);
  last_.set_caller(std::string(caller));
  control::Fill(absl::Now(), last_.mutable_create_time());
  callbacks_.changed();
  return absl::OkStatus();
}

// With the state as it is now. What is handed over will be another, and the new
// program reads it as strictly.
absl::Status InPlaceUpgrade::Check(const std::string& path) {
  os::FdLedger fds;
  auto state = WriteState(&fds);
  if (!state.ok()) {
    return core::Refuse(absl::StatusCode::kFailedPrecondition,
                        state.status().message(),
                        {"CANNOT_HAND_OVER", "", "start the new program"});
  }
  check_ = std::make_unique<os::TakeOverCheck>(io_, children_);
  absl::Status started =
      check_->Start({.program = program_.get(),
                     .path = path,
                     .arguments = options_.arguments,
                     .state = state->get(),
                     .open_files = options_.open_files},
                    [this](auto answer) { OnAnswer(std::move(answer)); });
  if (started.ok()) return started;
  check_ = nullptr;
  return BadBinary(started);
}

absl::StatusOr<UniqueFd> InPlaceUpgrade::WriteState(os::FdLedger* fds) const {
  state::v1::Handover handover;
  absl::Status written = callbacks_.write(&handover, fds);
  if (!written.ok()) return written;
  fds->Write(&handover);
  return os::MakeSealedFile("drover-state",
                            handover::Wrap(handover.SerializeAsString()));
}

void InPlaceUpgrade::OnAnswer(
    absl::StatusOr<state::v1::TakeOverAnswer> answer) {
  check_ = nullptr;
  if (!answer.ok()) return Fail(answer.status().message());
  last_.set_version(answer->version());
  if (!answer->refusal().empty()) {
    return Fail(absl::StrCat("drover ", answer->version(),
                             " cannot take over: ", answer->refusal()));
  }
  last_.set_state(admin::v1::UPGRADE_STATE_EXECUTING);
  callbacks_.changed();
  // Behind what the loop holds already, in a turn of its own.
  asio::post(io_, [this] { Execute(); });
}

void InPlaceUpgrade::Execute() {
  DROVER_FAILPOINT("old-before-writing");
  Fail(TryExecute().message());
}

absl::Status InPlaceUpgrade::TryExecute() {
  auto own = os::OpenOwnProgram();
  if (!own.ok()) return own.status();
  os::FdLedger fds;
  auto state = WriteState(&fds);
  if (!state.ok()) return state.status();
  DROVER_FAILPOINT("old-written");
  if (absl::Status open = fds.Open(); !open.ok()) return open;
  os::SetCloseOnExec(state->get(), false);
  os::SetCloseOnExec(own->get(), false);
  // From here on this program can be executed again, so that not even its own
  // crash ends it.
  os::TakeOverGuard::Arm({.arguments = options_.arguments,
                          .state = state->get(),
                          .former = own->get()});
  os::TakeOverGuard::At("handing over");
  DROVER_FAILPOINT("old-armed");
  std::vector<std::string> arguments = options_.arguments;
  arguments.push_back(absl::StrCat(os::kTakeOverFlag, state->get()));
  arguments.push_back(absl::StrCat(os::kFormerFlag, own->get()));
  absl::Status status = os::ExecuteInPlace(program_.get(), arguments);
  os::TakeOverGuard::Disarm();
  fds.Close();
  return status;
}

void InPlaceUpgrade::Fail(absl::string_view why) {
  program_.reset();
  last_.set_state(admin::v1::UPGRADE_STATE_FAILED);
  last_.set_message(std::string(why));
  last_.set_remedy(kRemedy);
  control::Fill(absl::Now(), last_.mutable_end_time());
  callbacks_.changed();
}

void InPlaceUpgrade::Write(state::v1::Program* to) const {
  to->set_path(path_);
  to->set_upgrades(done_);
  *to->mutable_upgrade() = last_;
}

void InPlaceUpgrade::Conclude(const state::v1::Program& from,
                              const std::string& failed) {
  path_ = from.path();
  done_ = from.upgrades();
  last_ = from.upgrade();
  if (!failed.empty()) {
    return Fail(absl::StrCat("the new program could not take over: ", failed));
  }
  ++done_;
  path_ = last_.binary();
  last_.set_state(admin::v1::UPGRADE_STATE_SUCCEEDED);
  last_.set_version(kVersion);
  control::Fill(absl::Now(), last_.mutable_end_time());
  callbacks_.changed();
}

}  // namespace drover
