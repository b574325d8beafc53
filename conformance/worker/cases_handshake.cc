// Hello, Welcome, versions and capabilities.
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "conformance/trial/descendants.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr Milliseconds kHelloTime = 10000ms;
constexpr Milliseconds kWelcomeLoss = 2000ms;
constexpr Milliseconds kErrorExit = 1000ms;

ToWorker MessageFrame(Subject& subject) {
  ToWorker frame;
  frame.set_op(subject.NextOp());
  frame.mutable_user_message()->set_topic("conformance.topic");
  return frame;
}

void HelloFirst(Trial& trial) {
  Subject subject(trial);
  ToSupervisor frame =
      subject.Next("DRV-HELLO-1", "Hello", trial.plan().Granted(kHelloTime));
  if (!frame.has_hello()) subject.Refuse("DRV-HELLO-1", "Hello", frame);
}

void HelloSoon(Trial& trial) {
  // Loading it may take long on a busy machine, whatever it is.
  constexpr Milliseconds kSlack = 500ms;
  Clock::time_point begin = Clock::now();
  Subject subject(trial);
  subject.ReadHello();
  auto took = std::chrono::duration_cast<Milliseconds>(Clock::now() - begin) -
              WaitedForCpu(subject.speaker());
  if (took > 1000ms + kSlack) {
    trial.Miss("DRV-HELLO-2", "Hello within 1000 ms",
               absl::StrCat("after ", took.count(), " ms"));
  }
}

void SilentUntilWelcome(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.ExpectSilence("DRV-HELLO-3", 1000ms);
}

void OneHello(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.ExpectState("DRV-HELLO-9", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectQuiet("DRV-HELLO-9");
}

void PidAndMajor(Trial& trial) {
  Subject subject(trial);
  const v1::Hello& hello = subject.ReadHello();
  // A wrapper may stand between; the group is the one that was made for it.
  if (hello.pid() == 0 || ::getpgid(subject.speaker()) != subject.pid()) {
    trial.Miss("DRV-HELLO-8", "the process id of the worker",
               absl::StrCat(hello.pid()));
  }
  if (hello.major() != 1) {
    trial.Miss("DRV-HELLO-5", "major 1, which was offered",
               absl::StrCat("major ", hello.major()));
  }
}

void NoCommonMajor(Trial& trial) {
  Subject subject(trial, {.protocols = "99"});
  while (auto frame = subject.NextOfAny(trial.plan().Granted(kHelloTime))) {
    if (frame->has_hello()) {
      subject.Refuse("DRV-HELLO-7", "no Hello, for major 99 alone is offered",
                     *frame);
    }
  }
  auto end = subject.AwaitEnd(trial.plan().Granted(1s));
  if (!end || *end != End{false, 78}) {
    trial.Miss("DRV-HELLO-7", "exit code 78", subject.ending());
  }
}

void PicksAMajor(Trial& trial) {
  for (const char* offer : {"1,2", "2,1", "7,1,9"}) {
    Subject subject(trial, {.protocols = offer});
    trial.LogEvent(absl::StrCat("DROVER_PROTOCOL=", offer));
    ToSupervisor frame =
        subject.Next("DRV-HELLO-5", absl::StrCat("Hello of one of ", offer));
    if (!frame.has_hello()) subject.Refuse("DRV-HELLO-5", "Hello", frame);
    bool offered = false;
    for (absl::string_view number : absl::StrSplit(offer, ',')) {
      offered |= number == absl::StrCat(frame.hello().major());
    }
    if (!offered) {
      subject.Refuse("DRV-HELLO-5", absl::StrCat("a major of ", offer), frame);
    }
  }
}

void NoCapabilities(Trial& trial) {
  Subject subject(trial, {.testee = trial.plan().testee
                                        ? "report-loop,request:recycle,gauges"
                                        : ""});
  subject.ReadHello();
  ToWorker frame;
  *frame.mutable_welcome() = subject.MakeWelcome();
  frame.mutable_welcome()->clear_capabilities();
  subject.Send(frame);
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  // The monitor judges whatever comes.
  subject.PumpFor(trial.plan().testee ? 300ms : 0ms);
  subject.ExpectQuiet("DRV-CAP-2");
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectQuiet("DRV-REPORT-3");
}

void NotAgreed(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker frame;
  *frame.mutable_welcome() = subject.MakeWelcome();
  frame.mutable_welcome()->clear_capabilities();
  subject.Send(frame);
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectResult("DRV-CMD-2", v1::RESULT_CODE_UNIMPLEMENTED,
                       subject.Reload());
  ToWorker message = MessageFrame(subject);
  subject.Send(message);
  subject.ExpectResult("DRV-CMD-2", v1::RESULT_CODE_UNIMPLEMENTED,
                       message.op());
  ToWorker lame_duck;
  lame_duck.mutable_lame_duck()->set_stop_in_ms(1000);
  subject.Send(lame_duck);
  subject.ExpectQuiet("DRV-CMD-3");
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectResult("DRV-CMD-2", v1::RESULT_CODE_UNIMPLEMENTED,
                       subject.Start());
  subject.ExpectAlive("DRV-CMD-45");
}

void SecondWelcome(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.SendWelcome();
  subject.ExpectViolation("DRV-HELLO-12", v1::PROTOCOL_ERROR_CODE_SEQUENCE);
}

void BeforeWelcome(Trial& trial) {
  {
    Subject subject(trial);
    subject.ReadHello();
    subject.Ping();
    subject.ExpectViolation("DRV-HELLO-12", v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
  Subject subject(trial);
  subject.ReadHello();
  subject.Start();
  subject.ExpectViolation("DRV-HELLO-12", v1::PROTOCOL_ERROR_CODE_SEQUENCE);
}

void ClosedBeforeWelcome(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.HangUp();
  subject.ExpectExit("DRV-HELLO-13", kWelcomeLoss);
}

void RefusedBeforeWelcome(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker frame;
  frame.mutable_protocol_error()->set_code(
      v1::PROTOCOL_ERROR_CODE_UNSUPPORTED_VERSION);
  subject.Send(frame);
  subject.ExpectFailure("DRV-EXIT-6", kErrorExit);
  if (auto answer = subject.NextOfAny(0ms);
      answer && answer->has_protocol_error()) {
    subject.Refuse("DRV-ERR-2", "no answer to ProtocolError", *answer);
  }
}

void AnyMinor(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker frame;
  *frame.mutable_welcome() = subject.MakeWelcome();
  frame.mutable_welcome()->set_minor(4000000000u);
  subject.Send(frame);
  subject.ExpectState("DRV-HELLO-18", v1::STATE_STARTED, subject.Start());
  subject.ExpectQuiet("DRV-HELLO-18");
}

void OddCapabilities(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker frame;
  *frame.mutable_welcome() = subject.MakeWelcome();
  auto* capabilities = frame.mutable_welcome()->mutable_capabilities();
  auto twice = *capabilities;
  capabilities->MergeFrom(twice);
  for (uint32_t unknown : {0u, 999u, 65536u, 4294967295u}) {
    capabilities->Add(unknown);
  }
  subject.Send(frame);
  subject.ExpectState("DRV-CAP-3", v1::STATE_STARTED, subject.Start());
  subject.ExpectState("DRV-CAP-4", v1::STATE_STOPPED, subject.Stop());
  if (!subject.Offers(v1::CAPABILITY_RESUME)) return;
  subject.ExpectState("DRV-CAP-4", v1::STATE_STARTED, subject.Start());
}

void WelcomeAndStart(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker welcome;
  *welcome.mutable_welcome() = subject.MakeWelcome();
  ToWorker start = subject.StartFrame();
  subject.SendTogether({welcome, start});
  subject.ExpectState("DRV-FRAME-2", v1::STATE_STARTED, start.op());
}

constexpr Case kCases[] = {
    {"W-HS-01", "Hello is the first frame", "DRV-HELLO-1", kNothing,
     "The worker is started: its first frame is Hello, within the hello time.",
     HelloFirst},
    {"W-HS-02", "silence until Welcome", "DRV-HELLO-3", kNothing,
     "Welcome does not come for a second: nothing but Hello is sent.",
     SilentUntilWelcome},
    {"W-HS-03", "process id and major", "DRV-HELLO-5 DRV-HELLO-8", kNothing,
     "Hello.pid lies in the worker's process group, Hello.major was offered.",
     PidAndMajor},
    {"W-HS-04", "no common major", "DRV-HELLO-7", kNothing,
     "DROVER_PROTOCOL is 99: no Hello, and exit code 78.", NoCommonMajor},
    {"W-HS-05", "picks a major", "DRV-HELLO-5", kNothing,
     "DROVER_PROTOCOL offers several majors in any order: Hello names one.",
     PicksAMajor},
    {"W-HS-06", "no capabilities", "DRV-CAP-2 DRV-REPORT-3", kNothing,
     "Welcome agrees to none: no Progress, Gauges, Request or UserMessage in a "
     "whole life; a testee is asked for all of them.",
     NoCapabilities},
    {"W-HS-07", "a second Welcome", "DRV-HELLO-12 DRV-EXIT-5", kNothing,
     "Welcome comes twice: ProtocolError{SEQUENCE} and exit code 76.",
     SecondWelcome},
    {"W-HS-08", "closed before Welcome", "DRV-HELLO-13", kNothing,
     "The channel is closed in place of Welcome: the worker exits within 2 s.",
     ClosedBeforeWelcome},
    {"W-HS-09", "Hello within a second", "DRV-HELLO-2", kNothing,
     "Hello comes within one second of the start of the process.", HelloSoon},
    {"W-HS-10", "a frame before Welcome", "DRV-HELLO-12 DRV-STATE-1", kNothing,
     "Ping, and in another process Start, comes before Welcome: "
     "ProtocolError{SEQUENCE} and exit code 76.",
     BeforeWelcome},
    {"W-HS-11", "any minor", "DRV-HELLO-18", kNothing,
     "Welcome.minor is 4000000000: nothing is different.", AnyMinor},
    {"W-HS-12", "odd capabilities", "DRV-CAP-3 DRV-CAP-4", kNothing,
     "Welcome names capabilities twice, and some that nobody knows: the worker "
     "starts, stops and, with RESUME, starts again.",
     OddCapabilities},
    {"W-HS-13", "Welcome and Start in one write", "DRV-FRAME-2", kNothing,
     "Both come at once: STARTED.", WelcomeAndStart},
    {"W-HS-14", "what was not agreed", "DRV-CMD-2 DRV-CMD-3 DRV-CAP-2",
     kNothing,
     "Welcome agrees to no capability; Reload, UserMessage with op, and Start "
     "in STOPPED are answered UNIMPLEMENTED, LameDuck is ignored.",
     NotAgreed},
    {"W-HS-15", "refused before Welcome", "DRV-EXIT-6 DRV-ERR-2", kNothing,
     "ProtocolError comes in place of Welcome: the worker exits with another "
     "code than 0 within a second and answers nothing.",
     RefusedBeforeWelcome},
    {"W-HS-16", "one Hello", "DRV-HELLO-9", kNothing,
     "Through start and stop no second Hello comes.", OneHello},
};

}  // namespace

absl::Span<const Case> HandshakeCases() { return kCases; }

}  // namespace drover::conformance
