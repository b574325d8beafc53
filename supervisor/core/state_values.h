// The core's plain values, written out and read back (drover/state/v1).
#ifndef SUPERVISOR_CORE_STATE_VALUES_H_
#define SUPERVISOR_CORE_STATE_VALUES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/state/v1/state.pb.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"

namespace drover::core {

int64_t ToNanos(absl::Time time);
absl::Time FromNanos(int64_t nanos);

void WriteIdentity(const Identity& from, state::v1::Identity* to);
Identity ReadIdentity(const state::v1::Identity& from);

void WriteExit(const Exit& from, state::v1::Exit* to);
void WriteFailure(const Failure& from, state::v1::Failure* to);

// What a reader has found wrong so far: the first is kept. Reading goes on with
// harmless values, and the whole is thrown away in the end.
class StateErrors {
 public:
  // `what` names the field.
  void Add(absl::string_view what);

  // An enum of the core whose last value is `last`.
  template <typename Enum>
  Enum Checked(uint32_t number, Enum last, absl::string_view what) {
    if (number <= static_cast<uint32_t>(last)) return static_cast<Enum>(number);
    Add(what);
    return static_cast<Enum>(0);
  }

  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
};

std::shared_ptr<const Exit> ReadExit(const state::v1::Exit& from,
                                     StateErrors& errors);
std::shared_ptr<const Failure> ReadFailure(const state::v1::Failure& from,
                                           StateErrors& errors);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_STATE_VALUES_H_
