/* What the parts of the POSIX worker share. */
#ifndef DROVER_SRC_WORKER_H_
#define DROVER_SRC_WORKER_H_

#include <pthread.h>
#include <stdint.h>

#include "drover_posix.h"
#include "src/adopt.h"
#include "src/options.h"

struct drover_worker {
  struct drvr_allocator allocator;
  pthread_mutex_t mutex; /* guards everything below */
  drover_session* session;
  struct drvr_adopted_listeners listeners;
  int forked;
  int channel; /* -1 when its end was read */
  int out_lost;
  int epoll;
  int timer;
  int signal;
  int owns_signals;
  uint32_t watched; /* the epoll events of the channel */
  int64_t armed;    /* what the timer is set to; -1 = off */
};

/* CLOCK_MONOTONIC. */
int64_t drvr_now_ms(void);

/* Locks. INVALID, FORKED: this process is not the worker's; nothing is
 * locked. */
int drvr_lock(drover_worker* worker);

/* Writes what can be written, says what to wait for, unlocks. */
void drvr_unlock(drover_worker* worker);

#endif /* DROVER_SRC_WORKER_H_ */
