/* Errors, versions and names. */
#include "drover.h"

int drover_version_number(void) { return DROVER_VERSION_NUMBER; }

const char* drover_version_string(void) { return DROVER_VERSION; }

const char* drover_strerror(int error) {
  if (error >= 0) return "no error";
  switch (error) {
    case DROVER_E_INVALID:
      return "an argument is missing, malformed or out of range";
    case DROVER_E_STATE:
      return "not in this state of the worker";
    case DROVER_E_CAPABILITY:
      return "needs a capability that worker and supervisor have not agreed on";
    case DROVER_E_AGAIN:
      return "not now; try again later";
    case DROVER_E_LIMIT:
      return "longer, or more of them, than the protocol allows";
    case DROVER_E_NOT_FOUND:
      return "no listener has that name in DROVER_LISTEN_FDS";
    case DROVER_E_LISTENER:
      return "the descriptor in DROVER_LISTEN_FDS is not a listening socket";
    case DROVER_E_NOMEM:
      return "out of memory";
    case DROVER_E_VERSION:
      return "DROVER_PROTOCOL offers no version that this library speaks (1)";
    case DROVER_E_CHANNEL:
      return "DROVER_FD is not a connected unix stream socket: did a wrapper "
             "(npm, subprocess, ProcessBuilder) close it?";
    case DROVER_E_SYSTEM:
      return "a system call failed (see errno)";
    case DROVER_E_FORKED:
      return "this process was forked from the worker and may not speak";
    default:
      return "unknown error";
  }
}

int drover_error_is_fatal(int error) { return error <= DROVER_E_FATAL; }

int drover_exit_code(int error) {
  switch (error) {
    case DROVER_E_VERSION:
    case DROVER_E_CHANNEL:
    case DROVER_E_LISTENER:
    case DROVER_E_NOT_FOUND:
      return 78;
    default:
      return error < 0 ? 1 : 0;
  }
}

const char* drover_state_name(int state) {
  static const char* const names[] = {
      "CONNECTING", "INITIALIZED", "STARTING",      "STARTED",
      "STOPPING",   "STOPPED",     "SHUTTING_DOWN", "FAILED"};
  if (state < 0 || state > DROVER_STATE_FAILED) return "UNKNOWN";
  return names[state];
}

const char* drover_event_name(int kind) {
  static const char* const names[] = {
      "NONE",      "WELCOME", "START",    "STOP",   "QUIT",    "RELOAD",
      "LAME_DUCK", "LOST",    "DEADLINE", "RESULT", "MESSAGE", "END"};
  if (kind < 0 || kind > DROVER_EVENT_END) return "UNKNOWN";
  return names[kind];
}
