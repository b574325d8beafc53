/* One client: reads a request, works, answers, and so on until it leaves. */
#ifndef EXAMPLES_WORKER_C_CONNECTION_H_
#define EXAMPLES_WORKER_C_CONNECTION_H_

#include <stddef.h>
#include <stdint.h>

#include "examples/worker_c/http.h"

enum connection_state {
  CONNECTION_READING, /* idle until a byte is there */
  CONNECTION_WORKING, /* until `due_ms` */
  CONNECTION_WRITING,
  CONNECTION_LEAVING /* our direction is closed; waits for the client's */
};

struct connection {
  int fd;
  enum connection_state state;
  int64_t due_ms; /* when to be called though nothing came; -1 = never */
  struct http_request request;
  int keep;
  size_t in_size;
  size_t out_size;
  size_t out_sent;
  char in[HTTP_HEAD_MAX];
  char out[HTTP_ANSWER_MAX];
};

/* Takes over the descriptor, which does not block. */
void connection_begin(struct connection* connection, int fd);

/* What to poll() for. */
short connection_events(const struct connection* connection);

/* A request has begun to arrive and is not answered. */
int connection_is_busy(const struct connection* connection);

/* Does what can be done without waiting. With `farewell` answers say
 * "Connection: close". 0 = it goes on, -1 = it has ended and is closed. */
int connection_step(struct connection* connection, int64_t now_ms,
                    const char* greeting, int farewell);

/* Ends our direction and gives the client until `due_ms` to end the other:
 * close() alone could destroy the last answer on its way. */
void connection_leave(struct connection* connection, int64_t due_ms);

#endif /* EXAMPLES_WORKER_C_CONNECTION_H_ */
