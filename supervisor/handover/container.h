// The state as bytes: what says whose they are, of which format, and that none
// is missing or changed. Pure.
//
//   0   8  "DROVRST\n"
//   8   4  format, big-endian
//   12  8  length of the rest
//   20  4  CRC-32C of the 20 bytes before and of the rest
//   24     drover.state.v1.Handover
//
// This much is the same in every format, so that each release can say of a
// later one's state that it is later.
#ifndef SUPERVISOR_HANDOVER_CONTAINER_H_
#define SUPERVISOR_HANDOVER_CONTAINER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::handover {

// What this release writes, and the newest that it reads. It rises where a
// reader of the former would misunderstand; a field more is no new format
// (unknown.h).
inline constexpr uint32_t kFormat = 1;
inline constexpr uint32_t kOldestFormat = 1;

inline constexpr size_t kHeaderBytes = 24;

// Far above what 10,000 workers need; a length beyond it is no length.
inline constexpr size_t kBytesMax = size_t{512} << 20;

std::string Wrap(absl::string_view payload, uint32_t format = kFormat);

// The payload, a part of `bytes`. InvalidArgument says in words what is wrong:
// empty, no state, cut, changed, of another format.
absl::StatusOr<absl::string_view> Unwrap(absl::string_view bytes);

}  // namespace drover::handover

#endif  // SUPERVISOR_HANDOVER_CONTAINER_H_
