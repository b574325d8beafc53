// The supervisor's end of a worker's standard output or error.
#ifndef SUPERVISOR_OS_OUTPUT_PIPE_H_
#define SUPERVISOR_OS_OUTPUT_PIPE_H_

#include <asio/io_context.hpp>
#include <functional>

#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/fd_watcher.h"
#include "supervisor/output/line_splitter.h"

namespace drover::os {

// Reads lines, a bounded amount a turn of the loop. Not thread-safe.
class OutputPipe {
 public:
  // Takes each line, without its newline, valid during the call.
  using Sink = std::function<void(absl::string_view)>;

  OutputPipe(asio::io_context& io, UniqueFd fd, size_t line_max_bytes,
             Sink sink);
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;

  // Reads what is there now, hands out the unfinished line too, and closes the
  // pipe. A descendant of the worker that still holds the other end is not
  // waited for.
  void ReadDry();

  // Writes the unfinished line down; a new pipe on the same descriptor that
  // reads it goes on with it.
  void Write(state::v1::Pipe* to, FdLedger* fds);
  void Read(const state::v1::Pipe& from);

 private:
  void Turn();
  // False: nothing is there, or nothing more will be.
  bool ReadOnce();
  void Finish();

  FdWatcher pipe_;
  output::LineSplitter splitter_;
  Sink sink_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_OUTPUT_PIPE_H_
