// Which ends of workers are told one by one. A storm is told in one sentence,
// so that no log fills with it: every end is in the events all the same.
#ifndef SUPERVISOR_MAIN_EXIT_LINES_H_
#define SUPERVISOR_MAIN_EXIT_LINES_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace drover {

class ExitLines {
 public:
  // So many of a pool are told within a second.
  static constexpr uint32_t kToldMax = 10;

  // Whether this end is told.
  bool Take(const std::string& pool, absl::Time time);

  // What was left out of the pool's since the last call, as a sentence; empty
  // if nothing was.
  std::string Omitted(const std::string& pool);

  void Forget(const std::string& pool) { pools_.erase(pool); }

 private:
  struct Count {
    absl::Time since = absl::InfinitePast();
    uint32_t told = 0;
    uint32_t omitted = 0;
  };

  std::map<std::string, Count> pools_;
};

}  // namespace drover

#endif  // SUPERVISOR_MAIN_EXIT_LINES_H_
