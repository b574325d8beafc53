// A crash, from both sides: what a killed predecessor has left, and what this
// supervisor leaves, should it be killed.
#ifndef SUPERVISOR_MAIN_RECOVERY_H_
#define SUPERVISOR_MAIN_RECOVERY_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drover/admin/v1/admin.pb.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/notice.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/main/journal.h"
#include "supervisor/main/predecessor.h"
#include "supervisor/os/fd_store.h"
#include "supervisor/os/handed_fds.h"

namespace drover {

class Recovery {
 public:
  // Of a program that was executed in place of another, which has given
  // identities up to `last`.
  explicit Recovery(core::Incarnation last);
  // Takes the journals out of what was handed down, and says what they say.
  explicit Recovery(std::vector<os::HandedFd>* handed);

  // Before the start: pools are as large as they were (KeepScale()).
  void Adjust(config::v1::Config* config);
  // No identity is given twice.
  core::Incarnation last_incarnation() const;
  // Null: nobody was killed.
  const admin::v1::Predecessor* predecessor() const;

  // From here on what there is is noted, if there is a store to keep it. That
  // was all of the predecessor's journals; and of one's own, where this program
  // was executed in place of another.
  void Begin(const core::Supervisor& core,
             const std::shared_ptr<os::FdStore>& store);

  void OnNotice(const core::Notice& notice);
  void OnFact(core::Incarnation incarnation);

 private:
  core::Incarnation last_ = 0;
  std::vector<std::string> read_;
  std::optional<Predecessor> former_;
  admin::v1::Predecessor message_;
  std::map<std::string, Predecessor::Count> scaled_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace drover

#endif  // SUPERVISOR_MAIN_RECOVERY_H_
