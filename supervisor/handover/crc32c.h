// CRC-32C (Castagnoli). By hand: no library that the supervisor is linked with
// offers one, and a table is shorter than a dependency.
#ifndef SUPERVISOR_HANDOVER_CRC32C_H_
#define SUPERVISOR_HANDOVER_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace drover::handover {

// Of `bytes` behind those whose sum is `before`.
uint32_t Crc32c(absl::string_view bytes, uint32_t before = 0);

}  // namespace drover::handover

#endif  // SUPERVISOR_HANDOVER_CRC32C_H_
