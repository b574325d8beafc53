#include "supervisor/hold/store.h"

#include <sys/stat.h>

#include <utility>

namespace drover::hold {
namespace {

bool IsSame(int one, int other) {
  struct stat a;
  struct stat b;
  return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

bool Store::Keep(std::string name, UniqueFd fd) {
  for (const Held& one : held_) {
    if (IsSame(one.fd.get(), fd.get())) return true;
  }
  if (held_.size() >= kMax) return false;
  held_.push_back({std::move(name), std::move(fd)});
  return true;
}

void Store::Drop(const std::string& name) {
  std::erase_if(held_, [&name](const Held& one) { return one.name == name; });
}

}  // namespace drover::hold
