// Listeners, and what other processes inherit.
#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/describe.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr Milliseconds kFailExit = 5000ms;
constexpr Milliseconds kLook = 2ms;

std::string LinkOf(const std::string& path) {
  char target[256];
  ssize_t size = ::readlink(path.c_str(), target, sizeof(target));
  return size < 0 ? "" : std::string(target, static_cast<size_t>(size));
}

bool Holds(pid_t pid, const std::string& link) {
  for (int number = 0; number < 256; ++number) {
    if (LinkOf(absl::StrCat("/proc/", pid, "/fd/", number)) == link) {
      return true;
    }
  }
  return false;
}

// Looks until it holds or the patience is over.
bool Eventually(Subject& subject, Milliseconds patience,
                const std::function<bool()>& holds) {
  Clock::time_point deadline = Clock::now() + patience;
  while (!holds()) {
    if (Clock::now() >= deadline) return false;
    subject.PumpFor(kLook);
  }
  return true;
}

// The child that the testee was asked for.
pid_t ChildOf(Subject& subject) {
  std::vector<pid_t> children;
  bool found = Eventually(subject, subject.trial().plan().Patience(), [&] {
    children = LiveChildrenOf(subject.speaker());
    return !children.empty();
  });
  if (!found) subject.trial().Broken("the testee has no child");
  return children[0];
}

std::string ChannelLink(const Subject& subject) {
  return LinkOf(absl::StrCat("/proc/", subject.speaker(), "/fd/3"));
}

void ExecutedChild(Trial& trial) {
  Subject subject(trial, {.testee = "spawn-child"});
  subject.InitializeAndStart();
  std::string channel = ChannelLink(subject);
  pid_t child = ChildOf(subject);
  if (!Eventually(subject, trial.plan().Patience(),
                  [&] { return ReadProc(child, "comm") == "sleep\n"; })) {
    trial.Broken("the testee's child does not become sleep");
  }
  if (Holds(child, channel)) {
    trial.Miss("DRV-FD-1", "a program that the worker runs has no channel",
               "it inherited the channel");
  }
  if (!trial.plan().listeners.empty() &&
      Holds(child,
            LinkOf(absl::StrCat("/proc/self/fd/", subject.listener())))) {
    trial.Miss("DRV-FD-1", "a program that the worker runs has no listener",
               "it inherited the listener");
  }
  const std::set<std::string> known = {"DROVER_FD", "DROVER_PROTOCOL",
                                       "DROVER_LISTEN_FDS", "DROVER_TESTEE"};
  for (absl::string_view entry :
       absl::StrSplit(ReadProc(child, "environ"), absl::string_view("\0", 1))) {
    std::string name(entry.substr(0, entry.find('=')));
    if (absl::StartsWith(name, "DROVER_") && known.count(name) == 0) {
      trial.Miss("DRV-ENV-4", "no variable of its own that begins DROVER_",
                 name);
    }
  }
}

void ForkedChild(Trial& trial) {
  Subject subject(trial, {.testee = "fork-child"});
  subject.InitializeAndStart();
  std::string channel = ChannelLink(subject);
  pid_t child = ChildOf(subject);
  if (!Eventually(subject, trial.plan().Granted(0ms),
                  [&] { return !Holds(child, channel); })) {
    trial.Miss("DRV-FD-2", "a forked child closes the channel",
               "it holds it open");
  }
  // Whatever the child does with its copy of the program, it does not speak.
  subject.ExpectQuiet("DRV-FD-3");
}

void AcceptsByName(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  Client client(subject);
  client.ExpectTaken("DRV-FD-4");
}

void SpareListeners(Trial& trial) {
  Subject subject(trial, {.spare_listeners = 2});
  subject.ReadHello();
  subject.SendWelcome();
  uint64_t op = subject.Start();
  subject.ExpectState("DRV-FD-9", v1::STATE_STARTED, op);
  if (trial.plan().listeners.empty()) return;
  Client client(subject);
  client.ExpectTaken("DRV-FD-4");
}

bool SaysWhy(const ToSupervisor& frame) {
  if (frame.has_fatal()) return !frame.fatal().text().empty();
  return frame.has_state() && frame.state().state() == v1::STATE_FAILED &&
         !frame.state().text().empty();
}

// Goes through the handshake and Start, wherever the worker notices. False
// where it started.
bool FailsToStart(Subject& subject, absl::string_view clause) {
  ToSupervisor frame = subject.Next(clause, "Hello, or Fatal");
  if (frame.has_hello()) {
    subject.SendWelcome();
    subject.Start();
    frame = subject.Next(clause, "FAILED or Fatal, with a text");
  }
  if (frame.has_state() && frame.state().state() == v1::STATE_STARTED) {
    return false;
  }
  if (!SaysWhy(frame)) {
    subject.Refuse(clause, "FAILED or Fatal, with a text", frame);
  }
  subject.ExpectFailure(clause, kFailExit);
  return true;
}

void NoListeningSocket(Trial& trial) {
  Subject subject(trial, {.listener_kind = ListenerKind::kConnected});
  if (!FailsToStart(subject, "DRV-FD-6")) {
    trial.Miss("DRV-FD-5", "FAILED or Fatal, for the socket does not listen",
               "STARTED");
  }
}

void ListenerMissing(Trial& trial) {
  Subject subject(trial, {.without_listeners = true});
  if (FailsToStart(subject, "DRV-FD-6")) return;
  if (!trial.plan().testee) {
    trial.NotApplicable("the worker can do without its listener");
  }
  trial.Miss("DRV-FD-6", "FAILED or Fatal, for the listener is missing",
             "STARTED");
}

// A supervisor sets the flag, and most runtimes set it again, which changes
// nothing. So what is judged is that it stays set; and, on a socket that came
// without it, only that the worker gets along.
void SharedFlag(Trial& trial) {
  for (bool non_blocking : {true, false}) {
    Subject subject(trial);
    int flags = ::fcntl(subject.listener(), F_GETFL);
    flags = non_blocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    ::fcntl(subject.listener(), F_SETFL, flags);
    trial.LogEvent(non_blocking ? "a listener with O_NONBLOCK"
                                : "a listener without O_NONBLOCK");
    subject.InitializeAndStart();
    Client client(subject);
    client.ExpectTaken("DRV-FD-4");
    subject.ExpectQuiet("DRV-FD-7");
    if (non_blocking && ::fcntl(subject.listener(), F_GETFL) != flags) {
      trial.Miss("DRV-FD-7", "O_NONBLOCK as it was", "it was cleared");
    }
  }
}

void ListenerSurvives(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  uint64_t op = subject.Stop();
  subject.ExpectState("DRV-CMD-46", v1::STATE_STOPPED, op);
  { Client stopped(subject); }
  subject.Quit();
  subject.ExpectExit("DRV-CMD-50", 5s);
  { Client gone(subject); }
}

void ListenersDiffer(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker frame;
  *frame.mutable_welcome() = subject.MakeWelcome();
  v1::Listener* listener = frame.mutable_welcome()->add_listeners();
  listener->set_fd(99);
  listener->set_name("elsewhere");
  subject.Send(frame);
  subject.Start();
  ToSupervisor answer =
      subject.Next("DRV-FD-10", "Fatal, for the listeners differ");
  if (!answer.has_fatal()) {
    subject.Refuse("DRV-FD-10", "Fatal, for the listeners differ", answer);
    return;
  }
  auto end = subject.AwaitEnd(trial.plan().Granted(kFailExit));
  if (!end || *end != End{false, 78}) {
    trial.Miss("DRV-FD-10", "exit code 78", subject.ending());
  }
}

constexpr Case kCases[] = {
    {"W-FD-06", "a child that executes a program", "DRV-FD-1 DRV-ENV-4",
     kTestee,
     "The testee runs another program: that has neither the channel nor a "
     "listener, and no new variable that begins with DROVER_.",
     ExecutedChild},
    {"W-FD-07", "a child that is only forked", "DRV-FD-2 DRV-FD-3", kTestee,
     "The testee forks without executing anything: the child closes the "
     "channel.",
     ForkedChild},
    {"W-FD-08", "accepts on its listener", "DRV-FD-4", kListener,
     "A client connects after STARTED: the connection is accepted.",
     AcceptsByName},
    {"W-FD-09", "a listener that does not listen", "DRV-FD-5 DRV-FD-6",
     kListener,
     "A connected socket stands in the listener's place: FAILED or Fatal says "
     "so, and the worker exits with another code than 0.",
     NoListeningSocket},
    {"W-FD-14", "listeners that it does not know", "DRV-FD-9 DRV-FD-4",
     kNothing,
     "Two listeners of other names come first: the worker starts, and accepts "
     "on its own.",
     SpareListeners},
    {"W-FD-15", "a listener that is missing", "DRV-FD-6", kListener,
     "No listener is handed down: FAILED or Fatal says so, and the worker "
     "exits with another code than 0.",
     ListenerMissing},
    {"W-FD-16", "O_NONBLOCK is shared", "DRV-FD-7", kListener,
     "A listener with and one without O_NONBLOCK: the worker accepts on both "
     "and "
     "answers Ping, and does not clear the flag.",
     SharedFlag},
    {"W-FD-17", "the listener survives", "DRV-FD-8", kListener,
     "After STOPPED, and after the worker's end, clients can still connect.",
     ListenerSurvives},
    {"W-FD-18", "Welcome and the environment differ", "DRV-FD-10", kNothing,
     "Welcome names a listener that DROVER_LISTEN_FDS does not: Fatal, and "
     "exit code 78.",
     ListenersDiffer},
};

}  // namespace

absl::Span<const Case> DescriptorCases() { return kCases; }

}  // namespace drover::conformance
