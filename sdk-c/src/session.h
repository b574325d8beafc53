/*
 * The session's state, and what its parts do for one another:
 *
 *   session.c     making one, bytes in and out, which event is next
 *   input.c       acts on what the supervisor wrote, by the table
 *   statements.c  what the program says
 *   paced.c       texts, progress and gauges: the latest, ten times a second
 */
#ifndef DROVER_SRC_SESSION_H_
#define DROVER_SRC_SESSION_H_

#include "drover.h"
#include "src/message.h"
#include "src/options.h"
#include "src/table.h"
#include "src/text.h"

#define DRVR_HEADER 4
#define DRVR_NEVER (-1)

/* Room that only reports of states and answers may use, so that these never
 * fail for a supervisor that reads late: a frame is read only while there is
 * REPLY_ROOM, and one frame leads to less than that being written. */
#define DRVR_REPLY_ROOM 2048
#define DRVR_OUT_SIZE (DRVR_HEADER + DRVR_FRAME_MAX + 2 * DRVR_REPLY_ROOM)

struct drover_event {
  int kind;
  uint32_t deadline_ms;
  uint32_t cause;
  uint32_t code;
  int exit_code;
  uint64_t op;
  uint64_t re;
  const void* data;
  size_t size;
  char text[DRVR_TEXT_MAX + 1];
  char topic[DRVR_NAME_MAX + 1];
};

struct drvr_known_listener {
  uint32_t fd;
  char name[DRVR_NAME_MAX + 1];
};

struct drvr_known_gauge {
  double value;
  int changed;
  char name[DRVR_NAME_MAX + 1];
};

/* The latest of what is sent at REPORT_RATE. */
struct drvr_paced {
  int64_t next_ms; /* no frame before it */
  int turn;        /* which kind comes first, so that none starves */
  int status_waits;
  int progress_waits;
  int gauges_wait;
  int64_t extend_until_ms; /* 0 = no extension waits */
  uint32_t in_flight;
  char status[DRVR_TEXT_MAX + 1];
  char progress[DRVR_TEXT_MAX + 1];
  uint32_t gauge_count;
  struct drvr_known_gauge gauges[DRVR_GAUGES_MAX];
};

struct drover_session {
  struct drvr_allocator allocator;

  /* From Welcome. */
  struct drvr_numbers offered; /* capabilities; `agreed` goes with it */
  uint8_t agreed[DRVR_CAPABILITIES_MAX];
  char pool[DRVR_NAME_MAX + 1];
  uint32_t slot;
  uint64_t generation;
  uint64_t incarnation;
  struct drvr_timeouts timeouts;
  uint32_t listener_count;
  struct drvr_known_listener listeners[DRVR_LISTENERS_MAX];

  /* The lifecycle. */
  int state;         /* DROVER_STATE_* */
  uint64_t state_op; /* the command that led to it; 0 = none did */
  uint64_t last_op;  /* the supervisor's highest */
  uint64_t reload_op;
  int exit_code; /* DRVR_NEVER until the session is over */
  int end_given; /* DROVER_EVENT_END was handed out */
  int fatal_said;

  /* Inputs that are no frames. */
  int eof;
  int eof_handled;
  int terminated; /* SIGTERM not handled yet */

  /* Timers: times of the program's clock, or DRVR_NEVER. */
  int64_t deadline_at;     /* of STARTING, STOPPING or SHUTTING_DOWN */
  int64_t deadline_cap;    /* the last that Progress may set */
  int64_t transitional_at; /* when to say STARTING or STOPPING */
  int64_t request_at;      /* when a Request counts as not answered */

  /* The worker's own numbers. */
  uint64_t next_op;
  uint64_t request_op; /* 0 = none is outstanding */
  uint32_t request_kind;
  int request_crossed; /* by a Stop or Quit: not again before the next Start */
  int64_t refused_until[DROVER_REQUEST_RELOAD + 1];

  /* Messages of the program in the last second, as a leaky bucket. */
  int64_t bucket_ms;
  int64_t bucket;

  struct drvr_paced paced;
  char end_text[DRVR_TEXT_MAX + 1];
  struct drover_event event;
  struct drvr_to_worker incoming;
  struct drvr_to_supervisor outgoing;

  /* Bytes: in[in_begin, in_end) and out[out_begin, out_end) wait. The frame
   * that the last event points into lies before in_begin. */
  size_t in_begin, in_end;
  size_t out_begin, out_end;
  uint8_t in[DRVR_HEADER + DRVR_FRAME_MAX];
  uint8_t out[DRVR_OUT_SIZE];
};

/* ---- session.c ---------------------------------------------------------- */

/* Clears and returns session->outgoing. */
struct drvr_to_supervisor* drvr_begin(drover_session* session, uint32_t body);
/* Queues it as a frame if at least `spare` bytes are free afterwards.
 * AGAIN. */
int drvr_finish(drover_session* session, size_t spare);
/* A text of the program or the library as the bytes of a field. */
struct drvr_bytes drvr_text(const char* text);

/* Queues StateReport of the session's state. */
void drvr_report(drover_session* session, const char* text);
/* Queues a Result. */
void drvr_result(drover_session* session, uint64_t re, int code,
                 const char* text);

/* Enters a state; forgets timers and texts of the former one. */
void drvr_enter(drover_session* session, int state, uint64_t op);
/* The session is over; DROVER_EVENT_END says so. */
void drvr_end(drover_session* session, int exit_code, const char* text);
/* The supervisor broke the protocol. */
void drvr_violation(drover_session* session, uint32_t code, const char* text);
/* The running deadline becomes that time if it is earlier. */
void drvr_earlier(drover_session* session, int64_t at);
int drvr_in_transition(const drover_session* session);

/* ---- statements.c ------------------------------------------------------- */

/* Last words, after which the program exits with that code. STATE: said. */
int drvr_fatal(drover_session* session, uint32_t code, const char* text,
               int exit_code);

/* ---- input.c ------------------------------------------------------------ */

/* Acts on one frame's bytes. */
void drvr_handle_frame(drover_session* session, int64_t now,
                       const uint8_t* data, size_t size);
/* Acts on the end of the stream or on SIGTERM. */
void drvr_handle_eof(drover_session* session, int64_t now);
void drvr_handle_sigterm(drover_session* session, int64_t now);

/* ---- paced.c ------------------------------------------------------------ */

/* Queues the one that is due, if any. */
void drvr_paced_flush(drover_session* session, int64_t now);
/* When there is one to queue, or DRVR_NEVER. */
int64_t drvr_paced_deadline(const drover_session* session);
/* What was said about the former state does not count any more. */
void drvr_paced_forget(drover_session* session);

#endif /* DROVER_SRC_SESSION_H_ */
