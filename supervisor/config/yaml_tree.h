// A YAML or JSON text as a tree of nodes with their places: what yaml-cpp's
// events say, within bounds. (Its own nodes share what an alias names, so that
// ten lines of text can be a billion nodes to whoever walks them.)
#ifndef SUPERVISOR_CONFIG_YAML_TREE_H_
#define SUPERVISOR_CONFIG_YAML_TREE_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "supervisor/config/problem.h"

namespace drover::config {

// Nodes, each alias counted with all that it stands for.
inline constexpr size_t kNodesMax = 100000;
inline constexpr size_t kAliasesMax = 1000;
inline constexpr size_t kDepthMax = 16;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Position at;
  // kScalar.
  std::string text;
  bool quoted = false;
  // kSequence: the items. kMap: key, value, key, value. An alias's node is the
  // one it names.
  std::vector<const YamlNode*> children;
};

struct YamlTree {
  // In order of appearance. A deque: nodes point to each other.
  std::deque<YamlNode> nodes;
  const YamlNode* root = nullptr;
};

// Exactly one document. `text` is UTF-8 without NUL.
//
// JSON is read as the YAML that it is, so that both have one set of messages
// and places (protobuf's own reader knows neither line nor field), and held to
// what JSON has: no alias, no anchor, no block style, no bare words.
absl::StatusOr<YamlTree> ReadYaml(absl::string_view text, bool json,
                                  absl::string_view source);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_YAML_TREE_H_
