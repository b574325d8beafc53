/* Acts on what the supervisor wrote. */
#include <string.h>

#include "src/codec.h"
#include "src/session.h"

/* How long a start or stop may take before it is worth a report. */
#define TRANSITIONAL_MS 100
/* Longest extension of a deadline by Progress; what a supervisor allows unless
 * it is configured otherwise. */
#define EXTEND_MAX_MS 300000
/* How long a refused Request is not repeated. */
#define REFUSED_MS 60000

static struct drover_event* emit(drover_session* session, int kind) {
  session->event.kind = kind;
  return &session->event;
}

static void copy_name(char* to, const struct drvr_bytes* from) {
  size_t size = from->size > DRVR_NAME_MAX ? DRVR_NAME_MAX : from->size;
  if (size > 0) memcpy(to, from->data, size);
  to[size] = '\0';
}

/* ---- Welcome ------------------------------------------------------------ */

static int contains(const struct drvr_numbers* numbers, uint32_t number) {
  uint32_t i;
  for (i = 0; i < numbers->count; i++) {
    if (numbers->items[i] == number) return 1;
  }
  return 0;
}

static void handle_welcome(drover_session* session) {
  const struct drvr_welcome* welcome = &session->incoming.as.welcome;
  struct drover_event* event = emit(session, DROVER_EVENT_WELCOME);
  uint32_t i;
  for (i = 0; i < session->offered.count; i++) {
    session->agreed[i] =
        (uint8_t)contains(&welcome->capabilities, session->offered.items[i]);
  }
  copy_name(session->pool, &welcome->identity.pool);
  session->slot = welcome->identity.slot;
  session->generation = welcome->identity.generation;
  session->incarnation = welcome->identity.incarnation;
  session->timeouts = welcome->timeouts;
  session->listener_count = welcome->listeners.count;
  for (i = 0; i < welcome->listeners.count; i++) {
    session->listeners[i].fd = welcome->listeners.items[i].fd;
    copy_name(session->listeners[i].name, &welcome->listeners.items[i].name);
  }
  drvr_copy_text(event->text, welcome->supervisor.data,
                 welcome->supervisor.size);
  drvr_enter(session, DROVER_STATE_INITIALIZED, 0);
}

/* ---- Commands that lead to another state -------------------------------- */

static void set_deadline(drover_session* session, int64_t now, uint32_t ms) {
  session->deadline_at = now + ms;
  session->deadline_cap = session->deadline_at + EXTEND_MAX_MS;
  session->event.deadline_ms = ms;
}

static void cross_request(drover_session* session) {
  if (session->request_op != 0) session->request_crossed = 1;
}

static void start(drover_session* session, int64_t now) {
  const struct drvr_start* message = &session->incoming.as.start;
  drvr_enter(session, DROVER_STATE_STARTING, session->incoming.op);
  session->request_crossed = 0;
  emit(session, DROVER_EVENT_START);
  set_deadline(session, now, message->deadline_ms);
  session->transitional_at = now + TRANSITIONAL_MS;
}

static void stop(drover_session* session, int64_t now) {
  const struct drvr_stop* message = &session->incoming.as.stop;
  struct drover_event* event = emit(session, DROVER_EVENT_STOP);
  drvr_enter(session, DROVER_STATE_STOPPING, session->incoming.op);
  session->reload_op = 0;
  cross_request(session);
  set_deadline(session, now, message->deadline_ms);
  session->transitional_at = now + TRANSITIONAL_MS;
  event->cause = message->cause;
  drvr_copy_text(event->text, message->text.data, message->text.size);
}

static struct drover_event* leave(drover_session* session, int64_t now,
                                  uint64_t op, int kind, uint32_t ms) {
  struct drover_event* event = emit(session, kind);
  drvr_enter(session, DROVER_STATE_SHUTTING_DOWN, op);
  session->reload_op = 0;
  cross_request(session);
  set_deadline(session, now, ms);
  return event;
}

static void quit(drover_session* session, int64_t now) {
  const struct drvr_stop* message = &session->incoming.as.quit;
  struct drover_event* event = leave(session, now, session->incoming.op,
                                     DROVER_EVENT_QUIT, message->deadline_ms);
  event->cause = message->cause;
  drvr_copy_text(event->text, message->text.data, message->text.size);
  drvr_report(session, NULL);
}

static void terminate(drover_session* session, int64_t now) {
  leave(session, now, 0, DROVER_EVENT_QUIT, session->timeouts.quit_ms);
  drvr_copy_string(session->event.text, "SIGTERM");
  drvr_report(session, "SIGTERM");
}

static void lose(drover_session* session, int64_t now) {
  leave(session, now, 0, DROVER_EVENT_LOST, session->timeouts.loss_ms);
}

static void go(drover_session* session, enum drvr_input input, int64_t now) {
  switch (input) {
    case DRVR_ON_WELCOME:
      handle_welcome(session);
      break;
    case DRVR_ON_START:
      start(session, now);
      break;
    case DRVR_ON_STOP:
      stop(session, now);
      break;
    case DRVR_ON_QUIT:
      quit(session, now);
      break;
    case DRVR_ON_EOF:
      lose(session, now);
      break;
    default:
      terminate(session, now);
  }
}

/* ---- Everything else ---------------------------------------------------- */

static void say_stopped(drover_session* session) {
  drvr_enter(session, DROVER_STATE_STOPPED, session->incoming.op);
  cross_request(session);
  drvr_report(session, NULL);
}

/* A Stop in STOPPING, a Quit in SHUTTING_DOWN: the same shape. */
static void adopt_earlier(drover_session* session, int64_t now) {
  session->state_op = session->incoming.op;
  drvr_earlier(session, now + session->incoming.as.stop.deadline_ms);
}

static void say_pong(drover_session* session) {
  struct drvr_to_supervisor* message = drvr_begin(session, DRVR_PONG);
  message->as.pong.id = session->incoming.as.ping.id;
  drvr_finish(session, 0);
}

static void begin_reload(drover_session* session) {
  const struct drvr_reload* message = &session->incoming.as.reload;
  struct drover_event* event;
  if (session->reload_op != 0) {
    drvr_result(session, session->incoming.op, DROVER_RESULT_FAILED,
                "a reload is under way");
    return;
  }
  session->reload_op = session->incoming.op;
  event = emit(session, DROVER_EVENT_RELOAD);
  event->deadline_ms = message->deadline_ms;
  event->data = message->payload.data;
  event->size = message->payload.size;
}

static void note_lame_duck(drover_session* session) {
  emit(session, DROVER_EVENT_LAME_DUCK)->deadline_ms =
      session->incoming.as.lame_duck.stop_in_ms;
}

static void note_message(drover_session* session) {
  const struct drvr_user_message* message = &session->incoming.as.user_message;
  struct drover_event* event;
  if (session->incoming.re >= session->next_op) return;
  if (!drvr_is_name((const char*)message->topic.data, message->topic.size,
                    "._-")) {
    if (session->incoming.op != 0 && session->incoming.re == 0) {
      drvr_result(session, session->incoming.op, DROVER_RESULT_FAILED,
                  "not a topic");
    }
    return;
  }
  event = emit(session, DROVER_EVENT_MESSAGE);
  event->op = session->incoming.op;
  event->re = session->incoming.re;
  event->data = message->payload.data;
  event->size = message->payload.size;
  copy_name(event->topic, &message->topic);
}

static uint32_t known_result(uint32_t code) {
  return code <= DROVER_RESULT_DENIED ? code : DROVER_RESULT_UNSPECIFIED;
}

static void close_request(drover_session* session, int64_t now, uint32_t code) {
  session->request_op = 0;
  session->request_at = DRVR_NEVER;
  if (code != DROVER_RESULT_OK) {
    session->refused_until[session->request_kind] = now + REFUSED_MS;
  }
}

static void note_result(drover_session* session, int64_t now) {
  const struct drvr_coded* result = &session->incoming.as.result;
  uint64_t re = session->incoming.re;
  struct drover_event* event;
  if (re == 0 || re >= session->next_op) return; /* answers nothing of ours */
  if (re == session->request_op) close_request(session, now, result->code);
  event = emit(session, DROVER_EVENT_RESULT);
  event->re = re;
  event->code = known_result(result->code);
  drvr_copy_text(event->text, result->text.data, result->text.size);
}

static void note(drover_session* session, enum drvr_input input, int64_t now) {
  if (input == DRVR_ON_LAME_DUCK) note_lame_duck(session);
  if (input == DRVR_ON_USER_MESSAGE) note_message(session);
  if (input == DRVR_ON_RESULT) note_result(session, now);
}

static void say_unimplemented(drover_session* session) {
  if (session->incoming.op == 0 || session->incoming.re != 0) return;
  drvr_result(session, session->incoming.op, DROVER_RESULT_UNIMPLEMENTED, NULL);
}

static void peer_error(drover_session* session) {
  const struct drvr_coded* error = &session->incoming.as.protocol_error;
  char text[DRVR_TEXT_MAX + 1];
  drvr_copy_text(text, error->text.data, error->text.size);
  drvr_end(session, 76, text);
}

static void apply(drover_session* session, enum drvr_input input,
                  struct drvr_cell cell, int64_t now) {
  switch (cell.action) {
    case DRVR_IGNORE:
      return;
    case DRVR_VIOLATE:
      drvr_violation(session, DRVR_SEQUENCE,
                     session->state == DROVER_STATE_CONNECTING
                         ? "expected Welcome as the first message"
                         : "Welcome was sent before");
      return;
    case DRVR_REFUSE:
      drvr_result(session, session->incoming.op, DROVER_RESULT_INVALID_STATE,
                  drover_state_name(session->state));
      return;
    case DRVR_SAY_STOPPED:
      say_stopped(session);
      return;
    case DRVR_EARLIER:
      adopt_earlier(session, now);
      return;
    case DRVR_SAY_PONG:
      say_pong(session);
      return;
    case DRVR_SAY_RESULT:
      begin_reload(session);
      return;
    case DRVR_NOTE:
      note(session, input, now);
      return;
    case DRVR_SAY_UNIMPLEMENTED:
      say_unimplemented(session);
      return;
    case DRVR_EXIT_0:
      drvr_end(session, 0, "nothing to shut down");
      return;
    case DRVR_EXIT_1:
      drvr_end(session, 1, "failed");
      return;
    case DRVR_EXIT_76:
      peer_error(session);
      return;
    default: /* begin, cancel, drain and plain moves */
      if (cell.next != DRVR_STAY) {
        go(session, input, now);
      } else { /* the channel ended while shutting down */
        drvr_earlier(session, now + session->timeouts.loss_ms);
      }
  }
}

/* ---- Frames ------------------------------------------------------------- */

static enum drvr_input input_of(uint32_t body) {
  static const uint8_t inputs[] = {
      DRVR_ON_WELCOME,     DRVR_ON_START,  DRVR_ON_STOP,
      DRVR_ON_QUIT,        DRVR_ON_PING,   DRVR_ON_RELOAD,
      DRVR_ON_LAME_DUCK,   DRVR_ON_RESULT, DRVR_ON_PROTOCOL_ERROR,
      DRVR_ON_USER_MESSAGE};
  if (body < DRVR_WELCOME || body > DRVR_USER_MESSAGE) return DRVR_ON_UNKNOWN;
  return (enum drvr_input)inputs[body - DRVR_WELCOME];
}

/* 1 = the body is one that both sides agreed on. */
static int is_agreed(const drover_session* session, enum drvr_input input) {
  switch (input) {
    case DRVR_ON_START:
      return session->state != DROVER_STATE_STOPPED ||
             drover_session_has(session, DROVER_CAPABILITY_RESUME);
    case DRVR_ON_RELOAD:
      return drover_session_has(session, DROVER_CAPABILITY_RELOAD);
    case DRVR_ON_LAME_DUCK:
      return drover_session_has(session, DROVER_CAPABILITY_LAME_DUCK);
    case DRVR_ON_USER_MESSAGE:
      return drover_session_has(session, DROVER_CAPABILITY_USER_MESSAGES);
    default:
      return 1;
  }
}

static int is_command(enum drvr_input input) {
  return input == DRVR_ON_START || input == DRVR_ON_STOP ||
         input == DRVR_ON_QUIT || input == DRVR_ON_RELOAD;
}

/* 1 = the number of a frame that may carry one is right: commands have one,
 * and it rises. Elsewhere it has no effect. */
static int check_op(drover_session* session, int needs_op) {
  uint64_t op = session->incoming.op;
  if (op == 0 && !needs_op) return 1;
  if (op <= session->last_op) {
    drvr_violation(session, DRVR_SEQUENCE,
                   op == 0 ? "a command needs an op" : "op did not rise");
    return 0;
  }
  session->last_op = op;
  return 1;
}

static int may_have_op(enum drvr_input input) {
  return input == DRVR_ON_USER_MESSAGE || input == DRVR_ON_UNKNOWN;
}

void drvr_handle_frame(drover_session* session, int64_t now,
                       const uint8_t* data, size_t size) {
  enum drvr_input input;
  struct drvr_cell cell;
  if (!drvr_decode(data, size, &session->incoming)) {
    drvr_violation(session, DRVR_PARSE, "a frame holds one ToWorker");
    return;
  }
  input = input_of(session->incoming.body);
  cell = drvr_table(input, session->state);
  if (cell.action != DRVR_IGNORE && cell.action != DRVR_VIOLATE) {
    if (is_command(input) && !check_op(session, 1)) return;
    if (may_have_op(input) && !check_op(session, 0)) return;
    if (!is_agreed(session, input)) {
      say_unimplemented(session);
      return;
    }
  }
  apply(session, input, cell, now);
}

void drvr_handle_eof(drover_session* session, int64_t now) {
  session->eof_handled = 1;
  apply(session, DRVR_ON_EOF, drvr_table(DRVR_ON_EOF, session->state), now);
}

void drvr_handle_sigterm(drover_session* session, int64_t now) {
  apply(session, DRVR_ON_SIGTERM, drvr_table(DRVR_ON_SIGTERM, session->state),
        now);
}
