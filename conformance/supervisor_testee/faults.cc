#include "conformance/supervisor_testee/faults.h"

namespace drover::conformance {
namespace {

constexpr Fault kFaults[] = {
    {"speaks_first", "S-01", "sends Ping before Hello"},
    {"header_in_one_read", "S-03", "drops a header that comes in parts"},
    {"oversize_ok", "S-04", "waits for a body of any length"},
    {"unknown_state", "S-05", "takes an unknown state for a violation"},
    {"capability_twice", "S-06", "refuses a capability named twice"},
    {"made_up_ok", "S-30", "takes answers to ops it never issued"},
    {"any_major", "S-31", "welcomes any major"},
    {"same_incarnation", "S-32", "calls every process incarnation 1"},
    {"no_rate_limit", "S-33", "takes any number of frames"},
    {"small_buffer", "S-34", "takes 60000 bytes at most"},
    {"op_on_report", "S-35", "refuses a StateReport with an op"},
    {"topic_unchecked", "S-36", "takes any topic"},
    {"gauges_are_violations", "S-37", "refuses odd gauges"},
    {"answers_error", "S-38", "answers ProtocolError with another"},
    {"pings_overlap", "S-07", "sends Ping before the last Pong"},
    {"chatter_is_life", "S-08", "takes any frame for a Pong"},
    {"waits_for_stopped", "S-09", "waits for ever for a stopped process"},
    {"no_sigcont", "S-09", "sends no SIGCONT behind SIGTERM"},
    {"bytes_are_life", "S-39", "takes bytes of half a frame for a Pong"},
    {"pings_time_out_on_the_way", "S-40", "expects Pong while Stop runs"},
    {"pong_again_is_violation", "S-41", "refuses a Pong that comes again"},
    {"pings_anyway", "S-42", "sends Ping with an interval of 0"},
    {"deadlines_first", "S-43", "acts on deadlines before it reads"},
    {"waits_for_hello", "S-02", "waits for Hello for ever"},
    {"extends_for_ever", "S-11", "knows no last extension"},
    {"starts_while_stopping", "S-12", "sends Start in STOPPING"},
    {"stale_is_violation", "S-13", "refuses an answer that crossed"},
    {"skips_sigterm", "S-19", "sends SIGKILL right after Quit"},
    {"no_answer_grace", "S-19", "grants no grace for answers"},
    {"stops_first", "S-24", "stops a worker before its replacement runs"},
    {"resumes_unasked", "S-26", "resumes a worker that cannot be"},
    {"repeats_stop", "S-28", "sends Stop behind Quit"},
    {"half_closes", "S-28", "shuts the channel down one way at Quit"},
    {"op_repeats", "S-28", "gives every command op 1"},
    {"extends_in_started", "S-44", "grants more time in STARTED"},
    {"extends_for_any", "S-54", "takes Progress of any command"},
    {"unknown_request_silent", "S-45", "does not answer an unknown Request"},
    {"same_channel", "S-46", "gives each slot one channel for good"},
    {"reloads_anywhere", "S-55", "sends Reload in any state"},
    {"late_reload_kills", "S-56", "ends a worker whose Reload is late"},
    {"messages_first", "S-57", "queues any number of user messages"},
    {"stop_beats_failed", "S-14", "forgets what FAILED says behind Stop"},
    {"forgets_fatal", "S-15", "forgets what Fatal says"},
    {"drops_last_words", "S-15", "reads nothing once a process has ended"},
    {"zero_is_due", "S-16", "takes any exit with 0 for one that was due"},
    {"swallows_ends", "S-27", "takes ends that come together for one"},
    {"raw_text", "S-29", "shows texts as they are"},
    {"nothing_is_due", "S-47", "calls no end due"},
    {"last_cause_wins", "S-48", "reports the last cause"},
    {"quit_forgives", "S-49", "forgets a late Stop at an exit with 0"},
    {"no_wrapper_hint", "S-50", "does not name a wrapper"},
    {"unbounded_queue", "S-10", "queues without a bound"},
    {"ignores_loss", "S-17", "takes no notice of a channel that ends"},
    {"waits_for_end_of_stream", "S-18", "waits for the channel to end"},
    {"spares_the_group", "S-18", "leaves the rest of the group alone"},
    {"reaps_late", "S-20", "starts the next process before it reaps"},
    {"leaks_descriptor", "S-21", "lets workers inherit a descriptor"},
    {"passes_its_own_on", "S-21", "passes its own DROVER_ variables on"},
    {"blocking_listener", "S-21", "does not set O_NONBLOCK on a listener"},
    {"ends_are_inherited", "S-22", "lets a process inherit its own ends"},
    {"constant_delay", "S-23", "restarts after the same delay"},
    {"never_gives_up", "S-23", "restarts without a limit"},
    {"signals_one", "S-25", "signals the leader of a group alone"},
    {"empty_variable", "S-51", "sets DROVER_LISTEN_FDS without listeners"},
    {"fresh_listener", "S-52", "makes a listener for each process"},
    {"waits_for_the_rest", "S-53", "takes no notice of an end in a frame"},
};

}  // namespace

absl::Span<const Fault> SupervisorFaults() { return kFaults; }

bool IsSupervisorFault(absl::string_view name) {
  for (const Fault& fault : kFaults) {
    if (fault.name == name) return true;
  }
  return false;
}

}  // namespace drover::conformance
