// What the testee finds in its environment.
#ifndef CONFORMANCE_TESTEE_ADOPTION_H_
#define CONFORMANCE_TESTEE_ADOPTION_H_

#include <string>
#include <utility>
#include <vector>

#include "conformance/testee/behaviour.h"

namespace drover::conformance {

struct Adopted {
  // >= 0: end with this code, having said `complaint`.
  int exit_code = -1;
  std::string complaint;
  int channel = -1;
  std::vector<std::pair<int, std::string>> listeners;
};

Adopted Adopt(const Behaviour& behaviour);

}  // namespace drover::conformance

#endif  // CONFORMANCE_TESTEE_ADOPTION_H_
