/*
 * The messages of worker.proto as C structs: what a worker reads (ToWorker)
 * and what it writes (ToSupervisor). Slices point into the bytes that were
 * decoded, or into what the program passed in; nothing is copied or allocated.
 */
#ifndef DROVER_SRC_MESSAGE_H_
#define DROVER_SRC_MESSAGE_H_

#include <stdint.h>

#define DRVR_CAPABILITIES_MAX 256
#define DRVR_LISTENERS_MAX 64
#define DRVR_GAUGES_MAX 32
#define DRVR_FRAME_MAX 65536

struct drvr_bytes {
  const uint8_t* data;
  uint32_t size;
};

/* Repeated fields: the items, then how many there are. Entries beyond the
 * capacity are checked and dropped. */
struct drvr_numbers {
  uint32_t items[DRVR_CAPABILITIES_MAX];
  uint32_t count;
};

/* ---- ToWorker ----------------------------------------------------------- */

struct drvr_identity {
  struct drvr_bytes pool;
  uint32_t slot;
  uint64_t generation;
  uint64_t incarnation;
};

struct drvr_timeouts {
  uint32_t start_ms;
  uint32_t stop_ms;
  uint32_t quit_ms;
  uint32_t loss_ms;
  uint32_t ping_interval_ms;
  uint32_t ping_timeout_ms;
};

struct drvr_listener {
  uint32_t fd;
  struct drvr_bytes name;
  struct drvr_bytes address;
};

struct drvr_listeners {
  struct drvr_listener items[DRVR_LISTENERS_MAX];
  uint32_t count;
};

struct drvr_welcome {
  uint32_t minor;
  struct drvr_numbers capabilities;
  struct drvr_identity identity;
  struct drvr_timeouts timeouts;
  struct drvr_listeners listeners;
  struct drvr_bytes supervisor;
};

struct drvr_start {
  uint32_t deadline_ms;
};

/* Stop and Quit. */
struct drvr_stop {
  uint32_t deadline_ms;
  uint32_t cause;
  struct drvr_bytes text;
};

/* Ping and Pong. */
struct drvr_ping {
  uint64_t id;
};

struct drvr_reload {
  uint32_t deadline_ms;
  struct drvr_bytes payload;
};

struct drvr_lame_duck {
  uint32_t stop_in_ms;
};

/* Result, Request, Fatal and ProtocolError: a number and a text. */
struct drvr_coded {
  uint32_t code;
  struct drvr_bytes text;
};

struct drvr_user_message {
  struct drvr_bytes topic;
  struct drvr_bytes payload;
};

enum drvr_to_worker_body {
  DRVR_WELCOME = 10,
  DRVR_START = 11,
  DRVR_STOP = 12,
  DRVR_QUIT = 13,
  DRVR_PING = 14,
  DRVR_RELOAD = 15,
  DRVR_LAME_DUCK = 16,
  DRVR_RESULT_IN = 17,
  DRVR_PROTOCOL_ERROR = 18,
  DRVR_USER_MESSAGE = 19
};

struct drvr_to_worker {
  uint64_t op;
  uint64_t re;
  uint32_t body; /* enum drvr_to_worker_body; 0 = none that is known */
  union {
    struct drvr_welcome welcome;
    struct drvr_start start;
    struct drvr_stop stop;
    struct drvr_stop quit;
    struct drvr_ping ping;
    struct drvr_reload reload;
    struct drvr_lame_duck lame_duck;
    struct drvr_coded result;
    struct drvr_coded protocol_error;
    struct drvr_user_message user_message;
  } as;
};

/* ---- ToSupervisor ------------------------------------------------------- */

struct drvr_hello {
  uint32_t major;
  uint32_t minor;
  struct drvr_numbers capabilities;
  uint32_t pid;
  struct drvr_bytes name;
  struct drvr_bytes version;
  struct drvr_bytes sdk;
  uint32_t pong_source;
};

struct drvr_state_report {
  uint32_t state;
  struct drvr_bytes text;
  uint32_t abandoned;
  uint32_t forced;
};

struct drvr_progress {
  uint32_t extend_ms;
  uint32_t in_flight;
  struct drvr_bytes text;
};

struct drvr_gauge {
  double value;
  struct drvr_bytes name;
};

struct drvr_gauges {
  struct drvr_gauge items[DRVR_GAUGES_MAX];
  uint32_t count;
};

enum drvr_to_supervisor_body {
  DRVR_HELLO = 10,
  DRVR_STATE = 11,
  DRVR_PONG = 12,
  DRVR_RESULT_OUT = 13,
  DRVR_REQUEST = 14,
  DRVR_PROGRESS = 15,
  DRVR_GAUGES = 16,
  DRVR_FATAL = 17
  /* 18 and 19 as above */
};

struct drvr_to_supervisor {
  uint64_t op;
  uint64_t re;
  uint32_t body; /* enum drvr_to_supervisor_body */
  union {
    struct drvr_hello hello;
    struct drvr_state_report state;
    struct drvr_ping pong;
    struct drvr_coded result;
    struct drvr_coded request;
    struct drvr_progress progress;
    struct drvr_gauges gauges;
    struct drvr_coded fatal;
    struct drvr_coded protocol_error;
    struct drvr_user_message user_message;
  } as;
};

/* ProtocolErrorCode, as far as a worker says it. */
enum drvr_protocol_error {
  DRVR_FRAME_SIZE = 1,
  DRVR_PARSE = 2,
  DRVR_SEQUENCE = 3
};

#endif /* DROVER_SRC_MESSAGE_H_ */
