#include "supervisor/config/order.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

class OrderChecker {
 public:
  explicit OrderChecker(const v1::Config& config) : config_(config) {
    for (int i = 0; i < config.pools_size(); ++i) {
      index_.emplace(config.pools(i).name(), i);
    }
    marks_.resize(static_cast<size_t>(config.pools_size()));
  }

  absl::Status Check() {
    for (int i = 0; i < config_.pools_size(); ++i) {
      absl::Status status = CheckNames(i);
      if (!status.ok()) return status;
    }
    for (int i = 0; i < config_.pools_size(); ++i) {
      absl::Status status = Visit(i);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  enum class Mark { kNew, kOnPath, kDone };

  static std::string Field(int pool, int entry) {
    return absl::StrCat("pools[", pool, "].after[", entry, "]");
  }

  absl::Status CheckNames(int i) const {
    const v1::Pool& pool = config_.pools(i);
    for (int entry = 0; entry < pool.after_size(); ++entry) {
      const std::string& name = pool.after(entry);
      Problem problem{.field = Field(i, entry)};
      if (!index_.contains(name)) {
        problem.found = absl::StrCat("no pool ", Quote(name));
        problem.remedy = "give the name of another pool of this file";
        return ToStatus(problem);
      }
      const auto* first = pool.after().data();
      if (std::find_if(first, first + entry, [&](const std::string* earlier) {
            return *earlier == name;
          }) != first + entry) {
        problem.found = absl::StrCat(Quote(name), " is given twice");
        problem.remedy = "keep one";
        return ToStatus(problem);
      }
    }
    return absl::OkStatus();
  }

  // Depth first; at most 64 pools deep.
  absl::Status Visit(int i) {
    Mark& mark = marks_[static_cast<size_t>(i)];
    if (mark == Mark::kDone) return absl::OkStatus();
    mark = Mark::kOnPath;
    path_.push_back(config_.pools(i).name());
    for (int entry = 0; entry < config_.pools(i).after_size(); ++entry) {
      const int next = index_.at(config_.pools(i).after(entry));
      if (marks_[static_cast<size_t>(next)] == Mark::kOnPath) {
        return Cycle(i, entry);
      }
      absl::Status status = Visit(next);
      if (!status.ok()) return status;
    }
    path_.pop_back();
    marks_[static_cast<size_t>(i)] = Mark::kDone;
    return absl::OkStatus();
  }

  absl::Status Cycle(int i, int entry) const {
    const std::string& name = config_.pools(i).after(entry);
    std::vector<std::string> cycle(std::find(path_.begin(), path_.end(), name),
                                   path_.end());
    cycle.push_back(name);
    return ToStatus(
        {.field = Field(i, entry),
         .found = absl::StrCat("a cycle: ", absl::StrJoin(cycle, " after ")),
         .remedy = "let one of them start first"});
  }

  const v1::Config& config_;
  absl::flat_hash_map<std::string, int> index_;
  std::vector<Mark> marks_;
  std::vector<std::string> path_;
};

}  // namespace

absl::Status CheckOrder(const v1::Config& config) {
  return OrderChecker(config).Check();
}

}  // namespace drover::config
