/* The work of the conformance testee: connections to its listener. Each is a
 * request from the moment it is taken until it is answered with "done", which
 * it is at once, or, where requests are held, when the client sends a line. */
#ifndef DROVER_TESTS_TESTEE_REQUESTS_H_
#define DROVER_TESTS_TESTEE_REQUESTS_H_

#include <poll.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { REQUESTS_MAX = 64 };

struct requests {
  int listener;
  int held; /* until the client sends a line */
  int open; /* new ones are taken */
  int connections[REQUESTS_MAX];
  size_t count;
};

/* Where the listener and the requests in flight go in `polled`, which has room
 * for REQUESTS_MAX + 1; how many they are. */
size_t requests_poll(const struct requests* requests, struct pollfd* polled);
/* Acts on those that are ready. */
void requests_handle(struct requests* requests, const struct pollfd* polled,
                     size_t count);
/* Gives all up. */
void requests_abandon(struct requests* requests);

#ifdef __cplusplus
}
#endif

#endif /* DROVER_TESTS_TESTEE_REQUESTS_H_ */
