#include "supervisor/control/worker_page.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/control/answers.h"
#include "supervisor/control/limits.h"
#include "supervisor/control/refusals.h"

namespace drover::control {
namespace {

constexpr uint32_t kPageMax = 1000;

// A place in a pool: the first of a slot's processes that is still to be told.
struct Place {
  std::string pool;
  uint32_t slot = 0;
  uint32_t process = 0;

  bool IsBefore(const Place& other) const {
    return std::tie(slot, process) < std::tie(other.slot, other.process);
  }
};

std::string ToToken(const Place& place) {
  return absl::StrCat(place.slot, ".", place.process, ".", place.pool);
}

absl::StatusOr<Place> ParseToken(absl::string_view token) {
  std::vector<absl::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits('.', 2));
  Place place;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &place.slot) ||
      !absl::SimpleAtoi(parts[1], &place.process)) {
    return BadPageToken();
  }
  place.pool = std::string(parts[2]);
  return place;
}

class Page {
 public:
  Page(const Backend& backend, uint32_t size)
      : backend_(backend),
        clock_(ClockOf(backend)),
        size_(size == 0 ? kPageMax : std::min(size, kPageMax)) {}

  // False: the page is full, and says where it goes on.
  bool AddPool(const std::string& pool, const Place& begin) {
    Place place{.pool = pool, .slot = 0, .process = 0};
    bool first = true;
    for (const core::WorkerView& view : backend_.core().Workers(pool)) {
      place.process =
          first || view.id.slot != place.slot ? 0 : place.process + 1;
      place.slot = view.id.slot;
      first = false;
      if (pool == begin.pool && place.IsBefore(begin)) continue;
      if (!Add(ListedWorker(view, clock_))) {
        response_.set_next_page_token(ToToken(place));
        return false;
      }
    }
    return true;
  }

  admin::v1::ListWorkersResponse Finish() { return std::move(response_); }

 private:
  bool Add(admin::v1::Worker worker) {
    bytes_ += worker.ByteSizeLong();
    const uint32_t count = static_cast<uint32_t>(response_.workers_size());
    if (count == size_ || (count > 0 && bytes_ > kPartBytes)) return false;
    *response_.add_workers() = std::move(worker);
    return true;
  }

  const Backend& backend_;
  Clock clock_;
  uint32_t size_;
  size_t bytes_ = 0;
  admin::v1::ListWorkersResponse response_;
};

}  // namespace

absl::StatusOr<admin::v1::ListWorkersResponse> WorkerPage(
    const Backend& backend, const admin::v1::ListWorkersRequest& request) {
  std::vector<std::string> pools = PoolNames(backend, request.pool());
  if (pools.empty() && !request.pool().empty()) {
    return UnknownPool(request.pool());
  }
  Place begin;
  auto pool = pools.begin();
  if (!request.page_token().empty()) {
    auto parsed = ParseToken(request.page_token());
    if (!parsed.ok()) return parsed.status();
    begin = *std::move(parsed);
    pool = std::find(pools.begin(), pools.end(), begin.pool);
    if (pool == pools.end()) return BadPageToken();
  }
  Page page(backend, request.page_size());
  while (pool != pools.end() && page.AddPool(*pool, begin)) ++pool;
  return page.Finish();
}

}  // namespace drover::control
