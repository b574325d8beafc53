// The methods of the admin API: a closed table of what there is, who may call
// it, and who answers.
#ifndef SUPERVISOR_CONTROL_METHODS_H_
#define SUPERVISOR_CONTROL_METHODS_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/event_log.h"
#include "supervisor/control/stream.h"

namespace drover::control {

// kOperate may do what kObserve may.
enum class Role { kObserve, kOperate };

// What a handler may use.
struct Scene {
  Backend& backend;
  const EventLog& events;
  // "uid 1000"
  std::string caller;
};

// One serialized response; or a stream of them; or why not.
using Answer = std::variant<absl::Status, std::string, std::unique_ptr<Stream>>;

struct Method {
  // As in drover.admin.v1.AdminService.
  absl::string_view name;
  Role role;
  Answer (*handle)(const Scene& scene, const std::string& request);
  // " pool=web count=8": of a serialized request, for the log.
  std::string (*summarize)(const std::string& request);
};

const std::vector<Method>& AllMethods();

// nullptr if there is none of that name.
const Method* FindMethod(absl::string_view name);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_METHODS_H_
