#include "src/table.h"

#include "drover.h"

/* clang-format off */
#define STAY(action)     {DRVR_##action, DRVR_STAY}
#define GO(action, next) {DRVR_##action, DROVER_STATE_##next}

#define IGNORE   STAY(IGNORE)
#define VIOLATE  STAY(VIOLATE)
#define REFUSE   STAY(REFUSE)
#define EARLIER  STAY(EARLIER)
#define PONG     STAY(SAY_PONG)
#define NOTE     STAY(NOTE)
#define UNKNOWN  STAY(SAY_UNIMPLEMENTED)
#define BEGIN    GO(BEGIN, STARTING)
#define LEAVE    GO(NOTHING, SHUTTING_DOWN)
#define ABANDON  GO(CANCEL, SHUTTING_DOWN)
#define WIND_UP  GO(DRAIN, SHUTTING_DOWN)

static const struct drvr_cell table[DRVR_INPUT_COUNT][DRVR_STATE_COUNT] = {
/*               CONNECTING     INITIALIZED               STARTING              STARTED              STOPPING  STOPPED            SHUTTING_DOWN  FAILED */
/* Welcome   */ {GO(NOTHING, INITIALIZED),
                                VIOLATE,                  VIOLATE,              VIOLATE,             VIOLATE,  VIOLATE,           IGNORE,        IGNORE},
/* Start     */ {VIOLATE,       BEGIN,                    REFUSE,               REFUSE,              REFUSE,   BEGIN,             IGNORE,        IGNORE},
/* Stop      */ {VIOLATE,       GO(SAY_STOPPED, STOPPED), GO(CANCEL, STOPPING), GO(DRAIN, STOPPING), EARLIER,  STAY(SAY_STOPPED), IGNORE,        IGNORE},
/* Quit      */ {VIOLATE,       LEAVE,                    ABANDON,              LEAVE,               LEAVE,    LEAVE,             EARLIER,       STAY(EXIT_1)},
/* Ping      */ {VIOLATE,       PONG,                     PONG,                 PONG,                PONG,     PONG,              PONG,          IGNORE},
/* Reload    */ {VIOLATE,       REFUSE,                   REFUSE,               STAY(SAY_RESULT),    REFUSE,   REFUSE,            IGNORE,        IGNORE},
/* LameDuck  */ {VIOLATE,       NOTE,                     NOTE,                 NOTE,                NOTE,     NOTE,              IGNORE,        IGNORE},
/* Message   */ {VIOLATE,       NOTE,                     NOTE,                 NOTE,                NOTE,     NOTE,              IGNORE,        IGNORE},
/* Result    */ {VIOLATE,       NOTE,                     NOTE,                 NOTE,                NOTE,     NOTE,              IGNORE,        IGNORE},
/* unknown   */ {VIOLATE,       UNKNOWN,                  UNKNOWN,              UNKNOWN,             UNKNOWN,  UNKNOWN,           IGNORE,        IGNORE},
/* Error     */ {STAY(EXIT_76), STAY(EXIT_76),            STAY(EXIT_76),        STAY(EXIT_76),       STAY(EXIT_76),
                                                                                                               STAY(EXIT_76),     STAY(EXIT_76), STAY(EXIT_76)},
/* EOF       */ {STAY(EXIT_0),  LEAVE,                    ABANDON,              WIND_UP,             WIND_UP,  LEAVE,             STAY(DRAIN),   STAY(EXIT_1)},
/* SIGTERM   */ {STAY(EXIT_0),  LEAVE,                    ABANDON,              LEAVE,               LEAVE,    LEAVE,             STAY(EXIT_0),  STAY(EXIT_1)},
};
/* clang-format on */

struct drvr_cell drvr_table(enum drvr_input input, int state) {
  return table[input][state];
}
