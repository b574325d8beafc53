// A clause that a frame did not keep.
#ifndef CONFORMANCE_WIRE_BREACH_H_
#define CONFORMANCE_WIRE_BREACH_H_

#include <string>

namespace drover::conformance {

struct Breach {
  const char* clause;
  std::string expected;
  std::string seen;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_WIRE_BREACH_H_
