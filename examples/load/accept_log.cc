#include "examples/load/accept_log.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace load {

std::vector<Accepted> ReadAcceptLog(const std::string& path) {
  std::vector<Accepted> log;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    std::istringstream fields(line);
    Accepted accepted;
    if (fields >> accepted.nanoseconds >> accepted.address >> accepted.port) {
      log.push_back(std::move(accepted));
    }
  }
  return log;
}

bool HadAccepted(const std::vector<Accepted>& log, const std::string& address,
                 uint16_t port, int64_t from_ns, int64_t to_ns) {
  return std::any_of(log.begin(), log.end(), [&](const Accepted& accepted) {
    return accepted.port == port && accepted.address == address &&
           accepted.nanoseconds >= from_ns && accepted.nanoseconds <= to_ns;
  });
}

}  // namespace load
