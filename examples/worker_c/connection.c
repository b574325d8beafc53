#include "examples/worker_c/connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRANSFER_MS = 10000, LINGER_MS = 500 };

/* What a step leads to. */
enum next { GO_ON, WAIT, ENDED };

void connection_begin(struct connection* connection, int fd) {
  connection->fd = fd;
  connection->state = CONNECTION_READING;
  connection->due_ms = -1;
  connection->in_size = 0;
}

short connection_events(const struct connection* connection) {
  switch (connection->state) {
    case CONNECTION_WORKING:
      return 0;
    case CONNECTION_WRITING:
      return POLLOUT;
    default:
      return POLLIN;
  }
}

int connection_is_busy(const struct connection* connection) {
  return connection->state == CONNECTION_WORKING ||
         connection->state == CONNECTION_WRITING ||
         (connection->state == CONNECTION_READING && connection->in_size > 0);
}

void connection_leave(struct connection* connection, int64_t due_ms) {
  shutdown(connection->fd, SHUT_WR);
  connection->state = CONNECTION_LEAVING;
  connection->due_ms = due_ms;
}

static enum next wait_or_end(void) {
  return errno == EAGAIN || errno == EINTR ? WAIT : ENDED;
}

static enum next read_request(struct connection* c, int64_t now_ms) {
  ssize_t got;
  const size_t length = http_parse(c->in, c->in_size, &c->request);
  if (length > 0) {
    c->in_size -= length;
    memmove(c->in, c->in + length, c->in_size);
    c->state = CONNECTION_WORKING;
    c->due_ms = now_ms + c->request.delay_ms;
    return GO_ON;
  }
  if (c->in_size == sizeof(c->in)) return ENDED; /* an endless head */
  got = recv(c->fd, c->in + c->in_size, sizeof(c->in) - c->in_size, 0);
  if (got < 0) return wait_or_end();
  if (got == 0) return ENDED;
  if (c->in_size == 0) c->due_ms = now_ms + TRANSFER_MS;
  c->in_size += (size_t)got;
  return GO_ON;
}

/* Whether to keep the connection is decided last: a Stop may have come during
 * the work. */
static enum next work(struct connection* c, int64_t now_ms,
                      const char* greeting, int farewell) {
  if (now_ms < c->due_ms) return WAIT;
  c->keep = c->request.keep && !farewell;
  c->out_size = http_format(&c->request, greeting, c->keep, c->out);
  c->out_sent = 0;
  c->state = CONNECTION_WRITING;
  c->due_ms = now_ms + TRANSFER_MS;
  return GO_ON;
}

static enum next write_answer(struct connection* c, int64_t now_ms) {
  const ssize_t sent = send(c->fd, c->out + c->out_sent,
                            c->out_size - c->out_sent, MSG_NOSIGNAL);
  if (sent < 0) return wait_or_end();
  c->out_sent += (size_t)sent;
  if (c->out_sent < c->out_size) return GO_ON;
  if (c->keep) {
    c->state = CONNECTION_READING;
    c->due_ms = c->in_size > 0 ? now_ms + TRANSFER_MS : -1;
  } else {
    connection_leave(c, now_ms + LINGER_MS);
  }
  return GO_ON;
}

static enum next linger(struct connection* c) {
  char dropped[4096];
  const ssize_t got = recv(c->fd, dropped, sizeof(dropped), 0);
  if (got < 0) return wait_or_end();
  return got == 0 ? ENDED : GO_ON;
}

static enum next step(struct connection* c, int64_t now_ms,
                      const char* greeting, int farewell) {
  switch (c->state) {
    case CONNECTION_READING:
      return read_request(c, now_ms);
    case CONNECTION_WORKING:
      return work(c, now_ms, greeting, farewell);
    case CONNECTION_WRITING:
      return write_answer(c, now_ms);
    default:
      return linger(c);
  }
}

int connection_step(struct connection* connection, int64_t now_ms,
                    const char* greeting, int farewell) {
  enum next next = GO_ON;
  while (next == GO_ON) next = step(connection, now_ms, greeting, farewell);
  if (next == WAIT && (connection->due_ms < 0 || now_ms < connection->due_ms)) {
    return 0;
  }
  close(connection->fd);
  return -1;
}
