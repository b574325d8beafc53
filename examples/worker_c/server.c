#include "examples/worker_c/server.h"

#include <sys/socket.h>
#include <unistd.h>

void server_begin(struct server* server, int listener, const char* greeting) {
  server->listener = listener;
  server->open = 0;
  server->greeting = greeting;
  server->last_moment_ms = -1;
  server->count = 0;
}

void server_open(struct server* server) {
  server->open = 1;
  server->last_moment_ms = -1;
}

void server_drain(struct server* server, int64_t now_ms, int64_t within_ms) {
  const int64_t margin_ms = within_ms / 4 < 1000 ? within_ms / 4 : 1000;
  server->open = 0;
  server->last_moment_ms = now_ms + within_ms - margin_ms;
  server->linger_ms = margin_ms / 2;
}

uint32_t server_abandon(struct server* server) {
  uint32_t requests = 0;
  int i;
  for (i = 0; i < server->count; ++i) {
    if (connection_is_busy(&server->connections[i])) ++requests;
    close(server->connections[i].fd);
  }
  server->count = 0;
  return requests;
}

static int takes_more(const struct server* server) {
  return server->open && server->count < SERVER_CONNECTIONS_MAX;
}

int server_watch(const struct server* server, struct pollfd* ret_fds) {
  int count = 0;
  int i;
  if (takes_more(server)) {
    ret_fds[count].fd = server->listener;
    ret_fds[count++].events = POLLIN;
  }
  for (i = 0; i < server->count; ++i) {
    ret_fds[count].fd = server->connections[i].fd;
    ret_fds[count++].events = connection_events(&server->connections[i]);
  }
  return count;
}

static int64_t earlier(int64_t a, int64_t b) {
  if (a < 0) return b;
  return b < 0 || a < b ? a : b;
}

int64_t server_due(const struct server* server) {
  int64_t due = server->count > 0 ? server->last_moment_ms : -1;
  int i;
  for (i = 0; i < server->count; ++i) {
    due = earlier(due, server->connections[i].due_ms);
  }
  return due;
}

/* One at a time: the siblings get their share, and a Stop is seen before the
 * next. EAGAIN means that a sibling was faster. */
static void take_one(struct server* server) {
  const int fd =
      accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  connection_begin(&server->connections[server->count++], fd);
}

static void close_idle(struct server* server, int64_t now_ms) {
  int i;
  for (i = 0; i < server->count; ++i) {
    struct connection* connection = &server->connections[i];
    if (connection->state == CONNECTION_READING && connection->in_size == 0) {
      connection_leave(connection, now_ms + server->linger_ms);
    }
  }
  server->last_moment_ms = -1;
}

void server_step(struct server* server, int64_t now_ms) {
  int i = 0;
  if (takes_more(server)) take_one(server);
  while (i < server->count) {
    if (connection_step(&server->connections[i], now_ms, server->greeting,
                        !server->open) == 0) {
      ++i;
    } else {
      server->connections[i] = server->connections[--server->count];
    }
  }
  /* After the reading above: what has arrived is no longer idle. */
  if (server->last_moment_ms >= 0 && now_ms >= server->last_moment_ms) {
    close_idle(server, now_ms);
  }
}
