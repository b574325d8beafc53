#include "supervisor/config/parse.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/config/bind.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/surrogates.h"
#include "supervisor/config/textproto.h"
#include "supervisor/config/utf8.h"
#include "supervisor/config/yaml_tree.h"

namespace drover::config {
namespace {

Position PositionAt(absl::string_view text, size_t offset) {
  absl::string_view before = text.substr(0, offset);
  size_t line_begin = before.rfind('\n');
  line_begin = line_begin == absl::string_view::npos ? 0 : line_begin + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_begin) + 1};
}

// What holds for every format.
absl::Status CheckText(absl::string_view text, absl::string_view source) {
  if (text.size() > kFileSizeMax) return ToStatus(TooLarge(), source, {});
  size_t nul = text.find('\0');
  if (nul != absl::string_view::npos) {
    return ToStatus({.found = "a NUL character", .remedy = "give UTF-8 text"},
                    source, PositionAt(text, nul));
  }
  std::optional<size_t> bad = FindInvalidUtf8(text);
  if (bad) {
    return ToStatus(
        {.found = absl::StrCat("the byte 0x",
                               absl::Hex(static_cast<uint8_t>(text[*bad])),
                               " is not UTF-8"),
         .remedy = "save the file as UTF-8"},
        source, PositionAt(text, *bad));
  }
  return absl::OkStatus();
}

absl::Status Empty(absl::string_view source) {
  return ToStatus({.found = "no configuration in it",
                   .remedy = "give at least one pool with name and command"},
                  source, {});
}

absl::Status ParseTree(absl::string_view text, bool json,
                       absl::string_view source, Parsed* parsed) {
  absl::StatusOr<YamlTree> tree =
      ReadYaml(json ? JoinSurrogates(text) : std::string(text), json, source);
  if (!tree.ok()) return tree.status();
  if (tree->root == nullptr || tree->root->kind == YamlNode::Kind::kNull) {
    return Empty(source);
  }
  return Bind(*tree->root, json, source, &parsed->config, &parsed->positions);
}

}  // namespace

Problem TooLarge() {
  return {.found = "too large",
          .remedy = absl::StrCat("a configuration has at most ", kFileSizeMax,
                                 " bytes")};
}

absl::StatusOr<Parsed> Parse(absl::string_view text, Format format,
                             absl::string_view source) {
  Parsed parsed;
  absl::Status status = CheckText(text, source);
  if (status.ok()) {
    status =
        format == Format::kTextproto
            ? ReadTextproto(text, source, &parsed.config, &parsed.positions)
            : ParseTree(text, format == Format::kJson, source, &parsed);
  }
  if (!status.ok()) return status;
  if (parsed.config.ByteSizeLong() == 0) return Empty(source);
  return parsed;
}

}  // namespace drover::config
