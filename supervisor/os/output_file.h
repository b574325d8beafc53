// A file that workers' lines are appended to, rotated by size.
#ifndef SUPERVISOR_OS_OUTPUT_FILE_H_
#define SUPERVISOR_OS_OUTPUT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/fd_ledger.h"

namespace drover::os {

// Never fails its caller: what cannot be written is dropped and counted, said
// once as a warning, tried again with later lines, and noted in the file when
// it works again. Not thread-safe.
class OutputFile {
 public:
  struct Options {
    std::string path;
    // The file is renamed to PATH.1, PATH.1 to PATH.2 and so on, before a line
    // would make it larger.
    uint64_t max_bytes = 0;
    // Renamed files that are kept; 0 = the file begins again.
    uint32_t keep = 0;
  };

  explicit OutputFile(Options options) : options_(std::move(options)) {}

  // Written down, and opened by what was.
  void Write(state::v1::OutputFile* to, FdLedger* fds) const;
  OutputFile(const state::v1::OutputFile& from, FdIntake* fds);

  // Takes a whole line, without its newline.
  void Append(absl::string_view line);

  uint64_t dropped() const { return dropped_in_all_; }

 private:
  // Each says with false that it dropped the line.
  bool Open();
  bool Rotate();
  bool Write(absl::string_view bytes);
  void Drop(int error_number, absl::string_view what);

  Options options_;
  UniqueFd file_;
  uint64_t size_ = 0;
  // The warning was given; taken back when a line was written.
  bool warned_ = false;
  uint64_t dropped_ = 0;
  uint64_t dropped_in_all_ = 0;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_OUTPUT_FILE_H_
