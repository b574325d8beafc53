// The descriptors that are held, by name.
#ifndef SUPERVISOR_HOLD_STORE_H_
#define SUPERVISOR_HOLD_STORE_H_

#include <string>
#include <vector>

#include "supervisor/base/unique_fd.h"

namespace drover::hold {

class Store {
 public:
  // More than a configuration has listeners; also where the numbers end that a
  // supervisor is handed (Launch()).
  static constexpr size_t kMax = 256;

  struct Held {
    std::string name;
    UniqueFd fd;
  };

  // False: there is no room. One that is held already, under whatever name, is
  // not held twice.
  bool Keep(std::string name, UniqueFd fd);
  // All of this name.
  void Drop(const std::string& name);

  const std::vector<Held>& held() const { return held_; }

 private:
  std::vector<Held> held_;
};

}  // namespace drover::hold

#endif  // SUPERVISOR_HOLD_STORE_H_
