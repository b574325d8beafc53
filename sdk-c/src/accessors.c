/* What the program asks about a session and an event. */
#include "src/session.h"

/* ---- What is known ------------------------------------------------------ */

int drover_session_state(const drover_session* session) {
  return session == NULL ? DROVER_STATE_FAILED : session->state;
}

int drover_session_exit_code(const drover_session* session) {
  return session == NULL ? 1 : session->exit_code;
}

int drover_session_has(const drover_session* session, uint32_t capability) {
  uint32_t i;
  if (session == NULL) return 0;
  for (i = 0; i < session->offered.count; i++) {
    if (session->offered.items[i] == capability) return session->agreed[i];
  }
  return 0;
}

const char* drover_session_pool(const drover_session* session) {
  return session == NULL ? "" : session->pool;
}

uint32_t drover_session_slot(const drover_session* session) {
  return session == NULL ? 0 : session->slot;
}

uint64_t drover_session_generation(const drover_session* session) {
  return session == NULL ? 0 : session->generation;
}

uint64_t drover_session_incarnation(const drover_session* session) {
  return session == NULL ? 0 : session->incarnation;
}

int64_t drover_session_timeout(const drover_session* session, int timeout) {
  if (session == NULL) return DROVER_E_INVALID;
  switch (timeout) {
    case DROVER_TIMEOUT_START:
      return session->timeouts.start_ms;
    case DROVER_TIMEOUT_STOP:
      return session->timeouts.stop_ms;
    case DROVER_TIMEOUT_QUIT:
      return session->timeouts.quit_ms;
    case DROVER_TIMEOUT_LOSS:
      return session->timeouts.loss_ms;
    case DROVER_TIMEOUT_PING_INTERVAL:
      return session->timeouts.ping_interval_ms;
    case DROVER_TIMEOUT_PING:
      return session->timeouts.ping_timeout_ms;
    default:
      return DROVER_E_INVALID;
  }
}

int drover_session_listener_count(const drover_session* session) {
  return session == NULL ? 0 : (int)session->listener_count;
}

int drover_session_listener(const drover_session* session, int index,
                            uint32_t* ret_fd, const char** ret_name) {
  if (session == NULL || index < 0 ||
      (uint32_t)index >= session->listener_count || ret_fd == NULL ||
      ret_name == NULL) {
    return DROVER_E_INVALID;
  }
  *ret_fd = session->listeners[index].fd;
  *ret_name = session->listeners[index].name;
  return 0;
}

/* ---- Events ------------------------------------------------------------- */

int drover_event_kind(const drover_event* event) {
  return event == NULL ? DROVER_EVENT_NONE : event->kind;
}

uint32_t drover_event_deadline(const drover_event* event) {
  return event == NULL ? 0 : event->deadline_ms;
}

int drover_event_cause(const drover_event* event) {
  return event == NULL ? 0 : (int)event->cause;
}

const char* drover_event_text(const drover_event* event) {
  return event == NULL ? "" : event->text;
}

const void* drover_event_data(const drover_event* event, size_t* ret_size) {
  if (event == NULL || event->data == NULL) {
    if (ret_size != NULL) *ret_size = 0;
    return "";
  }
  if (ret_size != NULL) *ret_size = event->size;
  return event->data;
}

const char* drover_event_topic(const drover_event* event) {
  return event == NULL ? "" : event->topic;
}

uint64_t drover_event_op(const drover_event* event) {
  return event == NULL ? 0 : event->op;
}

uint64_t drover_event_re(const drover_event* event) {
  return event == NULL ? 0 : event->re;
}

int drover_event_code(const drover_event* event) {
  return event == NULL ? 0 : (int)event->code;
}

int drover_event_exit_code(const drover_event* event) {
  return event == NULL ? 0 : event->exit_code;
}
