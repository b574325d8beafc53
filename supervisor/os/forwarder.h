// The workers' lines on the supervisor's own standard output.
#ifndef SUPERVISOR_OS_FORWARDER_H_
#define SUPERVISOR_OS_FORWARDER_H_

#include <asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/os/fd_watcher.h"

namespace drover::os {

// Writes lines and never waits for the reader: what does not fit into a bounded
// buffer is dropped and counted, and the count is written where the lines would
// have been. A reader that went away ends the forwarding and nothing else. Not
// thread-safe.
class Forwarder {
 public:
  static constexpr size_t kBufferBytes = 256 * 1024;

  // `fd` is borrowed and left as it is: its flags are shared with whoever else
  // writes there.
  Forwarder(asio::io_context& io, int fd);

  // Takes a whole line, without its newline; written soon, in one piece with
  // the lines of the same turn of the loop.
  void Write(absl::string_view line);

  // What is not written yet, and what was lost; read by another on the same
  // file, it goes on.
  void Write(state::v1::Forwarder* to) const;
  void Read(const state::v1::Forwarder& from);

  // Writes what can be written at once.
  void Flush();

  uint64_t dropped() const { return dropped_in_all_; }

 private:
  void ScheduleFlush();
  // Queues "N lines dropped" if some were and it fits.
  void NoteDropped();
  // As write(2), and never blocks where that can be had.
  ssize_t WriteSome(absl::string_view bytes);
  void Stop(int error_number);

  asio::io_context& io_;
  int fd_;
  // An own descriptor for the same file, which can be waited for; null where
  // writing never blocks (a regular file).
  std::unique_ptr<FdWatcher> own_;
  bool is_socket_ = false;
  // The file could not be opened a second time, so that it may block: it is
  // asked before each write, and written in portions that it then takes whole.
  bool may_block_ = false;
  bool stopped_ = false;
  bool flush_scheduled_ = false;
  std::string buffer_;
  uint64_t dropped_ = 0;
  uint64_t dropped_in_all_ = 0;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FORWARDER_H_
