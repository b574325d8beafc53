// Frames in any shape, whole and broken.
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "conformance/wire/raw.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

// A field of ToWorker that nobody knows.
constexpr uint32_t kUnknownField = 1000;
// Below what a worker may write in a second.
constexpr int kManyPings = 300;
// The least that a socket can be made to hold.
constexpr int kSmallBuffer = 4096;
// For the worker to run into what it does wrong.
constexpr Milliseconds kTemptation = 50ms;
constexpr Milliseconds kErrorExit = 1000ms;

std::string BytesOf(const ToWorker& frame) {
  return Framed(frame.SerializeAsString());
}

// Pings written by hand still are Pings to the monitor.
std::string AnnouncedPing(Subject& subject, uint64_t* ret_id) {
  ToWorker ping = subject.PingFrame();
  subject.monitor().Sent(ping);
  *ret_id = ping.ping().id();
  return BytesOf(ping);
}

void ByteByByte(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  // The barrier has emptied the worker's buffer: each cut is a read of its own.
  for (int i = 0; i < 3; ++i) {
    uint64_t id = 0;
    for (char c : AnnouncedPing(subject, &id)) {
      subject.SendBytes({&c, 1});
      subject.AwaitRead();
    }
    trial.LogSent(absl::StrCat("Ping{id: ", id, "} byte by byte"));
    subject.ExpectPong("DRV-FRAME-2", id);
  }
}

void SeveralInOneWrite(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  std::vector<ToWorker> pings;
  for (int i = 0; i < 3; ++i) pings.push_back(subject.PingFrame());
  subject.SendTogether(pings);
  for (const ToWorker& ping : pings) {
    subject.ExpectPong("DRV-FRAME-2", ping.ping().id());
  }
}

void CutAnywhere(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  size_t size = 0;
  for (size_t cut = 1; cut == 1 || cut < size; ++cut) {
    uint64_t first = 0;
    uint64_t second = 0;
    std::string bytes = AnnouncedPing(subject, &first);
    absl::StrAppend(&bytes, AnnouncedPing(subject, &second));
    size = bytes.size();
    trial.LogSent(absl::StrCat("Pings ", first, " and ", second, ", cut at ",
                               cut, " of ", size));
    subject.SendBytes(absl::string_view(bytes).substr(0, cut));
    subject.AwaitRead();
    subject.SendBytes(absl::string_view(bytes).substr(cut));
    subject.ExpectPong("DRV-FRAME-2", first);
    subject.ExpectPong("DRV-FRAME-2", second);
  }
}

void Break(Trial& trial, absl::string_view bytes, absl::string_view what,
           absl::string_view clause, int code) {
  Subject subject(trial);
  subject.Initialize();
  trial.LogSent(what);
  subject.SendBytes(bytes);
  subject.ExpectViolation(clause, code);
}

void Oversize(Trial& trial) {
  for (uint32_t length : {65537u, 0x01000000u, 0xffffffffu}) {
    Break(trial, Header(length), absl::StrCat("a header of length ", length),
          "DRV-FRAME-4", v1::PROTOCOL_ERROR_CODE_FRAME_SIZE);
  }
}

void Garbage(Trial& trial) {
  // A Ping stands behind it; nobody may look for it.
  ToWorker ping;
  ping.mutable_ping()->set_id(77);
  Subject subject(trial);
  subject.Initialize();
  trial.LogSent("\"Listening on port 8080\", then a Ping");
  subject.SendBytes("Listening on port 8080\n" + BytesOf(ping));
  subject.monitor().Sent(ping);
  ToSupervisor answer = subject.Next("DRV-FRAME-4", "ProtocolError",
                                     trial.plan().Granted(kErrorExit));
  if (answer.has_pong()) {
    subject.Refuse("DRV-FRAME-6", "no search for another frame", answer);
  }
  if (!answer.has_protocol_error() ||
      answer.protocol_error().code() != v1::PROTOCOL_ERROR_CODE_FRAME_SIZE) {
    subject.Refuse("DRV-FRAME-4", "ProtocolError{FRAME_SIZE}", answer);
  }
  auto end = subject.AwaitEnd(trial.plan().Granted(kErrorExit));
  if (end != End{false, 76}) {
    trial.Miss("DRV-EXIT-5", "exit code 76", subject.ending());
  }
}

void Empty(Trial& trial) {
  Break(trial, Header(0), "a header of length 0", "DRV-FRAME-4",
        v1::PROTOCOL_ERROR_CODE_FRAME_SIZE);
}

void Largest(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  ToWorker ping = subject.PingFrame();
  std::string body = ping.SerializeAsString();
  // Key and length of the padding take five bytes.
  std::string padding = raw::BytesField(
      kUnknownField, std::string(kFrameMax - 5 - body.size(), 'x'));
  subject.SendRaw(padding + body, ping);
  if (padding.size() + body.size() != kFrameMax) trial.Broken("miscounted");
  subject.ExpectPong("DRV-FRAME-3", ping.ping().id());
}

void NoEnvelope(Trial& trial) {
  const std::pair<const char*, std::string> broken[] = {
      {"a varint without an end", std::string(11, '\xff')},
      {"a length beyond the frame", std::string("\x72\x7f\x08", 3)},
      {"a field number of 0", std::string("\x00\x01", 2)},
      {"wire type 7", std::string("\x0f\x01", 2)},
  };
  for (const auto& [what, body] : broken) {
    Break(trial, Framed(body), what, "DRV-FRAME-5",
          v1::PROTOCOL_ERROR_CODE_PARSE);
  }
}

void CutByTheEnd(Trial& trial) {
  for (size_t size : {1u, 4u, 6u}) {
    Subject subject(trial);
    subject.Initialize();
    ToWorker quit = subject.QuitFrame();
    trial.LogSent(absl::StrCat("the first ", size, " bytes of a Quit"));
    subject.SendBytes(BytesOf(quit).substr(0, size));
    subject.HangUp();
    subject.ExpectExit("DRV-FRAME-9", 1s);
  }
}

// User messages may be among what the threads send.
ToSupervisor NextButMessages(Subject& subject, absl::string_view expected) {
  ToSupervisor frame = subject.Next("DRV-FRAME-7", expected);
  while (frame.has_user_message()) {
    frame = subject.Next("DRV-FRAME-7", expected);
  }
  return frame;
}

void ManyThreads(Trial& trial) {
  Subject subject(trial,
                  {.testee = "threads:8", .receive_buffer = kSmallBuffer});
  // Requests and numbers come as they may; the monitor judges each frame.
  subject.InitializeAndStart({v1::CAPABILITY_PROGRESS, v1::CAPABILITY_GAUGES,
                              v1::CAPABILITY_USER_MESSAGES});
  subject.PumpFor(500ms);
  uint64_t id = subject.Ping();
  ToSupervisor frame = NextButMessages(subject, "Pong");
  if (frame.pong().id() != id) subject.Refuse("DRV-FRAME-7", "Pong", frame);
  uint64_t op = subject.Stop();
  frame = NextButMessages(subject, "STOPPED");
  if (frame.state().state() != v1::STATE_STOPPED || frame.re() != op) {
    subject.Refuse("DRV-FRAME-7", "STOPPED", frame);
  }
}

void ClosedWhileWriting(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  std::vector<ToWorker> pings;
  for (int i = 0; i < kManyPings; ++i) pings.push_back(subject.PingFrame());
  subject.HoldReading(true);
  // So that it cannot be done before the channel is closed.
  subject.Signal(SIGSTOP);
  subject.SendTogether(pings);
  subject.HangUp();
  subject.Signal(SIGCONT);
  subject.ExpectExit("DRV-FRAME-11", 1s);
}

void Prints(Trial& trial) {
  Subject subject(trial, {.testee = "print"});
  subject.InitializeAndStart();
  subject.ExpectQuiet("DRV-ENV-16");
  subject.ExpectState("DRV-ENV-16", v1::STATE_STOPPED, subject.Stop());
}

void ReadLate(Trial& trial) {
  Subject subject(trial, {.receive_buffer = kSmallBuffer});
  subject.Initialize();
  subject.monitor().IgnoreRate();
  subject.HoldReading(true);
  std::vector<ToWorker> pings;
  for (int i = 0; i < kManyPings; ++i) pings.push_back(subject.PingFrame());
  subject.SendTogether(pings);
  subject.PumpFor(500ms);
  trial.LogEvent("the suite begins to read");
  subject.HoldReading(false);
  for (const ToWorker& ping : pings) {
    subject.ExpectPong("DRV-FRAME-8", ping.ping().id());
  }
}

void ResetIsAnEnd(Trial& trial) {
  // A Pong is left unread, so that the worker's next read fails with
  // ECONNRESET rather than ending.
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.HoldReading(true);
  subject.Ping();
  subject.PumpFor(kTemptation);
  subject.HangUp();
  subject.ExpectExit("DRV-FRAME-10", 1s);
}

void Interrupted(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  for (int i = 0; i < 5; ++i) {
    uint64_t id = 0;
    std::string bytes = AnnouncedPing(subject, &id);
    trial.LogSent(absl::StrCat("Ping{id: ", id, "} with signals between"));
    for (char c : bytes) {
      subject.SendBytes({&c, 1});
      // Each byte is read before the signals come.
      subject.AwaitRead();
      subject.Signal(SIGSTOP);
      subject.Signal(SIGCONT);
    }
    subject.ExpectPong("DRV-FRAME-12", id);
  }
}

constexpr Case kCases[] = {
    {"W-FR-01", "byte by byte", "DRV-FRAME-2", kNothing,
     "A Ping comes byte by byte to an idle worker: Pong.", ByteByByte},
    {"W-FR-02", "several frames in one write", "DRV-FRAME-2 DRV-BEAT-1",
     kNothing, "Three Pings come in one write: three Pongs in order.",
     SeveralInOneWrite},
    {"W-FR-03", "cut anywhere", "DRV-FRAME-2", kNothing,
     "Two Pings, cut once at every offset: two Pongs each time.", CutAnywhere},
    {"W-FR-04", "too long", "DRV-FRAME-4 DRV-EXIT-5 DRV-ERR-3", kNothing,
     "A header of 65537, 2^24 and 2^32 - 1 alone: ProtocolError{FRAME_SIZE} "
     "and exit code 76, without waiting for the body.",
     Oversize},
    {"W-FR-05", "stray text", "DRV-FRAME-4 DRV-FRAME-6 DRV-EXIT-5", kNothing,
     "Text and then a Ping: ProtocolError{FRAME_SIZE}, no Pong, exit code 76.",
     Garbage},
    {"W-FR-06", "length 0", "DRV-FRAME-4 DRV-EXIT-5", kNothing,
     "A header of 0: ProtocolError{FRAME_SIZE} and exit code 76.", Empty},
    {"W-FR-07", "the largest frame", "DRV-FRAME-3 DRV-EVOL-1", kNothing,
     "A Ping padded to 65536 bytes by a field that nobody knows: Pong.",
     Largest},
    {"W-FR-08", "no envelope", "DRV-FRAME-5 DRV-EXIT-5", kNothing,
     "Bytes that are no envelope, four kinds: ProtocolError{PARSE} and exit "
     "code 76.",
     NoEnvelope},
    {"W-FR-09", "the end inside a frame", "DRV-FRAME-9", kNothing,
     "The channel ends inside a header, behind it, and inside a body: the "
     "worker exits as at any end.",
     CutByTheEnd},
    {"W-FR-10", "eight threads report", "DRV-FRAME-1 DRV-FRAME-7", kTestee,
     "The testee reports from eight threads: every frame is whole.",
     ManyThreads},
    {"W-FR-11", "closed while it writes", "DRV-FRAME-11", kNothing,
     "The channel is closed while Pongs are written: no SIGPIPE ends the "
     "worker, it exits with code 0.",
     ClosedWhileWriting},
    {"W-FR-12", "prints", "DRV-ENV-16", kTestee,
     "The testee prints to its standard output: the channel carries frames "
     "alone.",
     Prints},
    {"W-FR-13", "read late", "DRV-FRAME-8", kNothing,
     "300 Pings, and nothing is read for half a second from a channel that "
     "holds little: then 300 Pongs in order.",
     ReadLate},
    {"W-FR-14", "reset", "DRV-FRAME-10", kNothing,
     "The channel is closed with a Pong unread, which the worker sees as "
     "ECONNRESET: it exits with code 0.",
     ResetIsAnEnd},
    {"W-FR-15", "interrupted", "DRV-FRAME-12", kNothing,
     "Pings come byte by byte, with SIGSTOP and SIGCONT between: Pongs.",
     Interrupted},
};

}  // namespace

absl::Span<const Case> FramingCases() { return kCases; }

}  // namespace drover::conformance
