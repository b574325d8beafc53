// Where the workers' lines go.
#ifndef SUPERVISOR_OS_OUTPUT_ROUTER_H_
#define SUPERVISOR_OS_OUTPUT_ROUTER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/ids.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/forwarder.h"
#include "supervisor/os/output_writer.h"
#include "supervisor/output/store.h"

namespace drover::os {

// Gives each line to the store, and by the settings of its pool to the
// supervisor's standard output and to a file. Not thread-safe.
class OutputRouter {
 public:
  // `forwarder` may be null: nothing is forwarded then. Both are borrowed.
  OutputRouter(output::Store& store, Forwarder* forwarder)
      : store_(store), forwarder_(forwarder) {}

  // From now on for the pool's lines; its files are opened anew.
  void Configure(const std::string& pool, const config::v1::Output& settings);
  void Forget(const std::string& pool);

  // Written down, and read into an empty router. Nothing is written to files
  // for as long as the ledger lives, nor before Resume(). DeadlineExceeded
  // where a disk hangs.
  absl::Status Write(state::v1::Shell* to, FdLedger* fds);
  void Read(const state::v1::Shell& from, FdIntake* fds);
  void Resume() { writer_.Resume(); }

  void Route(const core::Identity& worker, output::Stream stream,
             absl::string_view line);

  // Until all that goes to files is there, or false after so long.
  bool Drain(absl::Duration patience) { return writer_.Drain(patience); }

 private:
  struct Pool {
    config::v1::Output settings;
    // By slot; slots whose path is the same share the file.
    std::map<uint32_t, std::shared_ptr<OutputWriter::File>> files;
  };

  OutputWriter::File* FileOf(Pool& pool, const core::Identity& worker);

  output::Store& store_;
  Forwarder* forwarder_;
  OutputWriter writer_;
  std::map<std::string, Pool> pools_;
  // By path.
  std::map<std::string, std::weak_ptr<OutputWriter::File>> files_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_OUTPUT_ROUTER_H_
