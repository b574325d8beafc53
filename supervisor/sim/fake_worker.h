// A process that speaks the protocol, as well as its temper and its troubles
// let it. It reads and writes bytes; who carries them is not its business.
#ifndef SUPERVISOR_SIM_FAKE_WORKER_H_
#define SUPERVISOR_SIM_FAKE_WORKER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/ids.h"
#include "supervisor/sim/host.h"
#include "supervisor/sim/temper.h"
#include "supervisor/wire/frame.h"

namespace drover::sim {

class FakeWorker : public std::enable_shared_from_this<FakeWorker> {
 public:
  FakeWorker(core::Incarnation incarnation, Temper temper, Host& host);

  // The program begins.
  void Begin();

  // The other side of its channel: frames for it, and bytes of it.
  void Deliver(std::string frame);
  size_t unread_frames() const { return inbox_.size(); }
  std::string& written() { return written_; }
  bool closed() const { return closed_; }

  void Signal(int signal);

  bool alive() const { return alive_; }
  int exit_signal() const { return exit_signal_; }
  int exit_code() const { return exit_code_; }
  // No trouble has befallen it: it does all that the protocol asks for.
  bool conforming() const { return conforming_; }
  // Between STARTED and Stop, as it sees it itself.
  bool serving() const { return alive_ && state_ == worker::v1::STATE_STARTED; }
  worker::v1::State state() const { return state_; }

 private:
  // Runs after the delay, unless the process has ended. With `step` also only
  // if no other command came meanwhile.
  void After(absl::Duration delay, std::function<void()> deed);
  void Then(absl::Duration delay, std::function<void()> step);
  absl::Duration Pace();
  bool Acts() const { return alive_ && !hung_; }

  // fake_worker.cc: the obedient part.
  void SayHello();
  void ReadInbox();
  void Hear(const worker::v1::ToWorker& message);
  void HearWelcome(const worker::v1::Welcome& welcome);
  void HearStart(const worker::v1::ToWorker& message);
  void HearStop(const worker::v1::ToWorker& message);
  void HearQuit(uint64_t op);
  void HearReload(uint64_t op);
  void BeginCommand(uint64_t op);
  bool Extend(absl::Duration needed, uint32_t deadline_ms);
  void Enter(worker::v1::State state);
  void Report(worker::v1::State state, absl::string_view text = "");
  void Say(worker::v1::ToSupervisor message);
  void Write(absl::string_view bytes);
  void Chat();
  void OnTerm();
  void OutliveKill();
  void Close();
  void Exit(int signal, int code);
  bool Has(worker::v1::Capability capability) const;

  // fake_worker_troubles.cc: the other part.
  void Occur(Occasion occasion);
  void Befall(Trouble trouble);
  void SayWrong();
  void Flood();
  bool Refuses(uint64_t op);

  core::Incarnation incarnation_;
  Temper temper_;
  Host& host_;
  bool alive_ = true;
  int exit_signal_ = 0;
  int exit_code_ = 0;

  worker::v1::State state_ = worker::v1::STATE_UNSPECIFIED;
  std::vector<uint32_t> agreed_;
  uint64_t command_op_ = 0;
  uint64_t last_op_ = 0;   // its own
  uint64_t commands_ = 0;  // counts, so that a later one calls off an earlier

  std::deque<std::string> inbox_;
  wire::FrameReader reader_{wire::kWorkerFrameMax};
  bool reads_soon_ = false;
  std::string written_;
  bool closed_ = false;

  bool conforming_ = true;
  bool met_trouble_ = false;
  bool hung_ = false;
  bool minds_signals_ = true;
  bool frozen_ = false;
  std::deque<std::function<void()>> when_continued_;
  bool slow_ = false;
  bool refuses_ = false;
  bool outlives_kill_ = false;
  bool doomed_ = false;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_FAKE_WORKER_H_
