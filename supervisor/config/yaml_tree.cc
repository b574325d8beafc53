#include "supervisor/config/yaml_tree.h"

#include <sstream>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace drover::config {
namespace {

constexpr absl::string_view kCoreTags = "tag:yaml.org,2002:";

// Leaves yaml-cpp's parser; caught in ReadYaml and nowhere else.
struct Abort {
  Position at;
  Problem problem;
};

Position PositionOf(const YAML::Mark& mark) {
  return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1};
}

[[noreturn]] void Refuse(const YAML::Mark& mark, std::string found,
                         std::string remedy) {
  throw Abort{PositionOf(mark),
              {.field = "", .found = std::move(found), .remedy = remedy}};
}

// What JSON allows outside of quotation marks.
bool IsJsonWord(const std::string& text) {
  double number = 0;
  return text == "true" || text == "false" ||
         ((absl::ascii_isdigit(text[0]) || text[0] == '-') &&
          absl::SimpleAtod(text, &number));
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(bool json, YamlTree* tree) : json_(json), tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) {
      Refuse(mark, "a second document begins",
             "give one document; several pools go under pools:");
    }
    started_ = true;
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(YamlNode::Kind::kNull, mark, "", anchor);
    Closed(anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (json_) Refuse(mark, "JSON has no aliases", "write the value out");
    if (found == anchors_.end() || found->second.node == nullptr) {
      Refuse(mark, "the alias stands inside what it names",
             "write the value out");
    }
    if (++aliases_ > kAliasesMax) {
      Refuse(mark, absl::StrCat("more than ", kAliasesMax, " aliases"),
             "write values out");
    }
    Count(mark, found->second.weight);
    Attach(found->second.node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    YamlNode& node = Add(YamlNode::Kind::kScalar, mark, tag, anchor);
    node.text = value;
    node.quoted = tag == "!" || tag == absl::StrCat(kCoreTags, "str");
    if (json_ && !node.quoted && !IsJsonWord(value)) {
      Refuse(mark, absl::StrCat(Quote(value), " is no JSON value"),
             "put text in quotation marks");
    }
    Closed(anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    Open(YamlNode::Kind::kSequence, mark, tag, anchor, style);
  }

  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor, style);
  }

  void OnMapEnd() override { Close(); }

 private:
  // What an alias of it stands for. No node while the anchor's own is open.
  struct Anchor {
    const YamlNode* node = nullptr;
    size_t weight = 0;
  };

  struct Opened {
    YamlNode* node;
    YAML::anchor_t anchor;
    size_t count_before;
  };

  // Bounds what a walk over the tree would meet, aliases followed.
  void Count(const YAML::Mark& mark, size_t nodes) {
    count_ += nodes;
    if (count_ > kNodesMax) {
      Refuse(mark,
             absl::StrCat("more than ", kNodesMax,
                          " values, counting what aliases stand for"),
             "use fewer aliases");
    }
  }

  void Attach(const YamlNode* node) {
    if (open_.empty()) {
      tree_->root = node;
    } else {
      open_.back().node->children.push_back(node);
    }
  }

  YamlNode& Add(YamlNode::Kind kind, const YAML::Mark& mark,
                const std::string& tag, YAML::anchor_t anchor) {
    if (!tag.empty() && tag != "?" && tag != "!" &&
        !absl::StartsWith(tag, kCoreTags)) {
      Refuse(mark, absl::StrCat("the tag ", Quote(tag), " means nothing here"),
             "leave it out");
    }
    if (json_ && anchor != YAML::NullAnchor) {
      Refuse(mark, "JSON has no anchors", "leave it out");
    }
    Count(mark, 1);
    YamlNode& node = tree_->nodes.emplace_back();
    node.kind = kind;
    node.at = PositionOf(mark);
    last_ = {&node, anchor, count_ - 1};
    Attach(&node);
    return node;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
    if (json_ && style != YAML::EmitterStyle::Flow) {
      Refuse(mark, "not one JSON object",
             "begin with { and close every bracket, or name the file .yaml");
    }
    if (open_.size() >= kDepthMax) {
      Refuse(mark, absl::StrCat("nested deeper than ", kDepthMax, " levels"),
             "see the schema; it is flatter");
    }
    Add(kind, mark, tag, anchor);
    open_.push_back(last_);
    anchors_[anchor] = {};
  }

  void Close() {
    last_ = open_.back();
    open_.pop_back();
    Closed(last_.anchor);
  }

  // The node in last_ is complete.
  void Closed(YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    anchors_[anchor] = {last_.node, count_ - last_.count_before};
  }

  const bool json_;
  YamlTree* const tree_;
  bool started_ = false;
  size_t count_ = 0;
  size_t aliases_ = 0;
  std::vector<Opened> open_;
  Opened last_ = {};
  absl::flat_hash_map<YAML::anchor_t, Anchor> anchors_;
};

// The spaces and tabs in front of what stands in a line, counted from 0.
absl::string_view Indentation(absl::string_view text, int line) {
  for (; line > 0; --line) {
    size_t end = text.find('\n');
    if (end == absl::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_not_of(" \t"));
}

// yaml-cpp's words, with what to do.
Problem SyntaxProblem(const YAML::Exception& error, bool json,
                      absl::string_view text) {
  Problem problem{.found = error.msg,
                  .remedy = absl::StrCat("mend the ", json ? "JSON" : "YAML",
                                         " here or just before")};
  if (absl::StrContains(Indentation(text, error.mark.line), '\t')) {
    problem.remedy = "indent with spaces, not tabs";
  }
  return problem;
}

}  // namespace

absl::StatusOr<YamlTree> ReadYaml(absl::string_view text, bool json,
                                  absl::string_view source) {
  YamlTree tree;
  TreeBuilder builder(json, &tree);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Abort& abort) {
    return ToStatus(abort.problem, source, abort.at);
  } catch (const YAML::Exception& error) {
    return ToStatus(SyntaxProblem(error, json, text), source,
                    PositionOf(error.mark));
  }
  return tree;
}

}  // namespace drover::config
