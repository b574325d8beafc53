// The main context of the ancestor's README (main.js), on the embedding API: it
// starts an app of four workers, decides what each exit means, prints their
// states every two seconds, and shuts down gracefully on Ctrl-C.
//
//   main_context PROGRAM [ARGUMENT...]
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "supervisor/embed/supervisor.h"

namespace {

// Business logic stays in the app; what an exit means is decided here.
drover::Decision OnExit(const drover::WorkerExit& exit) {
  std::cerr << exit.pool << "-" << exit.slot << " " << exit.text << "\n";
  if (exit.reason == drover::ExitKind::kExternalSignal ||
      exit.reason == drover::ExitKind::kAbnormalExit) {
    return drover::Decision::kRestart;
  }
  return drover::Decision::kShutDown;
}

drover::config::v1::Pool App(int argc, char** argv) {
  drover::config::v1::Pool app;
  app.set_name("app");
  app.set_count(4);
  for (int i = 1; i < argc; ++i) app.add_command(argv[i]);
  return app;
}

void PrintStates(drover::EmbeddedSupervisor& supervisor) {
  for (const drover::WorkerStatus& worker : supervisor.Statuses("app")) {
    std::cout << "[" << worker.pool << "-" << worker.slot
              << "]: " << worker.state << "\n";
  }
  std::cout << "---" << std::endl;
}

// True once Ctrl-C or SIGTERM has come, false after two seconds without.
bool WaitForSignal(const sigset_t& signals) {
  timespec two_seconds = {.tv_sec = 2, .tv_nsec = 0};
  return ::sigtimedwait(&signals, nullptr, &two_seconds) > 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: main_context PROGRAM [ARGUMENT...]\n";
    return 2;
  }
  // Blocked before the supervisor's thread begins, so that it inherits that.
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  drover::EmbeddedSupervisor::Options options;
  options.on_exit = OnExit;
  // By a Decision: then this thread has to hear of it, too.
  pthread_t main_thread = ::pthread_self();
  options.on_finished = [main_thread](int) {
    ::pthread_kill(main_thread, SIGUSR1);
  };
  auto supervisor = drover::EmbeddedSupervisor::Create(std::move(options));
  if (!supervisor.ok()) {
    std::cerr << supervisor.status() << "\n";
    return 1;
  }
  absl::Status started = (*supervisor)->Start(App(argc, argv));
  if (!started.ok()) {
    std::cerr << started.message() << "\n";
    return 1;
  }
  // Here all four have done their own start, whatever that is.
  do {
    PrintStates(**supervisor);
  } while (!WaitForSignal(signals));
  // Has ended already where a Decision said so: then it says so again.
  (*supervisor)->Shutdown().IgnoreError();
  return 0;
}
