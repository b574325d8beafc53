// What goes wrong with a fake worker.
#include <csignal>
#include <utility>

#include "supervisor/sim/fake_worker.h"

namespace drover::sim {
namespace {

using worker::v1::ToSupervisor;

// One more than a worker may send in a second (SPEC.md, "Limits").
constexpr int kFloodFrames = 1001;

ToSupervisor Unasked(worker::v1::State state) {
  ToSupervisor message;
  message.mutable_state()->set_state(state);
  return message;
}

}  // namespace

void FakeWorker::Occur(Occasion occasion) {
  if (!temper_.trouble || temper_.occasion != occasion ||
      std::exchange(met_trouble_, true)) {
    return;
  }
  if (temper_.delay == absl::ZeroDuration()) {
    Befall(*temper_.trouble);
  } else {
    // Whatever it is doing then; so not by After, which waits for it to act.
    host_.nature().At(host_.now() + temper_.delay,
                      [weak = weak_from_this(), trouble = *temper_.trouble] {
                        auto self = weak.lock();
                        if (self != nullptr && self->Acts()) {
                          self->Befall(trouble);
                        }
                      });
  }
}

void FakeWorker::Befall(Trouble trouble) {
  if (!host_.troubled()) return;
  conforming_ = false;
  host_.tally().Count(trouble);
  Chance& chance = host_.chance();
  switch (trouble) {
    case Trouble::kCrash:
      return Exit(chance.OneOf({SIGSEGV, SIGABRT, SIGKILL, SIGTERM}), 0);
    case Trouble::kExitCode:
      return Exit(0, static_cast<int>(chance.Between(1, 255)));
    case Trouble::kExitZero:
      return Exit(0, 0);
    case Trouble::kHang:
      hung_ = true;
      return;
    case Trouble::kDeadlock:
      hung_ = true;
      minds_signals_ = false;
      return;
    case Trouble::kFreeze:
      return Signal(SIGSTOP);
    case Trouble::kSlow:
      slow_ = true;
      return;
    case Trouble::kGarbage:
      return Write(chance.OneIn(2) ? absl::string_view("\0\0\0\0", 4)
                                   : absl::string_view("HTTP/1.1 200 OK\r\n"));
    case Trouble::kNoMessage:
      return Write(absl::string_view("\0\0\0\2\xff\xff", 6));
    case Trouble::kWrongMessage:
      return SayWrong();
    case Trouble::kUnknownMessage:
      // Field 4000, with an op that wants an answer.
      return Write(absl::string_view("\0\0\0\6\x08\x01\x82\xfa\x01\0", 10));
    case Trouble::kEarlyEnd:
      return Close();
    case Trouble::kFlood:
      return Flood();
    case Trouble::kFails:
      Report(worker::v1::STATE_FAILED, "no database");
      return After(Pace(), [this] { Exit(0, 1); });
    case Trouble::kLastWords: {
      ToSupervisor message;
      message.mutable_fatal()->set_text("out of luck");
      return Say(std::move(message));
    }
    case Trouble::kProtocolError: {
      ToSupervisor message;
      message.mutable_protocol_error()->set_code(
          worker::v1::PROTOCOL_ERROR_CODE_SEQUENCE);
      return Say(std::move(message));
    }
    case Trouble::kRefuses:
      refuses_ = true;
      return;
    case Trouble::kStale: {
      ToSupervisor message = Unasked(chance.OneOf(
          {worker::v1::STATE_STARTED, worker::v1::STATE_STOPPED, state_}));
      message.set_re(command_op_ > 1 ? command_op_ - 1 : command_op_);
      return Say(std::move(message));
    }
    case Trouble::kTerminated:
      return Signal(SIGTERM);
    case Trouble::kWrongVersion:
      return;  // Hello says it
    case Trouble::kBadGeneration:
      Report(worker::v1::STATE_FAILED, "bad configuration");
      return Exit(0, 78);
    case Trouble::kUninterruptible:
      outlives_kill_ = true;
      return;
    default:
      return;  // the shell's
  }
}

void FakeWorker::SayWrong() {
  ToSupervisor message;
  switch (host_.chance().Below(5)) {
    case 0:
      return SayHello();
    case 1:
      message.mutable_pong()->set_id(999999);
      break;
    case 2:
      message.set_re(999999);
      message.mutable_result()->set_code(worker::v1::RESULT_CODE_OK);
      break;
    case 3:
      message = Unasked(worker::v1::STATE_STARTED);
      message.set_re(host_.chance().Below(2) * 999999);
      break;
    case 4:
      message = Unasked(worker::v1::STATE_STOPPED);
      break;
  }
  Say(std::move(message));
}

void FakeWorker::Flood() {
  ToSupervisor message;
  message.mutable_gauges();
  for (int i = 0; i < kFloodFrames; ++i) Say(message);
}

// Answers a command with a refusal, once.
bool FakeWorker::Refuses(uint64_t op) {
  if (!std::exchange(refuses_, false)) return false;
  After(Pace(), [this, op] {
    ToSupervisor message;
    message.set_re(op);
    message.mutable_result()->set_code(
        host_.chance().OneOf({worker::v1::RESULT_CODE_INVALID_STATE,
                              worker::v1::RESULT_CODE_UNIMPLEMENTED,
                              worker::v1::RESULT_CODE_FAILED}));
    Say(std::move(message));
  });
  return true;
}

}  // namespace drover::sim
