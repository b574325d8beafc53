#include "conformance/testee/requests.h"

#include <sys/socket.h>
#include <unistd.h>

namespace drover::conformance {

void Requests::Abandon() {
  for (int connection : connections_) ::close(connection);
  connections_.clear();
}

void Requests::AddTo(std::vector<pollfd>& polled) const {
  if (open_ && listener_ >= 0) polled.push_back({listener_, POLLIN, 0});
  for (int connection : connections_) {
    polled.push_back({connection, POLLIN, 0});
  }
}

void Requests::Handle(const std::vector<pollfd>& polled) {
  for (const pollfd& each : polled) {
    if (each.revents == 0) continue;
    if (each.fd == listener_ && open_) Take();
    for (auto connection = connections_.begin();
         connection != connections_.end();) {
      auto current = connection++;
      if (*current != each.fd) continue;
      char buffer[256];
      if (::recv(*current, buffer, sizeof(buffer), MSG_DONTWAIT) > 0) {
        Answer(*current);
      }
      ::close(*current);
      connections_.erase(current);
    }
  }
}

void Requests::Take() {
  int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return;
  ::send(connection, "taken\n", 6, MSG_NOSIGNAL);
  if (held_) {
    connections_.push_back(connection);
    return;
  }
  Answer(connection);
  ::close(connection);
}

void Requests::Answer(int connection) {
  ::send(connection, "done\n", 5, MSG_NOSIGNAL);
}

}  // namespace drover::conformance
