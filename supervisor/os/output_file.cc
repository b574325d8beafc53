#include "supervisor/os/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"

namespace drover::os {

void OutputFile::Append(absl::string_view line) {
  std::string text;
  if (dropped_ > 0) {
    text = absl::StrCat("[drover] ", dropped_, " lines dropped\n");
  }
  absl::StrAppend(&text, line, "\n");
  if (!file_.ok() && !Open()) return;
  if (size_ > 0 && size_ + text.size() > options_.max_bytes) {
    if (!Rotate() || !Open()) return;
  }
  if (!Write(text)) return;
  warned_ = false;
  dropped_ = 0;
}

bool OutputFile::Open() {
  // The directory may belong to the workers' user: no link is followed, and
  // what is no regular file is not written to (nor waited for).
  file_.reset(::open(options_.path.c_str(),
                     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
                         O_NONBLOCK | O_NOCTTY,
                     0644));
  struct stat info;
  if (!file_.ok() || ::fstat(file_.get(), &info) != 0) {
    Drop(errno, "open");
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    Drop(EINVAL, "no regular file");
    return false;
  }
  size_ = static_cast<uint64_t>(info.st_size);
  return true;
}

bool OutputFile::Rotate() {
  auto name = [this](uint32_t number) {
    return absl::StrCat(options_.path, ".", number);
  };
  for (uint32_t number = options_.keep; number > 1; --number) {
    // Where there are fewer yet, there is nothing to rename.
    ::rename(name(number - 1).c_str(), name(number).c_str());
  }
  int result = options_.keep == 0
                   ? ::unlink(options_.path.c_str())
                   : ::rename(options_.path.c_str(), name(1).c_str());
  if (result != 0 && errno != ENOENT) {
    Drop(errno, "rename");
    return false;
  }
  return true;
}

bool OutputFile::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      Drop(errno, "write");
      return false;
    }
    size_ += static_cast<uint64_t>(count);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void OutputFile::Drop(int error_number, absl::string_view what) {
  // Opened again for the next line: the file may have been moved away.
  file_.reset();
  ++dropped_;
  ++dropped_in_all_;
  if (warned_) return;
  warned_ = true;
  log::Warning(absl::StrCat("output file ", options_.path, ": ", what, ": ",
                            ::strerror(error_number), "; lines are dropped"));
}

}  // namespace drover::os
