#include "supervisor/control/server.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"
#include "supervisor/control/answers.h"
#include "supervisor/control/limits.h"
#include "supervisor/control/notices.h"
#include "supervisor/control/refusals.h"
#include "supervisor/core/refusal.h"

namespace drover::control {
namespace {

// "accepted", or why not.
std::string OutcomeOf(const Answer& answer) {
  const auto* status = std::get_if<absl::Status>(&answer);
  if (status == nullptr) return "accepted";
  auto refusal = core::RefusalOf(*status);
  return absl::StrCat("refused, ",
                      refusal ? refusal->reason : "for no stated reason");
}

}  // namespace

Server::Server(Backend* backend, Options options, Send send)
    : backend_(backend),
      options_(std::move(options)),
      send_(std::move(send)),
      events_(backend->session()) {}

void Server::OnGatewayStarted() {
  control::v1::ToGateway frame;
  control::v1::Setup* setup = frame.mutable_setup();
  setup->set_listen_fd(options_.listen_fd);
  for (const control::v1::Role& role : options_.roles) {
    *setup->add_roles() = role;
  }
  setup->set_max_connections(options_.max_connections);
  *setup->mutable_health() = HealthOf(*backend_);
  health_told_ = setup->health().SerializeAsString();
  send_(frame);
  OnGatewayEvent("the admin gateway was started");
}

void Server::OnGatewayLost() {
  calls_.clear();
  last_call_ = 0;
  stalled_ = 0;
  OnGatewayEvent("the admin gateway has ended; it is started again");
  TellIfAllTold();
}

void Server::OnPredecessor(const admin::v1::Predecessor& predecessor) {
  events_.Append(LossEvent(predecessor, *backend_));
}

void Server::OnUpgrade() {
  turn_.upgrade = true;
  events_.Append(UpgradeEvent(*backend_));
}

void Server::OnGatewayEvent(const std::string& text) {
  events_.Append(GatewayEvent(text, *backend_));
}

void Server::OnFrame(const control::v1::ToSupervisor& frame) {
  switch (frame.body_case()) {
    case control::v1::ToSupervisor::kCall:
      Open(frame.call());
      break;
    case control::v1::ToSupervisor::kAbandon:
      calls_.erase(frame.abandon().call());
      break;
    case control::v1::ToSupervisor::kCredit:
      AddCredit(frame.credit());
      break;
    case control::v1::ToSupervisor::kReady:
      DROVER_LOG(kControl, "the gateway serves");
      break;
    case control::v1::ToSupervisor::BODY_NOT_SET:
      options_.violated("a frame without a body");
      break;
  }
  TellIfAllTold();
}

void Server::Open(const control::v1::Call& call) {
  // An id that is used twice would mix two clients' answers.
  if (call.id() <= last_call_) {
    options_.violated(
        absl::StrCat("call ", call.id(), " after call ", last_call_));
    return;
  }
  last_call_ = call.id();
  if (calls_.size() >= kCallsMax) {
    End(call.id(), TooManyCalls(kCallsMax));
    return;
  }
  Answer answer = Dispatch(call);
  if (auto* status = std::get_if<absl::Status>(&answer)) {
    End(call.id(), *status);
  } else if (auto* response = std::get_if<std::string>(&answer)) {
    Answered(call.id(), std::move(*response));
  } else {
    Call open;
    open.stream = std::move(std::get<std::unique_ptr<Stream>>(answer));
    Pump(calls_.emplace(call.id(), std::move(open)).first);
  }
}

Answer Server::Dispatch(const control::v1::Call& call) {
  const Method* method = FindMethod(call.method());
  if (method == nullptr) return UnknownMethod(call.method());
  const std::string caller = absl::StrCat("uid ", call.caller().uid());
  if (!MayCall(call.caller().uid(), method->role)) {
    DROVER_LOG(kControl, "refused: ", caller, " may not ", method->name);
    return NotAllowed(caller, method->name);
  }
  // What changes something is not turned away for want of room: its answer
  // waits.
  if (method->role == Role::kObserve && !options_.has_room()) return TooBusy();
  Answer answer = method->handle({*backend_, events_, caller}, call.request());
  if (method->role == Role::kOperate) {
    DROVER_LOG(kControl, "audit: ", caller, " pid ", call.caller().pid(), " ",
               method->name, method->summarize(call.request()), ": ",
               OutcomeOf(answer));
  }
  return answer;
}

bool Server::MayCall(uint32_t uid, Role role) const {
  return std::any_of(options_.roles.begin(), options_.roles.end(),
                     [&](const control::v1::Role& known) {
                       return known.uid() == uid &&
                              (known.operate() || role == Role::kObserve);
                     });
}

void Server::AddCredit(const control::v1::Credit& credit) {
  auto call = calls_.find(credit.call());
  if (call == calls_.end()) return;
  uint32_t& credits = call->second.credits;
  credits =
      std::min(kCreditsMax, credits + std::min(credit.messages(), kCreditsMax));
  Pump(call);
}

bool Server::Pump(Calls::iterator call) {
  while (call->second.stirred && call->second.credits > 0) {
    if (!options_.has_room()) return false;
    Said said = call->second.stream->Next();
    if (auto* response = std::get_if<std::string>(&said)) {
      if (response->size() > kResponseBytesMax) {
        said = ResponseTooLarge(response->size());
      } else {
        Reply(call->first, std::move(*response));
        --call->second.credits;
      }
    }
    if (auto* status = std::get_if<absl::Status>(&said)) {
      End(call->first, *status);
      calls_.erase(call);
      return true;
    }
    call->second.stirred = !std::holds_alternative<Quiet>(said);
  }
  if (finishing_ && !call->second.stirred) {
    End(call->first, SupervisorEnded());
    calls_.erase(call);
  }
  return true;
}

void Server::PumpAll(const Turn& turn) {
  for (auto& [id, call] : calls_) {
    call.stirred = call.stirred || call.stream->Concerns(turn);
  }
  // Round from where there was no room last, so that nobody is always last.
  const uint64_t begin = std::exchange(stalled_, 0);
  auto call = calls_.lower_bound(begin);
  for (size_t left = calls_.size(); left > 0; --left) {
    if (call == calls_.end()) call = calls_.begin();
    const uint64_t id = call->first;
    auto next = std::next(call);
    if (!Pump(call)) {
      stalled_ = id;
      return;
    }
    call = next;
  }
}

void Server::Answered(uint64_t call, std::string response) {
  if (response.size() > kResponseBytesMax) {
    End(call, ResponseTooLarge(response.size()));
    return;
  }
  Reply(call, std::move(response));
  End(call, absl::OkStatus());
}

void Server::Reply(uint64_t call, std::string response) {
  control::v1::ToGateway frame;
  frame.mutable_reply()->set_call(call);
  frame.mutable_reply()->set_response(std::move(response));
  send_(frame);
}

void Server::End(uint64_t call, const absl::Status& status) {
  control::v1::ToGateway frame;
  *frame.mutable_end() = ToEnd(call, status);
  send_(frame);
}

void Server::OnNotice(const core::Notice& notice) {
  if (const auto* changed = std::get_if<core::OperationChanged>(&notice)) {
    turn_.operations.insert(changed->operation);
    return;
  }
  if (const auto* worker = std::get_if<core::WorkerChanged>(&notice);
      worker != nullptr && worker->state == core::WorkerState::kEnded) {
    ended_ = *worker;
    return;
  }
  if (const auto* exited = std::get_if<core::WorkerExited>(&notice)) {
    LogEnd(*exited->exit);
  }
  auto event = EventOf(notice, *backend_);
  if (event) Log(*std::move(event));
  health_changed_ = true;
}

void Server::LogEnd(const core::Exit& exit) {
  const auto ended = std::exchange(ended_, std::nullopt);
  if (!ended || ended->worker != exit.worker) return;
  // FAILED says both "on the way out, for a fault" and "out".
  if (ended->former == core::WorkerState::kFailed && !exit.clean()) return;
  Log(EndEvent(*ended, exit.clean(), *backend_));
}

void Server::Log(Happening happening) {
  turn_.pools.insert(happening.pool);
  events_.Append(std::move(happening));
}

void Server::Flush() {
  const Turn turn = std::exchange(turn_, {});
  for (core::OperationId operation : turn.operations) {
    auto event = EventOf(operation, *backend_);
    if (event) events_.Append(*std::move(event));
  }
  if (std::exchange(health_changed_, false)) SendHealth();
  PumpAll(turn);
  TellIfAllTold();
}

void Server::Finish(std::function<void()> all_told) {
  finishing_ = true;
  all_told_ = std::move(all_told);
  // Also those that have had everything: what is left to say is the end.
  for (auto& [id, call] : calls_) call.stirred = true;
  Flush();
}

void Server::TellIfAllTold() {
  if (all_told_ && calls_.empty()) std::exchange(all_told_, nullptr)();
}

void Server::SendHealth() {
  control::v1::ToGateway frame;
  *frame.mutable_health() = HealthOf(*backend_);
  std::string health = frame.health().SerializeAsString();
  if (health == health_told_) return;
  health_told_ = std::move(health);
  send_(frame);
}

}  // namespace drover::control
