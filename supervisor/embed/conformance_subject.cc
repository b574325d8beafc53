// A program that embeds the supervisor, for the conformance suite: configured
// by the CONFORMANCE_ variables, and told what to do over a unix socket in
// CONFORMANCE_DIR (conformance/README.md).
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "supervisor/embed/supervisor.h"

namespace drover {
namespace {

constexpr char kPool[] = "app";
constexpr int kBackoffMost = 20;  // times the first delay
constexpr int kPending = 16;
constexpr size_t kMessageSize = 500;
constexpr int kMessagesMax = 100000;

std::string Text(absl::string_view name) {
  const char* value = ::getenv(absl::StrCat("CONFORMANCE_", name).c_str());
  return value == nullptr ? "" : value;
}

int Number(absl::string_view name) {
  int number = 0;
  return absl::SimpleAtoi(Text(name), &number) ? number : 0;
}

void Set(google::protobuf::Duration* duration, int milliseconds) {
  duration->set_seconds(milliseconds / 1000);
  duration->set_nanos(milliseconds % 1000 * 1000000);
}

void SetCommand(config::v1::Pool& pool) {
  if (Number("WRAPPED") != 0) {
    for (const char* word :
         {"/bin/sh", "-c", "trap : TERM; \"$@\"; exit $?", "sh"}) {
      pool.add_command(word);
    }
  }
  pool.add_command(Text("PUPPET"));
  pool.add_command("--puppet");
  pool.add_command(Text("SOCKET"));
}

void SetTimes(config::v1::Pool& pool) {
  config::v1::Timeouts* times = pool.mutable_timeouts();
  Set(times->mutable_hello(), Number("HELLO_MS"));
  Set(times->mutable_start(), Number("START_MS"));
  Set(times->mutable_stop(), Number("STOP_MS"));
  Set(times->mutable_quit(), Number("QUIT_MS"));
  Set(times->mutable_kill(), Number("KILL_MS"));
  Set(times->mutable_loss(), Number("LOSS_MS"));
  Set(times->mutable_answer_grace(), Number("ANSWER_GRACE_MS"));
  Set(times->mutable_extend_max(), Number("EXTEND_MAX_MS"));
  Set(times->mutable_reload(), Number("RELOAD_MS"));
  config::v1::Heartbeat* heartbeat = pool.mutable_heartbeat();
  Set(heartbeat->mutable_interval(), Number("PING_INTERVAL_MS"));
  Set(heartbeat->mutable_timeout(), Number("PING_TIMEOUT_MS"));
}

void SetRestart(config::v1::Restart& restart) {
  config::v1::ExitAction action = Number("RESTART") != 0
                                      ? config::v1::EXIT_ACTION_RESTART
                                      : config::v1::EXIT_ACTION_LEAVE;
  restart.set_on_external_signal(action);
  restart.set_on_abnormal_exit(action);
  restart.set_on_normal_exit(action);
  restart.set_on_start_failure(action);
  restart.set_on_unresponsive(action);
  restart.set_max_restarts(static_cast<uint32_t>(Number("MAX_RESTARTS")));
  Set(restart.mutable_window(), 60000);
  config::v1::Backoff* backoff = restart.mutable_backoff();
  Set(backoff->mutable_initial(), Number("BACKOFF_MS"));
  Set(backoff->mutable_max(), kBackoffMost * Number("BACKOFF_MS"));
  Set(backoff->mutable_reset_after(), 60000);
  backoff->set_factor(2);
  backoff->set_jitter(0);
}

config::v1::Pool Spec() {
  config::v1::Pool pool;
  pool.set_name(kPool);
  SetCommand(pool);
  pool.set_count(static_cast<uint32_t>(Number("COUNT")));
  if (!Text("LISTENER").empty()) {
    config::v1::Listener* listener = pool.add_listeners();
    listener->set_name(Text("LISTENER"));
    listener->set_address(absl::StrCat("unix://", Text("DIR"), "/listener"));
  }
  SetTimes(pool);
  SetRestart(*pool.mutable_restart());
  return pool;
}

absl::Status SendMessages(EmbeddedSupervisor& supervisor, int count) {
  const std::string payload(kMessageSize, 'x');
  for (int i = 0; i < std::min(count, kMessagesMax); ++i) {
    // Refused once the worker is gone; that is for the suite to see.
    (void)supervisor.SendMessage(kPool, 0, "conformance.topic", payload);
  }
  return absl::OkStatus();
}

// The answer to an order.
std::string CarryOut(EmbeddedSupervisor& supervisor, const std::string& order) {
  std::istringstream words(order);
  std::string verb;
  int number = 0;
  words >> verb >> number;
  absl::Status status;
  if (verb == "stop") {
    status = supervisor.Stop(kPool);
  } else if (verb == "start") {
    status = supervisor.Resume(kPool);
  } else if (verb == "restart") {
    status = supervisor.RestartWorker(kPool, 0);
  } else if (verb == "messages") {
    status = SendMessages(supervisor, number);
  } else {
    return "unknown\n";
  }
  return status.ok() ? "done\n" : "failed\n";
}

int Listen(const std::string& path) {
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::listen(fd, kPending);
  return fd;
}

// One order a connection, each on a thread: one may wait for what another one
// is to end.
void ServeOrders(EmbeddedSupervisor& supervisor) {
  int listener = Listen(absl::StrCat(Text("DIR"), "/control"));
  while (true) {
    int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    std::thread([&supervisor, client] {
      char order[256];
      ssize_t size = ::recv(client, order, sizeof(order), 0);
      if (size > 0) {
        std::string answer =
            CarryOut(supervisor, {order, static_cast<size_t>(size)});
        ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      ::close(client);
    }).detach();
  }
}

int Main() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  auto supervisor = EmbeddedSupervisor::Create({});
  if (!supervisor.ok()) {
    std::cerr << supervisor.status().message() << std::endl;
    return 1;
  }
  EmbeddedSupervisor& running = **supervisor;
  std::thread([&running] {
    absl::Status started = running.Start(Spec());
    if (!started.ok()) std::cerr << started.message() << std::endl;
  }).detach();
  std::thread([&running] { ServeOrders(running); }).detach();
  int number = 0;
  ::sigwait(&set, &number);
  absl::Status ended = running.Shutdown();
  if (!ended.ok()) std::cerr << ended.message() << std::endl;
  // The threads still have the supervisor.
  ::_exit(ended.ok() ? 0 : 1);
}

}  // namespace
}  // namespace drover

int main() { return drover::Main(); }
