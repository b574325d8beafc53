/* What the program says. */
#include <string.h>

#include "src/session.h"

#define REQUEST_WAIT_MS 30000
#define USER_PAYLOAD_MAX 65000

/* Messages of the program: this many at once, and a second for as many more;
 * so never above the protocol's 1000 frames a second with all the rest. */
#define MESSAGES_PER_SECOND 400

/* ---- States ------------------------------------------------------------- */

static int is_running(const drover_session* session) {
  return session->exit_code == DRVR_NEVER;
}

static int move(drover_session* session, int64_t now_ms, int from, int to,
                const char* text) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!is_running(session) || session->state != from) return DROVER_E_STATE;
  drvr_enter(session, to, session->state_op);
  drvr_report(session, text);
  return 0;
}

int drover_session_started(drover_session* session, int64_t now_ms,
                           const char* text) {
  return move(session, now_ms, DROVER_STATE_STARTING, DROVER_STATE_STARTED,
              text);
}

int drover_session_stopped(drover_session* session, int64_t now_ms,
                           const char* text) {
  return move(session, now_ms, DROVER_STATE_STOPPING, DROVER_STATE_STOPPED,
              text);
}

int drover_session_stopped_forced(drover_session* session, int64_t now_ms,
                                  const char* text, uint32_t abandoned) {
  struct drvr_to_supervisor* message;
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!is_running(session) || session->state != DROVER_STATE_STOPPING) {
    return DROVER_E_STATE;
  }
  drvr_enter(session, DROVER_STATE_STOPPED, session->state_op);
  message = drvr_begin(session, DRVR_STATE);
  message->re = session->state_op;
  message->as.state.state = DROVER_STATE_STOPPED;
  message->as.state.text = drvr_text(text);
  message->as.state.abandoned = abandoned;
  message->as.state.forced = 1;
  return drvr_finish(session, 0);
}

int drover_session_reloaded(drover_session* session, int64_t now_ms,
                            int succeeded, const char* text) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!is_running(session) || session->reload_op == 0) return DROVER_E_STATE;
  drvr_result(session, session->reload_op,
              succeeded ? DROVER_RESULT_OK : DROVER_RESULT_FAILED, text);
  session->reload_op = 0;
  return 0;
}

/* The command that a failure concerns: the one that is not answered yet. */
static uint64_t open_op(const drover_session* session) {
  return drvr_in_transition(session) ? session->state_op : 0;
}

int drover_session_failed(drover_session* session, int64_t now_ms,
                          const char* text) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!is_running(session) || session->state == DROVER_STATE_CONNECTING) {
    return DROVER_E_STATE;
  }
  drvr_enter(session, DROVER_STATE_FAILED, open_op(session));
  drvr_report(session, text);
  drvr_end(session, 1, text);
  return 0;
}

int drvr_fatal(drover_session* session, uint32_t code, const char* text,
               int exit_code) {
  struct drvr_to_supervisor* message;
  if (session->fatal_said ||
      (!is_running(session) && session->exit_code != 1)) {
    return DROVER_E_STATE;
  }
  message = drvr_begin(session, DRVR_FATAL);
  message->re = open_op(session);
  message->as.fatal.code = code;
  message->as.fatal.text = drvr_text(text);
  drvr_finish(session, 0);
  session->fatal_said = 1;
  drvr_end(session, exit_code, text);
  return 0;
}

int drover_session_fatal(drover_session* session, int64_t now_ms, uint32_t code,
                         const char* text) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  return drvr_fatal(session, code, text, 1);
}

/* ---- Requests and messages ---------------------------------------------- */

/* 1 = one more message of the program may be sent now. */
static int take_turn(drover_session* session, int64_t now) {
  int64_t leaked = (now - session->bucket_ms) * MESSAGES_PER_SECOND / 1000;
  if (leaked > 0) {
    session->bucket = leaked > session->bucket ? 0 : session->bucket - leaked;
    session->bucket_ms = now;
  }
  if (session->bucket >= MESSAGES_PER_SECOND) return 0;
  session->bucket++;
  return 1;
}

/* What holds for everything that is optional and not paced. */
static int may_send(drover_session* session, int64_t now_ms,
                    uint32_t capability) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!is_running(session) || session->eof_handled ||
      session->state == DROVER_STATE_CONNECTING) {
    return DROVER_E_STATE;
  }
  return drover_session_has(session, capability) ? 0 : DROVER_E_CAPABILITY;
}

/* Queues session->outgoing if it is its turn and there is room beside what has
 * precedence. */
static int send_now(drover_session* session, int64_t now_ms) {
  if (!take_turn(session, now_ms)) return DROVER_E_AGAIN;
  return drvr_finish(session, 2 * DRVR_REPLY_ROOM);
}

static int may_request(const drover_session* session, int64_t now_ms,
                       int kind) {
  switch (session->state) {
    case DROVER_STATE_STOPPING:
    case DROVER_STATE_SHUTTING_DOWN:
      return DROVER_E_STATE;
    default:
      if (session->request_crossed) return DROVER_E_STATE;
  }
  if (session->request_op != 0 || now_ms < session->refused_until[kind]) {
    return DROVER_E_AGAIN;
  }
  return 0;
}

int drover_session_request(drover_session* session, int64_t now_ms, int kind,
                           const char* text, uint64_t* ret_op) {
  struct drvr_to_supervisor* message;
  int error;
  if (kind < DROVER_REQUEST_RECYCLE || kind > DROVER_REQUEST_RELOAD) {
    return DROVER_E_INVALID;
  }
  error = may_send(session, now_ms, DROVER_CAPABILITY_REQUEST);
  if (error == 0) error = may_request(session, now_ms, kind);
  if (error != 0) return error;
  message = drvr_begin(session, DRVR_REQUEST);
  message->op = session->next_op;
  message->as.request.code = (uint32_t)kind;
  message->as.request.text = drvr_text(text);
  error = send_now(session, now_ms);
  if (error != 0) return error;
  session->request_op = session->next_op++;
  session->request_kind = (uint32_t)kind;
  session->request_at = now_ms + REQUEST_WAIT_MS;
  if (ret_op != NULL) *ret_op = session->request_op;
  return 0;
}

static int send_message(drover_session* session, int64_t now_ms, uint64_t op,
                        uint64_t re, const char* topic, const void* data,
                        size_t size) {
  struct drvr_to_supervisor* message;
  int error = may_send(session, now_ms, DROVER_CAPABILITY_USER_MESSAGES);
  if (error != 0) return error;
  if (topic == NULL || !drvr_is_name(topic, strlen(topic), "._-") ||
      (data == NULL && size > 0)) {
    return DROVER_E_INVALID;
  }
  if (size > USER_PAYLOAD_MAX) return DROVER_E_LIMIT;
  message = drvr_begin(session, DRVR_USER_MESSAGE);
  message->op = op;
  message->re = re;
  message->as.user_message.topic = drvr_text(topic);
  message->as.user_message.payload.data = data;
  message->as.user_message.payload.size = (uint32_t)size;
  return send_now(session, now_ms);
}

int drover_session_send(drover_session* session, int64_t now_ms,
                        const char* topic, const void* data, size_t size,
                        uint64_t* ret_op) {
  uint64_t op = session != NULL && ret_op != NULL ? session->next_op : 0;
  int error = send_message(session, now_ms, op, 0, topic, data, size);
  if (error != 0) return error;
  if (ret_op != NULL) *ret_op = session->next_op++;
  return 0;
}

static int is_answerable(const drover_session* session, uint64_t op) {
  return session != NULL && op != 0 && op <= session->last_op;
}

int drover_session_reply(drover_session* session, int64_t now_ms, uint64_t op,
                         int code, const char* text) {
  struct drvr_to_supervisor* message;
  int error;
  if (!is_answerable(session, op) || code < DROVER_RESULT_OK ||
      code > DROVER_RESULT_DENIED) {
    return DROVER_E_INVALID;
  }
  error = may_send(session, now_ms, DROVER_CAPABILITY_USER_MESSAGES);
  if (error != 0) return error;
  message = drvr_begin(session, DRVR_RESULT_OUT);
  message->re = op;
  message->as.result.code = (uint32_t)code;
  message->as.result.text = drvr_text(text);
  return send_now(session, now_ms);
}

int drover_session_reply_message(drover_session* session, int64_t now_ms,
                                 uint64_t op, const char* topic,
                                 const void* data, size_t size) {
  if (!is_answerable(session, op)) return DROVER_E_INVALID;
  return send_message(session, now_ms, 0, op, topic, data, size);
}
