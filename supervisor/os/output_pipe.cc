#include "supervisor/os/output_pipe.h"

#include <unistd.h>

#include <cerrno>

namespace drover::os {
namespace {

// What one pipe may take of one turn of the loop.
constexpr size_t kTurnBytes = 16 * 1024;

// More than a pipe holds unless someone has made it larger; a descendant that
// keeps writing is cut off there.
constexpr size_t kDryBytes = 1 << 20;

}  // namespace

OutputPipe::OutputPipe(asio::io_context& io, UniqueFd fd, size_t line_max_bytes,
                       Sink sink)
    : pipe_(io, std::move(fd)),
      splitter_(line_max_bytes),
      sink_(std::move(sink)) {
  pipe_.OnReadable([this] { Turn(); });
  pipe_.WaitReadable();
}

void OutputPipe::Turn() {
  ReadOnce();
  pipe_.WaitReadable();
}

void OutputPipe::ReadDry() {
  for (size_t bytes = 0; bytes < kDryBytes; bytes += kTurnBytes) {
    if (!ReadOnce()) break;
  }
  Finish();
}

void OutputPipe::Write(state::v1::Pipe* to, FdLedger* fds) {
  to->set_fd(fds->Carry(pipe_.fd()));
  to->set_partial(splitter_.partial());
  to->set_cut(splitter_.cut());
}

void OutputPipe::Read(const state::v1::Pipe& from) {
  splitter_.Resume(from.partial(), from.cut());
}

bool OutputPipe::ReadOnce() {
  if (!pipe_.is_open()) return false;
  char buffer[kTurnBytes];
  ssize_t count = 0;
  do {
    count = ::read(pipe_.fd(), buffer, sizeof(buffer));
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return false;
  if (count <= 0) {
    Finish();
    return false;
  }
  splitter_.Append({buffer, static_cast<size_t>(count)}, sink_);
  return true;
}

void OutputPipe::Finish() {
  splitter_.Finish(sink_);
  pipe_.Close();
}

}  // namespace drover::os
