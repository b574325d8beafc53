// The end of what a process writes, in bounded memory.
#ifndef CONFORMANCE_TRIAL_OUTPUT_H_
#define CONFORMANCE_TRIAL_OUTPUT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::conformance {

class OutputTail {
 public:
  void Append(absl::string_view bytes);

  // Fit to be shown.
  std::string text() const;
  size_t total() const { return total_; }

 private:
  std::string kept_;
  size_t total_ = 0;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_OUTPUT_H_
