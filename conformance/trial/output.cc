#include "conformance/trial/output.h"

#include "absl/strings/str_cat.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

constexpr size_t kKept = 4096;

}  // namespace

void OutputTail::Append(absl::string_view bytes) {
  total_ += bytes.size();
  if (bytes.size() > kKept) bytes = bytes.substr(bytes.size() - kKept);
  kept_.append(bytes.data(), bytes.size());
  if (kept_.size() > kKept) kept_.erase(0, kept_.size() - kKept);
}

std::string OutputTail::text() const {
  std::string text;
  if (total_ > kept_.size()) {
    text = absl::StrCat("(", total_ - kept_.size(), " bytes before) ");
  }
  return text + Printable(kept_, kKept);
}

}  // namespace drover::conformance
