// Where descriptors are kept for a successor.
#ifndef SUPERVISOR_OS_FD_STORE_H_
#define SUPERVISOR_OS_FD_STORE_H_

#include <memory>
#include <string>
#include <utility>

namespace drover::os {

// Keeps duplicates of descriptors, by name, beyond the end of this process, and
// hands them to the next one: a service manager, or drover-holder.
class FdStore {
 public:
  virtual ~FdStore() = default;

  // `fd` is borrowed. Keeping the same one again under its name does nothing.
  virtual void Keep(const std::string& name, int fd) = 0;
  virtual void Drop(const std::string& name) = 0;
};

// A descriptor that is kept for as long as this lives, and the store does.
// Where the process ends before, it stays kept.
class KeptFd {
 public:
  KeptFd() = default;
  KeptFd(const std::shared_ptr<FdStore>& store, std::string name, int fd)
      : store_(store), name_(std::move(name)) {
    store->Keep(name_, fd);
  }
  KeptFd(KeptFd&&) = default;
  KeptFd& operator=(KeptFd&& other) noexcept {
    std::swap(store_, other.store_);
    std::swap(name_, other.name_);
    return *this;
  }
  bool is_kept() const { return !store_.expired(); }
  ~KeptFd() {
    if (auto store = store_.lock()) store->Drop(name_);
  }

 private:
  // Empty once it was moved from.
  std::weak_ptr<FdStore> store_;
  std::string name_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FD_STORE_H_
