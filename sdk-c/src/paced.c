/* Texts, progress and gauges: the latest of each is kept, and one frame of
 * them is sent every REPORT_MS, so that a program may report in a loop without
 * flooding the supervisor and without losing its last word. */
#include <string.h>

#include "src/session.h"

#define REPORT_MS 100
#define KINDS 3

void drvr_paced_forget(drover_session* session) {
  struct drvr_paced* paced = &session->paced;
  paced->status_waits = 0;
  paced->progress_waits = 0;
  paced->extend_until_ms = 0;
}

static void send_status(drover_session* session) {
  session->paced.status_waits = 0;
  drvr_report(session, session->paced.status);
}

static void send_progress(drover_session* session, int64_t now) {
  struct drvr_paced* paced = &session->paced;
  struct drvr_to_supervisor* message = drvr_begin(session, DRVR_PROGRESS);
  int64_t extend = paced->extend_until_ms - now;
  message->re = session->state_op;
  message->as.progress.extend_ms = extend > 0 ? (uint32_t)extend : 0;
  message->as.progress.in_flight = paced->in_flight;
  message->as.progress.text = drvr_text(paced->progress);
  drvr_finish(session, 0);
  paced->progress_waits = 0;
  paced->extend_until_ms = 0;
}

static void send_gauges(drover_session* session) {
  struct drvr_paced* paced = &session->paced;
  struct drvr_gauges* gauges = &drvr_begin(session, DRVR_GAUGES)->as.gauges;
  uint32_t i;
  for (i = 0; i < paced->gauge_count; i++) {
    struct drvr_known_gauge* known = &paced->gauges[i];
    struct drvr_gauge* gauge = &gauges->items[gauges->count];
    if (!known->changed) continue;
    known->changed = 0;
    gauge->name = drvr_text(known->name);
    gauge->value = known->value;
    gauges->count++;
  }
  /* 32 gauges are 2.4 kB; REPLY_ROOM of twice that is kept above. */
  drvr_finish(session, 0);
  paced->gauges_wait = 0;
}

static int waits(const struct drvr_paced* paced) {
  return paced->status_waits || paced->progress_waits || paced->gauges_wait;
}

/* No frame of these while the supervisor reads late. */
static int has_room(const drover_session* session) {
  const void* data;
  return drover_session_pending(session, &data) <=
         DRVR_OUT_SIZE - 2 * DRVR_REPLY_ROOM;
}

/* 1 = one of that kind waited and is sent. */
static int send_if_waiting(drover_session* session, int64_t now, int kind) {
  struct drvr_paced* paced = &session->paced;
  if (kind == 0 && paced->progress_waits) {
    send_progress(session, now);
  } else if (kind == 1 && paced->status_waits) {
    send_status(session);
  } else if (kind == 2 && paced->gauges_wait) {
    send_gauges(session);
  } else {
    return 0;
  }
  return 1;
}

void drvr_paced_flush(drover_session* session, int64_t now) {
  struct drvr_paced* paced = &session->paced;
  if (!waits(paced) || now < paced->next_ms || !has_room(session)) return;
  paced->next_ms = now + REPORT_MS;
  while (!send_if_waiting(session, now, paced->turn)) {
    paced->turn = (paced->turn + 1) % KINDS;
  }
  paced->turn = (paced->turn + 1) % KINDS;
}

int64_t drvr_paced_deadline(const drover_session* session) {
  if (!waits(&session->paced) || !has_room(session)) return DRVR_NEVER;
  return session->paced.next_ms;
}

/* ---- Statements --------------------------------------------------------- */

static int may_speak(const drover_session* session) {
  return session->exit_code == DRVR_NEVER && !session->eof_handled &&
         session->state != DROVER_STATE_CONNECTING;
}

int drover_session_status(drover_session* session, int64_t now_ms,
                          const char* text) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!may_speak(session)) return DROVER_E_STATE;
  drvr_copy_string(session->paced.status, text);
  session->paced.status_waits = 1;
  drvr_paced_flush(session, now_ms);
  return 0;
}

/* The deadline moves here as it does at the supervisor. */
static void extend(drover_session* session, int64_t until) {
  struct drvr_paced* paced = &session->paced;
  if (until > paced->extend_until_ms) paced->extend_until_ms = until;
  if (until > session->deadline_cap) until = session->deadline_cap;
  if (session->deadline_at != DRVR_NEVER && until > session->deadline_at) {
    session->deadline_at = until;
  }
}

int drover_session_progress(drover_session* session, int64_t now_ms,
                            uint32_t extend_ms, uint32_t in_flight,
                            const char* text) {
  if (session == NULL || now_ms < 0) return DROVER_E_INVALID;
  if (!may_speak(session)) return DROVER_E_STATE;
  if (!drover_session_has(session, DROVER_CAPABILITY_PROGRESS)) {
    return DROVER_E_CAPABILITY;
  }
  if (extend_ms > 0 && !drvr_in_transition(session)) return DROVER_E_STATE;
  if (extend_ms > 0) extend(session, now_ms + extend_ms);
  session->paced.in_flight = in_flight;
  drvr_copy_string(session->paced.progress, text);
  session->paced.progress_waits = 1;
  drvr_paced_flush(session, now_ms);
  return 0;
}

static struct drvr_known_gauge* find_gauge(struct drvr_paced* paced,
                                           const char* name) {
  struct drvr_known_gauge* gauge;
  uint32_t i;
  for (i = 0; i < paced->gauge_count; i++) {
    if (strcmp(paced->gauges[i].name, name) == 0) return &paced->gauges[i];
  }
  if (paced->gauge_count == DRVR_GAUGES_MAX) return NULL;
  gauge = &paced->gauges[paced->gauge_count++];
  memcpy(gauge->name, name, strlen(name) + 1);
  return gauge;
}

int drover_session_gauge(drover_session* session, int64_t now_ms,
                         const char* name, double value) {
  struct drvr_known_gauge* gauge;
  if (session == NULL || now_ms < 0 || name == NULL ||
      !drvr_is_name(name, strlen(name), "_")) {
    return DROVER_E_INVALID;
  }
  if (!may_speak(session)) return DROVER_E_STATE;
  if (!drover_session_has(session, DROVER_CAPABILITY_GAUGES)) {
    return DROVER_E_CAPABILITY;
  }
  gauge = find_gauge(&session->paced, name);
  if (gauge == NULL) return DROVER_E_LIMIT;
  gauge->value = value;
  gauge->changed = 1;
  session->paced.gauges_wait = 1;
  drvr_paced_flush(session, now_ms);
  return 0;
}
