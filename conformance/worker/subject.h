// The worker under test, and the suite as its supervisor.
//
// Whatever is expected has a deadline. What the worker owes and does not give
// is a miss of the clause that a call names; a miss of a MUST does not return.
#ifndef CONFORMANCE_WORKER_SUBJECT_H_
#define CONFORMANCE_WORKER_SUBJECT_H_

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/trial/fd.h"
#include "conformance/trial/process.h"
#include "conformance/trial/trial.h"
#include "conformance/wire/frame.h"
#include "conformance/worker/monitor.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

// What DROVER_FD leads to.
enum class Channel {
  kSocket,
  kClosed,    // the number leads nowhere
  kPipe,      // the write end
  kFile,      // a regular file
  kDatagram,  // a unix socket of another type
};

// What a listener's number leads to.
enum class ListenerKind { kListening, kConnected };

struct Setup {
  Channel channel = Channel::kSocket;
  int channel_number = 3;
  // nullopt: the variable is not set.
  std::optional<std::string> protocols = "1";
  // Further variables, NAME=value.
  std::vector<std::string> environment;
  // DROVER_TESTEE; empty: not set.
  std::string testee;
  ListenerKind listener_kind = ListenerKind::kListening;
  // Listeners of names that no worker knows, before those of the plan.
  int spare_listeners = 0;
  bool without_listeners = false;
  // The channel is there, and DROVER_FD does not say so.
  bool unannounced = false;
  // Behind a shell that stays.
  bool through_shell = false;
  // How much the suite's end takes before the worker's writes wait; 0: as is.
  int receive_buffer = 0;
};

class Subject {
 public:
  explicit Subject(Trial& trial, Setup setup = {});

  // ---- The handshake

  // The Hello; DRV-HELLO-1.
  const worker::v1::Hello& ReadHello();
  // A Welcome that agrees to what the suite uses: RELOAD, RESUME, LAME_DUCK,
  // where offered. `more` are agreed to where offered as well.
  worker::v1::Welcome MakeWelcome(const std::vector<uint32_t>& more = {});
  void SendWelcome(const std::vector<uint32_t>& more = {});
  // Hello, Welcome, and a Ping that was answered.
  void Initialize(const std::vector<uint32_t>& more = {});
  // All that, and started.
  void InitializeAndStart(const std::vector<uint32_t>& more = {});
  // Ends the trial where the worker does not offer it.
  void Require(uint32_t capability);
  bool Offers(uint32_t capability) const;

  // ---- What the supervisor says

  // Sends the frame as it is.
  void Send(const ToWorker& frame);
  // Bytes that need not be frames.
  void SendBytes(absl::string_view bytes);
  // As Send, for frames that are written by hand: watched, then written.
  void SendRaw(absl::string_view body, const ToWorker& meaning);
  uint64_t Start(uint32_t deadline_ms = 10000);
  uint64_t Stop(uint32_t deadline_ms = 10000);
  uint64_t Quit(uint32_t deadline_ms = 5000);
  uint64_t Reload(uint32_t deadline_ms = 10000);
  uint64_t Ping();
  void Ping(uint64_t id);
  // The frames of commands, for those who write several at once.
  ToWorker StartFrame(uint32_t deadline_ms = 10000);
  ToWorker StopFrame(uint32_t deadline_ms = 10000);
  ToWorker QuitFrame(uint32_t deadline_ms = 5000);
  ToWorker PingFrame();
  void SendTogether(const std::vector<ToWorker>& frames);
  uint64_t NextOp() { return ++op_; }
  // Closes the channel, or its sending half.
  void HangUp();
  void HalfClose();
  void Signal(int number);
  // The worker may be ended by this signal without having crashed.
  void MayDieOf(int number) { deadly_ = number; }

  // ---- What the worker answers

  // The next frame that is owed to the suite (Monitor::Optional ones are
  // passed over); a miss where none comes within `limit`.
  ToSupervisor Next(absl::string_view clause, absl::string_view expected,
                    std::optional<Milliseconds> limit = std::nullopt);
  // The same with the optional ones, and nullopt for none.
  std::optional<ToSupervisor> NextOfAny(Milliseconds limit);
  ToSupervisor ExpectState(absl::string_view clause, int state, uint64_t op,
                           std::optional<Milliseconds> limit = std::nullopt);
  void ExpectPong(absl::string_view clause, uint64_t id);
  ToSupervisor ExpectResult(absl::string_view clause, int code, uint64_t op);
  // A Ping is answered, and nothing that is owed comes before the Pong. What
  // was not sent is shown to be absent by what comes instead.
  void ExpectQuiet(absl::string_view clause);
  // Nothing at all for this long; for clauses about time.
  void ExpectSilence(absl::string_view clause, Milliseconds time);
  // ProtocolError of that kind, then exit code 76 within ERROR_EXIT.
  void ExpectViolation(absl::string_view clause, int code);
  // Any end of the process; nullopt: it did not come.
  std::optional<End> AwaitEnd(Milliseconds limit);
  // Exit code 0 within the limit.
  void ExpectExit(absl::string_view clause, Milliseconds limit);
  // Another code than 0.
  void ExpectFailure(absl::string_view clause, Milliseconds limit);
  // Still runs, and answers.
  void ExpectAlive(absl::string_view clause);
  // A frame that does not belong.
  void Refuse(absl::string_view clause, absl::string_view expected,
              const ToSupervisor& frame);

  // ---- Facts

  // All bytes that came over the channel.
  size_t bytes_received() const { return bytes_received_; }
  bool channel_ended() const { return channel_ended_; }
  pid_t pid() const { return process_->pid(); }
  // Who speaks: another process than pid() behind a shell.
  pid_t speaker() const { return static_cast<pid_t>(hello_.pid()); }
  const worker::v1::Hello& hello() const { return hello_; }
  Monitor& monitor() { return monitor_; }
  Trial& trial() { return trial_; }
  // The suite's copy of the listener that is knocked at.
  int listener() const {
    return listeners_.size() <= spares_ ? -1 : listeners_[spares_].get();
  }
  // What DROVER_FD leads to where it is a pipe or a file.
  int decoy() const { return decoy_.get(); }
  std::string ending();
  // Lets what happens happen for this long, or until a frame is there; the
  // worker's output is read meanwhile.
  bool PumpUntilFrame(Clock::time_point deadline);
  void PumpFor(Milliseconds time);
  // Until the worker has read what was written, so that what comes next is a
  // read of its own.
  void AwaitRead();
  // Does not read the channel until told otherwise.
  void HoldReading(bool held) { reading_held_ = held; }

 private:
  void OpenChannel(const Setup& setup, std::vector<Inherited>& fds);
  void OpenListeners(const Setup& setup, std::vector<Inherited>& fds);
  std::vector<std::string> Environment(const Setup& setup) const;
  std::vector<std::string> Argv(const Setup& setup) const;
  // Waits for anything until the deadline; false when that passed.
  bool Pump(Clock::time_point deadline, bool want_to_write = false);
  void ReadChannel();
  void ReadOutput();
  void TakeFrames();
  void TakeEnd();
  // Tells the record what Hello says.
  void Introduce();
  std::string WhyNothing(Milliseconds waited);

  Trial& trial_;
  Clock::time_point begin_ = Clock::now();
  Fd channel_;
  Fd theirs_;
  Fd decoy_;
  Fd output_;
  std::vector<Fd> listeners_;
  size_t spares_ = 0;
  std::vector<Fd> peers_;
  std::vector<std::pair<int, std::string>> listener_names_;
  std::optional<Process> process_;
  std::optional<End> end_;
  FrameCutter cutter_;
  std::deque<ToSupervisor> frames_;
  Monitor monitor_;
  worker::v1::Hello hello_;
  uint64_t op_ = 0;
  uint64_t ping_id_ = 0;
  size_t bytes_received_ = 0;
  bool channel_ended_ = false;
  bool reading_held_ = false;
  int deadly_ = 0;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_WORKER_SUBJECT_H_
