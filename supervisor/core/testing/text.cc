#include "supervisor/core/testing/text.h"

#include <csignal>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace drover::core {
namespace {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

// The value of a protocol enum without the enum's own name before it.
std::string Short(absl::string_view name, absl::string_view prefix) {
  return std::string(absl::StripPrefix(name, prefix));
}

std::string Millis(uint32_t milliseconds) {
  return Text(absl::Milliseconds(int64_t{milliseconds}));
}

std::string Quoted(absl::string_view text) {
  return text.empty() ? ""
                      : absl::StrCat(" \"", absl::Utf8SafeCEscape(text), "\"");
}

std::string Re(uint64_t re) { return re == 0 ? "" : absl::StrCat(" re ", re); }

std::string Op(uint64_t op) { return op == 0 ? "" : absl::StrCat(" op ", op); }

std::string Name(worker::v1::Cause cause) {
  return Short(worker::v1::Cause_Name(cause), "CAUSE_");
}

std::string CapabilityName(uint32_t capability) {
  return Short(worker::v1::Capability_Name(
                   static_cast<worker::v1::Capability>(capability)),
               "CAPABILITY_");
}

std::string Name(worker::v1::State state) {
  return Short(worker::v1::State_Name(state), "STATE_");
}

std::string Body(const worker::v1::Result& result) {
  return absl::StrCat(
      "Result ",
      Short(worker::v1::ResultCode_Name(result.code()), "RESULT_CODE_"),
      Quoted(result.text()));
}

std::string Body(const worker::v1::ProtocolError& error) {
  return absl::StrCat("ProtocolError ",
                      Short(worker::v1::ProtocolErrorCode_Name(error.code()),
                            "PROTOCOL_ERROR_CODE_"),
                      Quoted(error.text()));
}

std::string Body(const worker::v1::UserMessage& message) {
  return absl::StrCat("UserMessage ", message.topic(), " ",
                      message.payload().size(), " bytes");
}

// Stop and Quit.
template <typename Order>
std::string Body(absl::string_view name, const Order& order) {
  return absl::StrCat(name, " within ", Millis(order.deadline_ms()), " ",
                      Name(order.cause()), Quoted(order.text()));
}

std::string Body(const ToWorker& message) {
  switch (message.body_case()) {
    case ToWorker::kWelcome:
      return absl::StrCat(
          "Welcome ", message.welcome().identity().pool(), "/",
          message.welcome().identity().slot(),
          message.welcome().capabilities_size() == 0 ? "" : " ",
          absl::StrJoin(message.welcome().capabilities(), " ",
                        [](std::string* out, uint32_t capability) {
                          absl::StrAppend(out, CapabilityName(capability));
                        }));
    case ToWorker::kStart:
      return absl::StrCat("Start within ",
                          Millis(message.start().deadline_ms()));
    case ToWorker::kStop:
      return Body("Stop", message.stop());
    case ToWorker::kQuit:
      return Body("Quit", message.quit());
    case ToWorker::kPing:
      return absl::StrCat("Ping ", message.ping().id());
    case ToWorker::kReload:
      return absl::StrCat("Reload within ",
                          Millis(message.reload().deadline_ms()),
                          Quoted(message.reload().payload()));
    case ToWorker::kLameDuck:
      return absl::StrCat("LameDuck, Stop in ",
                          Millis(message.lame_duck().stop_in_ms()));
    case ToWorker::kResult:
      return Body(message.result());
    case ToWorker::kProtocolError:
      return Body(message.protocol_error());
    case ToWorker::kUserMessage:
      return Body(message.user_message());
    case ToWorker::BODY_NOT_SET:
      break;
  }
  return "nothing";
}

std::string Body(const ToSupervisor& message) {
  switch (message.body_case()) {
    case ToSupervisor::kHello:
      return absl::StrCat("Hello major ", message.hello().major());
    case ToSupervisor::kState:
      return absl::StrCat(Name(message.state().state()),
                          message.state().forced() ? " forced" : "",
                          Quoted(message.state().text()));
    case ToSupervisor::kPong:
      return absl::StrCat("Pong ", message.pong().id());
    case ToSupervisor::kResult:
      return Body(message.result());
    case ToSupervisor::kRequest:
      return absl::StrCat(
          "Request ",
          Short(worker::v1::RequestKind_Name(message.request().kind()),
                "REQUEST_KIND_"));
    case ToSupervisor::kProgress:
      return absl::StrCat("Progress extend ",
                          Millis(message.progress().extend_ms()), ", ",
                          message.progress().in_flight(), " in flight");
    case ToSupervisor::kGauges:
      return absl::StrCat(message.gauges().gauges_size(), " gauges");
    case ToSupervisor::kFatal:
      return absl::StrCat("Fatal", Quoted(message.fatal().text()));
    case ToSupervisor::kProtocolError:
      return Body(message.protocol_error());
    case ToSupervisor::kUserMessage:
      return Body(message.user_message());
    case ToSupervisor::BODY_NOT_SET:
      break;
  }
  return "nothing known";
}

std::string Name(const Identity& worker) {
  return absl::StrCat(worker.pool, "/", worker.slot, " (", worker.incarnation,
                      ")");
}

struct EventText {
  std::string operator()(const Spawned& event) const {
    return absl::StrCat(event.incarnation, " spawned");
  }
  std::string operator()(const SpawnFailed& event) const {
    return absl::StrCat(event.incarnation, " cannot be spawned: ", event.step,
                        " ", event.error_number);
  }
  std::string operator()(const FrameReceived& event) const {
    return absl::StrCat(event.incarnation, " says ", Text(event.message));
  }
  std::string operator()(const FrameRejected& event) const {
    return absl::StrCat(event.incarnation, " says garbage: ", event.text);
  }
  std::string operator()(const ChannelClosed& event) const {
    return absl::StrCat(event.incarnation, " closes its channel");
  }
  std::string operator()(const QueueOverflowed& event) const {
    return absl::StrCat(event.incarnation, " does not read");
  }
  std::string operator()(const ProcessStopped& event) const {
    return absl::StrCat(event.incarnation, " is stopped by a signal");
  }
  std::string operator()(const ProcessContinued& event) const {
    return absl::StrCat(event.incarnation, " is continued");
  }
  std::string operator()(const Exited& event) const {
    return event.signal != 0
               ? absl::StrCat(event.incarnation, " is killed by ",
                              SignalName(event.signal))
               : absl::StrCat(event.incarnation, " exits with ", event.code);
  }
  std::string operator()(const TimePassed&) const { return "time passes"; }
};

std::string Name(PoolChangeKind kind) {
  switch (kind) {
    case PoolChangeKind::kAdd:
      return "add";
    case PoolChangeKind::kRemove:
      return "remove";
    case PoolChangeKind::kScale:
      return "scale";
    case PoolChangeKind::kReload:
      return "reload";
    case PoolChangeKind::kUpdate:
      return "update";
  }
  return "?";
}

struct CommandText {
  std::string operator()(const Apply& command) const {
    std::string out = command.initial ? "apply at first:" : "apply:";
    for (const PoolChange& change : command.changes) {
      absl::StrAppend(&out, " ", Name(change.kind), " ", change.spec.name());
      if (change.kind != PoolChangeKind::kRemove) {
        absl::StrAppend(&out, "*", change.spec.count());
      }
    }
    return out;
  }
  std::string operator()(const Scale& command) const {
    return absl::StrCat("scale ", command.pool, " ", command.count);
  }
  std::string operator()(const Reload& command) const {
    return absl::StrCat("reload ", command.pool,
                        !command.in_place.has_value() ? ""
                        : *command.in_place           ? " in place"
                                                      : " by replacement");
  }
  std::string operator()(const RestartWorker& command) const {
    return absl::StrCat("restart ", command.pool, "/", command.slot);
  }
  std::string operator()(const StopPool& command) const {
    return absl::StrCat("stop ", command.pool);
  }
  std::string operator()(const StartPool& command) const {
    return absl::StrCat("start ", command.pool);
  }
  std::string operator()(const Shutdown& command) const {
    switch (command.urgency) {
      case Urgency::kGraceful:
        return "shut down";
      case Urgency::kFast:
        return "shut down, fast";
      case Urgency::kHard:
        return "shut down, hard";
    }
    return "?";
  }
};

struct NoticeText {
  std::string operator()(const WorkerChanged& notice) const {
    const bool is_new = notice.former == notice.state;
    return absl::StrCat(Name(notice.worker), " ",
                        is_new ? "" : absl::StrCat(Name(notice.former), " -> "),
                        Name(notice.state), notice.text.empty() ? "" : ": ",
                        notice.text);
  }
  std::string operator()(const WorkerExited& notice) const {
    return absl::StrCat(Name(notice.exit->worker), " ", Describe(*notice.exit),
                        "; ", notice.next);
  }
  std::string operator()(const PoolChanged& notice) const {
    return absl::StrCat("pool ", notice.pool, " ", Name(notice.former), " -> ",
                        Name(notice.state), ", count ", notice.count,
                        ", generation ", notice.generation);
  }
  std::string operator()(const PoolRemoved& notice) const {
    return absl::StrCat("pool ", notice.pool, " removed");
  }
  std::string operator()(const OperationChanged& notice) const {
    return absl::StrCat("op-", notice.operation);
  }
  std::string operator()(const UserMessageReceived& notice) const {
    return absl::StrCat(Name(notice.worker), " user message ", notice.topic,
                        ", ", notice.payload.size(), " bytes");
  }
};

struct EffectText {
  std::string operator()(const Spawn& effect) const {
    return absl::StrCat("spawn ", Name(effect.identity), " generation ",
                        effect.identity.generation);
  }
  std::string operator()(const Send& effect) const {
    return absl::StrCat("send ", effect.incarnation, " ", Text(effect.message));
  }
  std::string operator()(const Signal& effect) const {
    return absl::StrCat(
        "signal ", effect.incarnation, effect.whole_group ? " " : " alone ",
        absl::StrJoin(effect.signals, " ", [](std::string* out, int signal) {
          absl::StrAppend(out,
                          signal == SIGCONT ? "SIGCONT" : SignalName(signal));
        }));
  }
  std::string operator()(const RetireGeneration& effect) const {
    return absl::StrCat("retire ", effect.pool, " generation ",
                        effect.generation);
  }
  std::string operator()(const RetirePool& effect) const {
    return absl::StrCat("retire ", effect.pool);
  }
  std::string operator()(const UpdatePool& effect) const {
    return absl::StrCat("update ", effect.pool);
  }
  std::string operator()(const Notify& effect) const {
    return std::visit(NoticeText{}, effect.notice);
  }
  std::string operator()(const Finish& effect) const {
    return absl::StrCat("finish with ", effect.exit_code);
  }
};

}  // namespace

std::string Text(absl::Duration duration) {
  return absl::FormatDuration(duration);
}

std::string Text(const ToWorker& message) {
  return absl::StrCat(Body(message), Op(message.op()), Re(message.re()));
}

std::string Text(const ToSupervisor& message) {
  return absl::StrCat(Body(message), Op(message.op()), Re(message.re()));
}

std::string Text(const Event& event) { return std::visit(EventText{}, event); }

std::string Text(const Command& command) {
  return std::visit(CommandText{}, command);
}

std::string Text(const Effect& effect) {
  return std::visit(EffectText{}, effect);
}

std::string Text(const WorkerView& worker) {
  static constexpr const char* kVacancies[] = {
      "has a process", "waiting", "backing off", "left FAILED", "stopped"};
  static constexpr const char* kRoles[] = {"incumbent", "successor",
                                           "outgoing"};
  if (worker.id.incarnation == 0) {
    return absl::StrCat(worker.id.pool, "/", worker.id.slot, " ",
                        kVacancies[static_cast<int>(worker.vacancy)]);
  }
  return absl::StrCat(Name(worker.id), " ", Name(worker.state), " ",
                      kRoles[static_cast<int>(worker.role)], ", generation ",
                      worker.id.generation,
                      worker.lame_duck ? ", lame duck" : "",
                      worker.process_stopped ? ", stopped by a signal" : "");
}

std::string Text(const OperationView& operation) {
  std::string out = absl::StrCat("op-", operation.id, " ", Name(operation.kind),
                                 operation.pool.empty() ? "" : " ",
                                 operation.pool, " ", Name(operation.state),
                                 " ", operation.done, "/", operation.total);
  if (operation.failure != nullptr) {
    absl::StrAppend(&out, ": ", operation.failure->message);
  }
  return out;
}

}  // namespace drover::core
