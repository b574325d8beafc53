// Reports, requests and user messages.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

// For a testee that does what it was asked right after STARTED.
constexpr Milliseconds kAction = 300ms;

void LongText(Trial& trial) {
  Subject subject(trial, {.testee = "long-text"});
  subject.Initialize();
  uint64_t op = subject.Start();
  ToSupervisor frame = subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, op);
  // Length and border are the monitor's; here, that it was not left out.
  if (frame.state().text().size() < 250) {
    subject.Refuse("DRV-LIMIT-2", "a text cut to 253..256 bytes", frame);
  }
}

void ReportsInALoop(Trial& trial) {
  Subject subject(trial, {.testee = "report-loop"});
  subject.InitializeAndStart({v1::CAPABILITY_PROGRESS, v1::CAPABILITY_GAUGES});
  int frames = 0;
  Clock::time_point deadline = Clock::now() + 2s;
  while (auto frame =
             subject.NextOfAny(std::chrono::duration_cast<Milliseconds>(
                 std::max<Clock::duration>(deadline - Clock::now(), 0ms)))) {
    frames += frame->has_progress() || frame->has_gauges() ||
              (frame->has_state() && frame->re() == 0);
  }
  // Two seconds, and what was saved up before.
  if (frames > 30) {
    trial.Miss("DRV-LIMIT-5", "at most 10 reports a second",
               absl::StrCat(frames, " in two seconds"));
  }
  subject.ExpectQuiet("DRV-LIMIT-6");
}

// The Request that the testee was asked to make.
ToSupervisor ReadRequest(Subject& subject) {
  ToSupervisor frame = subject.Next("DRV-REQ-1", "Request");
  if (!frame.has_request()) subject.Refuse("DRV-REQ-1", "Request", frame);
  return frame;
}

void Answer(Subject& subject, const ToSupervisor& request,
            v1::ResultCode code) {
  ToWorker result;
  result.set_re(request.op());
  result.mutable_result()->set_code(code);
  subject.Send(result);
}

void BeginRequest(Subject& subject) {
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_REQUEST);
  subject.SendWelcome({v1::CAPABILITY_REQUEST});
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
}

void StillServing(Subject& subject, absl::string_view clause) {
  subject.PumpFor(kAction);
  subject.ExpectQuiet(clause);
  if (subject.listener() < 0) return;
  Client client(subject);
  client.ExpectTaken(clause);
}

void Denied(Trial& trial) {
  Subject subject(trial, {.testee = "request:recycle"});
  BeginRequest(subject);
  Answer(subject, ReadRequest(subject), v1::RESULT_CODE_DENIED);
  StillServing(subject, "DRV-REQ-4");
}

void GrantedWithoutCommand(Trial& trial) {
  Subject subject(trial, {.testee = "request:quit"});
  BeginRequest(subject);
  Answer(subject, ReadRequest(subject), v1::RESULT_CODE_OK);
  StillServing(subject, "DRV-REQ-3");
}

void NotAnswered(Trial& trial) {
  Subject subject(trial, {.testee = "request:stop"});
  BeginRequest(subject);
  ReadRequest(subject);
  StillServing(subject, "DRV-REQ-3");
}

void Crossing(Trial& trial) {
  Subject subject(trial, {.testee = "request:recycle"});
  BeginRequest(subject);
  ToSupervisor request = ReadRequest(subject);
  uint64_t stop = subject.Stop();
  Answer(subject, request, v1::RESULT_CODE_DENIED);
  subject.ExpectState("DRV-REQ-5", v1::STATE_STOPPED, stop);
  subject.PumpFor(kAction);
  subject.ExpectQuiet("DRV-REQ-5");
}

void Refusals(Trial& trial) {
  Subject subject(trial, {.testee = "request:recycle"});
  BeginRequest(subject);
  Answer(subject, ReadRequest(subject), v1::RESULT_CODE_DENIED);
  while (auto frame = subject.NextOfAny(1500ms)) {
    if (frame->has_request()) {
      subject.Refuse("DRV-REQ-7", "no other Request within a minute", *frame);
    }
  }
  subject.ExpectAlive("DRV-REQ-4");
}

void ManyGauges(Trial& trial) {
  Subject subject(trial, {.testee = "gauges"});
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_GAUGES);
  subject.SendWelcome({v1::CAPABILITY_GAUGES});
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  bool seen = false;
  Clock::time_point deadline = Clock::now() + trial.plan().Patience();
  while (!seen) {
    auto frame = subject.NextOfAny(std::chrono::duration_cast<Milliseconds>(
        std::max<Clock::duration>(deadline - Clock::now(), 0ms)));
    if (!frame) trial.Broken("the testee sends no Gauges");
    seen = frame->has_gauges();
  }
  subject.ExpectQuiet("DRV-LIMIT-9");
}

// ---- User messages

ToWorker Message(Subject& subject, absl::string_view topic, bool with_op) {
  ToWorker frame;
  if (with_op) frame.set_op(subject.NextOp());
  frame.mutable_user_message()->set_topic(std::string(topic));
  frame.mutable_user_message()->set_payload("\x01\x02");
  return frame;
}

void BeginMessages(Subject& subject) {
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_USER_MESSAGES);
  subject.SendWelcome({v1::CAPABILITY_USER_MESSAGES});
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
}

void MessageIsAnswered(Trial& trial) {
  Subject subject(trial);
  BeginMessages(subject);
  ToWorker message = Message(subject, "conformance.stop", /*with_op=*/true);
  subject.Send(message);
  ToSupervisor frame = subject.Next("DRV-MSG-2", "Result or UserMessage");
  if (!(frame.has_result() || frame.has_user_message()) ||
      frame.re() != message.op()) {
    subject.Refuse("DRV-MSG-2",
                   absl::StrCat("Result or UserMessage re ", message.op()),
                   frame);
  }
  subject.ExpectQuiet("DRV-MSG-3");
  if (subject.monitor().reported() != v1::STATE_STARTED) {
    trial.Miss("DRV-MSG-3", "STARTED as before", "another state");
  }
}

void OddTopics(Trial& trial) {
  Subject subject(trial);
  BeginMessages(subject);
  for (const std::string& topic :
       {std::string(), std::string("Not A Topic"), std::string(64, 'a')}) {
    ToWorker message = Message(subject, topic, /*with_op=*/true);
    subject.Send(message);
    subject.ExpectResult("DRV-MSG-1", v1::RESULT_CODE_FAILED, message.op());
    subject.Send(Message(subject, topic, /*with_op=*/false));
    subject.ExpectQuiet("DRV-MSG-1");
  }
}

void NoUseForATopic(Trial& trial) {
  Subject subject(trial, {.testee = "message:conformance"});
  BeginMessages(subject);
  for (int i = 0; i < 2; ++i) {
    ToSupervisor frame = subject.Next("DRV-MSG-4", "UserMessage");
    if (!frame.has_user_message() || frame.op() == 0) {
      trial.Broken("the testee sends no UserMessage with an op");
    }
    Answer(subject, frame, v1::RESULT_CODE_UNIMPLEMENTED);
  }
  StillServing(subject, "DRV-MSG-4");
}

constexpr Case kCases[] = {
    {"W-RP-01", "a long text", "DRV-LIMIT-1 DRV-LIMIT-2", kTestee,
     "The testee reports a text of 10 kB in UTF-8: it is cut to 256 bytes at "
     "the border of a code point.",
     LongText},
    {"W-RP-02", "reports in a loop", "DRV-LIMIT-5 DRV-LIMIT-6", kTestee,
     "The testee reports as fast as it can for two seconds: at most ten "
     "reports a second go out.",
     ReportsInALoop},
    {"W-RP-03", "a Request that is denied", "DRV-REQ-4 DRV-REQ-1", kTestee,
     "The testee asks to be recycled, the answer is DENIED: it goes on.",
     Denied},
    {"W-RP-04", "a Request that crosses a Stop", "DRV-REQ-5", kTestee,
     "Stop and then DENIED come as answers to a Request: STOPPED, and no other "
     "Request.",
     Crossing},
    {"W-RP-05", "many gauges of odd names", "DRV-LIMIT-4 DRV-LIMIT-9", kTestee,
     "The testee sets 40 gauges, some of names that are not allowed: at most "
     "32 of allowed names go out.",
     ManyGauges},
    {"W-RP-06", "a user message", "DRV-MSG-2 DRV-MSG-3", kNothing,
     "A UserMessage with op: answered, and nothing else happens.",
     MessageIsAnswered},
    {"W-RP-07", "odd topics", "DRV-MSG-1", kNothing,
     "Topics that do not match the pattern: Result{FAILED} with op, nothing "
     "without.",
     OddTopics},
    {"W-RP-08", "a topic of no use", "DRV-MSG-4 DRV-CMD-1", kTestee,
     "The testee's messages are answered UNIMPLEMENTED: it goes on, and its "
     "ops rise.",
     NoUseForATopic},
    {"W-RP-09", "a Request that is granted", "DRV-REQ-3", kTestee,
     "The testee asks to quit, the answer is OK and no command follows: it "
     "goes on.",
     GrantedWithoutCommand},
    {"W-RP-10", "a Request that is not answered", "DRV-REQ-3 DRV-REQ-1",
     kTestee, "The testee asks to be stopped, no answer comes: it goes on.",
     NotAnswered},
    {"W-RP-11", "does not insist", "DRV-REQ-7", kTestee,
     "A Request was refused: no other one comes at once.", Refusals},
};

}  // namespace

absl::Span<const Case> ReportCases() { return kCases; }

}  // namespace drover::conformance
