/* A listener and its connections, for a loop around poll(). */
#ifndef EXAMPLES_WORKER_C_SERVER_H_
#define EXAMPLES_WORKER_C_SERVER_H_

#include <poll.h>
#include <stdint.h>

#include "examples/worker_c/connection.h"

/* Further clients wait in the listener's queue, where siblings find them. */
enum { SERVER_CONNECTIONS_MAX = 512 };
/* How many descriptors server_watch() names at most. */
enum { SERVER_WATCHES_MAX = SERVER_CONNECTIONS_MAX + 1 };

struct server {
  int listener;
  int open; /* takes connections */
  const char* greeting;
  int64_t last_moment_ms; /* when idle connections are closed; -1 = never */
  int64_t linger_ms;      /* how long they have then */
  int count;
  struct connection connections[SERVER_CONNECTIONS_MAX];
};

/* The listener and the greeting are borrowed. It takes nothing yet. */
void server_begin(struct server* server, int listener, const char* greeting);

/* Takes connections, for the first time or again. */
void server_open(struct server* server);

/* Takes no more from now on and finishes what there is, idle connections
 * shortly before `within_ms` have passed; until server->count is 0. */
void server_drain(struct server* server, int64_t now_ms, int64_t within_ms);

/* Closes everything; returns how many requests were given up. */
uint32_t server_abandon(struct server* server);

/* Fills in what to poll() for; returns how many entries that are. Between this
 * and server_step() the server may be drained or abandoned. */
int server_watch(const struct server* server, struct pollfd* ret_fds);

/* When to call server_step() though nothing came; -1 = never. */
int64_t server_due(const struct server* server);

/* Does what can be done without waiting. */
void server_step(struct server* server, int64_t now_ms);

#endif /* EXAMPLES_WORKER_C_SERVER_H_ */
