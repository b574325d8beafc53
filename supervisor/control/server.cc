#include "supervisor/control/server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"
#include "supervisor/control/answers.h"
#include "supervisor/control/notices.h"
#include "supervisor/control/refusals.h"

namespace drover::control {

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
  OnGatewayEvent("the admin gateway has ended; it is started again");
}

void Server::OnGatewayEvent(const std::string& text) {
  LoggedEvent logged;
  logged.event.mutable_time()->set_seconds(
      absl::ToUnixSeconds(backend_->ToWall(backend_->Now())));
  logged.event.mutable_gateway_changed()->set_text(text);
  events_.Append("", std::move(logged.event));
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
      break;
  }
}

void Server::Open(const control::v1::Call& call) {
  // An id that is in use would mix two clients' answers.
  if (calls_.count(call.id()) > 0) return;
  if (calls_.size() >= kCallsMax) {
    End(call.id(), TooManyCalls(kCallsMax));
    return;
  }
  Answer answer = Dispatch(call);
  if (auto* status = std::get_if<absl::Status>(&answer)) {
    End(call.id(), *status);
  } else if (auto* response = std::get_if<std::string>(&answer)) {
    Reply(call.id(), std::move(*response));
    End(call.id(), absl::OkStatus());
  } else {
    Call open{std::move(std::get<std::unique_ptr<Stream>>(answer)),
              kCreditsFirst};
    Pump(calls_.emplace(call.id(), std::move(open)).first);
  }
}

Answer Server::Dispatch(const control::v1::Call& call) {
  const Method* method = FindMethod(call.method());
  if (method == nullptr) return UnknownMethod(call.method());
  const std::string caller = absl::StrCat("uid ", call.caller().uid());
  if (!MayCall(call.caller().uid(), method->role)) {
    return NotAllowed(caller, method->name);
  }
  DROVER_LOG(kControl, caller, " calls ", method->name);
  return method->handle({*backend_, events_, caller}, call.request());
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
  call->second.credits =
      std::min(kCreditsMax,
               call->second.credits + std::min(credit.messages(), kCreditsMax));
  Pump(call);
}

Server::Calls::iterator Server::Pump(Calls::iterator call) {
  while (call->second.credits > 0) {
    Said said = call->second.stream->Next();
    if (std::holds_alternative<Quiet>(said)) break;
    if (auto* status = std::get_if<absl::Status>(&said)) {
      End(call->first, *status);
      return calls_.erase(call);
    }
    Reply(call->first, std::move(std::get<std::string>(said)));
    --call->second.credits;
  }
  return std::next(call);
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
    changed_operations_.insert(changed->operation);
    return;
  }
  auto event = EventOf(notice, *backend_);
  if (event) events_.Append(std::move(event->pool), std::move(event->event));
  health_changed_ = true;
}

void Server::Flush() {
  for (core::OperationId operation : std::exchange(changed_operations_, {})) {
    auto event = EventOf(operation, *backend_);
    if (event) events_.Append(std::move(event->pool), std::move(event->event));
  }
  if (std::exchange(health_changed_, false)) SendHealth();
  for (auto call = calls_.begin(); call != calls_.end();) call = Pump(call);
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
