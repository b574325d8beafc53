// Waits for descriptors; calls what was registered for each.
//
// Raw epoll rather than the event library of supervisor/os: the door must learn
// that a socket which gRPC reads has closed, without being woken for its data,
// and a registration for no event but EPOLLHUP says exactly that.
#ifndef SUPERVISOR_ADMIN_LOOP_H_
#define SUPERVISOR_ADMIN_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "supervisor/base/unique_fd.h"

namespace drover::admin {

class Loop {
 public:
  // Called on the loop's thread with the EPOLL* events that occurred.
  using Handler = std::function<void(uint32_t events)>;

  static absl::StatusOr<std::unique_ptr<Loop>> Create();

  // Calls `handler` for level-triggered `events` (EPOLLHUP and EPOLLERR always
  // count) until Remove(). The loop does not own `fd`. Add and Remove belong to
  // the loop's thread, or to the time before Run().
  absl::Status Add(int fd, uint32_t events, Handler handler);
  void Remove(int fd);

  // From any thread.
  absl::Status Modify(int fd, uint32_t events);

  // Dispatches until a handler calls Stop(). Waits without a deadline: to have
  // nothing to do is the idle state, and who needs a time registers a timerfd.
  absl::Status Run();

  // From a handler: Run() returns `status` after it.
  void Stop(absl::Status status);

 private:
  explicit Loop(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  // Shared, so that a handler may remove itself while it runs.
  absl::flat_hash_map<int, std::shared_ptr<Handler>> handlers_;
  bool stopped_ = false;
  absl::Status status_;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_LOOP_H_
