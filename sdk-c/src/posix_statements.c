/* The statements of a session with the clock read and the lock held. */
#include "drover_posix.h"
#include "src/session.h"
#include "src/worker.h"

int drover_terminate(drover_worker* worker) {
  int error = drvr_lock(worker);
  if (error != 0) return error;
  drover_session_terminate(worker->session);
  drvr_unlock(worker);
  return 0;
}

int drover_state(drover_worker* worker) {
  int state = drvr_lock(worker);
  if (state != 0) return state;
  state = drover_session_state(worker->session);
  pthread_mutex_unlock(&worker->mutex);
  return state;
}

const drover_session* drover_worker_session(const drover_worker* worker) {
  return worker == NULL ? NULL : worker->session;
}

/* Locks, calls drover_session_<name>, writes, unlocks. */
#define SAY(worker, call)           \
  do {                              \
    int result = drvr_lock(worker); \
    if (result != 0) return result; \
    result = call;                  \
    drvr_unlock(worker);            \
    return result;                  \
  } while (0)

int drover_started(drover_worker* worker, const char* text) {
  SAY(worker, drover_session_started(worker->session, drvr_now_ms(), text));
}

int drover_stopped(drover_worker* worker, const char* text) {
  SAY(worker, drover_session_stopped(worker->session, drvr_now_ms(), text));
}

int drover_stopped_forced(drover_worker* worker, const char* text,
                          uint32_t abandoned) {
  SAY(worker, drover_session_stopped_forced(worker->session, drvr_now_ms(),
                                            text, abandoned));
}

int drover_reloaded(drover_worker* worker, int succeeded, const char* text) {
  SAY(worker,
      drover_session_reloaded(worker->session, drvr_now_ms(), succeeded, text));
}

int drover_failed(drover_worker* worker, const char* text) {
  SAY(worker, drover_session_failed(worker->session, drvr_now_ms(), text));
}

int drover_fatal(drover_worker* worker, uint32_t code, const char* text) {
  SAY(worker, drover_session_fatal(worker->session, drvr_now_ms(), code, text));
}

int drover_status(drover_worker* worker, const char* text) {
  SAY(worker, drover_session_status(worker->session, drvr_now_ms(), text));
}

int drover_progress(drover_worker* worker, uint32_t extend_ms,
                    uint32_t in_flight, const char* text) {
  SAY(worker, drover_session_progress(worker->session, drvr_now_ms(), extend_ms,
                                      in_flight, text));
}

int drover_gauge(drover_worker* worker, const char* name, double value) {
  SAY(worker,
      drover_session_gauge(worker->session, drvr_now_ms(), name, value));
}

int drover_request(drover_worker* worker, int kind, const char* text,
                   uint64_t* ret_op) {
  SAY(worker, drover_session_request(worker->session, drvr_now_ms(), kind, text,
                                     ret_op));
}

int drover_send(drover_worker* worker, const char* topic, const void* data,
                size_t size, uint64_t* ret_op) {
  SAY(worker, drover_session_send(worker->session, drvr_now_ms(), topic, data,
                                  size, ret_op));
}

int drover_reply(drover_worker* worker, uint64_t op, int code,
                 const char* text) {
  SAY(worker,
      drover_session_reply(worker->session, drvr_now_ms(), op, code, text));
}

int drover_reply_message(drover_worker* worker, uint64_t op, const char* topic,
                         const void* data, size_t size) {
  SAY(worker, drover_session_reply_message(worker->session, drvr_now_ms(), op,
                                           topic, data, size));
}
