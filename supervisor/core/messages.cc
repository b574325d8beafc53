#include "supervisor/core/messages.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"

namespace drover::core {
namespace {

using worker::v1::ToWorker;

constexpr uint32_t kMinor = 0;

// Capabilities that this supervisor makes use of.
constexpr std::array kOffered = {
    worker::v1::CAPABILITY_RESUME,        worker::v1::CAPABILITY_REQUEST,
    worker::v1::CAPABILITY_PROGRESS,      worker::v1::CAPABILITY_GAUGES,
    worker::v1::CAPABILITY_USER_MESSAGES, worker::v1::CAPABILITY_RELOAD,
    worker::v1::CAPABILITY_LAME_DUCK,
};

constexpr size_t kNameMax = 63;

// A lower-case letter, then letters, digits and `marks`.
bool IsName(absl::string_view name, absl::string_view marks) {
  if (name.empty() || name.size() > kNameMax ||
      !absl::ascii_islower(static_cast<unsigned char>(name[0]))) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [&](char c) {
    auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) ||
           marks.find(c) != absl::string_view::npos;
  });
}

uint32_t Millis(absl::Duration duration) {
  return static_cast<uint32_t>(absl::ToInt64Milliseconds(duration));
}

void FillTimeouts(const WorkerSettings& settings,
                  worker::v1::Timeouts* timeouts) {
  timeouts->set_start_ms(Millis(settings.start_timeout));
  timeouts->set_stop_ms(Millis(settings.stop_timeout));
  timeouts->set_quit_ms(Millis(settings.quit_timeout));
  timeouts->set_loss_ms(Millis(settings.loss_timeout));
  timeouts->set_ping_interval_ms(Millis(settings.ping_interval));
  timeouts->set_ping_timeout_ms(Millis(settings.ping_timeout));
}

void FillIdentity(const Identity& from, worker::v1::Identity* to) {
  to->set_pool(from.pool);
  to->set_slot(from.slot);
  to->set_generation(from.generation);
  to->set_incarnation(from.incarnation);
}

}  // namespace

bool IsTopic(absl::string_view name) { return IsName(name, "._-"); }

bool IsGaugeName(absl::string_view name) { return IsName(name, "_"); }

absl::string_view Cut(absl::string_view text) {
  if (text.size() <= kTextMax) return text;
  size_t end = kTextMax;
  // A continuation byte means that the code point began before the cut.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

std::string ShowDuration(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Milliseconds(1)));
}

std::string CutText(absl::string_view text) { return std::string(Cut(text)); }

ToWorker WelcomeMessage(const worker::v1::Hello& hello,
                        const Identity& identity,
                        const WorkerSettings& settings,
                        absl::string_view version) {
  ToWorker message;
  worker::v1::Welcome* welcome = message.mutable_welcome();
  welcome->set_minor(std::min(hello.minor(), kMinor));
  for (worker::v1::Capability offered : kOffered) {
    const auto& wanted = hello.capabilities();
    if (std::find(wanted.begin(), wanted.end(), offered) != wanted.end()) {
      welcome->add_capabilities(offered);
    }
  }
  FillIdentity(identity, welcome->mutable_identity());
  FillTimeouts(settings, welcome->mutable_timeouts());
  welcome->set_supervisor(std::string(version));
  return message;
}

ToWorker StartMessage(uint64_t op, absl::Duration deadline) {
  ToWorker message;
  message.set_op(op);
  message.mutable_start()->set_deadline_ms(Millis(deadline));
  return message;
}

ToWorker StopMessage(uint64_t op, absl::Duration deadline,
                     worker::v1::Cause cause, absl::string_view text) {
  ToWorker message;
  message.set_op(op);
  worker::v1::Stop* stop = message.mutable_stop();
  stop->set_deadline_ms(Millis(deadline));
  stop->set_cause(cause);
  stop->set_text(CutText(text));
  return message;
}

ToWorker QuitMessage(uint64_t op, absl::Duration deadline,
                     worker::v1::Cause cause, absl::string_view text) {
  ToWorker message;
  message.set_op(op);
  worker::v1::Quit* quit = message.mutable_quit();
  quit->set_deadline_ms(Millis(deadline));
  quit->set_cause(cause);
  quit->set_text(CutText(text));
  return message;
}

ToWorker ReloadMessage(uint64_t op, absl::Duration deadline) {
  ToWorker message;
  message.set_op(op);
  message.mutable_reload()->set_deadline_ms(Millis(deadline));
  return message;
}

ToWorker LameDuckMessage(absl::Duration stop_in) {
  ToWorker message;
  message.mutable_lame_duck()->set_stop_in_ms(Millis(stop_in));
  return message;
}

ToWorker PingMessage(uint64_t id) {
  ToWorker message;
  message.mutable_ping()->set_id(id);
  return message;
}

ToWorker ResultMessage(uint64_t re, worker::v1::ResultCode code,
                       absl::string_view text) {
  ToWorker message;
  message.set_re(re);
  message.mutable_result()->set_code(code);
  message.mutable_result()->set_text(CutText(text));
  return message;
}

ToWorker ErrorMessage(worker::v1::ProtocolErrorCode code,
                      absl::string_view text) {
  ToWorker message;
  message.mutable_protocol_error()->set_code(code);
  message.mutable_protocol_error()->set_text(CutText(text));
  return message;
}

ToWorker UserMessage(absl::string_view topic, absl::string_view payload) {
  ToWorker message;
  message.mutable_user_message()->set_topic(std::string(topic));
  message.mutable_user_message()->set_payload(std::string(payload));
  return message;
}

}  // namespace drover::core
