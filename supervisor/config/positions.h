// Where in a text the fields of a configuration stand.
#ifndef SUPERVISOR_CONFIG_POSITIONS_H_
#define SUPERVISOR_CONFIG_POSITIONS_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "supervisor/config/problem.h"

namespace drover::config {

class Positions {
 public:
  void Add(std::string path, Position at) {
    at_.insert_or_assign(std::move(path), at);
  }

  // Of the field, or of the nearest thing around it that the text names: a
  // missing `command` is reported where its pool begins.
  Position Find(absl::string_view path) const {
    while (true) {
      auto found = at_.find(path);
      if (found != at_.end()) return found->second;
      size_t cut = path.find_last_of(".[");
      if (cut == absl::string_view::npos) return {};
      path = path.substr(0, cut);
    }
  }

 private:
  absl::flat_hash_map<std::string, Position> at_;
};

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_POSITIONS_H_
