// Cuts a stream of bytes into lines. Pure.
#ifndef SUPERVISOR_OUTPUT_LINE_SPLITTER_H_
#define SUPERVISOR_OUTPUT_LINE_SPLITTER_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace drover::output {

// Keeps at most one unfinished line, of at most `max_bytes`, and no memory
// between lines. Not thread-safe.
class LineSplitter {
 public:
  // Called with each line, without its newline; the view is valid during the
  // call.
  using Sink = absl::FunctionRef<void(absl::string_view)>;

  // Lines longer than `max_bytes` (at least 1) are cut in pieces of it.
  explicit LineSplitter(size_t max_bytes) : max_bytes_(max_bytes) {}

  void Append(absl::string_view bytes, Sink sink);

  // The stream ended: what is left is a line too.
  void Finish(Sink sink);

  // The unfinished line, and whether a piece of it was handed out before: what
  // another splitter needs to go on with it.
  const std::string& partial() const { return partial_; }
  bool cut() const { return cut_; }
  void Resume(std::string partial, bool cut) {
    partial_ = std::move(partial);
    cut_ = cut;
  }

 private:
  // Both take bytes without a newline; EndLine those right before one.
  void EndLine(absl::string_view bytes, Sink sink);
  void AppendUnterminated(absl::string_view bytes, Sink sink);
  void Flush(Sink sink);

  size_t max_bytes_;
  std::string partial_;
  // A piece of the current line was handed out already: a newline right behind
  // it ends that line and begins no empty one.
  bool cut_ = false;
};

}  // namespace drover::output

#endif  // SUPERVISOR_OUTPUT_LINE_SPLITTER_H_
