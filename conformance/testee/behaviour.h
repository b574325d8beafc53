// What a testee was asked for, and the one thing that a mutant does wrong.
#ifndef CONFORMANCE_TESTEE_BEHAVIOUR_H_
#define CONFORMANCE_TESTEE_BEHAVIOUR_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::conformance {

class Behaviour {
 public:
  // `words` is DROVER_TESTEE, `fault` the name of one of Faults() or empty.
  Behaviour(absl::string_view words, absl::string_view fault);

  bool Asked(absl::string_view word) const;
  // The number behind "word:"; 0 where the word was not asked for.
  int Number(absl::string_view word) const;
  std::string Text(absl::string_view word) const;

  bool Faulty(absl::string_view name) const { return fault_ == name; }

 private:
  std::map<std::string, std::string> words_;
  std::string fault_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TESTEE_BEHAVIOUR_H_
