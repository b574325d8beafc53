// What a worker finds in its environment, and what DROVER_FD leads to.
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr int kExitConfig = 78;

void ExpectUntouched(Subject& subject) {
  char byte = 0;
  struct stat file {};
  bool touched =
      subject.decoy() >= 0 && ::fstat(subject.decoy(), &file) == 0 &&
      (S_ISREG(file.st_mode) ? file.st_size > 0
                             : ::read(subject.decoy(), &byte, 1) > 0);
  if (touched) {
    subject.trial().Miss("DRV-ENV-8", "not a byte written to the descriptor",
                         "bytes");
  }
}

// What DROVER_FD leads to is no channel.
void RunWith(Trial& trial, Channel channel) {
  Setup setup;
  setup.channel = channel;
  Subject subject(trial, setup);
  subject.ExpectFailure("DRV-ENV-9", trial.plan().Patience());
  ExpectUntouched(subject);
  auto end = subject.AwaitEnd(0ms);
  if (end && end->number != kExitConfig) {
    trial.Miss("DRV-ENV-10", "exit code 78", subject.ending());
  }
  if (!absl::StrContains(absl::AsciiStrToLower(trial.output().text()),
                         "wrapper")) {
    trial.Miss("DRV-ENV-10",
               "words on standard error: a wrapper may have closed the channel",
               absl::StrCat("\"", trial.output().text(), "\""));
  }
}

void APipe(Trial& trial) { RunWith(trial, Channel::kPipe); }
void Closed(Trial& trial) { RunWith(trial, Channel::kClosed); }
void AFile(Trial& trial) { RunWith(trial, Channel::kFile); }
void ADatagramSocket(Trial& trial) { RunWith(trial, Channel::kDatagram); }

void NotSupervised(Trial& trial) {
  Setup setup;
  setup.unannounced = true;
  Subject subject(trial, setup);
  auto end = subject.AwaitEnd(trial.plan().Granted(0ms));
  if (subject.bytes_received() > 0) {
    trial.Miss("DRV-ENV-7", "nothing on a descriptor that was not named",
               absl::StrCat(subject.bytes_received(), " bytes on 3"));
  }
  if (end && *end != End{false, 0}) {
    trial.Miss("DRV-ENV-6", "an ordinary program, or exit code 0",
               subject.ending());
  }
}

void AnyNumber(Trial& trial) {
  for (int number : {0, 3, 7, 9, 100, 255}) {
    Setup setup;
    setup.channel_number = number;
    Subject subject(trial, setup);
    trial.LogEvent(absl::StrCat("DROVER_FD=", number));
    ToSupervisor first =
        subject.Next("DRV-ENV-5", absl::StrCat("Hello on descriptor ", number));
    if (!first.has_hello()) subject.Refuse("DRV-ENV-5", "Hello", first);
    subject.SendWelcome();
    subject.Quit();
    subject.ExpectExit("DRV-ENV-5", 5s);
  }
}

void NoProcessId(Trial& trial) {
  Setup setup;
  setup.through_shell = true;
  setup.environment = {"LISTEN_PID=1", "LISTEN_FDS=1"};
  Subject subject(trial, setup);
  ToSupervisor first = subject.Next("DRV-ENV-11", "Hello behind a shell");
  if (!first.has_hello()) subject.Refuse("DRV-ENV-11", "Hello", first);
  subject.SendWelcome();
  uint64_t op = subject.Start();
  subject.ExpectState("DRV-ENV-11", v1::STATE_STARTED, op);
  if (trial.plan().listeners.empty()) return;
  Client client(subject);
  client.ExpectTaken("DRV-ENV-11");
}

void UnknownVariables(Trial& trial) {
  Setup setup;
  setup.environment = {"DROVER_FUTURE=1", "DROVER_FD2=9", "DROVER_=x"};
  Subject subject(trial, setup);
  ToSupervisor first = subject.Next("DRV-ENV-13", "Hello");
  if (!first.has_hello()) subject.Refuse("DRV-ENV-13", "Hello", first);
}

void ProtocolVariable(Trial& trial) {
  for (const std::optional<std::string>& value :
       {std::optional<std::string>(), std::optional<std::string>("one,1,,3x"),
        std::optional<std::string>(",1")}) {
    Setup setup;
    setup.protocols = value;
    Subject subject(trial, setup);
    trial.LogEvent(value ? absl::StrCat("DROVER_PROTOCOL=", *value)
                         : "DROVER_PROTOCOL is not set");
    ToSupervisor first = subject.Next("DRV-ENV-12", "Hello{major: 1}");
    if (!first.has_hello() || first.hello().major() != 1) {
      subject.Refuse("DRV-ENV-12", "Hello{major: 1}", first);
    }
  }
}

constexpr Case kCases[] = {
    {"W-FD-01", "a pipe for a channel", "DRV-ENV-8 DRV-ENV-9 DRV-ENV-10",
     kNothing,
     "DROVER_FD is the write end of a pipe: the worker writes nothing to it "
     "and exits with another code than 0.",
     APipe},
    {"W-FD-02", "a closed channel", "DRV-ENV-9 DRV-ENV-10", kNothing,
     "DROVER_FD leads nowhere: the worker says so and exits with another code "
     "than 0.",
     Closed},
    {"W-FD-03", "a file for a channel", "DRV-ENV-8 DRV-ENV-9 DRV-ENV-10",
     kNothing,
     "DROVER_FD is a regular file: it stays empty, and the worker exits with "
     "another code than 0.",
     AFile},
    {"W-FD-12", "a datagram socket for a channel",
     "DRV-ENV-8 DRV-ENV-9 DRV-ENV-10", kNothing,
     "DROVER_FD is a unix socket of type SOCK_DGRAM: nothing is written to it, "
     "and the worker exits with another code than 0.",
     ADatagramSocket},
    {"W-FD-04", "not supervised", "DRV-ENV-6 DRV-ENV-7", kNothing,
     "Without DROVER_FD, and with a socket at 3: not a byte is written to it; "
     "the worker runs as an ordinary program or exits with code 0.",
     NotSupervised},
    {"W-FD-05", "the channel at any number", "DRV-ENV-5", kNothing,
     "DROVER_FD is 0, 3, 7, 9, 100 and 255 in turn: each is spoken on.",
     AnyNumber},
    {"W-FD-10", "behind a shell", "DRV-ENV-11", kNothing,
     "The worker runs below `sh -c`, with a LISTEN_PID of another process: it "
     "starts, and finds its listeners.",
     NoProcessId},
    {"W-FD-11", "variables of a later version", "DRV-ENV-13", kNothing,
     "The environment holds further variables that begin with DROVER_: they "
     "change nothing.",
     UnknownVariables},
    {"W-FD-13", "DROVER_PROTOCOL missing or odd", "DRV-ENV-12", kNothing,
     "Without DROVER_PROTOCOL, and with entries in it that are no number, the "
     "worker picks 1.",
     ProtocolVariable},
};

}  // namespace

absl::Span<const Case> EnvironmentCases() { return kCases; }

}  // namespace drover::conformance
