#include "conformance/supervisor_testee/control.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace drover::conformance {
namespace {

constexpr int kBacklog = 16;
constexpr size_t kOrderMax = 256;

const char* BoolName(bool value) { return value ? "true" : "false"; }

// As conformance/README.md wants it.
std::string LineOf(const EndReport& report) {
  const char* reason = report.end.by_signal     ? "ExternalSignal"
                       : report.end.number == 0 ? "NormalExit"
                                                : "AbnormalExit";
  return absl::StrCat("exit pid=", report.pid, " reason=", reason,
                      " number=", report.end.number,
                      " due=", BoolName(report.due),
                      " by_supervisor=", BoolName(report.by_supervisor),
                      " cause=", report.cause, " text=", report.text, "\n");
}

void Say(const Fd& fd, const std::string& text) {
  ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

Control::Control(const std::string& path, Begin begin)
    : begin_(std::move(begin)),
      socket_(
          ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::listen(socket_.get(), kBacklog);
}

void Control::AddTo(std::vector<pollfd>& polled) const {
  polled.push_back({socket_.get(), POLLIN, 0});
  for (const Client& client : clients_) {
    polled.push_back({client.fd.get(), POLLIN, 0});
  }
}

void Control::Handle() {
  while (true) {
    Fd fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd.open()) break;
    clients_.push_back({std::move(fd), nullptr});
  }
  for (Client& client : clients_) Read(client);
  clients_.remove_if([](const Client& client) { return client.gone; });
}

void Control::Read(Client& client) {
  char buffer[kOrderMax];
  ssize_t size = ::recv(client.fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
  client.gone |= size == 0;
  if (size <= 0) return;
  absl::string_view order(buffer, static_cast<size_t>(size));
  absl::ConsumeSuffix(&order, "\n");
  if (order == "ends") {
    client.watches = true;
    return Say(client.fd, "ready\n");
  }
  client.outcome = begin_(std::string(order));
  if (client.outcome) return;
  Say(client.fd, "unknown\n");
  client.gone = true;
}

void Control::Settle() {
  for (Client& client : clients_) {
    if (!client.outcome) continue;
    std::optional<bool> outcome = client.outcome();
    if (!outcome) continue;
    Say(client.fd, *outcome ? "done\n" : "failed\n");
    client.gone = true;
  }
  clients_.remove_if([](const Client& client) { return client.gone; });
}

void Control::Publish(const EndReport& report) {
  for (const Client& client : clients_) {
    if (client.watches) Say(client.fd, LineOf(report));
  }
}

}  // namespace drover::conformance
