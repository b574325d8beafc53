// A host for tests: always the same, whoever runs them.
#ifndef SUPERVISOR_CONFIG_TESTING_H_
#define SUPERVISOR_CONFIG_TESTING_H_

#include <string>

#include "supervisor/config/host.h"

namespace drover::config {

// Knows the users root, nobody and ada, and their groups.
class FakeAccounts final : public Accounts {
 public:
  bool HasUser(const std::string& name) const override {
    return name == "root" || name == "nobody" || name == "ada";
  }
  bool HasGroup(const std::string& name) const override {
    return HasUser(name);
  }
};

inline Host FakeHost() {
  static const FakeAccounts accounts;
  return {.root = false,
          .user = "ada",
          .working_directory = "/home/ada",
          .runtime_directory = "/run/user/1000",
          .accounts = &accounts};
}

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_TESTING_H_
