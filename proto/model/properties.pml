/* The properties, by name. SPEC.md says each in words ("Model-checked
 * properties") with the clauses that it supports. */

/* Safety: PROPERTY(name, what holds here). The names are variables that stay 0,
 * so that Spin prints them with the assertion that failed. */
#define PROPERTY(name, holds) assert((holds) || name)

hidden byte one_process, own_channel, heard_to_the_end, words_are_kept;
hidden byte group_is_gone, signals_hit_own, reported_once, first_cause_wins;
hidden byte due_is_asked, late_stop_is_told, handshake_first, ops_rise;
hidden byte start_in_its_place, reload_in_its_place, blameless;
hidden byte stronger_only, little_after_quit, nothing_after_error, told_not_guessed;
hidden byte drained_before_quit, stop_quit_term_kill, kill_is_last, heard_in_time;
hidden byte extends_its_own, busy_is_not_dead, reload_is_harmless;
hidden byte own_answer, queue_suffices, end_not_delayed;

/* Liveness, under weak fairness: every process that can go on does. */
ltl down_is_down { [] (down -> <> gone) }
ltl start_ends { [] (st == STARTING -> <> (st != STARTING)) }
ltl stop_ends { [] (st == STOPPING -> <> (st != STOPPING)) }
ltl quit_ends {
  [] ((st == SHUTTING_DOWN || st == FAILED) -> <> (st == NONE))
}
ltl reload_ends { [] (reload != 0 -> <> (reload == 0)) }
ltl handshake_ends { [] (st == SPAWNED -> <> (st != SPAWNED)) }
ltl end_is_reported { [] (!alive && !reaped -> <> reported) }
/* All of them at once, for a model that is thought to have no fault. */
ltl all_live {
  [] ((down -> <> gone) &&
      (st == STARTING -> <> (st != STARTING)) &&
      (st == STOPPING -> <> (st != STOPPING)) &&
      ((st == SHUTTING_DOWN || st == FAILED) -> <> (st == NONE)) &&
      (reload != 0 -> <> (reload == 0)) &&
      (st == SPAWNED -> <> (st != SPAWNED)) &&
      (!alive && !reaped -> <> reported))
}
