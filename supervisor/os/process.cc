#include "supervisor/os/process.h"

#include <signal.h>

#include "supervisor/base/log.h"
#include "supervisor/os/out_of_memory.h"
#include "supervisor/wire/message.h"

namespace drover::os {
namespace {

// Escaped by the library, cut by us.
std::string Shown(const google::protobuf::Message& message) {
  constexpr size_t kMax = 200;
  return message.ShortDebugString().substr(0, kMax);
}

}  // namespace

Process::Process(asio::io_context& io, Children& children,
                 core::Identity identity,
                 std::shared_ptr<const LaunchPlan> plan, SpawnedChild child,
                 Pipes pipes, Callbacks callbacks)
    : identity_(std::move(identity)),
      plan_(std::move(plan)),
      callbacks_(std::move(callbacks)),
      channel_(io, std::move(pipes.channel), FrameChannel::Limits{},
               {.frame = [this](absl::string_view body) { OnFrame(body); },
                .rejected =
                    [this](const absl::Status& status) { OnRejected(status); },
                .closed = [this] { OnChannelClosed(); },
                .overflowed =
                    [this] {
                      callbacks_.event(identity_, core::QueueOverflowed{
                                                      identity_.incarnation});
                    }}),
      standard_output_(
          io, std::move(pipes.standard_output), plan_->line_max_bytes(),
          [this](absl::string_view line) {
            callbacks_.line(identity_, output::Stream::kStdout, line);
          }),
      standard_error_(
          io, std::move(pipes.standard_error), plan_->line_max_bytes(),
          [this](absl::string_view line) {
            callbacks_.line(identity_, output::Stream::kStderr, line);
          }),
      child_(io, children, std::move(child), [this] { OnExit(); }) {}

void Process::Send(const worker::v1::ToWorker& message) {
  std::string frame;
  if (absl::Status status = wire::AppendToWorker(message, &frame);
      !status.ok()) {
    log::Warning(absl::StrCat("message dropped: ", status.message()));
    return;
  }
  DROVER_LOG(kWire, child_.pid(), " < ", Shown(message));
  channel_.Send(std::move(frame));
}

void Process::OnFrame(absl::string_view body) {
  auto message = wire::ParseToSupervisor(body);
  if (!message.ok()) {
    channel_.StopReading();
    callbacks_.event(
        identity_,
        core::FrameRejected{.incarnation = identity_.incarnation,
                            .code = worker::v1::PROTOCOL_ERROR_CODE_PARSE,
                            .text = std::string(message.status().message())});
    return;
  }
  DROVER_LOG(kWire, child_.pid(), " > ", Shown(*message));
  callbacks_.event(identity_,
                   core::FrameReceived{.incarnation = identity_.incarnation,
                                       .message = *std::move(message)});
}

void Process::OnRejected(const absl::Status& status) {
  callbacks_.event(
      identity_,
      core::FrameRejected{.incarnation = identity_.incarnation,
                          .code = worker::v1::PROTOCOL_ERROR_CODE_FRAME_SIZE,
                          .text = std::string(status.message())});
}

void Process::OnChannelClosed() {
  // A process that ends closes its channel a moment before its end is known;
  // where it is known already, there is nothing else to say.
  if (child_.Peek()) return OnExit();
  callbacks_.event(identity_, core::ChannelClosed{identity_.incarnation});
}

void Process::OnExit() {
  if (ended_) return;
  std::optional<ExitStatus> status = child_.Peek();
  if (!status) return;
  ended_ = true;
  // Last words first. The group is ended while the zombie still pins its id.
  channel_.ReadDry();
  standard_output_.ReadDry();
  standard_error_.ReadDry();
  bool out_of_memory =
      status->signal == SIGKILL && WasOutOfMemory(child_.pid());
  child_.SignalGroup(SIGKILL);
  child_.Reap();
  DROVER_LOG(kOs, "pid ", child_.pid(), " ended: signal ", status->signal,
             ", code ", status->code);
  callbacks_.event(identity_, core::Exited{.incarnation = identity_.incarnation,
                                           .signal = status->signal,
                                           .code = status->code,
                                           .core_dumped = status->core_dumped,
                                           .out_of_memory = out_of_memory,
                                           .last_output = {}});
}

}  // namespace drover::os
