#include "supervisor/os/limits.h"

namespace drover::os {

Limit RaiseOpenFiles() {
  Limit original{.resource = RLIMIT_NOFILE, .value = {}};
  ::getrlimit(RLIMIT_NOFILE, &original.value);
  rlimit raised = original.value;
  raised.rlim_cur = raised.rlim_max;
  // Where it fails the supervisor has as many as before, which is no error.
  ::setrlimit(RLIMIT_NOFILE, &raised);
  return original;
}

std::vector<Limit> ChildLimits(const config::v1::ResourceLimits& configured,
                               const std::optional<Limit>& open_files) {
  std::vector<Limit> limits;
  auto add = [&limits](bool present, int resource, uint64_t value) {
    if (!present) return;
    limits.push_back({resource, {.rlim_cur = value, .rlim_max = value}});
  };
  add(configured.has_open_files(), RLIMIT_NOFILE, configured.open_files());
  add(configured.has_processes(), RLIMIT_NPROC, configured.processes());
  add(configured.has_core_size(), RLIMIT_CORE, configured.core_size());
  add(configured.has_address_space(), RLIMIT_AS, configured.address_space());
  add(configured.has_file_size(), RLIMIT_FSIZE, configured.file_size());
  add(configured.has_cpu_seconds(), RLIMIT_CPU, configured.cpu_seconds());
  add(configured.has_locked_memory(), RLIMIT_MEMLOCK,
      configured.locked_memory());
  add(configured.has_stack(), RLIMIT_STACK, configured.stack());
  if (!configured.has_open_files() && open_files) {
    limits.push_back(*open_files);
  }
  return limits;
}

}  // namespace drover::os
