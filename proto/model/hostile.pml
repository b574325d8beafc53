/* A worker that is bound by nothing: any frame at any time, reads what and when
 * it likes, closes its channel, ends or does not. What a frame of it says is
 * chosen when the supervisor reads it, which is the same and has fewer states;
 * what the supervisor writes to it is not kept either. */
#define CONTENT(frame, number) NONE(0)
#define CROWDED true        /* it may leave its queue to fill */
#define GUILTY true         /* it may violate the protocol */
#define TELLS_TRUTH true    /* nothing can be said of what it says */

/* An op, re or id makes a difference. */
#define NUMBERED \
  (m != HELLO && m != REQUEST && m != USER && m != FATAL && m != PROTOCOL_ERROR)

inline hear(m, n) {
  to_supervisor?m(n);
  if
  :: m = HELLO :: m = INITIALIZED :: m = STARTING :: m = STARTED
  :: m = STOPPING :: m = STOPPED :: m = SHUTTING_DOWN :: m = PONG
  :: m = DONE :: m = NOT_DONE :: m = REFUSED :: m = PROGRESS
  :: m = REQUEST :: m = USER :: m = PROTOCOL_ERROR
  :: m = FAILED; said_why = true
  :: m = FATAL; said_why = true
  fi;
  if
  :: n = 0
  :: NUMBERED && op > 0 -> n = op
  :: NUMBERED -> n = op + 1                 /* never issued */
  :: NUMBERED && command < op -> n = command
  :: NUMBERED && command > 1 -> n = 1       /* stale */
  fi
}

active proctype Hostile() {
  do
  :: alive && !kill && open && ROOM -> to_supervisor!NONE(0)
  :: alive && !kill && open && len(to_worker) > 0 -> to_worker?_, _
  :: alive && !kill && open -> open = false
  :: alive && !kill /* goes on with something else */
  :: atomic { alive && !kill -> die(true) }
  :: atomic { alive -> die(false) }
  :: gone -> break
  od
}
