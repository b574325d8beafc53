// Writes workers' lines to files, on a thread of its own: a disk may keep its
// writer waiting, for as long as it likes and where nothing can interrupt it.
#ifndef SUPERVISOR_OS_OUTPUT_WRITER_H_
#define SUPERVISOR_OS_OUTPUT_WRITER_H_

#include <cstdint>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/output_file.h"

namespace drover::os {

// Nobody waits for it: what does not fit into bounded queues is dropped and
// counted, said as a warning, and noted where the lines would have been. One
// thread for all files, which is there once there is something to write. But
// for that thread, not thread-safe.
class OutputWriter {
 public:
  // Of lines that wait, for one file and for all of them.
  static constexpr size_t kFileBytes = 1 << 20;
  static constexpr size_t kAllBytes = 8 << 20;
  // Of one turn: so much may be under way when it is to rest.
  static constexpr size_t kTurnBytes = 64 << 10;
  // A disk that has not answered for so long is said to be ill.
  static constexpr absl::Duration kHang = absl::Seconds(5);
  // From one warning about dropped lines to the next, for each file.
  static constexpr absl::Duration kWarnAgain = absl::Minutes(1);
  // What is left at the end has so long to be written.
  static constexpr absl::Duration kPatience = absl::Seconds(2);

  class File;

  OutputWriter();
  ~OutputWriter();
  OutputWriter(const OutputWriter&) = delete;
  OutputWriter& operator=(const OutputWriter&) = delete;

  // Lives for as long as it is held, and until what was given for it is
  // written.
  std::shared_ptr<File> Add(OutputFile file);

  // Takes a whole line, without its newline.
  void Append(File* file, absl::string_view line);

  // All files are closed, and no disk is asked for anything, for as long as
  // what is returned is held. DeadlineExceeded, which names the file, where a
  // disk does not answer in time.
  absl::StatusOr<std::shared_ptr<void>> Rest(absl::Duration patience);

  // A file with what waits for it, written down while the writer rests, and
  // added by what was. That is written from Resume() on.
  static void Write(const File& file, state::v1::OutputFile* to);
  std::shared_ptr<File> Read(const state::v1::OutputFile& from, FdIntake* fds);
  void Resume();

  // Until nothing waits, or false after so long.
  bool Drain(absl::Duration patience);

  // Lines that found no room.
  uint64_t dropped() const { return dropped_; }

 private:
  // What the thread shares, and keeps alive where nobody waits for its end.
  struct Shared;

  // False where there can be no thread now.
  bool HaveThread();
  void WarnOfDropped(File* file);

  std::shared_ptr<Shared> shared_;
  std::thread thread_;
  uint64_t dropped_ = 0;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_OUTPUT_WRITER_H_
