// Any bytes, in any format: refused with a Problem, or a configuration that
// stays valid and says the same when it is prepared again. The first byte
// chooses the format.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/util/message_differencer.h"
#include "supervisor/config/diff.h"
#include "supervisor/config/load.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// A message goes to a terminal: what it quotes must not move the cursor.
bool IsPrintable(absl::string_view message) {
  return std::all_of(message.begin(), message.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
}

Format FormatFor(uint8_t byte) {
  switch (byte) {
    case 'j':
      return Format::kJson;
    case 't':
      return Format::kTextproto;
    default:
      return Format::kYaml;
  }
}

void LoadAnything(Format format, absl::string_view text) {
  const Host host = FakeHost();
  auto config = LoadText(text, format, "f", "/srv", host);
  if (!config.ok()) {
    Require(ProblemOf(config.status()).has_value());
    Require(IsPrintable(config.status().message()));
    return;
  }
  auto prepared = Prepare(*config, host);
  Require(prepared.ok());
  auto again = Prepare(*prepared, host);
  Require(again.ok());
  Require(
      google::protobuf::util::MessageDifferencer::Equals(*prepared, *again));
  const admin::v1::Plan plan = Diff(*prepared, *again);
  for (const auto& change : plan.changes()) {
    Require(change.kind() == admin::v1::CHANGE_KIND_UNCHANGED);
  }
}

}  // namespace
}  // namespace drover::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  drover::config::LoadAnything(
      drover::config::FormatFor(data[0]),
      absl::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  return 0;
}
