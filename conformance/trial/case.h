// What a conformance case is.
#ifndef CONFORMANCE_TRIAL_CASE_H_
#define CONFORMANCE_TRIAL_CASE_H_

#include "absl/strings/string_view.h"

namespace drover::conformance {

class Trial;

// What a subject has to bring along for a case.
enum Needs : unsigned {
  kNothing = 0,
  // A listener that it accepts on.
  kListener = 1,
  // That it does what DROVER_TESTEE asks.
  kTestee = 2,
  // A way to give the supervisor orders.
  kControl = 4,
};

struct Case {
  // Never given to another case.
  const char* id;
  // A few words.
  const char* title;
  // Ids of the clauses that it stands on, with spaces between.
  const char* clauses;
  unsigned needs;
  // What is done, and what has to follow.
  const char* about;
  void (*run)(Trial& trial);
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_CASE_H_
