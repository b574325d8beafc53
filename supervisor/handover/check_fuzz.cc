// Any bytes as a state: refused in words, or one that is complete and the same
// when it is written and read again. The first byte says whether the rest is
// the container or what is in it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "supervisor/handover/check.h"
#include "supervisor/handover/container.h"
#include "supervisor/handover/testing/sample.h"

namespace drover::handover {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Try(absl::string_view bytes) {
  auto read = ReadState(bytes, SampleHost());
  if (!read.ok()) {
    Require(!read.status().message().empty());
    return;
  }
  Require(read->has_core() && read->has_shell());
  auto again = ReadState(Wrap(read->SerializeAsString()), SampleHost());
  Require(again.ok() && again->DebugString() == read->DebugString());
}

}  // namespace
}  // namespace drover::handover

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) {
    drover::handover::Try(bytes);
  } else if (bytes[0] == 'p') {
    drover::handover::Try(drover::handover::Wrap(bytes.substr(1)));
  } else {
    drover::handover::Try(bytes.substr(1));
  }
  return 0;
}
