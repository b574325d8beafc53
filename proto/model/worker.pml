/* A worker that does what chapter 7 says, in its table and in its own time.
 * It may also crash at any point, hang with its channel open or closed, be
 * stopped and continued by a signal, and be told to go by somebody else.
 * A worker with a full channel before it reads nothing: where it would block in
 * the answer, it blocks before the question. */

#define AWAKE (alive && !kill && !deaf && !frozen)
#define READY (AWAKE && !term && ROOM)
#define WORKS (w == INITIALIZED || w == STARTING || w == STARTED || \
               w == STOPPING || w == STOPPED)

#define CONTENT(frame, number) frame(number)
#define CROWDED false
#define GUILTY false
/* What the supervisor holds for STARTED or STOPPED is so, or the worker has
 * left that state by itself for good. */
#define LEFT (w == SHUTTING_DOWN || w == FAILED || w == NONE)
#define TELLS_TRUTH \
  ((st != STOPPED || w == STOPPED || LEFT) && \
   (st != STARTED || w == STARTED || LEFT))

inline hear(m, n) { to_supervisor?m(n) }

active proctype Worker() {
  mtype m = 0;
  byte n = 0;
  byte extras = 0;
  bool signalled = false;

  do
  /* The handshake, or last words without one. */
  :: atomic {
       READY && w == SPAWNED ->
       extras = 0; signalled = false;
       if
       :: to_supervisor!HELLO(0); w = CONNECTING
       :: to_supervisor!FATAL(0); said_why = true; w = FAILED
       fi
     }

  /* The worker table, by columns. */
  :: atomic {
       READY && w != SPAWNED && w != FAILED && len(to_worker) > 0 ->
       to_worker?m(n);
       if
       :: m == START || m == STOP || m == QUIT || m == RELOAD ->
          PROPERTY(ops_rise, n > w_op);
          w_op = n
       :: else
       fi;
       if
       :: w == CONNECTING ->
          PROPERTY(handshake_first, m == WELCOME);
          w = INITIALIZED
       :: w == SHUTTING_DOWN ->
          if
          :: m == PING -> to_supervisor!PONG(n)
          :: else
          fi
       :: WORKS && m == PING -> to_supervisor!PONG(n)
       :: WORKS && m == RESULT
       :: WORKS && m == START ->
          PROPERTY(start_in_its_place,
                   w == INITIALIZED || w == STOPPED && ABLE);
          w_command = n; w = STARTING
       :: WORKS && m == STOP ->
          w_reload = 0;
          w_command = n;
          if
          :: w == INITIALIZED || w == STOPPED ->
             to_supervisor!STOPPED(n); w = STOPPED
          :: else -> w = STOPPING
          fi
       :: WORKS && m == QUIT ->
          w_reload = 0;
          w = SHUTTING_DOWN;
          if
          :: to_supervisor!SHUTTING_DOWN(n)
          :: skip
          fi
       :: WORKS && m == RELOAD ->
          PROPERTY(reload_in_its_place, w == STARTED);
          if
          :: w_reload != 0 -> to_supervisor!NOT_DONE(w_reload)
          :: else
          fi;
          w_reload = n
       :: WORKS && (m == WELCOME || m == PROTOCOL_ERROR) ->
          PROPERTY(blameless, false)  /* never: no conforming side does it */
       fi;
       m = 0; n = 0
     }

  /* What happens in the worker itself. */
  :: atomic {
       READY && w == STARTING -> to_supervisor!STARTED(w_command); w = STARTED
     }
  :: atomic {
       READY && w == STOPPING -> to_supervisor!STOPPED(w_command); w = STOPPED
     }
  :: atomic {
       READY && w_reload != 0 ->
       if
       :: to_supervisor!DONE(w_reload)
       :: to_supervisor!NOT_DONE(w_reload)
       fi;
       w_reload = 0
     }
  :: atomic {
       READY && WORKS ->
       if
       :: w == STARTING -> to_supervisor!FAILED(w_command)
       :: else -> to_supervisor!FAILED(0)
       fi;
       said_why = true; w_reload = 0; w = FAILED
     }
  :: atomic { AWAKE && w == SHUTTING_DOWN -> die(true) }
  :: atomic { AWAKE && w == FAILED -> die(false) }

  /* Reports that nothing waits for, a repetition, a request. */
  :: atomic {
       READY && extras < EXTRAS && WORKS ->
       if
       :: w == INITIALIZED -> to_supervisor!INITIALIZED(0)
       :: w == STARTING || w == STARTED || w == STOPPING ||
          w == STOPPED -> to_supervisor!w(w_command)
       :: ABLE -> to_supervisor!REQUEST(1)
       :: ABLE -> to_supervisor!USER(1)
       fi;
       extras++
     }
  :: atomic {
       READY && (w == STARTING || w == STOPPING) && ABLE ->
       to_supervisor!PROGRESS(w_command)
     }

  /* Signals: the supervisor's, or those of somebody else. */
  :: atomic {
       AWAKE && term && ROOM ->
       term = false; w_reload = 0;
       if
       :: WORKS ->
          w = SHUTTING_DOWN;
          if
          :: to_supervisor!SHUTTING_DOWN(0)
          :: skip
          fi
       :: w == FAILED -> die(false)
       :: else -> die(true)
       fi
     }
  :: atomic { AWAKE && !term && !signalled -> signalled = true; term = true }
  :: atomic {
       AWAKE && !term && !signalled && phase != TERMED ->
       signalled = true; frozen = true
     }
  :: frozen && !kill -> frozen = false

  /* Faults. A hung process may go on hanging. */
  :: AWAKE -> deaf = true
  :: atomic { AWAKE -> deaf = true; open = false }
  :: (deaf || frozen) && !kill
  :: child -> child = false
  :: atomic { alive -> die(false) }
  :: gone -> break
  od
}
