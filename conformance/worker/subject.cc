#include "conformance/worker/subject.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

using std::chrono::duration_cast;

// More than any case asks for; a worker that floods waits.
constexpr size_t kFramesWaiting = 10000;

Fd Listen() {
  Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
             sizeof(address)) != 0 ||
      ::listen(listener.get(), 128) != 0) {
    return Fd();
  }
  return listener;
}

Fd Null() { return Fd(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

}  // namespace

Subject::Subject(Trial& trial, Setup setup) : trial_(trial) {
  std::vector<Inherited> fds;
  OpenChannel(setup, fds);
  OpenListeners(setup, fds);
  auto [read_end, write_end] = Pipe();
  output_ = std::move(read_end);
  SetNonBlocking(output_.get());
  Fd null = Null();
  if (setup.channel_number != 0) fds.push_back({null.get(), 0});
  fds.push_back({write_end.get(), 1});
  fds.push_back({write_end.get(), 2});
  auto process = Process::Start({Argv(setup), Environment(setup), fds});
  if (!process.ok()) {
    trial_.Miss("DRV-HELLO-1", "a program that speaks",
                absl::StrCat("it cannot be executed: ",
                             std::string(process.status().message())));
  }
  process_.emplace(*std::move(process));
  theirs_.Close();
  trial_.LogEvent(absl::StrCat("process ", process_->pid(), " started"));
}

void Subject::OpenChannel(const Setup& setup, std::vector<Inherited>& fds) {
  Pair pair;
  switch (setup.channel) {
    case Channel::kSocket:
      pair = SocketPair();
      break;
    case Channel::kPipe:
      pair = Pipe();
      break;
    case Channel::kFile:
      pair.second =
          Fd(static_cast<int>(::memfd_create("not-a-channel", MFD_CLOEXEC)));
      break;
    case Channel::kDatagram: {
      int made[2] = {-1, -1};
      ::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, made);
      pair = {Fd(made[0]), Fd(made[1])};
      break;
    }
    case Channel::kClosed:
      return;
  }
  if (!pair.second.open()) trial_.Broken("no descriptors for a channel");
  if (setup.receive_buffer > 0) {
    ::setsockopt(pair.second.get(), SOL_SOCKET, SO_SNDBUF,
                 &setup.receive_buffer, sizeof(setup.receive_buffer));
  }
  fds.push_back({pair.second.get(), setup.channel_number});
  theirs_ = std::move(pair.second);
  if (setup.channel == Channel::kSocket) {
    channel_ = std::move(pair.first);
    SetNonBlocking(channel_.get());
  } else if (setup.channel == Channel::kFile) {
    decoy_ = Fd(::fcntl(theirs_.get(), F_DUPFD_CLOEXEC, 0));
  } else {
    decoy_ = std::move(pair.first);
    SetNonBlocking(decoy_.get());
  }
}

void Subject::OpenListeners(const Setup& setup, std::vector<Inherited>& fds) {
  std::vector<std::string> names = trial_.plan().listeners;
  if (setup.without_listeners) names.clear();
  size_t wanted = names.size();
  spares_ = static_cast<size_t>(setup.spare_listeners);
  for (int i = 0; i < setup.spare_listeners; ++i) {
    names.push_back(absl::StrCat("spare-", i));
  }
  // Spares come first among the numbers; the channel keeps its own.
  int number = setup.channel_number == 3 ? 4 : 3;
  auto place = [&](size_t i) {
    bool connected =
        i < wanted && setup.listener_kind == ListenerKind::kConnected;
    Pair pair = connected ? SocketPair() : Pair{Listen(), Fd()};
    if (!pair.first.open()) trial_.Broken("no socket to listen on");
    if (number == setup.channel_number) ++number;
    fds.push_back({pair.first.get(), number});
    listener_names_.push_back({number++, names[i]});
    listeners_.push_back(std::move(pair.first));
    peers_.push_back(std::move(pair.second));
  };
  for (size_t i = wanted; i < names.size(); ++i) place(i);
  for (size_t i = 0; i < wanted; ++i) place(i);
}

std::vector<std::string> Subject::Environment(const Setup& setup) const {
  std::vector<std::string> environment = PlainEnvironment();
  if (!setup.unannounced) {
    environment.push_back(absl::StrCat("DROVER_FD=", setup.channel_number));
  }
  if (setup.protocols) {
    environment.push_back(absl::StrCat("DROVER_PROTOCOL=", *setup.protocols));
  }
  std::string listeners;
  for (const auto& [number, name] : listener_names_) {
    absl::StrAppend(&listeners, listeners.empty() ? "" : ",", number, ":",
                    name);
  }
  if (!listeners.empty()) {
    environment.push_back(absl::StrCat("DROVER_LISTEN_FDS=", listeners));
  }
  if (!setup.testee.empty()) {
    environment.push_back(absl::StrCat("DROVER_TESTEE=", setup.testee));
  }
  environment.insert(environment.end(), setup.environment.begin(),
                     setup.environment.end());
  return environment;
}

std::vector<std::string> Subject::Argv(const Setup& setup) const {
  const std::vector<std::string>& command = trial_.plan().command;
  if (!setup.through_shell) return command;
  // The second command keeps the shell from executing the first in its place.
  std::vector<std::string> argv = {"sh", "-c", "\"$@\"; exit $?", "sh"};
  argv.insert(argv.end(), command.begin(), command.end());
  return argv;
}

bool Subject::Pump(Clock::time_point deadline, bool want_to_write) {
  bool read_channel = channel_.open() && !channel_ended_ && !reading_held_ &&
                      frames_.size() < kFramesWaiting;
  short events = static_cast<short>((read_channel ? POLLIN : 0) |
                                    (want_to_write ? POLLOUT : 0));
  pollfd polled[] = {
      {events != 0 ? channel_.get() : -1, events, 0},
      {end_ ? -1 : process_->pidfd(), POLLIN, 0},
      {output_.open() ? output_.get() : -1, POLLIN, 0},
  };
  auto left = duration_cast<Milliseconds>(deadline - Clock::now()).count();
  int wait = static_cast<int>(std::clamp<int64_t>(left + 1, 0, 60000));
  int ready = ::poll(polled, 3, wait);
  if (ready <= 0) return Clock::now() < deadline;
  if (polled[2].revents != 0) ReadOutput();
  // A write may be possible as well as a read; the caller tries.
  if (polled[0].revents != 0 && read_channel) ReadChannel();
  if (polled[1].revents != 0) TakeEnd();
  return true;
}

void Subject::ReadChannel() {
  char buffer[65536];
  ssize_t size = ::read(channel_.get(), buffer, sizeof(buffer));
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    // ECONNRESET: the worker left something unread.
    if (size < 0 && errno == ECONNRESET) return;
    channel_ended_ = true;
    trial_.LogEvent(size == 0 ? "the channel ended"
                              : absl::StrCat("read: ", ::strerror(errno)));
    return;
  }
  bytes_received_ += static_cast<size_t>(size);
  cutter_.Append({buffer, static_cast<size_t>(size)});
  TakeFrames();
}

void Subject::TakeFrames() {
  while (std::optional<std::string> body = cutter_.Next()) {
    ToSupervisor frame;
    if (!frame.ParseFromString(*body)) {
      trial_.LogSeen(absl::StrCat("no envelope: ", Hex(*body)));
      trial_.Miss("DRV-FRAME-1", "a serialized envelope", Hex(*body));
    }
    trial_.LogSeen(Describe(frame));
    bool again = monitor_.Repeats(frame);
    if (auto breach = monitor_.Seen(frame, Clock::now())) {
      trial_.Miss(breach->clause, breach->expected, breach->seen);
    }
    // Nobody waits for it: it may come at any time, for its text.
    if (!again) frames_.push_back(std::move(frame));
  }
  if (cutter_.bad_length()) {
    trial_.Miss(bytes_received_ < 4096 ? "DRV-ENV-16" : "DRV-FRAME-1",
                "frames of 1 to 65536 bytes, and nothing else on the channel",
                absl::StrCat("a length of ", *cutter_.bad_length(), " (",
                             Hex(Header(*cutter_.bad_length())), ")"));
  }
}

void Subject::ReadOutput() {
  char buffer[65536];
  ssize_t size = ::read(output_.get(), buffer, sizeof(buffer));
  if (size > 0) {
    trial_.output().Append({buffer, static_cast<size_t>(size)});
  } else if (size == 0) {
    output_.Close();
  }
}

void Subject::TakeEnd() {
  end_ = process_->Reap();
  if (!end_) return;
  trial_.LogEvent(absl::StrCat("the process ended: ", Describe(*end_)));
  // Last words may still wait.
  while (channel_.open() && !channel_ended_ && !reading_held_) {
    pollfd polled = {channel_.get(), POLLIN, 0};
    if (::poll(&polled, 1, 0) <= 0) break;
    ReadChannel();
  }
  if (!end_->by_signal || end_->number == deadly_) return;
  trial_.Miss(end_->number == SIGPIPE ? "DRV-FRAME-11" : "DRV-EXIT-11",
              "a worker that is not ended by a signal of its own",
              Describe(*end_));
}

std::string Subject::ending() {
  if (end_) return absl::StrCat("the process ended: ", Describe(*end_));
  return channel_ended_ ? "the channel ended, the process lives"
                        : "the process lives";
}

std::string Subject::WhyNothing(Milliseconds waited) {
  if (end_) return absl::StrCat("nothing; ", ending());
  if (channel_ended_) return "nothing; the channel ended";
  return absl::StrCat("nothing for ", waited.count(), " ms");
}

bool Subject::PumpUntilFrame(Clock::time_point deadline) {
  while (frames_.empty()) {
    if (end_ && (channel_ended_ || !channel_.open())) return false;
    if (!Pump(deadline)) return false;
    // A child that holds the channel open may outlive the worker.
    if (end_ && frames_.empty()) return false;
  }
  return true;
}

void Subject::AwaitRead() {
  Clock::time_point deadline =
      Clock::now() + trial_.plan().Granted(Milliseconds(0));
  do {
    PumpFor(Milliseconds(1));
  } while (!HasBeenRead(channel_.get()) && Clock::now() < deadline);
}

void Subject::PumpFor(Milliseconds time) {
  Clock::time_point deadline = Clock::now() + time;
  while (Clock::now() < deadline) Pump(deadline);
}

}  // namespace drover::conformance
