// A file that workers' lines are appended to, rotated by size.
#ifndef SUPERVISOR_OS_OUTPUT_FILE_H_
#define SUPERVISOR_OS_OUTPUT_FILE_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/fd_intake.h"

namespace drover::os {

// Never fails its caller, but may keep it waiting for as long as the disk likes
// (OutputWriter is for those who cannot wait): what cannot be written is
// dropped and counted, said once as a warning, tried again with later lines,
// and noted in the file when it works again. Not thread-safe.
class OutputFile {
 public:
  struct Options {
    std::string path;
    // The file is renamed to PATH.1, PATH.1 to PATH.2 and so on, before a line
    // would make it larger.
    uint64_t max_bytes = 0;
    // Renamed files that are kept; 0 = the file begins again.
    uint32_t keep = 0;
    // write(2); tests have worse ones.
    std::function<ssize_t(int, const void*, size_t)> write = ::write;
  };

  explicit OutputFile(Options options) : options_(std::move(options)) {}

  // Written down, and made anew from what was. The file itself is opened again.
  void Write(state::v1::OutputFile* to) const;
  OutputFile(const state::v1::OutputFile& from, FdIntake* fds);

  // Takes whole lines, each with its newline.
  void Append(absl::string_view lines);

  // Until the next line.
  void Close() { file_.reset(); }

  const std::string& path() const { return options_.path; }
  uint64_t dropped() const { return dropped_in_all_; }

 private:
  // Takes lines from the front. Each of these says with false that nothing can
  // be written now.
  bool AppendSome(absl::string_view* lines);
  bool Open();
  bool Rotate();

  // How much of the lines fits into the file behind so many bytes more; 0 where
  // the first one does not.
  size_t Fitting(absl::string_view lines, uint64_t before) const;
  // What has been dropped; empty if nothing was.
  std::string Note() const;
  // How much of it was written: less than all after an error.
  size_t Write(absl::string_view bytes);
  void Fail(int error_number, absl::string_view what);

  Options options_;
  UniqueFd file_;
  uint64_t size_ = 0;
  // The warning was given; taken back when a line was written.
  bool warned_ = false;
  // The last line is written in part.
  bool torn_ = false;
  uint64_t dropped_ = 0;
  uint64_t dropped_in_all_ = 0;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_OUTPUT_FILE_H_
