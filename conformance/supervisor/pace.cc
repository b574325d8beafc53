#include "conformance/supervisor/pace.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "conformance/trial/descendants.h"

namespace drover::conformance {
namespace {

// How much earlier than its time something may be seen.
constexpr int kEarlyPercent = 85;

}  // namespace

Pace::Pace(const Actor& actor)
    : actor_(actor), waited_(Waited()), mark_(Clock::now()) {}

Milliseconds Pace::Waited() const {
  return WaitedForCpu(::getpid()) + WaitedForCpu(actor_.pid());
}

void Pace::Mark() {
  Milliseconds waited = Waited();
  late_ = waited - std::exchange(waited_, waited);
  mark_ = Clock::now();
}

void Pace::ExpectNotEarlier(Trial& trial, absl::string_view clause,
                            Milliseconds time) const {
  auto took = std::chrono::duration_cast<Milliseconds>(Clock::now() - mark_);
  if ((took + late_).count() * 100 >= time.count() * kEarlyPercent) return;
  trial.Miss(clause, absl::StrCat("nothing before ", time.count(), " ms"),
             absl::StrCat("after ", took.count(), " ms"));
}

}  // namespace drover::conformance
