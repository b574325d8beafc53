/* What the environment says: the channel and the listeners. */
#ifndef DROVER_SRC_ADOPT_H_
#define DROVER_SRC_ADOPT_H_

#include "src/message.h"
#include "src/text.h"

struct drvr_adopted_listener {
  int fd;
  char name[DRVR_NAME_MAX + 1];
};

struct drvr_adopted_listeners {
  int count;
  struct drvr_adopted_listener items[DRVR_LISTENERS_MAX];
};

/* The channel's descriptor, checked and CLOEXEC. 1 = adopted, 0 = there is no
 * DROVER_FD, DROVER_E_CHANNEL. Writes nothing to any descriptor. */
int drvr_adopt_channel(int* ret_fd);

/* The listeners that DROVER_LISTEN_FDS names, CLOEXEC. Entries that are no
 * "number:name" are skipped; whether one is a listening socket is judged when
 * it is asked for. */
void drvr_adopt_listeners(struct drvr_adopted_listeners* ret_listeners);

/* 1 = the descriptor is a listening socket. */
int drvr_is_listening(int fd);

/* Removes the protocol's variables, so that no program that is executed later
 * takes itself for a worker. */
void drvr_clear_environment(void);

#endif /* DROVER_SRC_ADOPT_H_ */
