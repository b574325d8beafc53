// Small pieces of text that every view is made of.
#ifndef SUPERVISOR_CLI_TEXT_H_
#define SUPERVISOR_CLI_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace drover::cli {

// Text from elsewhere (a worker, a supervisor, a file), for one line of a
// terminal: nothing in it can move the cursor or turn the text around it. The
// supervisor has done it before; a terminal trusts nobody.
std::string Escape(absl::string_view text);

// Columns that (escaped) text takes in a terminal.
int DisplayWidth(absl::string_view text);

// At most `width` columns; what is cut ends in "…". width <= 0 = no limit.
std::string Truncate(absl::string_view text, int width);

absl::Duration ToDuration(const google::protobuf::Duration& proto);
absl::Time ToTime(const google::protobuf::Timestamp& proto);

// Two units at most: "0s", "250ms", "3.2s", "42s", "3m12s", "2h05m", "4d03h".
// Negative counts as 0.
std::string ShowDuration(absl::Duration duration);

// "14:03:07.123" in the local zone.
std::string ShowClock(absl::Time time);
// "2026-03-01 14:03:07" in the local zone.
std::string ShowDate(absl::Time time);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_TEXT_H_
