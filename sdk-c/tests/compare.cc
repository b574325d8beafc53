#include "tests/compare.h"

#include <algorithm>

#include "absl/strings/escaping.h"

namespace drover_tests {
namespace {

namespace pb = ::drover::worker::v1;

std::string ToString(const drvr_bytes& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data), bytes.size);
}

drvr_bytes ToBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()),
          static_cast<uint32_t>(text.size())};
}

// What the library read, as libprotobuf's message.
void Copy(const drvr_welcome& from, pb::Welcome* to) {
  to->set_minor(from.minor);
  for (uint32_t i = 0; i < from.capabilities.count; ++i) {
    to->add_capabilities(from.capabilities.items[i]);
  }
  to->mutable_identity()->set_pool(ToString(from.identity.pool));
  to->mutable_identity()->set_slot(from.identity.slot);
  to->mutable_identity()->set_generation(from.identity.generation);
  to->mutable_identity()->set_incarnation(from.identity.incarnation);
  to->mutable_timeouts()->set_start_ms(from.timeouts.start_ms);
  to->mutable_timeouts()->set_stop_ms(from.timeouts.stop_ms);
  to->mutable_timeouts()->set_quit_ms(from.timeouts.quit_ms);
  to->mutable_timeouts()->set_loss_ms(from.timeouts.loss_ms);
  to->mutable_timeouts()->set_ping_interval_ms(from.timeouts.ping_interval_ms);
  to->mutable_timeouts()->set_ping_timeout_ms(from.timeouts.ping_timeout_ms);
  for (uint32_t i = 0; i < from.listeners.count; ++i) {
    pb::Listener* listener = to->add_listeners();
    listener->set_fd(from.listeners.items[i].fd);
    listener->set_name(ToString(from.listeners.items[i].name));
    listener->set_address(ToString(from.listeners.items[i].address));
  }
  to->set_supervisor(ToString(from.supervisor));
}

template <typename Message>
void CopyStop(const drvr_stop& from, Message* to) {
  to->set_deadline_ms(from.deadline_ms);
  to->set_cause(static_cast<pb::Cause>(from.cause));
  to->set_text(ToString(from.text));
}

pb::ToWorker Copy(const drvr_to_worker& from) {
  pb::ToWorker to;
  to.set_op(from.op);
  to.set_re(from.re);
  switch (from.body) {
    case DRVR_WELCOME:
      Copy(from.as.welcome, to.mutable_welcome());
      break;
    case DRVR_START:
      to.mutable_start()->set_deadline_ms(from.as.start.deadline_ms);
      break;
    case DRVR_STOP:
      CopyStop(from.as.stop, to.mutable_stop());
      break;
    case DRVR_QUIT:
      CopyStop(from.as.quit, to.mutable_quit());
      break;
    case DRVR_PING:
      to.mutable_ping()->set_id(from.as.ping.id);
      break;
    case DRVR_RELOAD:
      to.mutable_reload()->set_deadline_ms(from.as.reload.deadline_ms);
      to.mutable_reload()->set_payload(ToString(from.as.reload.payload));
      break;
    case DRVR_LAME_DUCK:
      to.mutable_lame_duck()->set_stop_in_ms(from.as.lame_duck.stop_in_ms);
      break;
    case DRVR_RESULT_IN:
      to.mutable_result()->set_code(
          static_cast<pb::ResultCode>(from.as.result.code));
      to.mutable_result()->set_text(ToString(from.as.result.text));
      break;
    case DRVR_PROTOCOL_ERROR:
      to.mutable_protocol_error()->set_code(
          static_cast<pb::ProtocolErrorCode>(from.as.protocol_error.code));
      to.mutable_protocol_error()->set_text(
          ToString(from.as.protocol_error.text));
      break;
    case DRVR_USER_MESSAGE:
      to.mutable_user_message()->set_topic(
          ToString(from.as.user_message.topic));
      to.mutable_user_message()->set_payload(
          ToString(from.as.user_message.payload));
      break;
    default:
      break;
  }
  return to;
}

// What the library does not keep: unknown fields, entries beyond capacity, and
// whether an empty message was there.
pb::ToWorker Normal(pb::ToWorker message) {
  if (message.has_welcome()) {
    pb::Welcome* welcome = message.mutable_welcome();
    welcome->mutable_identity();
    welcome->mutable_timeouts();
    const int capabilities =
        std::min(welcome->capabilities_size(), DRVR_CAPABILITIES_MAX);
    welcome->mutable_capabilities()->Truncate(capabilities);
    while (welcome->listeners_size() > DRVR_LISTENERS_MAX) {
      welcome->mutable_listeners()->RemoveLast();
    }
  }
  message.DiscardUnknownFields();
  return message;
}

void Convert(const google::protobuf::RepeatedField<uint32_t>& from,
             drvr_numbers* to) {
  for (const uint32_t number : from) {
    if (to->count < DRVR_CAPABILITIES_MAX) to->items[to->count++] = number;
  }
}

}  // namespace

std::string Hex(const std::string& bytes) {
  return absl::BytesToHexString(bytes);
}

std::string Difference(const drvr_to_worker& ours, const pb::ToWorker& theirs) {
  const pb::ToWorker left = Copy(ours);
  const pb::ToWorker right = Normal(theirs);
  if (left.SerializeAsString() == right.SerializeAsString()) return "";
  return left.ShortDebugString() + " instead of " + right.ShortDebugString();
}

void Convert(const pb::ToSupervisor& from, drvr_to_supervisor* to) {
  *to = {};
  to->op = from.op();
  to->re = from.re();
  to->body = from.body_case();
  switch (from.body_case()) {
    case pb::ToSupervisor::kHello:
      to->as.hello.major = from.hello().major();
      to->as.hello.minor = from.hello().minor();
      Convert(from.hello().capabilities(), &to->as.hello.capabilities);
      to->as.hello.pid = from.hello().pid();
      to->as.hello.name = ToBytes(from.hello().name());
      to->as.hello.version = ToBytes(from.hello().version());
      to->as.hello.sdk = ToBytes(from.hello().sdk());
      to->as.hello.pong_source = from.hello().pong_source();
      break;
    case pb::ToSupervisor::kState:
      to->as.state.state = from.state().state();
      to->as.state.text = ToBytes(from.state().text());
      to->as.state.abandoned = from.state().abandoned();
      to->as.state.forced = from.state().forced();
      break;
    case pb::ToSupervisor::kPong:
      to->as.pong.id = from.pong().id();
      break;
    case pb::ToSupervisor::kResult:
      to->as.result.code = from.result().code();
      to->as.result.text = ToBytes(from.result().text());
      break;
    case pb::ToSupervisor::kRequest:
      to->as.request.code = from.request().kind();
      to->as.request.text = ToBytes(from.request().text());
      break;
    case pb::ToSupervisor::kProgress:
      to->as.progress.extend_ms = from.progress().extend_ms();
      to->as.progress.in_flight = from.progress().in_flight();
      to->as.progress.text = ToBytes(from.progress().text());
      break;
    case pb::ToSupervisor::kGauges:
      for (const pb::Gauge& gauge : from.gauges().gauges()) {
        drvr_gauge* item = &to->as.gauges.items[to->as.gauges.count++];
        item->name = ToBytes(gauge.name());
        item->value = gauge.value();
      }
      break;
    case pb::ToSupervisor::kFatal:
      to->as.fatal.code = from.fatal().code();
      to->as.fatal.text = ToBytes(from.fatal().text());
      break;
    case pb::ToSupervisor::kProtocolError:
      to->as.protocol_error.code = from.protocol_error().code();
      to->as.protocol_error.text = ToBytes(from.protocol_error().text());
      break;
    case pb::ToSupervisor::kUserMessage:
      to->as.user_message.topic = ToBytes(from.user_message().topic());
      to->as.user_message.payload = ToBytes(from.user_message().payload());
      break;
    default:
      break;
  }
}

}  // namespace drover_tests
