/* The supervisor of chapter 15. Each turn takes one input (a fact, a frame, the
 * deadline, or a wish of the operator), acts as the supervisor table says, and
 * then pursues what is wanted. */

#define STABLE (st == INITIALIZED || st == STARTED || st == STOPPED)
#define LIVES (st != FAILED && st != SHUTTING_DOWN && st != NONE)
#define OUTSTANDING \
  (st == STARTING -> 1 : \
   (st == STARTED && reload != 0 -> 2 : \
    (st == STOPPING -> 3 : (told_quit -> 4 : 0))))

inline arm() {
  armed = true; expired = false; unheard = 0; extensions = 0; in_time = false
}

/* The heartbeat of a stable state: a Ping to come, or a Pong to come. */
inline arm_heartbeat() {
  arm();
  armed = pinged || pings < PINGS
}

inline blame(c) {
  cause = (cause == NONE || IS(last_cause_wins) -> c : cause);
  first = (first == NONE -> c : first)
}

/* Never blocks: what does not fit ends the worker. */
inline send(frame, number) {
  PROPERTY(little_after_quit, !told_quit || frame == PROTOCOL_ERROR || user);
  PROPERTY(nothing_after_error, st != FAILED);
  if
  :: !open
  :: open && (len(to_worker) < QUEUE_TO_WORKER || IS(blocking_write)) ->
     to_worker!CONTENT(frame, number)
  :: open && len(to_worker) == QUEUE_TO_WORKER && !IS(blocking_write) ->
     PROPERTY(queue_suffices, CROWDED);
     fault = (frame == PROTOCOL_ERROR -> fault : QUEUE_FULL)
  fi
}

/* A command that wants an answer takes the place of a weaker one. */
inline send_command(frame, rank, next) {
  PROPERTY(stronger_only, rank > OUTSTANDING);
  op++;
  command = op;
  send(frame, op);
  st = next;
  arm();
  armed = !(IS(start_untimed) && frame == START)
}

inline send_quit() {
  PROPERTY(drained_before_quit, hurry || st != STARTED);
  send_command(QUIT, 4, SHUTTING_DOWN);
  asked = true; bade = true;
  told_quit = true
}

/* SIGTERM with SIGCONT, to the group; the KILL comes when it is late. */
inline terminate() {
  PROPERTY(signals_hit_own, !reaped);
  term = alive;
  frozen = frozen && IS(no_cont);
  phase = TERMED;
  arm()
}

active proctype Supervisor() {
  mtype m = 0;
  byte n = 0;
  mtype fault = NONE;   /* why this turn ends the worker */
  mtype first = NONE;   /* the first cause, kept apart to judge `cause` */
  bool quit_now = false; /* this turn sends Quit */
  bool bade = false;    /* the supervisor bade it go; to judge `due` */
  bool user = false;    /* what is sent answers a user message */
  bool due;
  byte wishes = 0;
  byte spawns = 0;

spawn:
  atomic {
    PROPERTY(one_process, !alive && !child);
    reaped = false; alive = true; open = true; reported = false;
    said_why = false; words = false; closed = false; clean = false;
    w = SPAWNED; st = SPAWNED; spawns++;
    op = 0; command = 0; pinged = false; pings = 0;
    cause = NONE; first = NONE; phase = NONE;
    asked = false; bade = false; told_quit = false; late_stop = false; hurry = false;
    goal = (goal == QUIT -> RUN : goal);
    child = CHILD;
    PROPERTY(own_channel, len(to_worker) == 0 && len(to_supervisor) == 0);
    arm();
    armed = !IS(no_hello_deadline)
  }

  do
  /* Nothing happens: no operator need ever want anything. */
  :: !expired && alive && len(to_supervisor) == 0 && (closed || !AT_END)
  :: atomic {
       if
       /* exited */
       :: !alive && !IS(death_by_eof) &&
          (len(to_supervisor) == 0 || IS(last_words_lost)) -> goto ended
       :: AT_END && (IS(death_by_eof) || IS(respawn_on_eof)) -> goto ended

       /* closed */
       :: AT_END && !closed ->
          closed = true;
          reported = IS(report_twice);
          if
          :: LIVES -> st = FAILED; phase = GRACE; arm()
          :: else
          fi

       /* deadline */
       :: expired && (unheard == 0 || IS(deadline_first)) &&
          (alive || len(to_supervisor) > 0 || IS(death_by_eof)) ->
          PROPERTY(end_not_delayed, alive || len(to_supervisor) > 0);
          armed = false; expired = false; unheard = 0;
          PROPERTY(heard_in_time, !in_time);
          in_time = false;
          if
          :: st == SPAWNED -> fault = HELLO_TIMEOUT
          :: st == STARTING ->
             fault = (IS(ping_not_suspended) && pinged -> UNRESPONSIVE :
                      START_TIMEOUT)
          :: st == STARTED && reload != 0 ->
             reload = 0;          /* it failed, and nothing else did */
             arm_heartbeat();
             fault = (IS(reload_kills) -> UNRESPONSIVE : NONE);
             PROPERTY(reload_is_harmless, fault == NONE)
          :: STABLE && reload == 0 && pinged && !IS(ping_flood) -> fault = UNRESPONSIVE
          :: STABLE && reload == 0 && (!pinged || IS(ping_flood)) ->
             send(PING, pings + 1);
             pinged = true; pings++;
             arm()
          :: st == STOPPING && IS(late_stop_is_stopped) ->
             st = STOPPED; arm_heartbeat()  /* never: of mutants alone */
          :: st == STOPPING && !IS(late_stop_is_stopped) ->
             late_stop = true;
             blame(STOP_TIMEOUT);
             quit_now = true
          :: st == SHUTTING_DOWN -> fault = QUIT_TIMEOUT
          :: st == FAILED && phase == GRACE ->
             if
             :: closed -> blame(CHANNEL_LOST)
             :: else
             fi;
             terminate()
          :: st == FAILED && phase != GRACE && !IS(no_kill) ->
             PROPERTY(stop_quit_term_kill, phase == TERMED || phase == KILLED);
             PROPERTY(kill_is_last, deaf || !alive || GUILTY);
             PROPERTY(signals_hit_own, !reaped);
             kill = alive; child = false;
             phase = KILLED;
             arm()
          :: st == FAILED && phase != GRACE && IS(no_kill)
          fi

       /* a frame; after the deadline, those that were there before it */
       :: (!expired || unheard > 0) && len(to_supervisor) > 0 ->
          hear(m, n);
          unheard = (unheard > 0 -> unheard - 1 : 0);
          if
          :: m == FATAL || m == FAILED || m == PROTOCOL_ERROR ->
             words = !IS(words_dropped);
             if
             :: LIVES && (m != FAILED || st != SPAWNED && n <= op) ->
                st = FAILED; phase = GRACE; arm();
                blame(WORKER_FAILED)
             :: LIVES && m == FAILED && (st == SPAWNED || n > op) ->
                fault = VIOLATION
             :: else
             fi

          :: m == PONG && st != SPAWNED && st != FAILED ->
             if
             :: n > pings -> fault = VIOLATION
             :: n == pings && pinged ->
                pinged = false;
                if
                :: STABLE && reload == 0 -> arm_heartbeat()
                :: else
                fi
             :: n < pings || n == pings && !pinged  /* answered before */
             fi

          :: LIVES && st != SPAWNED &&
             (m == DONE || m == NOT_DONE || m == REFUSED) ->
             if
             :: n == 0 || n > op -> fault = VIOLATION
             :: reload != 0 && (n == reload || IS(reload_any_answer)) ->
                PROPERTY(own_answer, n == reload);
                reload = 0;
                arm_heartbeat()
             :: n == command && m != DONE && st == STARTING ->
                fault = WORKER_FAILED
             :: n == command && m != DONE && st == STOPPING ->
                blame(WORKER_FAILED);
                quit_now = true
             :: else
             fi

          :: LIVES && st != SPAWNED && m == REQUEST ->
             if
             :: ABLE && goal == RUN -> goal = QUIT   /* granted: RECYCLE */
             :: else
             fi;
             send(RESULT, 0)
          :: m == REQUEST && (st == SHUTTING_DOWN && IS(answer_after_quit) ||
                              st == FAILED && IS(answer_after_error)) ->
             send(RESULT, 0)                /* of mutants alone */
          :: (LIVES && st != SPAWNED || st == SHUTTING_DOWN) && m == USER ->
             user = ABLE;
             if
             :: user -> send(RESULT, 0); user = false
             :: else
             fi

          :: LIVES && st != SPAWNED && m == PROGRESS ->
             if
             :: ABLE && (st == STARTING || st == STOPPING) &&
                (n == command || IS(extension_of_another)) &&
                (extensions < EXTENSIONS || IS(extension_uncapped)) ->
                PROPERTY(extends_its_own, n == command);
                expired = false; unheard = 0; in_time = false;
                extensions = (IS(extension_uncapped) -> 0 : extensions + 1)
             :: else
             fi

          :: m == HELLO && st == SPAWNED ->
             st = INITIALIZED;
             send(WELCOME, 0);
             arm_heartbeat()
          :: LIVES && (m == HELLO && st != SPAWNED ||
                       st == SPAWNED && m != HELLO && m != FATAL &&
                       m != FAILED && m != PROTOCOL_ERROR) ->
             fault = VIOLATION

          /* Reports of a state, judged as chapter 15 says. */
          :: LIVES && st != SPAWNED &&
             (m == INITIALIZED || m == STARTING || m == STARTED ||
              m == STOPPING || m == STOPPED || m == SHUTTING_DOWN) ->
             if
             :: m == INITIALIZED && (st == STARTING || st == STOPPING)
             :: else ->
                if
                :: n > op -> fault = VIOLATION
                :: n == 0 && m == SHUTTING_DOWN ->
                   st = SHUTTING_DOWN; arm()
                :: n == 0 && m == st                       /* text */
                :: n == 0 && m != st && m != SHUTTING_DOWN -> fault = VIOLATION
                :: n != 0 && n < command && !IS(stale_is_violation)
                :: n != 0 && n <= op &&
                   (n >= command || IS(stale_is_violation)) ->
                   if
                   :: m == st                              /* text */
                   :: m == SHUTTING_DOWN -> st = SHUTTING_DOWN; arm()
                   :: m == STARTED && st == STARTING ||
                      m == STOPPED && st == STOPPING ->
                      st = m;
                      arm_heartbeat()
                   :: m != st && m != SHUTTING_DOWN &&
                      !(m == STARTED && st == STARTING) &&
                      !(m == STOPPED && st == STOPPING) -> fault = VIOLATION
                   fi
                fi
             fi
          :: else                                          /* ignored */
          fi;
          m = 0; n = 0

       /* the operator */
       :: !expired && !down && goal != QUIT && wishes < WISHES ->
          wishes++;
          if
          :: goal != RUN -> goal = RUN
          :: goal != STOP -> goal = STOP
          :: goal = QUIT                                   /* restart */
          :: st == STARTED && ABLE && (reload == 0 || IS(reload_twice)) ||
             IS(reload_any_state) && STABLE && ABLE ->
             PROPERTY(stronger_only, OUTSTANDING < 2);
             op = (IS(op_reused) -> op : op + 1);
             send(RELOAD, op);
             reload = op;
             arm()
          fi
       :: !expired && !down -> down = true; goal = QUIT
       :: !expired && goal == QUIT && !hurry -> hurry = true
       fi;

       /* Stop was late or refused. */
       if
       :: quit_now && IS(term_before_quit) ->
          PROPERTY(stop_quit_term_kill, false)  /* never: of mutants alone */
       :: quit_now && !IS(term_before_quit) -> send_quit()
       :: else
       fi;
       quit_now = false;

       /* What is wanted. */
       if
       :: fault != NONE
       :: fault == NONE && (goal == RUN || goal == STOP || goal == QUIT) ->
          if
          :: goal == RUN && (st == INITIALIZED ||
                             st == STOPPED && (ABLE || IS(resume_unasked)) ||
                             st == STOPPING && IS(start_while_stopping) ||
                             st == SPAWNED && IS(start_before_hello)) ->
             send_command(START, 1, STARTING)
          :: goal == STOP && (st == INITIALIZED || st == STARTING) ||
             goal != RUN && !hurry && st == STARTED && !IS(quit_undrained) ->
             send_command(STOP, 3, STOPPING)
          :: goal == RUN && st == STOPPED && !ABLE ||
             goal == QUIT && (st == INITIALIZED || st == STARTING ||
                              st == STOPPED) ||
             goal == QUIT && hurry && (st == STARTED || st == STOPPING) ||
             goal == QUIT && st == STARTED && IS(quit_undrained) ->
             send_quit()
          :: goal == QUIT && st == SPAWNED ->
             asked = !IS(unwelcome_not_asked); bade = true;
             st = SHUTTING_DOWN;
             terminate()
          :: else
          fi
       fi;

       /* What was found wrong. */
       if
       :: fault != NONE ->
          PROPERTY(blameless, fault != VIOLATION || GUILTY);
          PROPERTY(busy_is_not_dead, fault != UNRESPONSIVE || STABLE);
          blame(fault);
          if
          :: fault == VIOLATION -> send(PROTOCOL_ERROR, 0)
          :: else
          fi;
          fault = NONE; st = FAILED;
          terminate()
       :: else
       fi;
       reload = (st == STARTED || IS(reload_forgotten) -> reload : 0);
       PROPERTY(told_not_guessed, TELLS_TRUTH)
     }
  od;

ended:
  atomic {
    PROPERTY(heard_to_the_end, len(to_supervisor) == 0);
    reaped = IS(reap_before_kill);
    PROPERTY(signals_hit_own, !reaped);
    child = child && IS(group_left);                /* SIGKILL to the group */
    reaped = true;
    PROPERTY(group_is_gone, !child);

    /* The report. */
    due = asked || IS(exit_0_is_due) && clean;
    if
    :: !asked -> blame(EXITED)
    :: else
    fi;
    cause = (IS(exit_0_forgives) && clean && late_stop -> NONE : cause);
    PROPERTY(late_stop_is_told, !late_stop || cause == STOP_TIMEOUT);
    PROPERTY(first_cause_wins, cause == first);
    PROPERTY(due_is_asked, due == bade);
    PROPERTY(words_are_kept, words || !said_why);
    PROPERTY(reported_once, !reported);
    reported = !(IS(exit_lost) && phase == KILLED);

    st = NONE; phase = NONE; cause = NONE; first = NONE;
    armed = false; expired = false; unheard = 0; in_time = false;
    extensions = 0; op = 0; command = 0; pinged = false; pings = 0;
    due = false; late_stop = false; words = false; said_why = false;
    closed = false; asked = false; bade = false; told_quit = false;
    reload = (IS(reload_forgotten) -> reload : 0);
    do
    :: len(to_worker) > 0 && !IS(old_channel) -> to_worker?m(n)
    :: else -> break
    od;
    m = 0; n = 0
  }
  if
  :: !down && spawns < SPAWNS -> goto spawn
  :: down = true
  fi;
  gone = true
}
