#include "conformance/worker/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

using namespace std::chrono_literals;

// How often a condition is looked at that no descriptor tells of.
constexpr Milliseconds kLook = 2ms;
// What a thread of the worker's own gets to take what it must not take.
constexpr Milliseconds kTemptation = 100ms;

}  // namespace

Client::Client(Subject& subject)
    : subject_(subject),
      socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(subject.listener(), reinterpret_cast<sockaddr*>(&address),
                &size);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) !=
      0) {
    subject.trial().Miss("DRV-FD-8", "a listener that is still open",
                         "connect: refused");
  }
  SetNonBlocking(socket_.get());
  subject.trial().LogEvent("a client connects");
}

bool Client::Waiting() const {
  pollfd polled = {subject_.listener(), POLLIN, 0};
  return ::poll(&polled, 1, 0) == 1;
}

void Client::ExpectTaken(absl::string_view clause) {
  Trial& trial = subject_.trial();
  Clock::time_point deadline = Clock::now() + trial.plan().Patience();
  while (Waiting()) {
    if (Clock::now() >= deadline) {
      trial.Miss(clause, "the connection is accepted", "it waits");
      return;
    }
    subject_.PumpFor(kLook);
  }
  trial.LogEvent("the connection was taken");
}

void Client::ExpectNotTaken(absl::string_view clause) {
  subject_.PumpFor(kTemptation);
  subject_.ExpectQuiet("DRV-BEAT-2");
  if (!Waiting()) {
    subject_.trial().Miss(clause, "no connection is accepted",
                          "it was accepted");
  }
}

void Client::ExpectHeld(absl::string_view clause) {
  if (ReadLine() != "taken") {
    subject_.trial().Miss(clause, "the testee's line: taken",
                          Printable(unread_));
  }
}

void Client::Release() {
  subject_.trial().LogEvent("the client lets its request finish");
  ::send(socket_.get(), "finish\n", 7, MSG_NOSIGNAL);
}

void Client::ExpectServed(absl::string_view clause) {
  if (ReadLine() != "done") {
    subject_.trial().Miss(clause, "the request in flight is finished",
                          "its connection ended without an answer");
  }
  subject_.trial().LogEvent("the request is finished");
}

std::string Client::ReadLine() {
  Clock::time_point deadline =
      Clock::now() + subject_.trial().plan().Patience();
  while (Clock::now() < deadline) {
    size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    char buffer[256];
    ssize_t size = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
    if (size > 0) {
      unread_.append(buffer, static_cast<size_t>(size));
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      return "";
    } else {
      subject_.PumpFor(kLook);
    }
  }
  return "";
}

}  // namespace drover::conformance
