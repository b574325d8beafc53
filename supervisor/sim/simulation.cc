#include "supervisor/sim/simulation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/testing/text.h"
#include "supervisor/sim/rest.h"
#include "supervisor/sim/twin.h"

namespace drover::sim {
namespace {

// After it a shell reads before it tells the time (os::Shell does so).
constexpr absl::Duration kLate = absl::Milliseconds(10);

// A supervisor that is so late gives its workers the time that it missed, and
// so much more.
constexpr absl::Duration kMayPostpone = absl::Milliseconds(400);
constexpr absl::Duration kSettle = absl::Seconds(1);

// Rest comes well before either, or never.
constexpr absl::Duration kRestWithin = absl::Hours(2);
constexpr uint64_t kRestSteps = 20'000;
constexpr uint64_t kRestLook = 50;

constexpr char kReadBack[] = "a core that is read back goes on as it was";
constexpr uint64_t kReadBackEvery = 100;
constexpr uint64_t kTwinSteps = 100;

// Whom a command is about; empty for all.
struct PoolOfCommand {
  std::string operator()(const core::Apply&) const { return ""; }
  std::string operator()(const core::Shutdown&) const { return ""; }
  template <typename Command>
  std::string operator()(const Command& command) const {
    return command.pool;
  }
};

std::string PoolOf(const core::Command& command) {
  return std::visit(PoolOfCommand{}, command);
}

class Simulation : public Host {
 public:
  explicit Simulation(const RunOptions& options);

  Result Run();

  absl::Time now() const override { return scene_.now; }
  Chance& chance() override { return chance_; }
  Tally& tally() override { return result_.tally; }
  Agenda& nature() override { return nature_; }
  bool troubled() const override { return scene_.troubled; }
  void OnReadable(core::Incarnation process) override {
    shell_->OnReadable(process);
  }
  void OnDied(core::Incarnation process) override { shell_->OnDied(process); }
  void OnStopped(core::Incarnation process) override {
    shell_->OnStopped(process);
  }
  void OnContinued(core::Incarnation process) override {
    shell_->OnContinued(process);
  }

 private:
  void BeginLife();
  void Cease();
  bool Step();
  void Advance(absl::Time to);
  void Pause();
  void TellTime();
  void Command();
  void Carry(const core::Command& command);
  void Carry(const CancelWish& wish);
  void Carry(const DecideWish& wish);
  void Carry(const TalkWish& wish);
  void Feed(const core::Event& event);
  // What is late by much may be postponed.
  void NoteLateness();
  void Settle(core::Effects effects);
  void LogState() const;
  void LogEffects(const core::Effects& effects) const;
  absl::Time NextTelling() const;
  void DrawNextCommand();
  template <typename Input>
  auto Give(const Input& input, core::Effects* effects);
  void Complain(std::string text);
  void MayReadBack();
  template <typename... Parts>
  void Log(const Parts&... parts) const;

  RunOptions options_;
  Result result_;
  Chance chance_;
  Agenda nature_{chance_};
  Agenda loop_{chance_};
  Operator operator_{chance_};
  Weather weather_;
  absl::Duration command_pace_;
  absl::Duration pause_pace_;

  Scene scene_;
  Checkers checkers_;
  std::unique_ptr<core::Supervisor> core_;
  Twin twin_;
  std::unique_ptr<FakeShell> shell_;
  absl::Time next_command_;
  absl::Time next_pause_;
  absl::Duration timer_late_;
};

Simulation::Simulation(const RunOptions& options)
    : options_(options), chance_(options.seed) {
  scene_.now = absl::UnixEpoch() + absl::Hours(1);
  // Some runs are stormy, some are calm.
  const double storm = chance_.OneOf({0.05, 0.2, 0.5, 0.9});
  weather_ = {.worker_trouble = storm,
              .spawn_fails = storm / 8,
              .spawn_late = storm / 8};
  command_pace_ = absl::Seconds(chance_.OneOf({2, 10, 60}));
  pause_pace_ = absl::Seconds(chance_.OneOf({30, 300}));
  next_pause_ = now() + chance_.Between(absl::Seconds(1), pause_pace_);
  scene_.conforming = [this](core::Incarnation process) {
    return shell_->conforming(process);
  };
}

template <typename... Parts>
void Simulation::Log(const Parts&... parts) const {
  if (!options_.log) return;
  options_.log(
      absl::StrCat(absl::FormatTime("%H:%M:%E6S", now(), absl::UTCTimeZone()),
                   " ", parts...));
}

// A supervisor that has finished is followed by another one.
void Simulation::BeginLife() {
  nature_.Clear();
  loop_.Clear();
  shell_ = std::make_unique<FakeShell>(
      *this, loop_, [this](const core::Event& event) { Feed(event); });
  shell_->set_weather(scene_.troubled ? weather_ : Weather{});
  scene_.options = {
      .version = "drover/simulated",
      .max_parallel_starts =
          static_cast<uint32_t>(chance_.OneOf({1, 2, 4, 64})),
      .shutdown_timeout = absl::Seconds(chance_.OneOf({10, 60, 600})),
      .seed = chance_.Number()};
  twin_.End();
  core_ = std::make_unique<core::Supervisor>(scene_.options);
  scene_.core = core_.get();
  scene_.ledger = Ledger();
  scene_.urged = false;
  checkers_ = MakeCheckers(scene_);
  Log("--- a new supervisor");
  Carry(operator_.First());
  DrawNextCommand();
}

void Simulation::DrawNextCommand() {
  next_command_ = now() + chance_.Between(absl::Milliseconds(1), command_pace_);
}

Result Simulation::Run() {
  const absl::Time begin = now();
  BeginLife();
  while (result_.steps < options_.steps && !scene_.violation) {
    if (scene_.ledger.finished()) {
      ++result_.lives;
      BeginLife();
    } else if (!Step()) {
      break;
    }
  }
  if (!scene_.violation) Cease();
  if (scene_.violation) LogState();
  result_.violation = scene_.violation;
  result_.time = now() - begin;
  return result_;
}

// Troubles cease; then all has to come to rest.
void Simulation::Cease() {
  Log("--- troubles cease");
  scene_.troubled = false;
  shell_->set_weather({});
  shell_->ContinueAll();
  next_command_ = next_pause_ = absl::InfiniteFuture();
  const absl::Time until = now() + kRestWithin;
  const uint64_t last = result_.steps + kRestSteps;
  uint64_t look = 0;
  while (!scene_.violation && now() < until && result_.steps < last) {
    if (result_.steps >= look) {
      if (WhyNotAtRest(*core_, scene_.ledger).empty()) break;
      look = result_.steps + kRestLook;
    }
    if (!Step()) break;
  }
  if (scene_.violation) return;
  for (const auto& checker : checkers_) checker->OnRest();
}

absl::Time Simulation::NextTelling() const {
  absl::Time deadline = core_->NextDeadline();
  return deadline == absl::InfiniteFuture() ? deadline : deadline + timer_late_;
}

// The next thing that happens, whatever it is. False: nothing will.
bool Simulation::Step() {
  const absl::Time natural = nature_.Next();
  const absl::Time ready = loop_.Next();
  const absl::Time telling = NextTelling();
  const absl::Time next =
      std::min({natural, ready, telling, next_command_, next_pause_});
  if (next == absl::InfiniteFuture()) return false;
  Advance(next);
  if (next == natural) {
    nature_.Pop()();
  } else if (next == ready) {
    loop_.Pop()();
  } else if (next == telling) {
    TellTime();
  } else if (next == next_command_) {
    Command();
    DrawNextCommand();
  } else {
    Pause();
  }
  return true;
}

void Simulation::Advance(absl::Time to) {
  scene_.now = std::max(scene_.now, to);
}

// The supervisor itself stands still (suspended, starved); its workers do not.
void Simulation::Pause() {
  const absl::Duration length =
      chance_.Between(absl::Milliseconds(1),
                      chance_.OneOf({absl::Milliseconds(800), absl::Seconds(5),
                                     absl::Minutes(3)}));
  const absl::Time end = now() + length;
  Log("--- the supervisor stands still for ", core::Text(length));
  tally().Count(Trouble::kPaused);
  while (nature_.Next() <= end) {
    Advance(nature_.Next());
    nature_.Pop()();
  }
  Advance(end);
  loop_.Delay(end);
  next_pause_ = now() + chance_.Between(absl::Seconds(1), pause_pace_);
}

// Gives one input to the core, and to its twin.
template <typename Input>
auto Simulation::Give(const Input& input, core::Effects* effects) {
  core::Effects theirs;
  if (twin_.core() != nullptr) (void)input(*twin_.core(), &theirs);
  auto result = input(*core_, effects);
  if (twin_.core() != nullptr) {
    std::string difference = twin_.Compare(theirs, *effects, *core_);
    if (!difference.empty()) Complain(std::move(difference));
  }
  return result;
}

void Simulation::TellTime() {
  const absl::Duration late = now() - core_->NextDeadline();
  if (late > kLate) {
    tally().Count(Trouble::kLateTimer);
    shell_->ReadAll();
  }
  if (scene_.violation) return;
  timer_late_ = chance_.OneIn(16) && scene_.troubled
                    ? chance_.Between(absl::ZeroDuration(), absl::Seconds(1))
                    : absl::ZeroDuration();
  Feed(core::TimePassed{});
}

void Simulation::Command() {
  std::visit([this](const auto& wish) { Carry(wish); }, operator_.Next(*core_));
}

void Simulation::Carry(const core::Command& command) {
  Log("> ", core::Text(command));
  NoteLateness();
  ++result_.steps;
  for (const auto& checker : checkers_) checker->OnCommand(PoolOf(command));
  if (const auto* apply = std::get_if<core::Apply>(&command)) {
    scene_.ledger.Ask(*apply);
  }
  if (const auto* shutdown = std::get_if<core::Shutdown>(&command)) {
    scene_.urged |= shutdown->urgency != core::Urgency::kGraceful;
  }
  core::Effects effects;
  auto operation = Give(
      [&](core::Supervisor& core, core::Effects* out) {
        return core.Submit(command, "somebody", now(), out);
      },
      &effects);
  if (operation.ok()) {
    Log("  as op-", *operation);
    if (std::holds_alternative<core::Shutdown>(command)) {
      tally().Count(Trouble::kShutdown);
    }
  } else {
    Log("  refused: ", operation.status().message());
    tally().Count(Trouble::kRefused);
  }
  Settle(std::move(effects));
}

void Simulation::Carry(const CancelWish& wish) {
  Log("> cancel op-", wish.operation);
  NoteLateness();
  ++result_.steps;
  for (const auto& checker : checkers_) checker->OnCommand("");
  core::Effects effects;
  absl::Status status = Give(
      [&](core::Supervisor& core, core::Effects* out) {
        return core.Cancel(wish.operation, "somebody", now(), out);
      },
      &effects);
  tally().Count(status.ok() ? Trouble::kCancelled : Trouble::kRefused);
  Log("  ", status.ok() ? "done" : status.message());
  Settle(std::move(effects));
}

void Simulation::Carry(const DecideWish& wish) {
  Log("> decide ", wish.pool, "/", wish.slot, ": ",
      config::v1::ExitAction_Name(wish.action));
  NoteLateness();
  ++result_.steps;
  for (const auto& checker : checkers_) checker->OnCommand(wish.pool);
  core::Effects effects;
  absl::Status status = Give(
      [&](core::Supervisor& core, core::Effects* out) {
        return core.Decide(wish.pool, wish.slot, wish.action, now(), out);
      },
      &effects);
  tally().Count(status.ok() ? Trouble::kDecided : Trouble::kRefused);
  Log("  ", status.ok() ? "done" : status.message());
  Settle(std::move(effects));
}

void Simulation::Carry(const TalkWish& wish) {
  Log("> ", wish.messages, " messages to ", wish.pool, "/", wish.slot);
  NoteLateness();
  ++result_.steps;
  core::Effects effects;
  Give(
      [&](core::Supervisor& core, core::Effects* out) {
        for (int i = 0; i < wish.messages; ++i) {
          (void)core.SendUserMessage(wish.pool, wish.slot, "news", "of the day",
                                     out);
        }
        return absl::OkStatus();
      },
      &effects)
      .IgnoreError();
  Settle(std::move(effects));
}

void Simulation::Feed(const core::Event& event) {
  if (scene_.violation) return;
  if (options_.log) Log(core::Text(event));
  NoteLateness();
  ++result_.steps;
  scene_.ledger.Note(event, now());
  for (const auto& checker : checkers_) checker->OnEvent(event);
  core::Effects effects;
  Give(
      [&](core::Supervisor& core, core::Effects* out) {
        core.Handle(event, now(), out);
        return absl::OkStatus();
      },
      &effects)
      .IgnoreError();
  Settle(std::move(effects));
}

// How things stand, for whoever reads the log.
void Simulation::LogState() const {
  if (!options_.log) return;
  for (const core::OperationView& operation : core_->Operations()) {
    if (!core::IsFinal(operation.state)) Log("= ", core::Text(operation));
  }
  for (const core::PoolView& pool : core_->Pools()) {
    Log("= pool ", pool.name, " ", Name(pool.state), ", count ", pool.count,
        ", generation ", pool.generation, ", next ", pool.next_generation);
    for (const core::WorkerView& worker : core_->Workers(pool.name)) {
      Log("=   ", core::Text(worker));
    }
  }
}

void Simulation::NoteLateness() {
  const absl::Duration late = now() - core_->NextDeadline();
  if (late > kMayPostpone) scene_.ledger.HoldUp(late + kSettle);
}

// What repeats itself is said once.
void Simulation::LogEffects(const core::Effects& effects) const {
  std::string former;
  int repeated = 0;
  for (const core::Effect& effect : effects) {
    std::string line = core::Text(effect);
    if (line == former) {
      ++repeated;
      continue;
    }
    if (repeated > 0) Log("  ... ", repeated, " more");
    repeated = 0;
    Log("  ", line);
    former = std::move(line);
  }
  if (repeated > 0) Log("  ... ", repeated, " more");
}

void Simulation::Complain(std::string text) {
  if (!scene_.violation) scene_.violation = {kReadBack, std::move(text)};
}

void Simulation::MayReadBack() {
  if (!chance_.OneIn(kReadBackEvery) || scene_.violation) return;
  Log("--- written out and read back");
  tally().Count(Trouble::kReadBack);
  auto read = ReadBack(*core_, scene_.options);
  if (!read.ok()) {
    return Complain(
        absl::StrCat("it is not read back: ", read.status().message()));
  }
  twin_.Begin(std::exchange(core_, *std::move(read)),
              chance_.Between(1, kTwinSteps));
  scene_.core = core_.get();
}

void Simulation::Settle(core::Effects effects) {
  if (options_.log) LogEffects(effects);
  for (const core::Effect& effect : effects) {
    for (const auto& checker : checkers_) checker->OnEffect(effect);
    scene_.ledger.Note(effect, now(), *core_);
  }
  for (const auto& checker : checkers_) checker->OnStep();
  scene_.ledger.Close();
  if (scene_.violation) return;
  for (const core::Effect& effect : effects) shell_->Carry(effect);
  MayReadBack();
}

}  // namespace

Result Run(const RunOptions& options) { return Simulation(options).Run(); }

}  // namespace drover::sim
