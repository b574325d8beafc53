#include "supervisor/os/memory_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::os {

absl::StatusOr<MemoryMap> MemoryMap::Create(const char* name, size_t size) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.ok()) return absl::ErrnoToStatus(errno, "memfd_create");
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    return absl::ErrnoToStatus(errno, "memfd");
  }
  void* data =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return absl::ErrnoToStatus(errno, "mmap");
  return MemoryMap(std::move(file), static_cast<char*>(data), size);
}

MemoryMap::MemoryMap(MemoryMap&& other) noexcept
    : file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(other.size_) {}

MemoryMap::~MemoryMap() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

absl::Status MemoryMap::Grow(size_t size) {
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0) {
    return absl::ErrnoToStatus(errno, "ftruncate");
  }
  void* data = ::mremap(data_, size_, size, MREMAP_MAYMOVE);
  if (data == MAP_FAILED) return absl::ErrnoToStatus(errno, "mremap");
  data_ = static_cast<char*>(data);
  size_ = size;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAll(int fd, size_t max) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return absl::ErrnoToStatus(errno, "fstat");
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError("no file");
  if (static_cast<size_t>(info.st_size) > max) {
    return absl::ResourceExhaustedError(
        absl::StrCat(info.st_size, " bytes; at most ", max));
  }
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t at = 0;
  while (at < content.size()) {
    const ssize_t size = ::pread(fd, content.data() + at, content.size() - at,
                                 static_cast<off_t>(at));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return absl::ErrnoToStatus(errno, "read");
    if (size == 0) break;
    at += static_cast<size_t>(size);
  }
  content.resize(at);
  return content;
}

}  // namespace drover::os
