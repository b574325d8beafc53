#include "sdk-c/tests/testee_requests.h"

#include <sys/socket.h>
#include <unistd.h>

size_t requests_poll(const struct requests* requests, struct pollfd* polled) {
  size_t i;
  const int open = requests->open && requests->count < REQUESTS_MAX;
  polled[0].fd = open ? requests->listener : -1;
  polled[0].events = POLLIN;
  for (i = 0; i < requests->count; ++i) {
    polled[i + 1].fd = requests->connections[i];
    polled[i + 1].events = POLLIN;
  }
  return requests->count + 1;
}

static void say(int fd, const char* line, size_t size) {
  (void)send(fd, line, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer(int fd) {
  say(fd, "done\n", 5);
  close(fd);
}

static void take(struct requests* requests) {
  const int fd = accept4(requests->listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  say(fd, "taken\n", 6);
  if (requests->held) {
    requests->connections[requests->count++] = fd;
  } else {
    answer(fd);
  }
}

static void finish(struct requests* requests, int fd) {
  char line[256];
  size_t i = 0;
  while (requests->connections[i] != fd) ++i;
  requests->connections[i] = requests->connections[--requests->count];
  if (recv(fd, line, sizeof(line), MSG_DONTWAIT) > 0) {
    answer(fd);
  } else {
    close(fd);
  }
}

void requests_handle(struct requests* requests, const struct pollfd* polled,
                     size_t count) {
  size_t i;
  for (i = 1; i < count; ++i) {
    if (polled[i].revents != 0) finish(requests, polled[i].fd);
  }
  if (polled[0].revents != 0 && requests->open) take(requests);
}

void requests_abandon(struct requests* requests) {
  while (requests->count > 0) close(requests->connections[--requests->count]);
}
