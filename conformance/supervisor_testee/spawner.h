// Starts the processes of workers, and owns the listener that they share.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_SPAWNER_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_SPAWNER_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "conformance/supervisor_testee/settings.h"
#include "conformance/supervisor_testee/worker.h"
#include "conformance/trial/fd.h"

namespace drover::conformance {

class Spawner {
 public:
  explicit Spawner(const Settings& settings);

  absl::StatusOr<std::unique_ptr<Worker>> Start(uint32_t slot);

 private:
  void OpenListener();
  Pair ChannelFor(uint32_t slot);
  std::vector<std::string> Environment() const;

  const Settings& settings_;
  Fd listener_;
  uint64_t incarnations_ = 0;
  // A mutant gives each slot one channel for good.
  std::map<uint32_t, Pair> kept_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_SPAWNER_H_
