// The proof can fail: each deliberate fault in the core is caught, by a checker
// of the simulation, by a trace, or by both. The test prints which.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/testing/stories.h"
#include "supervisor/core/testing/trace.h"
#include "supervisor/sim/simulation.h"

namespace drover::sim {
namespace {

using core::Fault;

// What catches a fault within so many seeds is a checker that catches it.
constexpr uint64_t kSeeds = 40;

struct Case {
  Fault fault;
  const char* name;
};

constexpr Case kCases[] = {
    {Fault::kRespawnOnEnd, "respawn on the end of the channel"},
    {Fault::kForgottenHelloTimer, "no timer for Hello"},
    {Fault::kForgottenStartTimer, "no timer for a start"},
    {Fault::kForgottenStopTimer, "no timer for a stop"},
    {Fault::kForgottenQuitTimer, "no timer for Quit"},
    {Fault::kNeverKills, "never kills"},
    {Fault::kStartPreemptsStop, "Start pre-empts Stop"},
    {Fault::kQuitWithoutDrain, "Quit without a drain"},
    {Fault::kPingsUnanswered, "pings again without a Pong"},
    {Fault::kBlamesStaleAnswers, "blames stale answers"},
    {Fault::kBelievesUnissuedOps, "believes answers to nothing"},
    {Fault::kExtendsForEver, "extends for ever"},
    {Fault::kNoLameDuck, "no lame duck"},
    {Fault::kBlamesForPauses, "blames workers for its own pauses"},
    {Fault::kLostExit, "loses an exit"},
    {Fault::kExitToldTwice, "tells an exit twice"},
    {Fault::kSignalsTheGone, "signals the gone"},
    {Fault::kBackoffNeverGrows, "backoff never grows"},
    {Fault::kBackoffNeverResets, "backoff never resets"},
    {Fault::kIntensityOffByOne, "one restart too many"},
    {Fault::kPermanentIgnored, "permanent exit codes ignored"},
    {Fault::kFloorOffByOne, "floor off by one"},
    {Fault::kSurgeOffByOne, "surge off by one"},
    {Fault::kRollbackForgetsSlot, "rollback forgets a slot"},
    {Fault::kStopsBeforeStarted, "stops before the next is STARTED"},
    {Fault::kCanaryNotBaked, "canary not baked"},
    {Fault::kNoProgressIgnored, "no progress goes unnoticed"},
    {Fault::kRetiresTooEarly, "retires a generation too early"},
    {Fault::kStartTurnsLeak, "turns to start leak"},
    {Fault::kStartsUnbounded, "starts unbounded"},
    {Fault::kOrderIgnored, "order of pools ignored"},
    {Fault::kFinishesEarly, "finishes early"},
    {Fault::kOperationForgotten, "forgets an operation"},
    {Fault::kBackoffNotWritten, "backoff not written out"},
    {Fault::kDeadlineNotWritten, "deadline not written out"},
};

// Turns the fault on for as long as it lives.
class Activated {
 public:
  explicit Activated(Fault fault) { core::active_fault = fault; }
  ~Activated() { core::active_fault = Fault::kNone; }
};

// The checker that complains first, with the seed; empty if none does.
std::string FirstChecker(uint64_t* seed) {
  for (*seed = 0; *seed < kSeeds; ++*seed) {
    RunOptions options;
    options.seed = *seed;
    const Result result = drover::sim::Run(options);
    if (result.violation) return result.violation->checker;
  }
  return "";
}

// Stories that go another way.
std::vector<std::string> FailingStories() {
  std::vector<std::string> failing;
  for (const std::string& name : core::Stories()) {
    const std::string text = core::ReadStory(name);
    auto played = core::PlayTrace(name, text);
    if (!played.ok() || *played != text) failing.push_back(name);
  }
  return failing;
}

// The first, and how many more.
std::string Shortened(const std::vector<std::string>& stories) {
  if (stories.empty()) return "";
  if (stories.size() == 1) return stories[0];
  return absl::StrCat(stories[0], " and ", stories.size() - 1, " more");
}

TEST(FaultsTest, WithoutOneAllIsWell) {
  uint64_t seed = 0;
  EXPECT_EQ(FirstChecker(&seed), "") << "seed " << seed;
  EXPECT_EQ(absl::StrJoin(FailingStories(), " "), "");
}

TEST(FaultsTest, EachIsCaught) {
  EXPECT_EQ(std::size(kCases), static_cast<size_t>(Fault::kLast));
  absl::PrintF("%-34s %-44s %s\n", "fault", "checker (seed)", "traces");
  for (const Case& one : kCases) {
    const Activated activated(one.fault);
    uint64_t seed = 0;
    const std::string checker = FirstChecker(&seed);
    const std::vector<std::string> stories = FailingStories();
    absl::PrintF("%-34s %-44s %s\n", one.name,
                 checker.empty() ? "" : absl::StrCat(checker, " (", seed, ")"),
                 Shortened(stories));
    EXPECT_TRUE(!checker.empty() || !stories.empty())
        << "nothing catches: " << one.name;
  }
}

}  // namespace
}  // namespace drover::sim
