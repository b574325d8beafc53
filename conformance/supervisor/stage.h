// The supervisor under test, and the suite as all of its workers.
//
// The supervisor is started by an adapter: a command that the suite runs with
// CONFORMANCE_... variables (README.md lists them), which configures the
// supervisor accordingly and becomes it. Its workers are puppets.
#ifndef CONFORMANCE_SUPERVISOR_STAGE_H_
#define CONFORMANCE_SUPERVISOR_STAGE_H_

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/supervisor/actor.h"
#include "conformance/trial/fd.h"
#include "conformance/trial/process.h"
#include "conformance/trial/trial.h"

namespace drover::conformance {

// What the supervisor is to be configured with. Times in milliseconds, long
// where a case is not about them.
struct Scene {
  int count = 1;
  bool listener = false;
  // Workers run below a shell that stays.
  bool wrapped = false;
  // A worker that ends without having been told to is replaced.
  bool restart = false;
  int max_restarts = 3;
  int backoff_ms = 100;
  int hello_ms = 20000;
  int start_ms = 20000;
  int stop_ms = 20000;
  int quit_ms = 20000;
  int kill_ms = 20000;
  int loss_ms = 20000;
  int answer_grace_ms = 200;
  int extend_max_ms = 20000;
  int reload_ms = 20000;
  int ping_interval_ms = 0;
  int ping_timeout_ms = 20000;
};

class Stage {
 public:
  explicit Stage(Trial& trial, const Scene& scene = {});

  // The next worker that the supervisor starts.
  Actor& NextActor(absl::string_view clause = "DRV-SUP-1");
  // The next one where it is there already; nullptr otherwise.
  Actor* OtherActor();
  bool HasOtherActor() const { return handed_out_ < actors_.size(); }
  // None comes while this long passes.
  void ExpectNoActor(absl::string_view clause, Milliseconds time);
  // A worker, up to STARTED.
  Actor& StartedActor();

  // ---- Orders, where there is --control

  // Carried out beside the case, which has to play the workers meanwhile.
  void Order(const std::string& words);
  // The last order has ended, well or not. It says nothing about a supervisor
  // that knows no such order.
  bool OrderEnded();
  // Waits for its end: whether it was carried out.
  bool OrderDone();
  // Begins to listen for the ends of workers.
  void WatchEnds();
  // The words of the report of the end of that process: reason, number, due,
  // cause, text...
  std::map<std::string, std::string> EndOf(pid_t pid, absl::string_view clause);
  // Such a report does not come again.
  int EndsOf(pid_t pid) const;

  // SIGTERM: an orderly shutdown.
  void ShutDown();
  void Kill();
  bool alive();
  // The supervisor ends within the limit.
  void ExpectEnd(absl::string_view clause, Milliseconds limit);

  // Waits for anything until the deadline; false when that passed.
  bool Pump(Clock::time_point deadline);
  void PumpFor(Milliseconds time);
  Trial& trial() { return trial_; }
  const Scene& scene() const { return scene_; }
  pid_t pid() const { return process_->pid(); }
  std::string why() const;

 private:
  struct Control {
    Process process;
    Fd output;
    std::string text;
    std::optional<End> end;
  };

  void OpenSocket();
  std::vector<std::string> Environment() const;
  std::unique_ptr<Control> Run(const std::string& words);
  void ReadControl(Control& control);
  void ReadOutput();
  void Accept();

  Trial& trial_;
  Scene scene_;
  std::string directory_;
  Fd socket_;
  Fd output_;
  std::optional<Process> process_;
  std::optional<End> end_;
  std::list<Actor> actors_;
  size_t handed_out_ = 0;
  std::unique_ptr<Control> order_;
  std::string order_words_;
  std::unique_ptr<Control> watch_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_STAGE_H_
