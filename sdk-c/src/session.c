#include "src/session.h"

#include <string.h>

#include "src/codec.h"

/* ---- Making one --------------------------------------------------------- */

/* 1 = the list of majors has a 1. Entries that are no number are skipped. */
static int offers_major_1(const char* list) {
  const char* entry = list;
  if (list == NULL) return 1;
  for (;;) {
    size_t length = strcspn(entry, ",");
    size_t zeros = strspn(entry, "0");
    if (length == zeros + 1 && entry[zeros] == '1') return 1;
    if (entry[length] == '\0') return 0;
    entry += length + 1;
  }
}

static void say_hello(drover_session* session, const drover_options* options) {
  struct drvr_hello* hello = &drvr_begin(session, DRVR_HELLO)->as.hello;
  hello->major = 1;
  hello->minor = 0;
  hello->capabilities = options->capabilities;
  hello->pid = options->pid;
  hello->name = drvr_text(options->name);
  hello->version = drvr_text(options->version);
  hello->sdk = drvr_text(options->sdk);
  hello->pong_source = (uint32_t)options->pong_source;
  drvr_finish(session, 0);
}

int drover_session_new(const drover_options* options, const char* protocols,
                       drover_session** ret_session) {
  struct drover_options defaults;
  drover_session* session;
  if (ret_session == NULL) return DROVER_E_INVALID;
  if (!offers_major_1(protocols)) return DROVER_E_VERSION;
  if (options == NULL) {
    drvr_options_defaults(&defaults);
    options = &defaults;
  }
  session = drvr_allocate(&options->allocator, sizeof(*session));
  if (session == NULL) return DROVER_E_NOMEM;
  /* The buffers stay untouched: their pages cost nothing until used. */
  memset(session, 0, offsetof(struct drover_session, in));
  session->allocator = options->allocator;
  session->offered = options->capabilities;
  session->state = DROVER_STATE_CONNECTING;
  session->exit_code = DRVR_NEVER;
  session->deadline_at = DRVR_NEVER;
  session->transitional_at = DRVR_NEVER;
  session->request_at = DRVR_NEVER;
  session->next_op = 1;
  say_hello(session, options);
  *ret_session = session;
  return 0;
}

void drover_session_free(drover_session* session) {
  struct drvr_allocator allocator;
  if (session == NULL) return;
  allocator = session->allocator;
  drvr_release(&allocator, session);
}

/* ---- Bytes out ---------------------------------------------------------- */

struct drvr_to_supervisor* drvr_begin(drover_session* session, uint32_t body) {
  memset(&session->outgoing, 0, sizeof(session->outgoing));
  session->outgoing.body = body;
  return &session->outgoing;
}

static void compact_out(drover_session* session) {
  size_t size = session->out_end - session->out_begin;
  memmove(session->out, session->out + session->out_begin, size);
  session->out_begin = 0;
  session->out_end = size;
}

static size_t out_free(const drover_session* session) {
  return sizeof(session->out) - (session->out_end - session->out_begin);
}

int drvr_finish(drover_session* session, size_t spare) {
  size_t size = drvr_encoded_size(&session->outgoing);
  uint8_t* out;
  int i;
  if (out_free(session) < DRVR_HEADER + size + spare) return DROVER_E_AGAIN;
  if (sizeof(session->out) - session->out_end < DRVR_HEADER + size) {
    compact_out(session);
  }
  out = session->out + session->out_end;
  for (i = 0; i < DRVR_HEADER; i++) *out++ = (uint8_t)(size >> (24 - 8 * i));
  out = drvr_encode(&session->outgoing, out);
  session->out_end = (size_t)(out - session->out);
  return 0;
}

struct drvr_bytes drvr_text(const char* text) {
  struct drvr_bytes bytes = {NULL, 0};
  if (text == NULL) return bytes;
  bytes.data = (const uint8_t*)text;
  bytes.size = (uint32_t)drvr_cut(bytes.data, strlen(text), DRVR_TEXT_MAX);
  return bytes;
}

size_t drover_session_pending(const drover_session* session,
                              const void** ret_data) {
  if (session == NULL || ret_data == NULL) return 0;
  *ret_data = session->out + session->out_begin;
  return session->out_end - session->out_begin;
}

int drover_session_sent(drover_session* session, size_t size) {
  if (session == NULL || size > session->out_end - session->out_begin) {
    return DROVER_E_INVALID;
  }
  session->out_begin += size;
  if (session->out_begin == session->out_end) {
    session->out_begin = session->out_end = 0;
  }
  return 0;
}

/* ---- Bytes in ----------------------------------------------------------- */

static size_t in_size(const drover_session* session) {
  return session->in_end - session->in_begin;
}

size_t drover_session_room(const drover_session* session) {
  if (session == NULL) return 0;
  if (session->exit_code != DRVR_NEVER) return sizeof(session->in);
  return sizeof(session->in) - in_size(session);
}

int64_t drover_session_receive(drover_session* session, const void* data,
                               size_t size) {
  size_t room = drover_session_room(session);
  if (session == NULL || (data == NULL && size > 0)) return DROVER_E_INVALID;
  if (session->exit_code != DRVR_NEVER) return (int64_t)size;
  if (size > room) size = room;
  if (size == 0) return 0;
  if (sizeof(session->in) - session->in_end < size) {
    memmove(session->in, session->in + session->in_begin, in_size(session));
    session->in_end = in_size(session);
    session->in_begin = 0;
  }
  memcpy(session->in + session->in_end, data, size);
  session->in_end += size;
  return (int64_t)size;
}

void drover_session_receive_eof(drover_session* session) {
  if (session != NULL) session->eof = 1;
}

void drover_session_terminate(drover_session* session) {
  if (session != NULL) session->terminated++;
}

static uint32_t header(const drover_session* session) {
  const uint8_t* in = session->in + session->in_begin;
  return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 |
         in[3];
}

/* 1 = the next frame is complete, or can be seen not to be one. */
static int frame_waits(const drover_session* session) {
  uint32_t length;
  if (in_size(session) < DRVR_HEADER) return 0;
  length = header(session);
  if (length == 0 || length > DRVR_FRAME_MAX) return 1;
  return in_size(session) - DRVR_HEADER >= length;
}

/* Nothing is read while its answer might not fit. */
static int may_read(const drover_session* session) {
  return out_free(session) >= DRVR_REPLY_ROOM;
}

static void take_frame(drover_session* session, int64_t now) {
  uint32_t length = header(session);
  const uint8_t* data = session->in + session->in_begin + DRVR_HEADER;
  if (length == 0 || length > DRVR_FRAME_MAX) {
    drvr_violation(session, DRVR_FRAME_SIZE, "a frame has 1 to 65536 bytes");
    return;
  }
  session->in_begin += DRVR_HEADER + length;
  drvr_handle_frame(session, now, data, length);
  /* What an event points to stays where it is until more is received. */
  if (session->in_begin == session->in_end) {
    session->in_begin = session->in_end = 0;
  }
}

/* ---- The lifecycle ------------------------------------------------------ */

int drvr_in_transition(const drover_session* session) {
  return session->state == DROVER_STATE_STARTING ||
         session->state == DROVER_STATE_STOPPING;
}

void drvr_enter(drover_session* session, int state, uint64_t op) {
  session->state = state;
  session->state_op = op;
  session->deadline_at = DRVR_NEVER;
  session->transitional_at = DRVR_NEVER;
  drvr_paced_forget(session);
}

void drvr_earlier(drover_session* session, int64_t at) {
  if (session->deadline_at == DRVR_NEVER || at < session->deadline_at) {
    session->deadline_at = at;
  }
}

void drvr_end(drover_session* session, int exit_code, const char* text) {
  if (session->exit_code != DRVR_NEVER) return;
  drvr_enter(session,
             exit_code == 0 ? DROVER_STATE_SHUTTING_DOWN : DROVER_STATE_FAILED,
             0);
  session->exit_code = exit_code;
  session->in_begin = session->in_end = 0;
  drvr_copy_string(session->end_text, text);
}

void drvr_violation(drover_session* session, uint32_t code, const char* text) {
  struct drvr_to_supervisor* message = drvr_begin(session, DRVR_PROTOCOL_ERROR);
  message->as.protocol_error.code = code;
  message->as.protocol_error.text = drvr_text(text);
  drvr_finish(session, 0);
  drvr_end(session, 76, text);
}

void drvr_report(drover_session* session, const char* text) {
  struct drvr_to_supervisor* message = drvr_begin(session, DRVR_STATE);
  message->re = session->state_op;
  message->as.state.state = (uint32_t)session->state;
  message->as.state.text = drvr_text(text);
  drvr_finish(session, 0);
  session->transitional_at = DRVR_NEVER;
}

void drvr_result(drover_session* session, uint64_t re, int code,
                 const char* text) {
  struct drvr_to_supervisor* message = drvr_begin(session, DRVR_RESULT_OUT);
  message->re = re;
  message->as.result.code = (uint32_t)code;
  message->as.result.text = drvr_text(text);
  drvr_finish(session, 0);
}

/* ---- What is next ------------------------------------------------------- */

static int is_due(int64_t at, int64_t now) {
  return at != DRVR_NEVER && at <= now;
}

static void deadline_reached(drover_session* session) {
  session->deadline_at = DRVR_NEVER;
  if (drvr_in_transition(session)) {
    session->event.kind = DROVER_EVENT_DEADLINE;
  } else {
    drvr_end(session, 0, "the deadline to exit is reached");
  }
}

static void request_expired(drover_session* session) {
  session->event.kind = DROVER_EVENT_RESULT;
  session->event.re = session->request_op;
  session->request_op = 0;
  session->request_at = DRVR_NEVER;
}

static void run_timers(drover_session* session, int64_t now) {
  if (is_due(session->transitional_at, now)) drvr_report(session, NULL);
  drvr_paced_flush(session, now);
  if (is_due(session->deadline_at, now)) {
    deadline_reached(session);
  } else if (is_due(session->request_at, now)) {
    request_expired(session);
  }
}

/* What has come counts before what is late. */
static void advance(drover_session* session, int64_t now) {
  struct drover_event* event = &session->event;
  while (session->terminated > 0 && event->kind == DROVER_EVENT_NONE &&
         session->exit_code == DRVR_NEVER) {
    session->terminated--;
    drvr_handle_sigterm(session, now);
  }
  while (event->kind == DROVER_EVENT_NONE && session->exit_code == DRVR_NEVER &&
         frame_waits(session) && may_read(session)) {
    take_frame(session, now);
  }
  if (event->kind == DROVER_EVENT_NONE && session->exit_code == DRVR_NEVER &&
      session->eof && !session->eof_handled && !frame_waits(session)) {
    drvr_handle_eof(session, now);
  }
  if (event->kind == DROVER_EVENT_NONE && session->exit_code == DRVR_NEVER) {
    run_timers(session, now);
  }
}

static void give_end(drover_session* session) {
  session->end_given = 1;
  session->event.kind = DROVER_EVENT_END;
  session->event.exit_code = session->exit_code;
  drvr_copy_string(session->event.text, session->end_text);
}

int drover_session_next_event(drover_session* session, int64_t now_ms,
                              const drover_event** ret_event) {
  if (session == NULL || ret_event == NULL || now_ms < 0) {
    return DROVER_E_INVALID;
  }
  memset(&session->event, 0, sizeof(session->event));
  advance(session, now_ms);
  if (session->event.kind == DROVER_EVENT_NONE &&
      session->exit_code != DRVR_NEVER && !session->end_given) {
    give_end(session);
  }
  *ret_event = &session->event;
  return session->event.kind != DROVER_EVENT_NONE;
}

static int64_t sooner(int64_t a, int64_t b) {
  if (a == DRVR_NEVER) return b;
  return b == DRVR_NEVER || a < b ? a : b;
}

int64_t drover_session_deadline(const drover_session* session) {
  int64_t at;
  if (session == NULL) return DRVR_NEVER;
  if (session->exit_code != DRVR_NEVER) {
    return session->end_given ? DRVR_NEVER : 0;
  }
  if (session->terminated > 0) return 0;
  if (frame_waits(session) && may_read(session)) return 0;
  if (session->eof && !session->eof_handled && !frame_waits(session)) return 0;
  at = sooner(session->deadline_at, session->transitional_at);
  at = sooner(at, session->request_at);
  return sooner(at, drvr_paced_deadline(session));
}
