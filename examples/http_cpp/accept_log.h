// A file, named by the process id, that says which connections this process
// took: one line for each,
//
//   <CLOCK_MONOTONIC in ns> <address of the client> <its port>
//
// written right after accept. A load generator reads it to tell the requests
// that died with a killed process from those that were lost.
#ifndef EXAMPLES_HTTP_CPP_ACCEPT_LOG_H_
#define EXAMPLES_HTTP_CPP_ACCEPT_LOG_H_

#include <sys/socket.h>

#include <string>

#include "absl/status/statusor.h"

namespace http_worker {

class AcceptLog {
 public:
  // Appends to a file in this directory. Without one (""), nothing is written.
  // An error of open() otherwise.
  static absl::StatusOr<AcceptLog> Open(const std::string& directory);

  AcceptLog(AcceptLog&& other) noexcept;
  AcceptLog& operator=(AcceptLog&&) = delete;
  ~AcceptLog();

  // One write(2). The peer of a unix socket has no address; it is left out.
  void Add(const sockaddr_storage& peer) const;

 private:
  explicit AcceptLog(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_ACCEPT_LOG_H_
