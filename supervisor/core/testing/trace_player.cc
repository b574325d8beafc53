#include "supervisor/core/testing/trace_player.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "supervisor/core/testing/field.h"
#include "supervisor/core/testing/spec.h"
#include "supervisor/core/testing/text.h"
#include "supervisor/core/testing/trace_words.h"

namespace drover::core {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::StatusOr<std::pair<std::string, uint32_t>> ParseSlot(
    absl::string_view text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  uint32_t slot = 0;
  if (!absl::SimpleAtoi(parts.second, &slot)) {
    return Wrong(absl::StrCat("\"", text, "\" is no POOL/SLOT"));
  }
  return std::pair(parts.first, slot);
}

absl::StatusOr<absl::Duration> ParseTime(absl::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return Wrong(absl::StrCat("\"", text, "\" is no duration"));
  }
  return duration;
}

}  // namespace

Supervisor& TracePlayer::core() {
  if (!core_) core_.emplace(options_);
  return *core_;
}

absl::Status TracePlayer::Play(absl::string_view line) {
  const bool quietly = absl::ConsumePrefix(&line, "quietly ");
  const std::vector<std::string> words = SplitWords(line);
  absl::Status status = Act(words);
  if (quietly) lines_.clear();
  return status;
}

absl::Status TracePlayer::Act(Words words) {
  const std::string& verb = words[0];
  const Words rest = words.subspan(1);
  uint64_t incarnation = 0;
  if (absl::SimpleAtoi(verb, &incarnation)) return DoFact(words);
  if (verb == "everyone") return Everyone(rest);
  if (verb == "supervisor") return SetUp(rest);
  if (verb == "show") return Show();
  if (rest.empty() && verb != "shutdown") {
    return Wrong(absl::StrCat("nothing happens by \"", verb, "\" alone"));
  }
  if (verb == "pool") return DefinePool(rest);
  if (verb == "apply") return DoApply(rest);
  if (verb == "reload") return DoReload(rest);
  if (verb == "shutdown") return DoShutdown(rest);
  if (verb == "cancel") return DoCancel(rest);
  if (verb == "decide") return DoDecide(rest);
  if (verb == "message") return DoMessage(rest);
  if (verb == "wait") return DoWait(rest);
  if (verb == "stand") return StandStill(rest);
  return DoCommand(words);
}

// People ---------------------------------------------------------------------

absl::Status TracePlayer::SetUp(Words words) {
  if (core_) return Wrong("the supervisor runs already");
  for (const std::string& word : words) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (parts.first == "max_parallel_starts") {
      if (!absl::SimpleAtoi(parts.second, &options_.max_parallel_starts)) {
        return Wrong(absl::StrCat("\"", parts.second, "\" is no number"));
      }
    } else if (parts.first == "shutdown_timeout") {
      auto time = ParseTime(parts.second);
      if (!time.ok()) return time.status();
      options_.shutdown_timeout = *time;
    } else {
      return Wrong(absl::StrCat("no option ", parts.first));
    }
  }
  return absl::OkStatus();
}

absl::Status TracePlayer::DefinePool(Words words) {
  config::v1::Pool& spec =
      specs_.try_emplace(words[0], TestSpec(words[0], 1)).first->second;
  for (const std::string& word : words.subspan(1)) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (absl::Status status = SetField(parts.first, parts.second, &spec);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status TracePlayer::DoApply(Words words) {
  static const auto* const kKinds = new std::map<std::string, PoolChangeKind>{
      {"add", PoolChangeKind::kAdd},
      {"remove", PoolChangeKind::kRemove},
      {"scale", PoolChangeKind::kScale},
      {"reload", PoolChangeKind::kReload},
      {"update", PoolChangeKind::kUpdate}};
  Apply apply;
  if (words.size() > 2 && words[0] == "at" && words[1] == "first") {
    apply.initial = true;
    words.remove_prefix(2);
  }
  for (size_t i = 0; i < words.size(); i += 2) {
    auto kind = kKinds->find(words[i]);
    if (kind == kKinds->end() || i + 1 == words.size()) {
      return Wrong(absl::StrCat("no change of a pool: ", words[i]));
    }
    auto spec = specs_.find(words[i + 1]);
    if (spec == specs_.end()) {
      return Wrong(
          absl::StrCat("no line says what pool ", words[i + 1], " is"));
    }
    apply.changes.push_back({kind->second, spec->second});
  }
  return Submit(apply);
}

absl::Status TracePlayer::DoCommand(Words words) {
  const std::string& verb = words[0];
  const std::string& object = words[1];
  if (verb == "stop") return Submit(StopPool{object});
  if (verb == "start") return Submit(StartPool{object});
  if (verb == "restart") {
    auto slot = ParseSlot(object);
    if (!slot.ok()) return slot.status();
    return Submit(RestartWorker{slot->first, slot->second});
  }
  uint32_t count = 0;
  if (verb == "scale" && words.size() == 3 &&
      absl::SimpleAtoi(words[2], &count)) {
    return Submit(Scale{object, count});
  }
  return Wrong(absl::StrCat("not understood: ", absl::StrJoin(words, " ")));
}

absl::Status TracePlayer::DoReload(Words words) {
  const std::string how = absl::StrJoin(words.subspan(1), " ");
  if (how.empty()) return Submit(Reload{words[0]});
  if (how == "in place") return Submit(Reload{words[0], true});
  if (how == "by replacement") return Submit(Reload{words[0], false});
  return Wrong(absl::StrCat("no way to reload: ", how));
}

absl::Status TracePlayer::DoShutdown(Words words) {
  if (words.empty()) return Submit(Shutdown{});
  if (words[0] == "fast") return Submit(Shutdown{Urgency::kFast});
  if (words[0] == "hard") return Submit(Shutdown{Urgency::kHard});
  return Wrong(absl::StrCat("no way to shut down: ", words[0]));
}

absl::Status TracePlayer::DoCancel(Words words) {
  absl::string_view name = words[0];
  OperationId id = 0;
  if (!absl::ConsumePrefix(&name, "op-") || !absl::SimpleAtoi(name, &id)) {
    return Wrong(absl::StrCat("\"", words[0], "\" is no operation"));
  }
  Effects effects;
  Refused(core().Cancel(id, "somebody", now_, &effects));
  Note(effects);
  return absl::OkStatus();
}

absl::Status TracePlayer::DoDecide(Words words) {
  auto slot = ParseSlot(words[0]);
  if (!slot.ok()) return slot.status();
  config::v1::Restart chosen;
  if (words.size() != 2) return Wrong("decide NAME/SLOT ACTION");
  if (absl::Status status = SetField("on_normal_exit", words[1], &chosen);
      !status.ok()) {
    return status;
  }
  Effects effects;
  Refused(core().Decide(slot->first, slot->second, chosen.on_normal_exit(),
                        now_, &effects));
  Note(effects);
  return absl::OkStatus();
}

absl::Status TracePlayer::DoMessage(Words words) {
  auto slot = ParseSlot(words[0]);
  if (!slot.ok()) return slot.status();
  if (words.size() != 2) return Wrong("message NAME/SLOT TOPIC");
  Effects effects;
  Refused(core().SendUserMessage(slot->first, slot->second, words[1], "payload",
                                 &effects));
  Note(effects);
  return absl::OkStatus();
}

absl::Status TracePlayer::Submit(const Command& command) {
  Effects effects;
  Refused(core().Submit(command, "somebody", now_, &effects).status());
  Note(effects);
  return absl::OkStatus();
}

void TracePlayer::Refused(const absl::Status& status) {
  if (!status.ok()) Print(absl::StrCat("refused: ", status.message()));
}

absl::Status TracePlayer::DoWait(Words words) {
  auto time = ParseTime(words[0]);
  if (!time.ok()) return time.status();
  const absl::Time begin = now_;
  const absl::Time end = now_ + *time;
  while (core().NextDeadline() <= end) {
    now_ = std::max(now_, core().NextDeadline());
    const size_t before = lines_.size();
    Feed(TimePassed{});
    if (lines_.size() == before) continue;
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(before),
                  absl::StrCat(kTraceIndent, "after ", Text(now_ - begin)));
  }
  now_ = end;
  return absl::OkStatus();
}

absl::Status TracePlayer::StandStill(Words words) {
  if (words.size() != 2 || words[0] != "still") {
    return Wrong("stand still DURATION");
  }
  auto time = ParseTime(words[1]);
  if (!time.ok()) return time.status();
  now_ += *time;
  Feed(TimePassed{});
  return absl::OkStatus();
}

absl::Status TracePlayer::Show() {
  for (const OperationView& operation : core().Operations()) {
    if (!IsFinal(operation.state)) Print(Text(operation));
  }
  for (const PoolView& pool : core().Pools()) {
    Print(absl::StrCat(
        "pool ", pool.name, " ", Name(pool.state), ", ", pool.ready, " of ",
        pool.count, " STARTED, generation ", pool.generation,
        pool.failure == nullptr ? ""
                                : absl::StrCat(": ", pool.failure->message)));
    for (const WorkerView& worker : core().Workers(pool.name)) {
      Print(Text(worker));
    }
  }
  return absl::OkStatus();
}

// The core -------------------------------------------------------------------

void TracePlayer::Feed(const Event& event) {
  Effects effects;
  core().Handle(event, now_, &effects);
  Note(effects);
}

void TracePlayer::Note(const Effects& effects) {
  for (const Effect& effect : effects) Note(effect);
}

void TracePlayer::Note(const Effect& effect) {
  std::string line = Text(effect);
  if (const auto* spawn = std::get_if<Spawn>(&effect)) {
    processes_.try_emplace(spawn->identity.incarnation);
  } else if (const auto* send = std::get_if<Send>(&effect)) {
    Process& process = processes_[send->incarnation];
    const worker::v1::ToWorker& message = send->message;
    if (message.has_start()) process.told = "Start";
    if (message.has_stop()) process.told = "Stop";
    if (message.has_quit()) process.told = "Quit";
    if (message.has_start() || message.has_stop() || message.has_quit()) {
      process.op = message.op();
    }
  } else if (const auto* signal = std::get_if<Signal>(&effect)) {
    Process& process = processes_[signal->incarnation];
    process.terminated |=
        std::count(signal->signals.begin(), signal->signals.end(), SIGTERM) > 0;
  } else if (const auto* notify = std::get_if<Notify>(&effect)) {
    const auto* news = std::get_if<OperationChanged>(&notify->notice);
    const auto operation =
        news == nullptr ? std::nullopt : core().FindOperation(news->operation);
    if (operation) line = Text(*operation);
  }
  Print(std::move(line));
}

// What is said twice in a row is shown once.
void TracePlayer::Print(std::string line) {
  line = absl::StrCat(kTraceIndent, line);
  if (lines_.empty() || lines_.back() != line) {
    lines_.push_back(std::move(line));
  }
}

}  // namespace drover::core
