// Memory that outlives its writer: a file without a name, mapped.
#ifndef SUPERVISOR_OS_MEMORY_MAP_H_
#define SUPERVISOR_OS_MEMORY_MAP_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Writing is a store and no system call; what was written before this process
// was killed is there for whoever has a duplicate of the descriptor.
class MemoryMap {
 public:
  // Zeros. It can grow and never be cut: whoever has it cannot take the memory
  // away from under its writer.
  static absl::StatusOr<MemoryMap> Create(const char* name, size_t size);

  MemoryMap(MemoryMap&& other) noexcept;
  MemoryMap& operator=(MemoryMap&&) = delete;
  ~MemoryMap();

  // Moves data().
  absl::Status Grow(size_t size);

  int fd() const { return file_.get(); }
  char* data() { return data_; }
  size_t size() const { return size_; }

 private:
  MemoryMap(UniqueFd file, char* data, size_t size)
      : file_(std::move(file)), data_(data), size_(size) {}

  UniqueFd file_;
  char* data_ = nullptr;
  size_t size_ = 0;
};

// All of a file that somebody else has made, who may be writing to it still.
// Never more than `max` bytes: ResourceExhausted.
absl::StatusOr<std::string> ReadAll(int fd, size_t max);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_MEMORY_MAP_H_
