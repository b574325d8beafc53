#include "supervisor/sim/temper.h"

#include <algorithm>

#include "drover/worker/v1/worker.pb.h"

namespace drover::sim {
namespace {

constexpr uint32_t kCapabilities[] = {
    worker::v1::CAPABILITY_RELOAD,    worker::v1::CAPABILITY_RESUME,
    worker::v1::CAPABILITY_REQUEST,   worker::v1::CAPABILITY_PROGRESS,
    worker::v1::CAPABILITY_GAUGES,    worker::v1::CAPABILITY_USER_MESSAGES,
    worker::v1::CAPABILITY_LAME_DUCK,
};

absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

// Flooding takes a thousand events, so it comes less often than the rest.
Trouble DrawTrouble(Chance& chance) {
  auto trouble = static_cast<Trouble>(chance.Below(kWorkerTroubleCount));
  if (trouble == Trouble::kFlood && !chance.OneIn(30)) return Trouble::kCrash;
  return trouble;
}

Occasion OccasionFor(Trouble trouble, Chance& chance) {
  switch (trouble) {
    case Trouble::kWrongVersion:
    case Trouble::kUninterruptible:
      return Occasion::kSpawned;
    case Trouble::kRefuses:
      return chance.OneOf({Occasion::kWelcomed, Occasion::kStarted});
    default:
      return static_cast<Occasion>(chance.Below(kOccasionCount));
  }
}

absl::Duration DelayFor(Trouble trouble, Chance& chance) {
  if (trouble == Trouble::kWrongVersion ||
      trouble == Trouble::kUninterruptible || chance.OneIn(3)) {
    return absl::ZeroDuration();
  }
  return chance.Between(absl::ZeroDuration(),
                        chance.OneOf({absl::Milliseconds(5), absl::Seconds(1),
                                      absl::Minutes(1)}));
}

}  // namespace

Temper DrawTemper(const config::v1::Pool& spec, double trouble,
                  Chance& chance) {
  Temper temper;
  for (uint32_t capability : kCapabilities) {
    if (chance.Likely(0.7)) temper.capabilities.push_back(capability);
  }
  temper.pace = chance.Between(absl::Microseconds(50), absl::Milliseconds(20));
  // Well within the deadlines: what is slower is a trouble.
  absl::Duration start = ToAbsl(spec.timeouts().start());
  absl::Duration stop = ToAbsl(spec.timeouts().stop());
  temper.start_time = chance.Between(absl::ZeroDuration(), start / 2);
  temper.drain_time = chance.Between(absl::ZeroDuration(), stop / 2);
  temper.talkative = chance.OneIn(2);
  temper.minds_term = chance.OneIn(2);
  temper.extends = chance.OneIn(8);
  // Longer than it is given: it asks for more time, or gives up in time.
  const bool progress =
      std::find(temper.capabilities.begin(), temper.capabilities.end(),
                worker::v1::CAPABILITY_PROGRESS) != temper.capabilities.end();
  if (temper.extends && progress) temper.start_time *= 3;
  if (chance.OneIn(8)) temper.drain_time *= 3;
  temper.chatter = chance.Between(absl::Milliseconds(500), absl::Minutes(1));
  if (spec.command(0) == kBadCommand) {
    temper.trouble = Trouble::kBadGeneration;
    temper.occasion = Occasion::kToldToStart;
  } else if (chance.Likely(trouble)) {
    temper.trouble = DrawTrouble(chance);
    if (*temper.trouble == Trouble::kBadGeneration) {
      temper.trouble = Trouble::kFails;
    }
    temper.occasion = OccasionFor(*temper.trouble, chance);
    temper.delay = DelayFor(*temper.trouble, chance);
  }
  return temper;
}

}  // namespace drover::sim
