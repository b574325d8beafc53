#include "supervisor/os/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"

namespace drover::os {

void OutputFile::Append(absl::string_view lines) {
  while (!lines.empty()) {
    if (AppendSome(&lines)) continue;
    // Opened again for the next line: the file may have been moved away.
    file_.reset();
    auto count = static_cast<uint64_t>(std::ranges::count(lines, '\n'));
    dropped_ += count;
    dropped_in_all_ += count;
    return;
  }
}

bool OutputFile::AppendSome(absl::string_view* lines) {
  if (!file_.ok() && !Open()) return false;
  const std::string note = Note();
  size_t count = Fitting(*lines, note.size());
  if (count == 0) {
    if (size_ > 0 && (!Rotate() || !Open())) return false;
    // However long it is.
    count = lines->find('\n') + 1;
  }
  const std::string text = absl::StrCat(note, lines->substr(0, count));
  const size_t written = Write(text);
  if (written > 0) torn_ = text[written - 1] != '\n';
  // What of it are whole lines.
  const size_t whole = absl::string_view(text).substr(0, written).rfind('\n');
  if (whole != absl::string_view::npos && whole >= note.size()) {
    lines->remove_prefix(whole + 1 - note.size());
  }
  const uint64_t noted = written >= note.size() ? dropped_ : 0;
  dropped_ -= noted;
  if (written < text.size()) return false;
  if (warned_) {
    warned_ = false;
    log::Warning(absl::StrCat("output file ", options_.path,
                              ": written again; ", noted, " lines dropped"));
  }
  return true;
}

size_t OutputFile::Fitting(absl::string_view lines, uint64_t before) const {
  const uint64_t taken = size_ + before;
  if (taken >= options_.max_bytes) return 0;
  const size_t end = lines.substr(0, options_.max_bytes - taken).rfind('\n');
  return end == absl::string_view::npos ? 0 : end + 1;
}

std::string OutputFile::Note() const {
  if (dropped_ == 0) return "";
  return absl::StrCat(torn_ ? "\n" : "", "[drover] ", dropped_,
                      " lines dropped\n");
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
    Fail(errno, "open");
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    Fail(EINVAL, "no regular file");
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
    Fail(errno, "rename");
    return false;
  }
  torn_ = false;
  return true;
}

size_t OutputFile::Write(absl::string_view bytes) {
  size_t written = 0;
  while (written < bytes.size()) {
    ssize_t count = options_.write(file_.get(), bytes.data() + written,
                                   bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      Fail(errno, "write");
      break;
    }
    written += static_cast<size_t>(count);
  }
  size_ += written;
  return written;
}

void OutputFile::Fail(int error_number, absl::string_view what) {
  if (warned_) return;
  warned_ = true;
  log::Warning(absl::StrCat("output file ", options_.path, ": ", what, ": ",
                            ::strerror(error_number), "; lines are dropped"));
}

}  // namespace drover::os
