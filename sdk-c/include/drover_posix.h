/*
 * drover_posix.h - a worker on Linux: the session of drover.h with its socket,
 * clock and signals. Read the conventions in drover.h first.
 *
 * Two ways to use it:
 *
 *   without an event loop   drover_next_event(), which waits; or drover_run()
 *   with one                watch drover_fd() for reading; when it is readable
 *                           call drover_dispatch(), or drover_next_event()
 *                           with a timeout of 0 until it returns 0
 *
 * Threads: every function but drover_open() and drover_close() may be called
 * from any thread at any time. One thread pulls events; what an event points
 * to lives until that thread pulls again. drover_open() reads and changes the
 * environment: call it early in main(), before other threads run.
 *
 * Fork: a child that is forked without exec has the channel closed by a
 * handler (pthread_atfork), and the handle answers DROVER_E_FORKED in it.
 * Programs that are executed inherit neither channel nor listeners.
 *
 * Listeners: the sockets are shared with the other workers of the pool. Never
 * change O_NONBLOCK on them nor rely on it (accept may block, and may fail
 * with EAGAIN), and never shutdown() them.
 */
#ifndef DROVER_POSIX_H_
#define DROVER_POSIX_H_

#include "drover.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct drover_worker drover_worker;

/* ---- Options ------------------------------------------------------------ */

/* Who handles signals.
 * DROVER_SIGNALS_HANDLE (unless set): while the worker is open, SIGTERM is
 * read as Quit (a second one as Quit at once) and SIGINT is ignored, so that
 * Ctrl-C at a terminal shuts down by way of the supervisor. Programs that the
 * worker executes have the default action for both.
 * DROVER_SIGNALS_LEAVE: the program owns its signals and calls
 * drover_terminate() when it is told to go. INVALID. */
#define DROVER_SIGNALS_LEAVE 0
#define DROVER_SIGNALS_HANDLE 1
DROVER_API int drover_options_set_signals(drover_options* options, int signals);

/* ---- Opening ------------------------------------------------------------ */

/* Adopts the channel and the listeners that the environment names (DROVER_FD,
 * DROVER_PROTOCOL, DROVER_LISTEN_FDS), sets FD_CLOEXEC on them, removes the
 * three variables, and sends Hello.
 *
 *   1   supervised; *ret_worker is the handle
 *   0   not supervised: there is no DROVER_FD. Not an error; *ret_worker is
 *       NULL. Run as an ordinary program, or say so and exit.
 *   <0  CHANNEL, VERSION, NOMEM, SYSTEM: print drover_strerror() and exit with
 *       drover_exit_code(). Nothing was written to any descriptor.
 *
 * `options` may be NULL and may be freed afterwards. A process has one worker:
 * a second call finds no DROVER_FD and returns 0. */
DROVER_API int drover_open(const drover_options* options,
                           drover_worker** ret_worker);

/* Writes what the socket takes without waiting, closes the channel and gives
 * the signals back. The listeners stay open; they are the program's. A worker
 * that exits need not call it. */
DROVER_API void drover_close(drover_worker* worker);

/* ---- Listeners ---------------------------------------------------------- */

/* The descriptor of the listening socket of that name, checked to be one. It
 * is yours to accept on (in STARTED) and to close. A worker that lacks a
 * listener it needs says so with drover_fatal() and exits with
 * drover_exit_code(). NOT_FOUND, LISTENER, INVALID. */
DROVER_API int drover_listener(drover_worker* worker, const char* name);

/* For programs that take any listener: how many there are, and the name of
 * each. NULL = no such index. The name lives as long as the worker. */
DROVER_API int drover_listener_count(drover_worker* worker);
DROVER_API const char* drover_listener_name(drover_worker* worker, int index);

/* ---- Events ------------------------------------------------------------- */

/* Waits up to `timeout_ms` (-1 = without limit, 0 = not at all) for the next
 * event. 1 = *ret_event is one; 0 = the time is over, or a signal came, and
 * *ret_event is one of kind DROVER_EVENT_NONE. After DROVER_EVENT_END it never
 * waits. FORKED, SYSTEM, INVALID. */
DROVER_API int drover_next_event(drover_worker* worker, int timeout_ms,
                                 const drover_event** ret_event);

/* A descriptor that is readable when the worker has something to do; for
 * poll, epoll, select and the loops above them. Watch it for reading only, and
 * neither read nor close it. The same one in every call. FORKED. */
DROVER_API int drover_fd(drover_worker* worker);

/* What is called for each event. 0 = go on, anything else = leave the loop. */
typedef int (*drover_handler)(drover_worker* worker, const drover_event* event,
                              void* context);

/* Does all that is due, without waiting: reads, writes, answers pings, and
 * calls the handler for each event. 0 = done; 1 = the handler asked to leave,
 * or the session ended (DROVER_EVENT_END was handed out). FORKED, SYSTEM,
 * INVALID. */
DROVER_API int drover_dispatch(drover_worker* worker, drover_handler handler,
                               void* context);

/* Waits and dispatches until the handler asks to leave or the session ends.
 * Returns what to exit with: 0, 1, 76, 78; or an error as above. */
DROVER_API int drover_run(drover_worker* worker, drover_handler handler,
                          void* context);

/* Acts as if SIGTERM had come. May not be called from a signal handler. */
DROVER_API int drover_terminate(drover_worker* worker);

/* ---- What is known ------------------------------------------------------ */

/* A DROVER_STATE_*. */
DROVER_API int drover_state(drover_worker* worker);

/* The session, for what Welcome said: drover_session_pool(), ..._slot() and
 * so on, which do not change any more after DROVER_EVENT_WELCOME. */
DROVER_API const drover_session* drover_worker_session(
    const drover_worker* worker);

/* ---- Statements --------------------------------------------------------- */

/* As the functions drover_session_* of the same names, with the clock read,
 * and written to the channel at once as far as it takes them without waiting.
 * Also FORKED, SYSTEM. */
DROVER_API int drover_started(drover_worker* worker, const char* text);
DROVER_API int drover_stopped(drover_worker* worker, const char* text);
DROVER_API int drover_stopped_forced(drover_worker* worker, const char* text,
                                     uint32_t abandoned);
DROVER_API int drover_reloaded(drover_worker* worker, int succeeded,
                               const char* text);
DROVER_API int drover_failed(drover_worker* worker, const char* text);
DROVER_API int drover_fatal(drover_worker* worker, uint32_t code,
                            const char* text);
DROVER_API int drover_status(drover_worker* worker, const char* text);
DROVER_API int drover_progress(drover_worker* worker, uint32_t extend_ms,
                               uint32_t in_flight, const char* text);
DROVER_API int drover_gauge(drover_worker* worker, const char* name,
                            double value);
DROVER_API int drover_request(drover_worker* worker, int kind, const char* text,
                              uint64_t* ret_op);
DROVER_API int drover_send(drover_worker* worker, const char* topic,
                           const void* data, size_t size, uint64_t* ret_op);
DROVER_API int drover_reply(drover_worker* worker, uint64_t op, int code,
                            const char* text);
DROVER_API int drover_reply_message(drover_worker* worker, uint64_t op,
                                    const char* topic, const void* data,
                                    size_t size);

#ifdef __cplusplus
}
#endif

#endif /* DROVER_POSIX_H_ */
