/* The worker lifecycle protocol of SPEC.md: one slot of one pool, its
 * supervisor, the process in it, and time. README.md says what is left out.
 *
 * -D switches
 *   HOSTILE     the worker is anything; without it, a conforming one that may
 *               crash, hang, be stopped by a signal, or lose its channel
 *   MUTANT=name one deliberate fault of the supervisor, of those below
 *   WISHES=n    how often the operator changes his mind before the end
 *   SPAWNS=n    processes that the slot may have, one after the other
 */
#include "bounds.pml"

/* Frames. A report of a state is named by the state. */
mtype = {
  HELLO, WELCOME, START, RELOAD, STOP, QUIT, PING, PONG,
  RESULT, DONE, NOT_DONE, REFUSED, PROGRESS, REQUEST, USER, FATAL, PROTOCOL_ERROR
};
/* States of chapters 7 and 15. NONE: there is no process. */
mtype = {
  NONE, SPAWNED, CONNECTING, INITIALIZED, STARTING, STARTED, STOPPING, STOPPED,
  SHUTTING_DOWN, FAILED
};
/* What is wanted of a process: RUN, STOP or QUIT. */
mtype = { RUN };
/* Causes of an end; NONE is none. */
mtype = {
  HELLO_TIMEOUT, START_TIMEOUT, STOP_TIMEOUT, QUIT_TIMEOUT, UNRESPONSIVE,
  WORKER_FAILED, VIOLATION, CHANNEL_LOST, QUEUE_FULL, EXITED
};
/* Where an ending process stands: it may go by itself, was sent SIGTERM, was
 * sent SIGKILL. */
mtype = { GRACE, TERMED, KILLED };

#include "mutants.pml"
#include "properties.pml"

/* The two directions of the channel; the number is op or re, or the id. */
chan to_worker = [QUEUE_TO_WORKER] of { mtype, byte };
chan to_supervisor = [QUEUE_TO_SUPERVISOR] of { mtype, byte };

/* What is so: the process and its group. */
bool alive;          /* the process has not ended */
bool reaped = true;  /* nobody can be hit by a signal to its id any more */
bool open;           /* the process has its end of the channel */
bool child;          /* another process of its group has that end as well */
bool term, kill;     /* signals that it has not acted upon */
bool deaf;           /* it hangs: reads nothing, acts on no SIGTERM */
bool frozen;         /* SIGSTOP: does nothing until SIGCONT */
bool clean;          /* it ended with code 0 */

/* What the worker holds to be so. */
mtype w = NONE;
byte w_op;           /* the last op that it has read */
byte w_command;      /* the op of its last Start or Stop */
byte w_reload;       /* the op of a Reload that it works on */
bool said_why;       /* it wrote FAILED or Fatal */

/* What the supervisor holds to be so. */
mtype st = NONE;
mtype goal = RUN;
mtype cause = NONE;
mtype phase = NONE;
byte op;             /* the last op issued */
byte command;        /* the op of the last Start, Stop or Quit */
byte reload;         /* the op of the Reload that is outstanding */
bool pinged;         /* a Ping is outstanding */
byte pings;
byte extensions;
bool asked;          /* the end is asked for */
bool told_quit;      /* Quit was sent */
bool late_stop;      /* the deadline of a Stop passed */
bool closed;         /* the end of the stream was read */
bool words;          /* last words were read */
bool reported;       /* the end was reported */

/* Time: one running deadline. When it has expired, `unheard` frames are there
 * that were written before, and have to be heard first. */
bool armed, expired;
byte unheard;
bool in_time;        /* the answer was written before the deadline */

/* The operator. */
bool down;           /* the last wish: nothing runs */
bool hurry;          /* without a drain */
bool gone;           /* nothing runs, nothing will */

#define AT_END (!open && !child && len(to_supervisor) == 0)
#define ROOM (len(to_supervisor) < QUEUE_TO_SUPERVISOR)

inline die(code0) {
  d_step {
    alive = false; open = false; clean = code0; w = NONE;
    term = false; kill = false; deaf = false; frozen = false;
    w_op = 0; w_command = 0; w_reload = 0
  }
}

/* Expires what is armed, at any time. Only SIGKILL is sent to nobody who acts
 * on SIGTERM: the kill time is taken to be long enough for that. */
active proctype Time() {
  do
  :: atomic {
       armed && !expired && (phase != TERMED || SLOW_TO_DIE) ->
       expired = true;
       unheard = len(to_supervisor);
       in_time = (st == STARTING && to_supervisor??[STARTED, eval(command)]) ||
                 (st == STOPPING && to_supervisor??[STOPPED, eval(command)])
     }
  :: gone -> break
  od
}

#ifdef HOSTILE
#include "hostile.pml"
#else
#include "worker.pml"
#endif
#include "supervisor.pml"
