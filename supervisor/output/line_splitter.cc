#include "supervisor/output/line_splitter.h"

namespace drover::output {

void LineSplitter::Append(absl::string_view bytes, Sink sink) {
  while (!bytes.empty()) {
    size_t newline = bytes.find('\n');
    if (newline == absl::string_view::npos) {
      AppendUnterminated(bytes, sink);
      return;
    }
    EndLine(bytes.substr(0, newline), sink);
    bytes.remove_prefix(newline + 1);
  }
}

void LineSplitter::EndLine(absl::string_view bytes, Sink sink) {
  bool whole = partial_.empty() && !cut_ && bytes.size() <= max_bytes_;
  if (whole) {
    sink(bytes);
    return;
  }
  AppendUnterminated(bytes, sink);
  if (!partial_.empty()) Flush(sink);
  cut_ = false;
}

void LineSplitter::Finish(Sink sink) {
  if (!partial_.empty()) Flush(sink);
  cut_ = false;
}

void LineSplitter::AppendUnterminated(absl::string_view bytes, Sink sink) {
  while (!bytes.empty()) {
    absl::string_view piece = bytes.substr(0, max_bytes_ - partial_.size());
    partial_.append(piece.data(), piece.size());
    bytes.remove_prefix(piece.size());
    if (partial_.size() == max_bytes_) {
      Flush(sink);
      cut_ = true;
    }
  }
}

void LineSplitter::Flush(Sink sink) {
  sink(partial_);
  std::string().swap(partial_);
}

}  // namespace drover::output
