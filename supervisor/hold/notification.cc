#include "supervisor/hold/notification.h"

#include <algorithm>

namespace drover::hold {
namespace {

constexpr size_t kNameMax = 255;
constexpr std::string_view kName = "FDNAME=";

// Names are handed on in one variable, between colons.
bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax &&
         std::all_of(text.begin(), text.end(), [](char byte) {
           return byte > ' ' && byte < '\x7f' && byte != ':';
         });
}

}  // namespace

Notification ParseNotification(std::string_view text) {
  Notification parsed;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line == "FDSTORE=1") parsed.store = true;
    if (line == "FDSTOREREMOVE=1") parsed.remove = true;
    if (line == "STOPPING=1") parsed.stopping = true;
    if (line.substr(0, kName.size()) != kName) continue;
    parsed.name = line.substr(kName.size());
    if (!IsName(parsed.name)) return {};
  }
  return parsed;
}

}  // namespace drover::hold
