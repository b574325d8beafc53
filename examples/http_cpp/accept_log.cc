#include "examples/http_cpp/accept_log.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace http_worker {
namespace {

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// "127.0.0.1 4711"; empty for other families.
std::string Describe(const sockaddr_storage& peer) {
  char address[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &peer, sizeof(v4));
    inet_ntop(AF_INET, &v4.sin_addr, address, sizeof(address));
    return absl::StrCat(address, " ", ntohs(v4.sin_port));
  }
  if (peer.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &peer, sizeof(v6));
    inet_ntop(AF_INET6, &v6.sin6_addr, address, sizeof(address));
    return absl::StrCat(address, " ", ntohs(v6.sin6_port));
  }
  return "";
}

}  // namespace

absl::StatusOr<AcceptLog> AcceptLog::Open(const std::string& directory) {
  if (directory.empty()) return AcceptLog(-1);
  const std::string file = absl::StrCat(directory, "/", getpid());
  const int fd =
      open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", file));
  }
  return AcceptLog(fd);
}

AcceptLog::AcceptLog(AcceptLog&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

AcceptLog::~AcceptLog() {
  if (fd_ >= 0) close(fd_);
}

void AcceptLog::Add(const sockaddr_storage& peer) const {
  if (fd_ < 0) return;
  const std::string who = Describe(peer);
  if (who.empty()) return;
  const std::string line = absl::StrCat(NowNs(), " ", who, "\n");
  // A full disk must not stop the service.
  (void)!write(fd_, line.data(), line.size());
}

}  // namespace http_worker
