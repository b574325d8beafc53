#include "supervisor/hold/inbox.h"

#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace drover::hold {
namespace {

std::string RandomName() {
  uint64_t number[2] = {};
  if (::getrandom(number, sizeof(number), 0) != sizeof(number)) return "";
  char text[64];
  std::snprintf(text, sizeof(text), "@drover-holder-%016llx%016llx",
                static_cast<unsigned long long>(number[0]),
                static_cast<unsigned long long>(number[1]));
  return text;
}

// Takes over what came beside the text.
void Unpack(msghdr& message, Datagram* datagram) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    const size_t size = header->cmsg_len - CMSG_LEN(0);
    if (header->cmsg_type == SCM_CREDENTIALS && size >= sizeof(ucred)) {
      ucred sender;
      ::memcpy(&sender, CMSG_DATA(header), sizeof(sender));
      datagram->pid = sender.pid;
    }
    if (header->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
      int fd;
      ::memcpy(&fd, CMSG_DATA(header) + at, sizeof(fd));
      datagram->fds.emplace_back(fd);
    }
  }
}

}  // namespace

Inbox Inbox::Open() {
  Inbox inbox;
  inbox.address_ = RandomName();
  UniqueFd socket(
      ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // The '@' stands for the NUL that makes it abstract.
  inbox.address_.copy(address.sun_path + 1, sizeof(address.sun_path) - 1, 1);
  const size_t size = offsetof(sockaddr_un, sun_path) + inbox.address_.size();
  const int on = 1;
  if (!inbox.address_.empty() && socket.ok() &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ==
          0 &&
      ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
             static_cast<socklen_t>(size)) == 0) {
    inbox.socket_ = std::move(socket);
  }
  return inbox;
}

std::optional<Datagram> Inbox::Receive() {
  char text[kTextMax];
  iovec content = {text, sizeof(text)};
  alignas(cmsghdr) char
      control[CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(kFdsMax * sizeof(int))];
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  if (size < 0) return std::nullopt;
  Datagram datagram;
  Unpack(message, &datagram);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    datagram.fds.clear();
    return datagram;
  }
  datagram.text.assign(text, static_cast<size_t>(size));
  return datagram;
}

}  // namespace drover::hold
