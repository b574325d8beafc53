#include "examples/load/report.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace load {
namespace {

constexpr size_t kFailuresShown = 50;

// Names and causes are plain text of ours and of the system's.
std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return out + "\"";
}

std::string ToJson(const Failure& failure) {
  std::ostringstream out;
  out << "{\"cause\": " << Quote(failure.cause)
      << ", \"step\": " << Quote(failure.step)
      << ", \"client\": " << Quote(failure.address)
      << ", \"port\": " << failure.port << "}";
  return out.str();
}

template <typename Items>
std::string List(const Items& items, size_t shown) {
  std::string out = "[";
  for (size_t i = 0; i < std::min(shown, items.size()); ++i) {
    if (i > 0) out += ", ";
    out += ToJson(items[i]);
  }
  return out + "]";
}

}  // namespace

std::string ToJson(const Step& step) {
  std::ostringstream out;
  out << "{\"step\": " << Quote(step.name) << ", \"seconds\": "
      << static_cast<double>(step.ended_ns - step.began_ns) / 1e9
      << ", \"sent\": " << step.sent << ", \"answered\": " << step.answered
      << ", \"failed\": " << step.failed
      << ", \"p50_ms\": " << step.Percentile(0.5)
      << ", \"p99_ms\": " << step.Percentile(0.99) << "}";
  return out.str();
}

std::string ToJson(const std::vector<Step>& steps,
                   const std::vector<Failure>& failures,
                   const std::vector<Failure>& excused) {
  uint64_t sent = 0;
  uint64_t answered = 0;
  for (const Step& step : steps) {
    sent += step.sent;
    answered += step.answered;
  }
  std::map<std::string, int> causes;
  for (const Failure& failure : failures) ++causes[failure.cause];
  std::ostringstream out;
  out << "{\"sent\": " << sent << ", \"answered\": " << answered
      << ", \"failed\": " << failures.size()
      << ", \"excused\": " << excused.size() << ", \"causes\": {";
  bool first = true;
  for (const auto& [cause, count] : causes) {
    out << (first ? "" : ", ") << Quote(cause) << ": " << count;
    first = false;
  }
  out << "}, \"failures\": " << List(failures, kFailuresShown)
      << ", \"steps\": " << List(steps, steps.size()) << "}";
  return out.str();
}

}  // namespace load
