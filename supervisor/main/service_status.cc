#include "supervisor/main/service_status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace drover {
namespace {

// Of free text: one line, and not too long.
std::string OneLine(absl::string_view text) {
  constexpr size_t kMax = 300;
  std::string line(text.substr(0, kMax));
  for (char& byte : line) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(byte))) byte = ' ';
  }
  return line;
}

std::string TextOf(const PoolLine& pool) {
  std::string text = absl::StrCat(pool.name, " ", pool.ready, "/", pool.count);
  if (!pool.trouble.empty()) absl::StrAppend(&text, " (", pool.trouble, ")");
  return text;
}

}  // namespace

void ServiceStatus::OnReady() {
  if (phase_ != Phase::kStarting) return;
  phase_ = Phase::kReady;
  urgent_.push_back("READY=1");
}

void ServiceStatus::OnReload(absl::Time now) {
  // A READY=1 that ends a reload would be taken for the start's.
  if (phase_ != Phase::kReady) return;
  ++reloads_;
  reload_failure_.clear();
  // The manager knows by the time which request for a reload is meant.
  urgent_.push_back(
      absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", absl::ToUnixMicros(now)));
}

void ServiceStatus::OnReloadEnded(absl::string_view failure) {
  if (phase_ != Phase::kReady || reloads_ == 0) return;
  if (!failure.empty()) reload_failure_ = OneLine(failure);
  if (--reloads_ == 0) urgent_.push_back("READY=1");
}

void ServiceStatus::OnStopping() {
  if (phase_ == Phase::kStopping) return;
  phase_ = Phase::kStopping;
  urgent_.push_back("STOPPING=1");
}

absl::Time ServiceStatus::Due() const {
  if (!urgent_.empty()) return absl::InfinitePast();
  return changed_ ? quiet_until_ : absl::InfiniteFuture();
}

std::vector<std::string> ServiceStatus::Compose(absl::Time now,
                                                std::string summary) {
  std::vector<std::string> datagrams = std::exchange(urgent_, {});
  if (datagrams.empty()) datagrams.emplace_back();
  std::string& last = datagrams.back();
  if (!last.empty()) last += '\n';
  absl::StrAppend(&last, "STATUS=", StatusLine(summary), Extension(), "\n");
  changed_ = false;
  quiet_until_ = now + kPause;
  return datagrams;
}

std::string ServiceStatus::StatusLine(absl::string_view summary) const {
  std::string line;
  if (phase_ == Phase::kStarting) line = "starting: ";
  if (phase_ == Phase::kStopping) line = "stopping: ";
  if (reloads_ > 0) line = "reloading: ";
  absl::StrAppend(&line, summary);
  if (!reload_failure_.empty()) {
    absl::StrAppend(&line, "; the last reload failed: ", reload_failure_);
  }
  return line;
}

std::string ServiceStatus::Extension() const {
  if (phase_ == Phase::kReady && reloads_ == 0) return "";
  return absl::StrCat(
      "\nEXTEND_TIMEOUT_USEC=",
      absl::ToInt64Microseconds(phase_ == Phase::kStopping ? patience_.stop
                                                           : patience_.start));
}

std::string SummaryOf(const std::vector<PoolLine>& pools, size_t max) {
  std::vector<PoolLine> lines = pools;
  std::stable_partition(lines.begin(), lines.end(), [](const PoolLine& pool) {
    return !pool.trouble.empty();
  });
  // Room for how many are left out.
  constexpr size_t kRest = 20;
  std::string summary;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string text = TextOf(lines[i]);
    if (summary.size() + text.size() + 2 + kRest > max) {
      return absl::StrCat(summary, summary.empty() ? "" : " and ",
                          lines.size() - i,
                          summary.empty() ? " pools" : " more");
    }
    absl::StrAppend(&summary, i == 0 ? "" : ", ", text);
  }
  return summary.empty() ? "no pools" : summary;
}

}  // namespace drover
