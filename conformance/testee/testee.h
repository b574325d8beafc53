// A worker of the suite's own: it conforms, does what DROVER_TESTEE asks, and
// can be given one fault.
#ifndef CONFORMANCE_TESTEE_TESTEE_H_
#define CONFORMANCE_TESTEE_TESTEE_H_

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/testee/adoption.h"
#include "conformance/testee/behaviour.h"
#include "conformance/testee/channel_end.h"
#include "conformance/testee/requests.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

class Testee {
 public:
  Testee(const Behaviour& behaviour, const Adopted& adopted);

  // Lives until its end; does not return.
  [[noreturn]] void Run();

 private:
  enum class Timer {
    kStarted,  // the start is done
    kStopDeadline,
    kExit,  // the deadline of Quit, SIGTERM or the loss
    kProgress,
    kReport,  // report-loop
    kAsk,     // the next Request
    kFailedExit,
    kFault,  // what a mutant does by itself
  };
  using Clock = std::chrono::steady_clock;

  // ---- testee.cc: events
  void Wait();
  int MillisecondsLeft() const;
  void Set(Timer timer, int64_t milliseconds);
  void Clear(Timer timer) { timers_.erase(timer); }
  void FireTimers();
  void Fire(Timer timer);
  void ReadChannel();
  void ReadSignals();
  void ChannelEnded(bool reset);
  [[noreturn]] void Exit(int code);

  // ---- frames.cc: what the supervisor says
  void Handle(const std::string& body);
  bool Refused(const worker::v1::ToWorker& frame);
  bool OutOfSequence(const worker::v1::ToWorker& frame);
  void HandleFirst(const worker::v1::ToWorker& frame);
  void Dispatch(const worker::v1::ToWorker& frame);
  void HandleWelcome(const worker::v1::Welcome& welcome);
  void HandleStart(const worker::v1::ToWorker& frame);
  void HandleStop(const worker::v1::ToWorker& frame);
  void HandleQuit(const worker::v1::ToWorker& frame);
  void HandlePing(const worker::v1::Ping& ping);
  void HandleReload(const worker::v1::ToWorker& frame);
  void HandleMessage(const worker::v1::ToWorker& frame);
  void HandleResult(const worker::v1::ToWorker& frame);
  void HandleUnknown(const worker::v1::ToWorker& frame);
  void Violate(worker::v1::ProtocolErrorCode code, const std::string& text);
  void Answer(uint64_t op, worker::v1::ResultCode code);

  // ---- actions.cc: what it does and says by itself
  void Greet();
  void Report(worker::v1::State state, uint64_t re,
              const std::string& text = "");
  void FinishStart();
  void FailStart(const std::string& text);
  bool CheckListener();
  void ActOnWords();
  void SpawnChild(bool execute);
  void ReportFromThreads(int count);
  void SendProgress(uint32_t extend_ms);
  void SendGauges();
  void SendRequest();
  void SendMessage();
  void SendFatal(const std::string& text);
  void BeginShutdown(int64_t deadline_ms, uint64_t re);
  void FinishStop(bool forced);
  void CheckDrained();
  bool Agreed(worker::v1::Capability capability) const;
  bool Faulty(const char* name) const { return behaviour_.Faulty(name); }

  const Behaviour& behaviour_;
  ChannelEnd channel_;
  std::vector<std::pair<int, std::string>> listeners_;
  Requests requests_;
  int signals_ = -1;
  std::map<Timer, Clock::time_point> timers_;
  int state_ = 0;  // of worker.v1.State; 0: CONNECTING
  bool ended_ = false;
  bool failed_ = false;
  bool terminated_ = false;
  bool refused_once_ = false;
  std::set<uint32_t> agreed_;
  worker::v1::Timeouts timeouts_;
  uint64_t last_op_ = 0;  // of the supervisor
  uint64_t next_op_ = 0;  // of this side
  uint64_t start_op_ = 0;
  uint64_t stop_op_ = 0;
  uint64_t request_op_ = 0;
  uint64_t last_ping_ = 0;
  int starts_ = 0;
  Clock::time_point last_command_;
  pid_t child_ = -1;
  std::vector<std::thread> threads_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TESTEE_TESTEE_H_
