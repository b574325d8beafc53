// Which connections a process had accepted, by its own account.
#ifndef EXAMPLES_LOAD_ACCEPT_LOG_H_
#define EXAMPLES_LOAD_ACCEPT_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

namespace load {

// One line of a worker's accept log: when, on CLOCK_MONOTONIC, and from whom.
struct Accepted {
  int64_t nanoseconds = 0;
  std::string address;
  uint16_t port = 0;
};

// Lines that are not whole are left out: a killed process may leave one.
std::vector<Accepted> ReadAcceptLog(const std::string& path);

// Whether the log has the connection from `address`:`port`, accepted in the
// time between the client's connect and its failure.
bool HadAccepted(const std::vector<Accepted>& log, const std::string& address,
                 uint16_t port, int64_t from_ns, int64_t to_ns);

}  // namespace load

#endif  // EXAMPLES_LOAD_ACCEPT_LOG_H_
