#include "conformance/testee/behaviour.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace drover::conformance {

Behaviour::Behaviour(absl::string_view words, absl::string_view fault)
    : fault_(fault) {
  for (absl::string_view word : absl::StrSplit(words, ',', absl::SkipEmpty())) {
    words_.insert(std::pair<std::string, std::string>(
        absl::StrSplit(word, absl::MaxSplits(':', 1))));
  }
}

bool Behaviour::Asked(absl::string_view word) const {
  return words_.count(std::string(word)) > 0;
}

int Behaviour::Number(absl::string_view word) const {
  int number = 0;
  return absl::SimpleAtoi(Text(word), &number) ? number : 0;
}

std::string Behaviour::Text(absl::string_view word) const {
  auto found = words_.find(std::string(word));
  return found == words_.end() ? "" : found->second;
}

}  // namespace drover::conformance
