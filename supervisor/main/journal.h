// Notes, in memory that outlives this process, what a successor would want to
// know (journal_format.h).
#ifndef SUPERVISOR_MAIN_JOURNAL_H_
#define SUPERVISOR_MAIN_JOURNAL_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "supervisor/core/notice.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/main/journal_format.h"
#include "supervisor/main/predecessor.h"
#include "supervisor/os/fd_store.h"
#include "supervisor/os/memory_map.h"

namespace drover {

// No system call for what it notes, but where it grows.
class Journal {
 public:
  // Under this prefix, and a name of its own, it is kept in the store.
  static constexpr char kPrefix[] = "drover-journal.";

  // Notes what there is. `core` is borrowed; a successor's identities go on
  // after `last`, which may be more than this core has given. Of the pools in
  // `scaled` the core was told that many workers, and the configuration says
  // what it says there.
  static absl::StatusOr<std::unique_ptr<Journal>> Begin(
      const core::Supervisor& core, core::Incarnation last,
      std::map<std::string, Predecessor::Count> scaled,
      const std::shared_ptr<os::FdStore>& store);

  // What it is kept under.
  const std::string& name() const { return name_; }

  void OnNotice(const core::Notice& notice);
  // Something has happened to this worker, or it has said something.
  void OnWorker(core::Incarnation incarnation);

 private:
  Journal(const core::Supervisor& core, os::MemoryMap map);

  void NoteSelf();
  void NotePool(const std::string& name);
  uint32_t ConfiguredCount(const core::PoolView& pool) const;
  void NoteWorker(const core::WorkerView& worker);
  // A place for it, made if need be; 0: there is no room (it is the
  // supervisor's).
  size_t FreePlace();
  void Forget(size_t place);
  void Write(size_t place, const journal::Note& note);

  const core::Supervisor& core_;
  os::MemoryMap map_;
  std::string name_;
  os::KeptFd kept_;
  journal::Note self_;
  std::map<std::string, Predecessor::Count> scaled_;
  std::map<std::string, size_t> pools_;
  struct Noted {
    size_t place = 0;
    journal::Note note;
  };
  std::map<core::Incarnation, Noted> workers_;
  std::vector<size_t> free_;
  size_t used_ = 1;
};

}  // namespace drover

#endif  // SUPERVISOR_MAIN_JOURNAL_H_
