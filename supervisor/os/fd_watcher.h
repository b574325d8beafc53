// Waits on the event loop until a descriptor can be read or written.
#ifndef SUPERVISOR_OS_FD_WATCHER_H_
#define SUPERVISOR_OS_FD_WATCHER_H_

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Owns a descriptor and calls back when it is ready. Each Wait calls back at
// most once, from the loop, and never after Close() or the destructor: a
// callback may destroy the watcher. Level-triggered: a Wait on what is ready
// already calls back too. Not thread-safe.
class FdWatcher {
 public:
  using Callback = std::function<void()>;

  // Of no descriptor: one that is closed already.
  FdWatcher(asio::io_context& io, UniqueFd fd);
  ~FdWatcher() { Close(); }
  FdWatcher(const FdWatcher&) = delete;
  FdWatcher& operator=(const FdWatcher&) = delete;

  // Set once, before the first Wait.
  void OnReadable(Callback callback) { on_readable_ = std::move(callback); }
  void OnWritable(Callback callback) { on_writable_ = std::move(callback); }

  // One of each may be under way; asking again then does nothing.
  void WaitReadable();
  void WaitWritable();

  // Calls OnReadable once from the loop, behind what is queued there already,
  // without a look at the descriptor: to go on with what was read before.
  // Asking again before it came does nothing.
  void PostReadable();

  bool is_open() const { return descriptor_.is_open(); }
  int fd() { return descriptor_.is_open() ? descriptor_.native_handle() : -1; }

  // Closes the descriptor.
  void Close();

 private:
  void Wait(asio::posix::stream_descriptor::wait_type what, bool* waiting,
            const Callback* callback);

  asio::posix::stream_descriptor descriptor_;
  Callback on_readable_;
  Callback on_writable_;
  bool waiting_readable_ = false;
  bool waiting_writable_ = false;
  bool posted_ = false;
  // Handlers that the loop still holds look whether it lives.
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FD_WATCHER_H_
