// What becomes of processes in a trace, and the short forms for it.
#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/core/testing/trace_player.h"
#include "supervisor/core/testing/trace_words.h"

namespace drover::core {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

int SignalNumber(absl::string_view name) {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (SignalName(signal) == name) return signal;
  }
  return 0;
}

}  // namespace

absl::StatusOr<TracePlayer::Process*> TracePlayer::Find(
    Incarnation incarnation) {
  auto it = processes_.find(incarnation);
  if (it == processes_.end()) {
    return Wrong(absl::StrCat("nobody asked for process ", incarnation));
  }
  if (!it->second.alive) {
    return Wrong(absl::StrCat("process ", incarnation, " has ended"));
  }
  return &it->second;
}

absl::Status TracePlayer::DoFact(Words words) {
  Incarnation incarnation = 0;
  (void)absl::SimpleAtoi(words[0], &incarnation);
  auto process = Find(incarnation);
  if (!process.ok()) return process.status();
  if (words.size() < 2) return Wrong("nothing becomes of it");
  return DoFact(incarnation, words.subspan(1));
}

absl::Status TracePlayer::DoFact(Incarnation incarnation, Words words) {
  const std::string what = absl::StrJoin(words, " ");
  Process& process = processes_.at(incarnation);
  int code = 0;
  if (what == "spawned") {
    process.spawned = true;
    Feed(Spawned{incarnation, static_cast<int32_t>(incarnation)});
  } else if (absl::StartsWith(what, "cannot be spawned: ") &&
             words.size() == 5 && absl::SimpleAtoi(words[4], &code)) {
    process.alive = false;
    Feed(SpawnFailed{incarnation, words[3], code, "./server"});
  } else if (what == "says garbage") {
    Feed(FrameRejected{incarnation, worker::v1::PROTOCOL_ERROR_CODE_FRAME_SIZE,
                       "frame of length 0"});
  } else if (words[0] == "says") {
    auto message = ParseWords(words.subspan(1));
    if (!message.ok()) return message.status();
    process.introduced |= message->has_hello();
    if (message->has_state()) process.told.clear();
    Feed(FrameReceived{incarnation, *std::move(message)});
  } else if (what == "closes its channel") {
    Feed(ChannelClosed{incarnation});
  } else if (what == "does not read") {
    Feed(QueueOverflowed{incarnation});
  } else if (what == "is stopped by a signal") {
    Feed(ProcessStopped{incarnation});
  } else if (what == "is continued") {
    Feed(ProcessContinued{incarnation});
  } else if (absl::StartsWith(what, "exits with ") &&
             absl::SimpleAtoi(words.back(), &code)) {
    Exit(incarnation, 0, code);
  } else if (absl::StartsWith(what, "is killed by ") &&
             SignalNumber(words.back()) != 0) {
    Exit(incarnation, SignalNumber(words.back()), 0);
  } else if (absl::StartsWith(what, "comes up")) {
    return ComesUp(incarnation, words.subspan(2));
  } else if (what == "goes") {
    return Goes(incarnation);
  } else {
    return Wrong(absl::StrCat("not understood: ", what));
  }
  return absl::OkStatus();
}

void TracePlayer::Exit(Incarnation incarnation, int signal, int code) {
  processes_.at(incarnation).alive = false;
  Exited exited;
  exited.incarnation = incarnation;
  exited.signal = signal;
  exited.code = code;
  Feed(exited);
}

bool TracePlayer::MayComeUp(const Process& process) const {
  return process.alive && !process.terminated &&
         (!process.introduced || process.told == "Start");
}

absl::Status TracePlayer::ComesUp(Incarnation incarnation, Words capabilities) {
  Process& process = processes_.at(incarnation);
  if (!process.spawned) {
    process.spawned = true;
    Feed(Spawned{incarnation, static_cast<int32_t>(incarnation)});
  }
  if (!process.introduced) {
    std::vector<std::string> hello = {"Hello"};
    hello.insert(hello.end(), capabilities.begin(), capabilities.end());
    auto message = ParseWords(hello);
    if (!message.ok()) return message.status();
    process.introduced = true;
    Feed(FrameReceived{incarnation, *std::move(message)});
  }
  if (process.told != "Start") return absl::OkStatus();
  process.told.clear();
  worker::v1::ToSupervisor started;
  started.set_re(process.op);
  started.mutable_state()->set_state(worker::v1::STATE_STARTED);
  Feed(FrameReceived{incarnation, std::move(started)});
  return absl::OkStatus();
}

bool TracePlayer::MayGo(const Process& process) const {
  return process.alive && (process.terminated || process.told == "Stop" ||
                           process.told == "Quit");
}

absl::Status TracePlayer::Goes(Incarnation incarnation) {
  Process& process = processes_.at(incarnation);
  if (!MayGo(process)) {
    return Wrong(absl::StrCat("nobody told ", incarnation, " to go"));
  }
  if (process.told == "Stop") {
    process.told.clear();
    worker::v1::ToSupervisor stopped;
    stopped.set_re(process.op);
    stopped.mutable_state()->set_state(worker::v1::STATE_STOPPED);
    Feed(FrameReceived{incarnation, std::move(stopped)});
  }
  if (process.told == "Quit") {
    Exit(incarnation, 0, 0);
  } else if (process.terminated) {
    Exit(incarnation, SIGTERM, 0);
  }
  return absl::OkStatus();
}

absl::Status TracePlayer::Everyone(Words words) {
  const std::string what = absl::StrJoin(words, " ");
  const bool up = absl::StartsWith(what, "comes up");
  if (!up && what != "goes") {
    return Wrong(absl::StrCat("everyone comes up or goes, not: ", what));
  }
  while (true) {
    auto next = std::find_if(
        processes_.begin(), processes_.end(), [&](const auto& entry) {
          return up ? MayComeUp(entry.second) : MayGo(entry.second);
        });
    if (next == processes_.end()) return absl::OkStatus();
    absl::Status status =
        up ? ComesUp(next->first, words.subspan(2)) : Goes(next->first);
    if (!status.ok()) return status;
  }
}

}  // namespace drover::core
