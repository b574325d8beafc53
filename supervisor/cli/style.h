// How text may look where it goes: colours, width, live or not.
#ifndef SUPERVISOR_CLI_STYLE_H_
#define SUPERVISOR_CLI_STYLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::cli {

// What a piece of text says, not which colour it has.
enum class Tone { kPlain, kGood, kBusy, kBad, kFaint, kHead };

struct Style {
  bool color = false;
  // Columns of the terminal; 0 = no limit (a file, a pipe).
  int width = 0;

  std::string Paint(Tone tone, absl::string_view text) const;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_STYLE_H_
