// A call that is answered by more than one message.
#ifndef SUPERVISOR_CONTROL_STREAM_H_
#define SUPERVISOR_CONTROL_STREAM_H_

#include <set>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "supervisor/core/ids.h"

namespace drover::control {

// What one turn of the loop has touched.
struct Turn {
  std::set<core::OperationId> operations;
  // Pools of which a worker has changed.
  std::set<std::string> pools;
  // The upgrade of the supervisor itself.
  bool upgrade = false;
};

// Nothing to say at present.
struct Quiet {};

// A serialized response, or the end (with its status), or nothing now.
using Said = std::variant<Quiet, std::string, absl::Status>;

// Bounds whatever it keeps; what does not fit is counted and told.
class Stream {
 public:
  virtual ~Stream() = default;

  // Whether the turn may have given it something to say. Cheap: asked of every
  // stream in every turn.
  virtual bool Concerns(const Turn& turn) const = 0;

  // Asked for while the client can take one, until it says Quiet or the end.
  virtual Said Next() = 0;
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_STREAM_H_
