// A worker with one behaviour, named by its first argument.
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iostream>
#include <map>
#include <string>

#include "drover/worker/v1/worker.pb.h"
#include "supervisor/wire/frame.h"

namespace {

using drover::worker::v1::ToSupervisor;
using drover::worker::v1::ToWorker;

int ChannelFd() { return ::atoi(::getenv("DROVER_FD")); }

void Write(const std::string& bytes) {
  size_t written = 0;
  while (written < bytes.size()) {
    ssize_t count = ::send(ChannelFd(), bytes.data() + written,
                           bytes.size() - written, MSG_NOSIGNAL);
    if (count <= 0) ::_exit(90);
    written += static_cast<size_t>(count);
  }
}

void Say(const ToSupervisor& message) {
  std::string frame;
  auto status = drover::wire::AppendFrame(
      message.SerializeAsString(), drover::wire::kWorkerFrameMax, &frame);
  if (!status.ok()) ::_exit(91);
  Write(frame);
}

void SayHello() {
  ToSupervisor message;
  message.mutable_hello()->set_pid(static_cast<uint32_t>(::getpid()));
  message.mutable_hello()->set_major(1);
  message.mutable_hello()->add_capabilities(
      drover::worker::v1::CAPABILITY_RESUME);
  Say(message);
}

void Report(uint64_t re, drover::worker::v1::State state) {
  ToSupervisor message;
  message.set_re(re);
  message.mutable_state()->set_state(state);
  Say(message);
}

int Obey(const ToWorker& command) {
  switch (command.body_case()) {
    case ToWorker::kStart:
      Report(command.op(), drover::worker::v1::STATE_STARTED);
      return -1;
    case ToWorker::kStop:
      Report(command.op(), drover::worker::v1::STATE_STOPPED);
      return -1;
    case ToWorker::kPing: {
      ToSupervisor pong;
      pong.mutable_pong()->set_id(command.ping().id());
      Say(pong);
      return -1;
    }
    case ToWorker::kQuit:
      return 0;
    default:
      return -1;
  }
}

// Does all that it is told.
int Obedient() {
  SayHello();
  drover::wire::FrameReader reader(drover::wire::kWorkerFrameMax);
  while (true) {
    char buffer[4096];
    ssize_t count = ::recv(ChannelFd(), buffer, sizeof(buffer), 0);
    if (count <= 0) return 92;
    reader.Append({buffer, static_cast<size_t>(count)});
    while (true) {
      auto body = reader.Next();
      if (!body.ok()) return 93;
      if (!body->has_value()) break;
      ToWorker command;
      command.ParseFromArray((*body)->data(),
                             static_cast<int>((*body)->size()));
      int code = Obey(command);
      if (code >= 0) return code;
    }
  }
}

[[noreturn]] void Wait() {
  while (true) ::pause();
}

// Never reads.
int Deaf() {
  SayHello();
  Wait();
}

// Floods with small frames.
int Flood() {
  ToSupervisor pong;
  pong.mutable_pong()->set_id(1);
  std::string frames;
  for (int i = 0; i < 1000; ++i) {
    if (!drover::wire::AppendFrame(pong.SerializeAsString(), 100, &frames)
             .ok()) {
      return 91;
    }
  }
  while (true) Write(frames);
}

// Dies with something unread in its queue, after its last words.
int LastWords() {
  pollfd input{.fd = ChannelFd(), .events = POLLIN, .revents = 0};
  ::poll(&input, 1, -1);
  ToSupervisor message;
  message.mutable_fatal()->set_text("my last words");
  Say(message);
  std::cerr << "unfinished line";
  return 7;
}

// Leaves a process of its group behind, which holds channel and output.
int Leave() {
  if (::fork() == 0) Wait();
  return 3;
}

// The same, but out of the group and of reach.
int Escape() {
  pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    std::cout << "escaped " << ::getpid() << std::endl;
    ToSupervisor message;
    message.mutable_pong()->set_id(42);
    Say(message);
    Wait();
  }
  // Until it has escaped.
  pollfd input{.fd = ChannelFd(), .events = POLLIN, .revents = 0};
  ::poll(&input, 1, -1);
  return 4;
}

int Garbage() {
  Write("GET / HTTP/1.1\r\n\r\n");
  Wait();
}

// A frame that is no message.
int Unparsable() {
  Write(std::string("\0\0\0\2\xff\xff", 6));
  Wait();
}

int CloseChannel() {
  ::close(ChannelFd());
  Wait();
}

int StubbornClose() {
  ::signal(SIGTERM, SIG_IGN);
  return CloseChannel();
}

int Talk() {
  std::cout << "to stdout\n" << std::flush;
  std::cerr << "to stderr\n" << std::string(300, 'x') << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, int (*)()> behaviours = {
      {"obey", Obedient},      {"deaf", Deaf},
      {"flood", Flood},        {"last-words", LastWords},
      {"leave", Leave},        {"escape", Escape},
      {"garbage", Garbage},    {"unparsable", Unparsable},
      {"close", CloseChannel}, {"stubborn-close", StubbornClose},
      {"talk", Talk},
  };
  auto behaviour = behaviours.find(argc > 1 ? argv[1] : "");
  return behaviour == behaviours.end() ? 99 : behaviour->second();
}
