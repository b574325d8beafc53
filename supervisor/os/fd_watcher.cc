#include "supervisor/os/fd_watcher.h"

#include <asio/post.hpp>
#include <system_error>

#include "supervisor/base/log.h"

namespace drover::os {
namespace {

// By a copy, which outlives a watcher that its own callback destroys.
void Call(FdWatcher::Callback callback) { callback(); }

}  // namespace

FdWatcher::FdWatcher(asio::io_context& io, UniqueFd fd) : descriptor_(io) {
  if (!fd.ok()) return;
  std::error_code error;
  descriptor_.assign(fd.get(), error);
  if (error) {
    // The kernel's limit on watched descriptors. What cannot be watched is
    // closed, which its owner sees as its end.
    log::Warning(absl::StrCat("cannot watch a descriptor: ", error.message()));
    return;
  }
  [[maybe_unused]] int owned_by_asio = fd.release();
}

void FdWatcher::WaitReadable() {
  Wait(asio::posix::stream_descriptor::wait_read, &waiting_readable_,
       &on_readable_);
}

void FdWatcher::WaitWritable() {
  Wait(asio::posix::stream_descriptor::wait_write, &waiting_writable_,
       &on_writable_);
}

void FdWatcher::PostReadable() {
  if (posted_) return;
  posted_ = true;
  asio::post(descriptor_.get_executor(),
             [this, alive = std::weak_ptr<char>(alive_)] {
               if (alive.expired()) return;
               posted_ = false;
               Call(on_readable_);
             });
}

void FdWatcher::Wait(asio::posix::stream_descriptor::wait_type what,
                     bool* waiting, const Callback* callback) {
  if (*waiting || !descriptor_.is_open()) return;
  *waiting = true;
  descriptor_.async_wait(
      what, [waiting, callback, alive = std::weak_ptr<char>(alive_)](
                const std::error_code& error) {
        // Not the error alone: a handler that was queued before Close() still
        // comes with success.
        if (alive.expired() || error == asio::error::operation_aborted) return;
        *waiting = false;
        Call(*callback);
      });
}

void FdWatcher::Close() {
  alive_.reset();
  std::error_code ignored;
  descriptor_.close(ignored);
}

}  // namespace drover::os
