/*
 * drover.h - the worker side of the Drover worker lifecycle protocol.
 *
 * A worker is a program that a supervisor starts, stops, resumes and ends, and
 * that says when each of these is done. This header is the protocol without
 * any I/O: bytes in, bytes out, time as an argument. Most programs want
 * drover_posix.h beside it, which adds the socket, the clock and the signals:
 *
 *   #include <drover.h>
 *   #include <drover_posix.h>
 *
 *   int main(void) {
 *     drover_worker* worker;
 *     const drover_event* event;
 *     int got = drover_open(NULL, &worker);
 *     if (got == 0) return serve_without_supervisor();
 *     if (got < 0) return drover_exit_code(got);
 *     while ((got = drover_next_event(worker, -1, &event)) >= 0) {
 *       switch (drover_event_kind(event)) {
 *         case DROVER_EVENT_START: begin();  drover_started(worker, NULL);
 * break; case DROVER_EVENT_STOP:  finish(); drover_stopped(worker, NULL);
 * break; case DROVER_EVENT_QUIT:  return 0; case DROVER_EVENT_LOST:  finish();
 * return 0; case DROVER_EVENT_END:   return drover_event_exit_code(event);
 *       }
 *     }
 *     return drover_exit_code(got);
 *   }
 *
 * Conventions, here and in drover_posix.h
 *
 *   Results    0 or positive = fine, negative = DROVER_E_*. Below
 *              DROVER_E_FATAL the handle is of no more use: free it and exit
 *              with drover_exit_code(). Outputs are the last parameters, are
 *              named ret_*, and are untouched on failure.
 *   Handles    are opaque. Their _free functions accept NULL.
 *   Borrowing  what an event points to lives until the next
 *              drover_session_receive() or drover_session_next_event() (in
 *              drover_posix.h: the next drover_next_event() or
 *              drover_dispatch()) on the same handle. What you pass in is
 *              copied.
 *   Text       is UTF-8, ends with '\0', may be NULL for "none", and is cut to
 *              256 bytes at the border of a code point. Text that comes in is
 *              cut likewise, but may hold any other byte.
 *   Time       `now_ms` is any clock in milliseconds that is not set and does
 *              not go back (CLOCK_MONOTONIC), not negative, the same clock in
 *              every call. Durations are milliseconds.
 *   Threads    a session and its events belong to one thread at a time; the
 *              library has no global state. (drover_posix.h locks.)
 *   Memory     everything is allocated by drover_session_new(); nothing is
 *              allocated afterwards.
 *   Language   C89 with <stdint.h>, and C++.
 *
 * SPEC.md is the protocol. Names in capitals below are its words.
 */
#ifndef DROVER_H_
#define DROVER_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && __GNUC__ >= 4
#define DROVER_API __attribute__((visibility("default")))
#else
#define DROVER_API
#endif

/* ---- Version ------------------------------------------------------------ */

/* major * 1000000 + minor * 1000 + patch of the header. The library's own is
 * drover_version_number(); a program works with every later library of the
 * same major. */
#define DROVER_VERSION_NUMBER 1000000
#define DROVER_VERSION "1.0.0"

DROVER_API int drover_version_number(void);
DROVER_API const char* drover_version_string(void);

/* ---- Errors ------------------------------------------------------------- */

/* An argument is NULL, malformed or out of range. Mend the call. */
#define DROVER_E_INVALID (-1)
/* Not in this state (SPEC.md, chapter 7): too early, too late, or superseded
 * by a stronger command. Nothing was sent; go on with the next event. */
#define DROVER_E_STATE (-2)
/* Needs a capability that drover_options_add_capability() did not offer or
 * that the supervisor does not have. Do without. */
#define DROVER_E_CAPABILITY (-3)
/* Not now: the supervisor reads late, too many messages in one second, a
 * Request is outstanding, or one was refused less than a minute ago. Nothing
 * was sent; try again later. */
#define DROVER_E_AGAIN (-4)
/* Longer, or more of them, than the protocol allows. */
#define DROVER_E_LIMIT (-5)
/* No listener has that name. */
#define DROVER_E_NOT_FOUND (-6)
/* The descriptor of that listener is not a listening socket. */
#define DROVER_E_LISTENER (-7)
/* At and below this: the handle is of no more use. */
#define DROVER_E_FATAL (-100)
/* Out of memory. */
#define DROVER_E_NOMEM (-101)
/* The supervisor offers no version of the protocol that this library speaks. */
#define DROVER_E_VERSION (-102)
/* DROVER_FD is not a connected AF_UNIX stream socket. A wrapper between the
 * supervisor and this program (npm, subprocess, ProcessBuilder) may have
 * closed it. */
#define DROVER_E_CHANNEL (-103)
/* The operating system refused; see errno. */
#define DROVER_E_SYSTEM (-104)
/* This process was forked from the worker; only the parent may speak. */
#define DROVER_E_FORKED (-105)

/* A sentence about the error; never NULL, static. */
DROVER_API const char* drover_strerror(int error);
/* 1 = the handle is of no more use, 0 = the call alone failed or no error. */
DROVER_API int drover_error_is_fatal(int error);
/* What to exit with after this error: 78 for a channel, version or listener
 * that is not as it should be, 1 for any other, 0 for no error. */
DROVER_API int drover_exit_code(int error);

/* ---- Constants of the protocol ------------------------------------------ */

/* The worker's states. */
#define DROVER_STATE_CONNECTING 0    /* Welcome has not been read */
#define DROVER_STATE_INITIALIZED 1   /* takes no work */
#define DROVER_STATE_STARTING 2      /* on the way to STARTED */
#define DROVER_STATE_STARTED 3       /* takes work */
#define DROVER_STATE_STOPPING 4      /* finishes what is in flight */
#define DROVER_STATE_STOPPED 5       /* nothing is in flight */
#define DROVER_STATE_SHUTTING_DOWN 6 /* about to exit with code 0 */
#define DROVER_STATE_FAILED 7        /* about to exit with another code */

/* "STARTED" and so on; "UNKNOWN" for other numbers. Static. */
DROVER_API const char* drover_state_name(int state);

/* Optional behaviour. Numbers from 65536 are free for private use. */
#define DROVER_CAPABILITY_RELOAD 1        /* DROVER_EVENT_RELOAD is handled */
#define DROVER_CAPABILITY_RESUME 2        /* START is handled in STOPPED */
#define DROVER_CAPABILITY_REQUEST 3       /* drover_session_request() */
#define DROVER_CAPABILITY_PROGRESS 4      /* drover_session_progress() */
#define DROVER_CAPABILITY_GAUGES 5        /* drover_session_gauge() */
#define DROVER_CAPABILITY_USER_MESSAGES 6 /* drover_session_send(), MESSAGE */
#define DROVER_CAPABILITY_LAME_DUCK 7     /* LAME_DUCK is handled */

/* Why a worker is told to stop or to quit; for logs. Other numbers may come. */
#define DROVER_CAUSE_UNSPECIFIED 0
#define DROVER_CAUSE_MAINTENANCE 1  /* the pool is stopped in place */
#define DROVER_CAUSE_SCALE_DOWN 2   /* the pool shrinks */
#define DROVER_CAUSE_RELOAD 3       /* a new generation takes over */
#define DROVER_CAUSE_RESTART 4      /* a new process was asked for */
#define DROVER_CAUSE_ROLLBACK 5     /* the former generation takes over again */
#define DROVER_CAUSE_SHUTDOWN 6     /* the supervisor shuts down */
#define DROVER_CAUSE_DEADLINE 7     /* a deadline passed */
#define DROVER_CAUSE_START_FAILED 8 /* a start elsewhere failed */

/* What became of a command, request or message. */
#define DROVER_RESULT_UNSPECIFIED 0 /* no answer came, or an unknown one */
#define DROVER_RESULT_OK 1
#define DROVER_RESULT_FAILED 2        /* tried and failed */
#define DROVER_RESULT_UNIMPLEMENTED 3 /* the other side does not know it */
#define DROVER_RESULT_INVALID_STATE 4 /* not in this state */
#define DROVER_RESULT_DENIED 5        /* understood and refused */

/* What a worker may ask for itself. */
#define DROVER_REQUEST_RECYCLE 1 /* replace me with a new process */
#define DROVER_REQUEST_STOP 2    /* tell me to stop; keep the process */
#define DROVER_REQUEST_QUIT 3    /* tell me to quit; do not replace me */
#define DROVER_REQUEST_RELOAD 4  /* reload the pool */

/* Which part of the worker answers pings. */
#define DROVER_PONG_SOURCE_MAIN_LOOP 1 /* the loop that does the work */
#define DROVER_PONG_SOURCE_THREAD 2    /* a thread that does nothing else */

/* The times of Welcome, for drover_session_timeout(). */
#define DROVER_TIMEOUT_START 1
#define DROVER_TIMEOUT_STOP 2
#define DROVER_TIMEOUT_QUIT 3
#define DROVER_TIMEOUT_LOSS 4
#define DROVER_TIMEOUT_PING_INTERVAL 5
#define DROVER_TIMEOUT_PING 6

/* ---- Options ------------------------------------------------------------ */

/* What the worker says about itself. Every setter copies; every setter is
 * optional. The options may be freed once a session was made of them. */
typedef struct drover_options drover_options;

/* NOMEM. */
DROVER_API int drover_options_new(drover_options** ret_options);

/* Memory for the options and all that is made of them comes from `allocate`
 * and goes back to `release`; `context` is passed through to both.
 * INVALID, NOMEM. */
DROVER_API int drover_options_new_with_allocator(
    void* (*allocate)(size_t size, void* context),
    void (*release)(void* memory, void* context), void* context,
    drover_options** ret_options);

DROVER_API void drover_options_free(drover_options* options);

/* What the program calls itself ("billing-api"), and its version as it would
 * print it. INVALID. */
DROVER_API int drover_options_set_name(drover_options* options,
                                       const char* name);
DROVER_API int drover_options_set_version(drover_options* options,
                                          const char* version);

/* For those who wrap this library for another language: what bug reports
 * should name ("drover-python/1.0"). Otherwise "drover-c/" and the version.
 * INVALID. */
DROVER_API int drover_options_set_sdk(drover_options* options, const char* sdk);

/* Offers a DROVER_CAPABILITY_*, or a private one. Twice is once.
 * INVALID (0), LIMIT (256 of them). */
DROVER_API int drover_options_add_capability(drover_options* options,
                                             uint32_t capability);

/* A DROVER_PONG_SOURCE_*; MAIN_LOOP unless set. INVALID. */
DROVER_API int drover_options_set_pong_source(drover_options* options,
                                              int source);

/* The worker's process id. drover_open() fills it in; whoever drives a session
 * by itself has to. INVALID. */
DROVER_API int drover_options_set_pid(drover_options* options, uint32_t pid);

/* ---- Session ------------------------------------------------------------ */

/* The worker's half of one channel. Drive it so:
 *
 *   bytes came      drover_session_receive()
 *   channel ended   drover_session_receive_eof()
 *   SIGTERM came    drover_session_terminate()
 *   time passed     nothing
 *   after any       drover_session_next_event() until it returns 0, acting on
 *                   each event, then write drover_session_pending() and say
 *                   how much with drover_session_sent(), then sleep until
 *                   bytes come or drover_session_deadline()
 *
 * Pings are answered by drover_session_next_event(): a worker that does not
 * call it looks stuck, and is. */
typedef struct drover_session drover_session;
typedef struct drover_event drover_event;

/* `options` may be NULL. `protocols` is the value of DROVER_PROTOCOL, NULL if
 * it is not set. Hello is pending afterwards. VERSION, NOMEM. */
DROVER_API int drover_session_new(const drover_options* options,
                                  const char* protocols,
                                  drover_session** ret_session);

DROVER_API void drover_session_free(drover_session* session);

/* Takes bytes that came from the supervisor, in any portions. Returns how many
 * were taken: fewer than `size` when unread events fill the buffer; pull them
 * and pass the rest again. After the end of the session all are taken and
 * dropped. INVALID. */
DROVER_API int64_t drover_session_receive(drover_session* session,
                                          const void* data, size_t size);

/* How many bytes the next drover_session_receive() will take. */
DROVER_API size_t drover_session_room(const drover_session* session);

/* The channel ended: end of file, ECONNRESET or EPIPE. Frames that were
 * received before count. */
DROVER_API void drover_session_receive_eof(drover_session* session);

/* The program was sent SIGTERM: shut down as after Quit. Twice: at once. */
DROVER_API void drover_session_terminate(drover_session* session);

/* The bytes to write next; their number, 0 if there are none. They live until
 * the next call. */
DROVER_API size_t drover_session_pending(const drover_session* session,
                                         const void** ret_data);

/* `size` of the pending bytes were written. INVALID (more than pending). */
DROVER_API int drover_session_sent(drover_session* session, size_t size);

/* When to call drover_session_next_event() though nothing came: a time of the
 * clock of `now_ms`, 0 for at once, -1 for never. */
DROVER_API int64_t drover_session_deadline(const drover_session* session);

/* 1 = *ret_event is the next event, 0 = there is none, and *ret_event is an
 * event of kind DROVER_EVENT_NONE. INVALID. */
DROVER_API int drover_session_next_event(drover_session* session,
                                         int64_t now_ms,
                                         const drover_event** ret_event);

/* A DROVER_STATE_*. */
DROVER_API int drover_session_state(const drover_session* session);

/* -1 while the session runs; then the code to exit with: 0, 1, 76, 78. */
DROVER_API int drover_session_exit_code(const drover_session* session);

/* 1 = both sides have the capability. 0 before DROVER_EVENT_WELCOME. */
DROVER_API int drover_session_has(const drover_session* session,
                                  uint32_t capability);

/* Which place this process fills; "" and 0 before DROVER_EVENT_WELCOME. The
 * slot is a number from 0 that survives restarts and reloads: a port, a shard
 * or a file can be owned by it. */
DROVER_API const char* drover_session_pool(const drover_session* session);
DROVER_API uint32_t drover_session_slot(const drover_session* session);
DROVER_API uint64_t drover_session_generation(const drover_session* session);
DROVER_API uint64_t drover_session_incarnation(const drover_session* session);

/* What the supervisor will wait for, by DROVER_TIMEOUT_*. Information: each
 * command carries its own deadline. INVALID. */
DROVER_API int64_t drover_session_timeout(const drover_session* session,
                                          int timeout);

/* The listeners that Welcome names, in the order of DROVER_LISTEN_FDS.
 * INVALID (no such index). */
DROVER_API int drover_session_listener_count(const drover_session* session);
DROVER_API int drover_session_listener(const drover_session* session, int index,
                                       uint32_t* ret_fd, const char** ret_name);

/* ---- Events ------------------------------------------------------------- */

/* What to do, or what became known. New kinds come only with capabilities that
 * you offered. */
#define DROVER_EVENT_NONE 0
/* The handshake is done; identity, times and capabilities are known. Nothing
 * to do. */
#define DROVER_EVENT_WELCOME 1
/* Begin to work, then say drover_session_started(); or ..._failed(). In
 * STOPPED only with RESUME. Has: deadline. */
#define DROVER_EVENT_START 2
/* Take no new work at once, finish what is in flight, then say
 * drover_session_stopped(). If a start was under way, give it up first. Has:
 * deadline, cause, text. A Stop that the supervisor repeats is no second
 * event; it may make DEADLINE come earlier. */
#define DROVER_EVENT_STOP 3
/* Exit with code 0. What is in flight may be finished before the deadline; END
 * comes when it is reached. Also after SIGTERM. Has: deadline, cause, text. */
#define DROVER_EVENT_QUIT 4
/* Read the configuration again, keep serving, then say
 * drover_session_reloaded(). Needs RELOAD. Has: deadline, data. */
#define DROVER_EVENT_RELOAD 5
/* Stop is planned: fail health checks, answer "Connection: close", go on
 * accepting. Needs LAME_DUCK. Has: deadline (when Stop is planned). */
#define DROVER_EVENT_LAME_DUCK 6
/* The supervisor is gone: take no new work, finish what is in flight, exit
 * with code 0. Has: deadline; END comes when it is reached. */
#define DROVER_EVENT_LOST 7
/* The deadline of the start or stop is reached. In STOPPING: give up what is
 * in flight and say drover_session_stopped_forced(). In STARTING: hurry or
 * fail; the supervisor is about to end this process. */
#define DROVER_EVENT_DEADLINE 8
/* What became of a Request or of a message of yours. Has: re, code, text. Code
 * UNSPECIFIED: a Request was not answered in 30 s. */
#define DROVER_EVENT_RESULT 9
/* A message from the program that embeds the supervisor. If op is not 0,
 * answer with drover_session_reply() or ..._reply_message(). Needs
 * USER_MESSAGES. Has: topic, data, op, re. */
#define DROVER_EVENT_MESSAGE 10
/* The session is over: exit now. Has: exit code, text (why). The last event. */
#define DROVER_EVENT_END 11

/* The kind; NONE for NULL. The accessors below give 0 or "" for what an event
 * does not have. */
DROVER_API int drover_event_kind(const drover_event* event);
/* "START" and so on; "UNKNOWN" for other numbers. Static. */
DROVER_API const char* drover_event_name(int kind);
/* How long there is from the moment the event was handed out. */
DROVER_API uint32_t drover_event_deadline(const drover_event* event);
/* A DROVER_CAUSE_*, or a later one. */
DROVER_API int drover_event_cause(const drover_event* event);
/* For logs. */
DROVER_API const char* drover_event_text(const drover_event* event);
/* What the operator or the embedding program passed along; any bytes.
 * `ret_size` may not be NULL. */
DROVER_API const void* drover_event_data(const drover_event* event,
                                         size_t* ret_size);
DROVER_API const char* drover_event_topic(const drover_event* event);
/* The number to answer with; 0 = no answer is wanted. */
DROVER_API uint64_t drover_event_op(const drover_event* event);
/* The number of the Request or message that this answers; 0 = none. */
DROVER_API uint64_t drover_event_re(const drover_event* event);
/* A DROVER_RESULT_*. */
DROVER_API int drover_event_code(const drover_event* event);
DROVER_API int drover_event_exit_code(const drover_event* event);

/* ---- Statements --------------------------------------------------------- */

/* Each queues one message at most. All but drover_session_fatal() answer
 * DROVER_E_STATE where SPEC.md's table does not allow them: after a Stop has
 * cancelled a start, drover_session_started() is such, and nothing stale is
 * ever sent. INVALID for a NULL session or a negative time goes without
 * saying. */

/* The worker serves. In STARTING. */
DROVER_API int drover_session_started(drover_session* session, int64_t now_ms,
                                      const char* text);

/* Nothing is in flight. In STOPPING. */
DROVER_API int drover_session_stopped(drover_session* session, int64_t now_ms,
                                      const char* text);

/* The deadline was reached and `abandoned` requests were given up. In
 * STOPPING. */
DROVER_API int drover_session_stopped_forced(drover_session* session,
                                             int64_t now_ms, const char* text,
                                             uint32_t abandoned);

/* The Reload succeeded, or failed and the former configuration is still in
 * force. Where a Reload waits for its answer. */
DROVER_API int drover_session_reloaded(drover_session* session, int64_t now_ms,
                                       int succeeded, const char* text);

/* The worker cannot go on, for this reason; exit with code 1. In every state
 * after Welcome but SHUTTING_DOWN. END follows. */
DROVER_API int drover_session_failed(drover_session* session, int64_t now_ms,
                                     const char* text);

/* Last words of a program that is about to exit by itself with a code other
 * than 0; `code` is its own number for the failure. In every state, once. END
 * follows. */
DROVER_API int drover_session_fatal(drover_session* session, int64_t now_ms,
                                    uint32_t code, const char* text);

/* For operators: what the worker is doing, in the state it is in. In every
 * state after Welcome. Texts, progress and gauges may be given as often as you
 * like: at most ten frames a second are sent, the latest wins and is sent when
 * its turn comes. */
DROVER_API int drover_session_status(drover_session* session, int64_t now_ms,
                                     const char* text);

/* How far a start or stop is: how much is `in_flight`, and with `extend_ms`
 * (STARTING and STOPPING only, 0 = none) that it needs that long from now,
 * which moves the deadline, not beyond five minutes after the first.
 * CAPABILITY. */
DROVER_API int drover_session_progress(drover_session* session, int64_t now_ms,
                                       uint32_t extend_ms, uint32_t in_flight,
                                       const char* text);

/* A number about the worker under a name ([a-z][a-z0-9_]{0,62}). CAPABILITY,
 * INVALID (name), LIMIT (more than 32 names). */
DROVER_API int drover_session_gauge(drover_session* session, int64_t now_ms,
                                    const char* name, double value);

/* Asks for a DROVER_REQUEST_*. Go on as before: RESULT brings the answer, an
 * ordinary command follows where it is granted. Not while stopping, and not
 * again after a Stop that crossed it. One at a time. CAPABILITY, AGAIN. */
DROVER_API int drover_session_request(drover_session* session, int64_t now_ms,
                                      int kind, const char* text,
                                      uint64_t* ret_op);

/* Sends `size` bytes (at most 65000) under a topic ([a-z][a-z0-9._-]{0,62}).
 * With `ret_op` an answer is wanted: RESULT or MESSAGE with that number in re.
 * With NULL none is. CAPABILITY, INVALID (topic), LIMIT (size), AGAIN. */
DROVER_API int drover_session_send(drover_session* session, int64_t now_ms,
                                   const char* topic, const void* data,
                                   size_t size, uint64_t* ret_op);

/* Answers the message whose op is `op` by a DROVER_RESULT_* or by a message.
 * Errors as of drover_session_send(). */
DROVER_API int drover_session_reply(drover_session* session, int64_t now_ms,
                                    uint64_t op, int code, const char* text);
DROVER_API int drover_session_reply_message(drover_session* session,
                                            int64_t now_ms, uint64_t op,
                                            const char* topic, const void* data,
                                            size_t size);

#ifdef __cplusplus
}
#endif

#endif /* DROVER_H_ */
