// A call that is answered by more than one message.
#ifndef SUPERVISOR_CONTROL_STREAM_H_
#define SUPERVISOR_CONTROL_STREAM_H_

#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"

namespace drover::control {

// Nothing to say at present.
struct Quiet {};

// A serialized response, or the end (with its status), or nothing now.
using Said = std::variant<Quiet, std::string, absl::Status>;

// Asked for its next message when the client can take one and something may
// have changed. Bounds whatever it keeps; what does not fit is counted and
// told.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual Said Next() = 0;
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_STREAM_H_
