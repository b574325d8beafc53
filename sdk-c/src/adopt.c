#define _GNU_SOURCE
#include "src/adopt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "drover.h"

/* A descriptor in decimal; -1 if the bytes are none. */
static int parse_fd(const char* text, size_t size) {
  int fd = 0;
  size_t i;
  if (size == 0 || size > 9) return -1;
  for (i = 0; i < size; i++) {
    if (text[i] < '0' || text[i] > '9') return -1;
    fd = fd * 10 + (text[i] - '0');
  }
  return fd;
}

static int socket_option(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof(value);
  if (getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return -1;
  return value;
}

static int is_channel(int fd) {
  struct stat status;
  struct sockaddr_un peer;
  socklen_t size = sizeof(peer);
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) &&
         socket_option(fd, SO_DOMAIN) == AF_UNIX &&
         socket_option(fd, SO_TYPE) == SOCK_STREAM &&
         getpeername(fd, (struct sockaddr*)&peer, &size) == 0;
}

static void set_cloexec(int fd) {
  int flags = fcntl(fd, F_GETFD);
  if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

int drvr_adopt_channel(int* ret_fd) {
  const char* text = getenv("DROVER_FD");
  int fd;
  if (text == NULL) return 0;
  fd = parse_fd(text, strlen(text));
  if (fd < 0 || !is_channel(fd)) return DROVER_E_CHANNEL;
  set_cloexec(fd);
  *ret_fd = fd;
  return 1;
}

int drvr_is_listening(int fd) { return socket_option(fd, SO_ACCEPTCONN) == 1; }

static void adopt_listener(const char* entry, size_t size,
                           struct drvr_adopted_listeners* listeners) {
  struct drvr_adopted_listener* listener = &listeners->items[listeners->count];
  const char* colon = memchr(entry, ':', size);
  size_t length;
  int fd;
  if (colon == NULL || listeners->count == DRVR_LISTENERS_MAX) return;
  fd = parse_fd(entry, (size_t)(colon - entry));
  length = size - (size_t)(colon - entry) - 1;
  if (fd < 0 || !drvr_is_name(colon + 1, length, "_-")) return;
  listener->fd = fd;
  memcpy(listener->name, colon + 1, length);
  listener->name[length] = '\0';
  listeners->count++;
  /* The number may belong to something else that must stay inheritable. */
  if (drvr_is_listening(fd)) set_cloexec(fd);
}

void drvr_adopt_listeners(struct drvr_adopted_listeners* ret_listeners) {
  const char* entry = getenv("DROVER_LISTEN_FDS");
  ret_listeners->count = 0;
  while (entry != NULL && *entry != '\0') {
    size_t size = strcspn(entry, ",");
    adopt_listener(entry, size, ret_listeners);
    entry += size + (entry[size] == ',');
  }
}

void drvr_clear_environment(void) {
  unsetenv("DROVER_FD");
  unsetenv("DROVER_PROTOCOL");
  unsetenv("DROVER_LISTEN_FDS");
}
