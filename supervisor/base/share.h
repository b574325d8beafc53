// A number of workers, or a part of a pool: "2", "25%".
#ifndef SUPERVISOR_BASE_SHARE_H_
#define SUPERVISOR_BASE_SHARE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace drover {

struct Share {
  // At most 4096, or 100 where it is a part.
  uint32_t number = 0;
  bool percent = false;
};

// nullopt: it is none, or out of range.
std::optional<Share> ParseShare(absl::string_view text);

// Of `count` workers; a part is rounded up, or down.
uint32_t RoundedUp(const Share& share, uint32_t count);
uint32_t RoundedDown(const Share& share, uint32_t count);

}  // namespace drover

#endif  // SUPERVISOR_BASE_SHARE_H_
