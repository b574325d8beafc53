/* The session with its socket, clock and signals.
 *
 * One epoll descriptor watches the channel, an eventfd that SIGTERM writes to,
 * and a timerfd that is set to the session's deadline: waiting on it is all
 * that a loop has to do, the program's own or the one below. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "drover_posix.h"
#include "src/session.h"
#include "src/signals.h"
#include "src/worker.h"

#define CHUNK 4096
#define WAIT_MAX_MS 3600000

/* ---- Fork --------------------------------------------------------------- */

/* The worker of this process, for the handlers of fork. Only drover_open() and
 * drover_close() change it. */
static drover_worker* current;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void close_all(drover_worker* worker) {
  int* fds[] = {&worker->channel, &worker->epoll, &worker->timer,
                &worker->signal};
  size_t i;
  for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
    if (*fds[i] >= 0) close(*fds[i]);
    *fds[i] = -1;
  }
}

static void before_fork(void) {
  if (current != NULL) pthread_mutex_lock(&current->mutex);
}

static void after_fork_in_parent(void) {
  if (current != NULL) pthread_mutex_unlock(&current->mutex);
}

/* The child is not the worker: it must not speak, must not keep the channel
 * open, and its signals are not the worker's. */
static void after_fork_in_child(void) {
  drover_worker* worker = current;
  if (worker == NULL) return;
  current = NULL;
  worker->forked = 1;
  if (worker->owns_signals) drvr_signals_give_back();
  close_all(worker);
  pthread_mutex_unlock(&worker->mutex);
}

static void watch_fork(void) {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* ---- Clock and readiness ------------------------------------------------ */

int64_t drvr_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int watch(drover_worker* worker, int operation, int fd,
                 uint32_t events) {
  struct epoll_event event;
  memset(&event, 0, sizeof(event));
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(worker->epoll, operation, fd, &event);
}

/* Sets the timer to an absolute time; one in the past fires at once. */
static void arm(drover_worker* worker, int64_t at) {
  struct itimerspec spec;
  if (at == worker->armed) return;
  memset(&spec, 0, sizeof(spec));
  if (at >= 0) {
    spec.it_value.tv_sec = at / 1000;
    spec.it_value.tv_nsec = at % 1000 * 1000000;
    if (at == 0) spec.it_value.tv_nsec = 1;
  }
  timerfd_settime(worker->timer, TFD_TIMER_ABSTIME, &spec, NULL);
  worker->armed = at;
}

/* Makes the epoll descriptor readable exactly when there is something to do. */
static void update(drover_worker* worker) {
  const void* data;
  uint32_t wanted = 0;
  if (drover_session_room(worker->session) > 0) wanted |= EPOLLIN;
  if (!worker->out_lost && drover_session_pending(worker->session, &data) > 0) {
    wanted |= EPOLLOUT;
  }
  if (worker->channel >= 0 && wanted != worker->watched) {
    watch(worker, EPOLL_CTL_MOD, worker->channel, wanted);
    worker->watched = wanted;
  }
  arm(worker, drover_session_deadline(worker->session));
}

/* ---- Bytes -------------------------------------------------------------- */

/* What cannot be written any more is dropped; what was read still counts. */
static void flush(drover_worker* worker) {
  const void* data;
  size_t size;
  while ((size = drover_session_pending(worker->session, &data)) > 0) {
    ssize_t sent = -1;
    if (worker->channel >= 0 && !worker->out_lost) {
      sent = send(worker->channel, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) return;
    }
    if (sent < 0) worker->out_lost = 1;
    drover_session_sent(worker->session, sent < 0 ? size : (size_t)sent);
  }
}

/* An end of file is read over and over; the channel is not watched after it. */
static void end_of_stream(drover_worker* worker) {
  watch(worker, EPOLL_CTL_DEL, worker->channel, 0);
  close(worker->channel);
  worker->channel = -1;
  drover_session_receive_eof(worker->session);
}

static void fill(drover_worker* worker) {
  char chunk[CHUNK];
  size_t room;
  while (worker->channel >= 0 &&
         (room = drover_session_room(worker->session)) > 0) {
    size_t size = room < CHUNK ? room : CHUNK;
    ssize_t got = recv(worker->channel, chunk, size, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      end_of_stream(worker);
      return;
    }
    drover_session_receive(worker->session, chunk, (size_t)got);
    if ((size_t)got < size) return;
  }
}

static void read_signals(drover_worker* worker) {
  uint64_t count = 0;
  if (!worker->owns_signals) return;
  if (read(worker->signal, &count, sizeof(count)) < 0) return;
  /* More than two say nothing new: once to go, once to go at once. */
  for (; count > 0; count--) {
    drover_session_terminate(worker->session);
    if (count > 2) count = 2;
  }
}

/* ---- Opening and closing ------------------------------------------------ */

static int open_descriptors(drover_worker* worker) {
  worker->epoll = epoll_create1(EPOLL_CLOEXEC);
  worker->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  worker->signal = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (worker->epoll < 0 || worker->timer < 0 || worker->signal < 0 ||
      watch(worker, EPOLL_CTL_ADD, worker->channel, EPOLLIN) != 0 ||
      watch(worker, EPOLL_CTL_ADD, worker->timer, EPOLLIN) != 0 ||
      watch(worker, EPOLL_CTL_ADD, worker->signal, EPOLLIN) != 0) {
    return DROVER_E_SYSTEM;
  }
  worker->watched = EPOLLIN;
  return 0;
}

static int start_session(drover_worker* worker, drover_options* options) {
  int error;
  if (options->pid == 0) options->pid = (uint32_t)getpid();
  error =
      drover_session_new(options, getenv("DROVER_PROTOCOL"), &worker->session);
  if (error == 0) error = open_descriptors(worker);
  if (error == 0 && options->signals == DROVER_SIGNALS_HANDLE) {
    error = drvr_signals_take(worker->signal);
    worker->owns_signals = error == 0;
  }
  return error;
}

static void destroy(drover_worker* worker) {
  struct drvr_allocator allocator = worker->allocator;
  if (worker->owns_signals && !worker->forked) drvr_signals_give_back();
  close_all(worker);
  drover_session_free(worker->session);
  pthread_mutex_destroy(&worker->mutex);
  drvr_release(&allocator, worker);
}

static int make_worker(drover_options* options, int channel,
                       drover_worker** ret_worker) {
  drover_worker* worker = drvr_allocate(&options->allocator, sizeof(*worker));
  int error;
  if (worker == NULL) return DROVER_E_NOMEM;
  memset(worker, 0, sizeof(*worker));
  worker->allocator = options->allocator;
  worker->channel = channel;
  worker->epoll = worker->timer = worker->signal = -1;
  worker->armed = -1;
  pthread_mutex_init(&worker->mutex, NULL);
  drvr_adopt_listeners(&worker->listeners);
  error = start_session(worker, options);
  if (error != 0) {
    destroy(worker);
    return error;
  }
  *ret_worker = worker;
  return 0;
}

int drover_open(const drover_options* options, drover_worker** ret_worker) {
  struct drover_options chosen;
  drover_worker* worker;
  int channel, error;
  if (ret_worker == NULL) return DROVER_E_INVALID;
  error = drvr_adopt_channel(&channel);
  if (error < 0) return error;
  if (error == 0) {
    *ret_worker = NULL;
    return 0;
  }
  drvr_options_defaults(&chosen);
  if (options != NULL) chosen = *options;
  error = make_worker(&chosen, channel, &worker);
  if (error != 0) return error;
  drvr_clear_environment();
  current = worker;
  pthread_once(&fork_once, watch_fork);
  flush(worker);
  update(worker);
  *ret_worker = worker;
  return 1;
}

void drover_close(drover_worker* worker) {
  if (worker == NULL) return;
  if (!worker->forked) {
    flush(worker);
    current = NULL;
  }
  destroy(worker);
}

/* ---- Listeners ---------------------------------------------------------- */

int drover_listener(drover_worker* worker, const char* name) {
  int i;
  if (worker == NULL || name == NULL) return DROVER_E_INVALID;
  for (i = 0; i < worker->listeners.count; i++) {
    const struct drvr_adopted_listener* listener = &worker->listeners.items[i];
    if (strcmp(listener->name, name) != 0) continue;
    return drvr_is_listening(listener->fd) ? listener->fd : DROVER_E_LISTENER;
  }
  return DROVER_E_NOT_FOUND;
}

int drover_listener_count(drover_worker* worker) {
  return worker == NULL ? 0 : worker->listeners.count;
}

const char* drover_listener_name(drover_worker* worker, int index) {
  if (worker == NULL || index < 0 || index >= worker->listeners.count) {
    return NULL;
  }
  return worker->listeners.items[index].name;
}

/* ---- Events ------------------------------------------------------------- */

int drvr_lock(drover_worker* worker) {
  if (worker == NULL) return DROVER_E_INVALID;
  pthread_mutex_lock(&worker->mutex);
  if (!worker->forked) return 0;
  pthread_mutex_unlock(&worker->mutex);
  return DROVER_E_FORKED;
}

void drvr_unlock(drover_worker* worker) {
  flush(worker);
  update(worker);
  pthread_mutex_unlock(&worker->mutex);
}

/* 1 = Welcome and the environment name the same listeners. */
static int listeners_agree(const drover_worker* worker) {
  int count = drover_session_listener_count(worker->session);
  int i;
  if (count != worker->listeners.count) return 0;
  for (i = 0; i < count; i++) {
    const struct drvr_adopted_listener* listener = &worker->listeners.items[i];
    const char* name = "";
    uint32_t fd = 0;
    drover_session_listener(worker->session, i, &fd, &name);
    if (fd != (uint32_t)listener->fd || strcmp(name, listener->name) != 0) {
      return 0;
    }
  }
  return 1;
}

static int take_event(drover_worker* worker, const drover_event** ret_event) {
  int got;
  read_signals(worker);
  fill(worker);
  got = drover_session_next_event(worker->session, drvr_now_ms(), ret_event);
  if (got == 1 && drover_event_kind(*ret_event) == DROVER_EVENT_WELCOME &&
      !listeners_agree(worker)) {
    drvr_fatal(worker->session, 0,
               "Welcome and DROVER_LISTEN_FDS name other listeners", 78);
    got = drover_session_next_event(worker->session, drvr_now_ms(), ret_event);
  }
  return got;
}

/* The next event without waiting; *ret_ended = there will be no other. */
static int poll_event(drover_worker* worker, const drover_event** ret_event,
                      int* ret_ended) {
  int got = drvr_lock(worker);
  if (got != 0) return got;
  got = take_event(worker, ret_event);
  *ret_ended = drover_session_exit_code(worker->session) >= 0;
  drvr_unlock(worker);
  return got;
}

/* Waits until there is something to do, or until `end`. 1 = there may be,
 * 0 = the time is over or a signal came. */
static int wait_until(drover_worker* worker, int64_t end) {
  struct epoll_event ready;
  int64_t left = end - drvr_now_ms();
  int got;
  if (left <= 0) return 0;
  if (left > WAIT_MAX_MS) left = WAIT_MAX_MS;
  got = epoll_wait(worker->epoll, &ready, 1, (int)left);
  if (got < 0) return errno == EINTR ? 0 : DROVER_E_SYSTEM;
  return 1;
}

int drover_next_event(drover_worker* worker, int timeout_ms,
                      const drover_event** ret_event) {
  int64_t end;
  if (worker == NULL || ret_event == NULL) return DROVER_E_INVALID;
  end = timeout_ms < 0 ? INT64_MAX : drvr_now_ms() + timeout_ms;
  for (;;) {
    int ended = 0;
    int got = poll_event(worker, ret_event, &ended);
    if (got != 0 || ended || timeout_ms == 0) return got;
    got = wait_until(worker, end);
    if (got < 0) return got;
    /* What a signal or the last moment brought still counts. */
    if (got == 0) return poll_event(worker, ret_event, &ended);
  }
}

int drover_fd(drover_worker* worker) {
  if (worker == NULL) return DROVER_E_INVALID;
  return worker->forked ? DROVER_E_FORKED : worker->epoll;
}

/* The session's exit code, -1 while it runs. */
static int exit_code(drover_worker* worker) {
  int code;
  pthread_mutex_lock(&worker->mutex);
  code = drover_session_exit_code(worker->session);
  pthread_mutex_unlock(&worker->mutex);
  return code;
}

/* Hands one event out. 1 = leave the loop. */
static int hand_out(drover_worker* worker, const drover_event* event,
                    drover_handler handler, void* context) {
  int last = drover_event_kind(event) == DROVER_EVENT_END;
  return handler(worker, event, context) != 0 || last;
}

int drover_dispatch(drover_worker* worker, drover_handler handler,
                    void* context) {
  const drover_event* event;
  int got;
  if (handler == NULL) return DROVER_E_INVALID;
  while ((got = drover_next_event(worker, 0, &event)) == 1) {
    if (hand_out(worker, event, handler, context)) return 1;
  }
  return got < 0 ? got : exit_code(worker) >= 0;
}

int drover_run(drover_worker* worker, drover_handler handler, void* context) {
  const drover_event* event;
  int got;
  if (handler == NULL) return DROVER_E_INVALID;
  do {
    got = drover_next_event(worker, -1, &event);
    if (got < 0) return got;
    if (got == 1) got = hand_out(worker, event, handler, context);
  } while (got == 0 && exit_code(worker) < 0);
  got = exit_code(worker);
  return got < 0 ? 0 : got;
}
