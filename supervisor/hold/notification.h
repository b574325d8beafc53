// What the supervisor says, in the sd_notify protocol, as far as it concerns
// who holds its sockets. Pure.
#ifndef SUPERVISOR_HOLD_NOTIFICATION_H_
#define SUPERVISOR_HOLD_NOTIFICATION_H_

#include <string>
#include <string_view>

namespace drover::hold {

struct Notification {
  bool store = false;     // FDSTORE=1
  bool remove = false;    // FDSTOREREMOVE=1
  bool stopping = false;  // STOPPING=1
  std::string name = "stored";
};

// Other lines mean nothing here. A message whose name could not be handed on is
// as if it were empty.
Notification ParseNotification(std::string_view text);

}  // namespace drover::hold

#endif  // SUPERVISOR_HOLD_NOTIFICATION_H_
