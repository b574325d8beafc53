/* Deliberate faults of the supervisor, one a run: -DMUTANT=name. Each breaks
 * the property that mutants.txt names beside it. */
#ifndef MUTANT
#define MUTANT no_mutant
#endif
mtype:mutant = {
  no_mutant, respawn_on_eof, death_by_eof, last_words_lost, group_left,
  reap_before_kill, start_while_stopping, start_before_hello, report_twice,
  exit_lost, no_kill, no_cont, term_before_quit, last_cause_wins,
  stale_is_violation, blocking_write, extension_uncapped, extension_of_another,
  reload_kills, reload_any_answer, reload_any_state, reload_forgotten,
  reload_twice, ping_not_suspended, exit_0_forgives, deadline_first,
  old_channel, exit_0_is_due, answer_after_quit, late_stop_is_stopped,
  quit_undrained, words_dropped, no_hello_deadline, unwelcome_not_asked,
  resume_unasked, op_reused, answer_after_error, ping_flood,
  start_untimed
};
#define IS(name) (MUTANT == name)
