#include "src/schema.h"

#include "src/message.h"

/* A list is its items followed by their count, without a gap: the codec finds
 * the count behind the last item. */
_Static_assert(offsetof(struct drvr_listeners, count) ==
                   DRVR_LISTENERS_MAX * sizeof(struct drvr_listener),
               "listeners have no gap");
_Static_assert(offsetof(struct drvr_gauges, count) ==
                   DRVR_GAUGES_MAX * sizeof(struct drvr_gauge),
               "gauges have no gap");

#define FIELD(type, number, kind, field) \
  { NULL, (uint16_t)offsetof(struct type, field), 0, number, kind }
#define SUB(type, number, field, sub) \
  { &(sub), (uint16_t)offsetof(struct type, field), 0, number, DRVR_MESSAGE }
#define MANY(type, number, kind, field, sub, capacity) \
  { sub, (uint16_t)offsetof(struct type, field), capacity, number, kind }
#define BODY(type, number, sub) \
  { &(sub), (uint16_t)offsetof(struct type, as), 0, number, DRVR_BODY }
#define SCHEMA(type, fields)                            \
  {                                                     \
    fields, sizeof(struct type),                        \
        (uint8_t)(sizeof(fields) / sizeof((fields)[0])) \
  }

/* ---- ToWorker ----------------------------------------------------------- */

static const struct drvr_field identity_fields[] = {
    FIELD(drvr_identity, 1, DRVR_STRING, pool),
    FIELD(drvr_identity, 2, DRVR_U32, slot),
    FIELD(drvr_identity, 3, DRVR_U64, generation),
    FIELD(drvr_identity, 4, DRVR_U64, incarnation),
};
static const struct drvr_schema identity =
    SCHEMA(drvr_identity, identity_fields);

static const struct drvr_field timeouts_fields[] = {
    FIELD(drvr_timeouts, 1, DRVR_U32, start_ms),
    FIELD(drvr_timeouts, 2, DRVR_U32, stop_ms),
    FIELD(drvr_timeouts, 3, DRVR_U32, quit_ms),
    FIELD(drvr_timeouts, 4, DRVR_U32, loss_ms),
    FIELD(drvr_timeouts, 5, DRVR_U32, ping_interval_ms),
    FIELD(drvr_timeouts, 6, DRVR_U32, ping_timeout_ms),
};
static const struct drvr_schema timeouts =
    SCHEMA(drvr_timeouts, timeouts_fields);

static const struct drvr_field listener_fields[] = {
    FIELD(drvr_listener, 1, DRVR_U32, fd),
    FIELD(drvr_listener, 2, DRVR_STRING, name),
    FIELD(drvr_listener, 3, DRVR_STRING, address),
};
static const struct drvr_schema listener =
    SCHEMA(drvr_listener, listener_fields);

static const struct drvr_field welcome_fields[] = {
    FIELD(drvr_welcome, 1, DRVR_U32, minor),
    MANY(drvr_welcome, 2, DRVR_NUMBERS, capabilities, NULL,
         DRVR_CAPABILITIES_MAX),
    SUB(drvr_welcome, 3, identity, identity),
    SUB(drvr_welcome, 4, timeouts, timeouts),
    MANY(drvr_welcome, 5, DRVR_LIST, listeners, &listener, DRVR_LISTENERS_MAX),
    FIELD(drvr_welcome, 6, DRVR_BYTES, supervisor),
};
static const struct drvr_schema welcome = SCHEMA(drvr_welcome, welcome_fields);

static const struct drvr_field start_fields[] = {
    FIELD(drvr_start, 1, DRVR_U32, deadline_ms),
};
static const struct drvr_schema start = SCHEMA(drvr_start, start_fields);

static const struct drvr_field stop_fields[] = {
    FIELD(drvr_stop, 1, DRVR_U32, deadline_ms),
    FIELD(drvr_stop, 2, DRVR_U32, cause),
    FIELD(drvr_stop, 3, DRVR_BYTES, text),
};
static const struct drvr_schema stop = SCHEMA(drvr_stop, stop_fields);
static const struct drvr_schema quit = SCHEMA(drvr_stop, stop_fields);

static const struct drvr_field ping_fields[] = {
    FIELD(drvr_ping, 1, DRVR_U64, id),
};
static const struct drvr_schema ping = SCHEMA(drvr_ping, ping_fields);
static const struct drvr_schema pong = SCHEMA(drvr_ping, ping_fields);

static const struct drvr_field reload_fields[] = {
    FIELD(drvr_reload, 1, DRVR_U32, deadline_ms),
    FIELD(drvr_reload, 2, DRVR_BYTES, payload),
};
static const struct drvr_schema reload = SCHEMA(drvr_reload, reload_fields);

static const struct drvr_field lame_duck_fields[] = {
    FIELD(drvr_lame_duck, 1, DRVR_U32, stop_in_ms),
};
static const struct drvr_schema lame_duck =
    SCHEMA(drvr_lame_duck, lame_duck_fields);

static const struct drvr_field coded_fields[] = {
    FIELD(drvr_coded, 1, DRVR_U32, code),
    FIELD(drvr_coded, 2, DRVR_BYTES, text),
};
static const struct drvr_schema result = SCHEMA(drvr_coded, coded_fields);
static const struct drvr_schema fatal = SCHEMA(drvr_coded, coded_fields);
static const struct drvr_schema protocol_error =
    SCHEMA(drvr_coded, coded_fields);

static const struct drvr_field user_message_fields[] = {
    FIELD(drvr_user_message, 1, DRVR_BYTES, topic),
    FIELD(drvr_user_message, 2, DRVR_BYTES, payload),
};
static const struct drvr_schema user_message =
    SCHEMA(drvr_user_message, user_message_fields);

static const struct drvr_field to_worker_fields[] = {
    FIELD(drvr_to_worker, 1, DRVR_U64, op),
    FIELD(drvr_to_worker, 2, DRVR_U64, re),
    BODY(drvr_to_worker, DRVR_WELCOME, welcome),
    BODY(drvr_to_worker, DRVR_START, start),
    BODY(drvr_to_worker, DRVR_STOP, stop),
    BODY(drvr_to_worker, DRVR_QUIT, quit),
    BODY(drvr_to_worker, DRVR_PING, ping),
    BODY(drvr_to_worker, DRVR_RELOAD, reload),
    BODY(drvr_to_worker, DRVR_LAME_DUCK, lame_duck),
    BODY(drvr_to_worker, DRVR_RESULT_IN, result),
    BODY(drvr_to_worker, DRVR_PROTOCOL_ERROR, protocol_error),
    BODY(drvr_to_worker, DRVR_USER_MESSAGE, user_message),
};
const struct drvr_schema drvr_to_worker_schema =
    SCHEMA(drvr_to_worker, to_worker_fields);

/* ---- ToSupervisor ------------------------------------------------------- */

static const struct drvr_field hello_fields[] = {
    FIELD(drvr_hello, 1, DRVR_U32, major),
    FIELD(drvr_hello, 2, DRVR_U32, minor),
    MANY(drvr_hello, 3, DRVR_NUMBERS, capabilities, NULL,
         DRVR_CAPABILITIES_MAX),
    FIELD(drvr_hello, 4, DRVR_U32, pid),
    FIELD(drvr_hello, 5, DRVR_BYTES, name),
    FIELD(drvr_hello, 6, DRVR_BYTES, version),
    FIELD(drvr_hello, 7, DRVR_BYTES, sdk),
    FIELD(drvr_hello, 8, DRVR_U32, pong_source),
};
static const struct drvr_schema hello = SCHEMA(drvr_hello, hello_fields);

static const struct drvr_field state_fields[] = {
    FIELD(drvr_state_report, 1, DRVR_U32, state),
    FIELD(drvr_state_report, 2, DRVR_BYTES, text),
    FIELD(drvr_state_report, 3, DRVR_U32, abandoned),
    FIELD(drvr_state_report, 4, DRVR_BOOL, forced),
};
static const struct drvr_schema state = SCHEMA(drvr_state_report, state_fields);

static const struct drvr_field request_fields[] = {
    FIELD(drvr_coded, 1, DRVR_U32, code),
    FIELD(drvr_coded, 2, DRVR_BYTES, text),
};
static const struct drvr_schema request = SCHEMA(drvr_coded, request_fields);

static const struct drvr_field progress_fields[] = {
    FIELD(drvr_progress, 1, DRVR_U32, extend_ms),
    FIELD(drvr_progress, 2, DRVR_U32, in_flight),
    FIELD(drvr_progress, 3, DRVR_BYTES, text),
};
static const struct drvr_schema progress =
    SCHEMA(drvr_progress, progress_fields);

static const struct drvr_field gauge_fields[] = {
    FIELD(drvr_gauge, 1, DRVR_BYTES, name),
    FIELD(drvr_gauge, 2, DRVR_DOUBLE, value),
};
static const struct drvr_schema gauge = SCHEMA(drvr_gauge, gauge_fields);

static const struct drvr_field gauges_fields[] = {
    {&gauge, 0, DRVR_GAUGES_MAX, 1, DRVR_LIST},
};
static const struct drvr_schema gauges = SCHEMA(drvr_gauges, gauges_fields);

static const struct drvr_field to_supervisor_fields[] = {
    FIELD(drvr_to_supervisor, 1, DRVR_U64, op),
    FIELD(drvr_to_supervisor, 2, DRVR_U64, re),
    BODY(drvr_to_supervisor, DRVR_HELLO, hello),
    BODY(drvr_to_supervisor, DRVR_STATE, state),
    BODY(drvr_to_supervisor, DRVR_PONG, pong),
    BODY(drvr_to_supervisor, DRVR_RESULT_OUT, result),
    BODY(drvr_to_supervisor, DRVR_REQUEST, request),
    BODY(drvr_to_supervisor, DRVR_PROGRESS, progress),
    BODY(drvr_to_supervisor, DRVR_GAUGES, gauges),
    BODY(drvr_to_supervisor, DRVR_FATAL, fatal),
    BODY(drvr_to_supervisor, DRVR_PROTOCOL_ERROR, protocol_error),
    BODY(drvr_to_supervisor, DRVR_USER_MESSAGE, user_message),
};
const struct drvr_schema drvr_to_supervisor_schema =
    SCHEMA(drvr_to_supervisor, to_supervisor_fields);
