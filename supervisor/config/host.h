// What the meaning of a configuration depends on beside its text: some defaults
// and the users that exist. Injected, so that the rest of this room is pure.
#ifndef SUPERVISOR_CONFIG_HOST_H_
#define SUPERVISOR_CONFIG_HOST_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::config {

// Which names exist. Numbers are not asked about.
class Accounts {
 public:
  virtual ~Accounts() = default;
  virtual bool HasUser(const std::string& name) const = 0;
  virtual bool HasGroup(const std::string& name) const = 0;
};

struct Host {
  // The process runs as root.
  bool root = false;
  // Its user's name, or number where it has no name.
  std::string user;
  // Absolute.
  std::string working_directory;
  // $XDG_RUNTIME_DIR; empty where it is not set.
  std::string runtime_directory;
  // Processors that this process may use, at least 1: what `count: auto` is.
  uint32_t processors = 1;
  // Outlives the host.
  const Accounts* accounts = nullptr;
};

// This process, and the accounts of the system. A look-up may take a while
// where the system asks a directory service.
Host ThisHost();

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_HOST_H_
