// What the supervisor is measured against: the same binary, started by bare
// posix_spawn, back to back, one epoll loop, one ready byte.
#ifndef SUPERVISOR_BENCH_BARE_H_
#define SUPERVISOR_BENCH_BARE_H_

#include <string>

#include "absl/time/time.h"

namespace drover::bench {

// From the first posix_spawn to the last of `count` first bytes on standard
// output. The processes are ended before it returns, outside of the time.
absl::Duration StartBare(const std::string& program, int count);

}  // namespace drover::bench

#endif  // SUPERVISOR_BENCH_BARE_H_
