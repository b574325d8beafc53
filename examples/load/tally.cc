#include "examples/load/tally.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace load {
namespace {

// The first bucket's bound; four buckets double it.
constexpr double kBucketMicros = 50;

double BoundMillis(size_t bucket) {
  return kBucketMicros * std::exp2(static_cast<double>(bucket) / 4) / 1000;
}

size_t BucketOf(int64_t nanoseconds) {
  double micros = static_cast<double>(nanoseconds) / 1000;
  if (micros < kBucketMicros) return 0;
  auto bucket = static_cast<size_t>(std::log2(micros / kBucketMicros) * 4) + 1;
  return std::min(bucket, Step::kBuckets - 1);
}

}  // namespace

double Step::Percentile(double part) const {
  uint64_t all = 0;
  for (uint32_t count : latencies) all += count;
  if (all == 0) return 0;
  auto wanted =
      static_cast<uint64_t>(std::ceil(part * static_cast<double>(all)));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += latencies[i];
    if (seen >= wanted) return BoundMillis(i);
  }
  return BoundMillis(kBuckets - 1);
}

Tally::Tally(int64_t now_ns) {
  Step first;
  first.name = "warm up";
  first.began_ns = now_ns;
  steps_.push_back(std::move(first));
}

void Tally::Mark(const std::string& step, int64_t now_ns) {
  steps_.back().ended_ns = now_ns;
  Step next;
  next.name = step;
  next.began_ns = now_ns;
  steps_.push_back(std::move(next));
}

void Tally::Finish(int64_t now_ns) { steps_.back().ended_ns = now_ns; }

void Tally::Sent() {
  ++sent_;
  ++steps_.back().sent;
}

void Tally::Answered(bool fast, int64_t nanoseconds) {
  ++done_;
  ++steps_.back().answered;
  if (fast) ++steps_.back().latencies[BucketOf(nanoseconds)];
}

void Tally::Failed(Failure failure) {
  ++done_;
  ++steps_.back().failed;
  failure.step = steps_.back().name;
  failures_.push_back(std::move(failure));
}

}  // namespace load
