// Why a command was refused, in a form that programs can act upon: carried as a
// payload of the absl::Status.
#ifndef SUPERVISOR_CORE_REFUSAL_H_
#define SUPERVISOR_CORE_REFUSAL_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover::core {

struct Refusal {
  std::string reason;  // UPPER_SNAKE, stable
  std::string field;   // of the request; empty if none is at fault
  std::string remedy;  // what to do
};

absl::Status Refuse(absl::StatusCode code, absl::string_view message,
                    const Refusal& refusal);

// nullopt for a status that Refuse did not make.
std::optional<Refusal> RefusalOf(const absl::Status& status);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_REFUSAL_H_
