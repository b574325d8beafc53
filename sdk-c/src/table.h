/*
 * The worker table of SPEC.md, chapter 7, cell by cell. A test compares the
 * two.
 */
#ifndef DROVER_SRC_TABLE_H_
#define DROVER_SRC_TABLE_H_

#include <stdint.h>

/* What a worker reads: the rows. */
enum drvr_input {
  DRVR_ON_WELCOME,
  DRVR_ON_START,
  DRVR_ON_STOP,
  DRVR_ON_QUIT,
  DRVR_ON_PING,
  DRVR_ON_RELOAD,
  DRVR_ON_LAME_DUCK,
  DRVR_ON_USER_MESSAGE,
  DRVR_ON_RESULT,
  DRVR_ON_UNKNOWN, /* a body that this version does not know */
  DRVR_ON_PROTOCOL_ERROR,
  DRVR_ON_EOF,
  DRVR_ON_SIGTERM,
  DRVR_INPUT_COUNT
};

/* The words of the cells. */
enum drvr_action {
  DRVR_NOTHING, /* a cell that only names the next state */
  DRVR_IGNORE,
  DRVR_VIOLATE,
  DRVR_BEGIN,
  DRVR_REFUSE,
  DRVR_SAY_STOPPED,
  DRVR_CANCEL,
  DRVR_DRAIN,
  DRVR_EARLIER,
  DRVR_SAY_PONG,
  DRVR_SAY_RESULT,
  DRVR_NOTE,
  DRVR_SAY_UNIMPLEMENTED,
  DRVR_EXIT_0,
  DRVR_EXIT_1,
  DRVR_EXIT_76
};

#define DRVR_STATE_COUNT 8
#define DRVR_STAY 0xff

struct drvr_cell {
  uint8_t action; /* enum drvr_action */
  uint8_t next;   /* DROVER_STATE_*, or DRVR_STAY */
};

/* `state` is a DROVER_STATE_*. */
struct drvr_cell drvr_table(enum drvr_input input, int state);

#endif /* DROVER_SRC_TABLE_H_ */
