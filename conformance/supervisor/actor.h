// One worker of the supervisor under test: a puppet process, played by the
// suite.
#ifndef CONFORMANCE_SUPERVISOR_ACTOR_H_
#define CONFORMANCE_SUPERVISOR_ACTOR_H_

#include <poll.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/supervisor/monitor.h"
#include "conformance/trial/fd.h"
#include "conformance/trial/trial.h"
#include "conformance/wire/frame.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

class Stage;
using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

class Actor {
 public:
  // Takes the introduction that waits on `orders`.
  Actor(Stage& stage, Fd orders);

  // ---- Facts
  pid_t pid() const { return pid_; }
  // All facts of that word, without it.
  std::vector<std::string> Facts(absl::string_view word) const;
  // What DROVER_FD leads to, as the system names it.
  std::string Channel() const;
  // The value of a variable that begins with DROVER_; empty without.
  std::string Variable(absl::string_view name) const;
  bool dead() const { return dead_; }
  bool channel_ended() const { return channel_ended_; }
  bool Sees(absl::string_view message) const;
  // Bytes that the supervisor has written and that were not read.
  size_t Unread() const;

  // ---- What the worker says
  void Send(const ToSupervisor& frame);
  void SendBytes(absl::string_view bytes);
  void SendRaw(absl::string_view body, const ToSupervisor& meaning);
  // A part of a frame; `meaning` with the last one.
  void SendPart(absl::string_view bytes, const ToSupervisor* meaning = nullptr);
  // Until the supervisor has read it, so that what comes next is a read of its
  // own.
  void AwaitRead();
  // What is sent next may be answered with ProtocolError.
  void MayBeRefused() { monitor_.MayBeRefused(); }
  void Hello(const std::vector<uint32_t>& capabilities = {1, 2, 3, 4, 5, 6, 7});
  void State(int state, uint64_t re, absl::string_view text = "");
  void Pong(uint64_t id);
  void AnswerPings(bool answer) { answer_pings_ = answer; }
  void HoldReading(bool held) { held_ = held; }
  // Closes the suite's and the puppet's end.
  void CloseChannel();
  // Closes the suite's end alone; the puppet still holds its own.
  void LetGo();

  // ---- What the process does
  void Order(const std::string& order);
  // As Order, and the puppet has said that it is done.
  void OrderAndWait(const std::string& order);
  // A message of the puppet's that begins so.
  std::string AwaitMessage(absl::string_view begin);
  void ExitWith(int code);

  // Does as Start or Reload says; false for anything else.
  bool Obey(const ToWorker& frame);

  // ---- What the supervisor says
  // The next frame but Pings; a miss where none comes within the limit.
  ToWorker Next(absl::string_view clause, absl::string_view expected,
                std::optional<Milliseconds> limit = std::nullopt);
  std::optional<ToWorker> NextOfAny(Milliseconds limit);
  // Hello, and the Welcome that follows.
  ToWorker Greet(const std::vector<uint32_t>& capabilities = {1, 2, 3, 4, 5, 6,
                                                              7});
  uint64_t ExpectStart(absl::string_view clause = "DRV-SUP-1");
  uint64_t ExpectStop(absl::string_view clause = "DRV-SUP-1",
                      std::optional<Milliseconds> limit = std::nullopt);
  uint64_t ExpectQuit(absl::string_view clause = "DRV-SUP-1",
                      std::optional<Milliseconds> limit = std::nullopt);
  // Up to STARTED.
  void Start();
  // ProtocolError of that code.
  void ExpectError(absl::string_view clause, int code);
  // The process ends, by whatever means.
  void ExpectDeath(absl::string_view clause, Milliseconds limit);
  // It lives, and the supervisor still speaks with it: a question that it has
  // to answer UNIMPLEMENTED.
  void ExpectGoodTerms(absl::string_view clause);
  // The same where Start and Reload may come meanwhile; they are obeyed.
  void ExpectGoodTermsAndObey(absl::string_view clause);
  // The same with an op of at least that.
  void ExpectGoodTermsFrom(absl::string_view clause, uint64_t op);
  void Miss(absl::string_view clause, absl::string_view expected,
            absl::string_view seen) {
    trial_.Miss(clause, expected, seen);
  }
  Milliseconds Patience() const { return trial_.plan().Patience(); }

  // ---- For the stage
  void AddTo(std::vector<pollfd>& polled) const;
  void Handle(const pollfd& ready);

 private:
  void ReadOrders();
  void ReadChannel();
  void TakeFrames();
  void Introduce(const std::string& text);
  uint64_t ExpectCommand(bool (ToWorker::*has)() const, const char* name,
                         absl::string_view clause,
                         std::optional<Milliseconds> limit);
  std::string Name() const;
  // What has to be answered UNIMPLEMENTED.
  void AskUnknown();
  void ExpectRefusal(absl::string_view clause, const ToWorker& frame);

  Stage& stage_;
  Trial& trial_;
  Fd orders_;
  Fd channel_;
  pid_t pid_ = 0;
  std::vector<std::string> facts_;
  std::deque<std::string> messages_;
  SupervisorMonitor monitor_;
  FrameCutter cutter_;
  std::deque<ToWorker> frames_;
  uint64_t op_ = 0;
  bool answer_pings_ = true;
  bool held_ = false;
  bool dead_ = false;
  bool channel_ended_ = false;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_ACTOR_H_
