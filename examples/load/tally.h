// What was sent, what came back, what failed, step by step.
#ifndef EXAMPLES_LOAD_TALLY_H_
#define EXAMPLES_LOAD_TALLY_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace load {

// A request that got no whole answer.
struct Failure {
  std::string cause;  // "connect: Connection refused", "timeout" ...
  std::string step;
  // The client's end of the connection, and when it was opened.
  std::string address;
  uint16_t port = 0;
  int64_t opened_ns = 0;
  int64_t failed_ns = 0;
};

struct Step {
  std::string name;
  uint64_t sent = 0;
  uint64_t answered = 0;
  uint64_t failed = 0;
  int64_t began_ns = 0;
  int64_t ended_ns = 0;
  // Answers to fast requests, by latency: bucket i holds those below
  // kBucketMicros * 2^(i / 4).
  static constexpr size_t kBuckets = 72;
  std::array<uint32_t, kBuckets> latencies = {};

  // The latency that this part of the fast requests stayed below, in
  // milliseconds; 0 if there were none.
  double Percentile(double part) const;
};

class Tally {
 public:
  explicit Tally(int64_t now_ns);

  // Ends the present step and begins the next.
  void Mark(const std::string& step, int64_t now_ns);
  void Finish(int64_t now_ns);

  void Sent();
  // `fast`: the request asked for an answer at once.
  void Answered(bool fast, int64_t nanoseconds);
  void Failed(Failure failure);

  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<Failure>& failures() const { return failures_; }
  uint64_t in_flight() const { return sent_ - done_; }

 private:
  std::vector<Step> steps_;
  std::vector<Failure> failures_;
  uint64_t sent_ = 0;
  uint64_t done_ = 0;
};

}  // namespace load

#endif  // EXAMPLES_LOAD_TALLY_H_
