#include "supervisor/os/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, "write to memory");
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UniqueFd> MakeSealedFile(const char* name,
                                        absl::string_view bytes) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.ok()) return absl::ErrnoToStatus(errno, "memfd_create");
  absl::Status written = WriteAll(file.get(), bytes);
  if (!written.ok()) return written;
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    return absl::ErrnoToStatus(errno, "F_ADD_SEALS");
  }
  return file;
}

absl::StatusOr<std::string> ReadSealedFile(int fd, size_t max_bytes) {
  if (::fcntl(fd, F_GET_SEALS) != kSeals) {
    return absl::InvalidArgumentError(
        absl::StrCat("descriptor ", fd, " is no sealed memory"));
  }
  struct stat info;
  if (::fstat(fd, &info) != 0) return absl::ErrnoToStatus(errno, "fstat");
  const auto size = static_cast<size_t>(info.st_size);
  if (size > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(size, " bytes, above ", max_bytes));
  }
  std::string bytes(size, '\0');
  for (size_t read = 0; read < size;) {
    ssize_t count =
        ::pread(fd, bytes.data() + read, size - read, static_cast<off_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return absl::ErrnoToStatus(errno, "read from memory");
    read += static_cast<size_t>(count);
  }
  return bytes;
}

}  // namespace drover::os
