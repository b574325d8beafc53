/* A worker in C with a loop of its own around poll(): the descriptor of
 * drover_fd() is one among the others. */
#include <stdio.h>
#include <time.h>

#include "drover.h"
#include "drover_posix.h"
#include "examples/worker_c/server.h"

struct program {
  drover_worker* worker;
  int leaving; /* exit as soon as no connection is left */
  int exit_code;
  char greeting[256];
  struct server server;
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void greet(struct program* program) {
  const drover_session* session = drover_worker_session(program->worker);
  snprintf(program->greeting, sizeof(program->greeting),
           "hello from %s/%lu generation %llu\n", drover_session_pool(session),
           (unsigned long)drover_session_slot(session),
           (unsigned long long)drover_session_generation(session));
}

static int on_event(drover_worker* worker, const drover_event* event,
                    void* context) {
  struct program* program = context;
  struct server* server = &program->server;
  switch (drover_event_kind(event)) {
    case DROVER_EVENT_WELCOME:
      greet(program);
      return 0;
    case DROVER_EVENT_START:
      if (drover_started(worker, NULL) == 0) server_open(server);
      return 0;
    case DROVER_EVENT_STOP:
      server_drain(server, now_ms(), drover_event_deadline(event));
      return 0;
    case DROVER_EVENT_DEADLINE:
      if (drover_state(worker) == DROVER_STATE_STOPPING) {
        drover_stopped_forced(worker, NULL, server_abandon(server));
      }
      return 0;
    case DROVER_EVENT_QUIT:
    case DROVER_EVENT_LOST:
      server_drain(server, now_ms(), drover_event_deadline(event));
      program->leaving = 1;
      return 0;
    case DROVER_EVENT_END:
      program->exit_code = drover_event_exit_code(event);
      return 0;
    default:
      return 0;
  }
}

/* What is due once no connection is left; 1 = exit. */
static int finish(struct program* program) {
  if (program->server.count > 0) return 0;
  if (drover_state(program->worker) == DROVER_STATE_STOPPING) {
    drover_stopped(program->worker, NULL);
  }
  return program->leaving;
}

static int timeout_of(int64_t due_ms) {
  int64_t left;
  if (due_ms < 0) return -1;
  left = due_ms - now_ms();
  return left < 0 ? 0 : (int)left;
}

static int run(struct program* program) {
  static struct pollfd fds[1 + SERVER_WATCHES_MAX];
  int result = 0;
  fds[0].fd = drover_fd(program->worker);
  fds[0].events = POLLIN;
  while (!finish(program)) {
    const int watches = server_watch(&program->server, fds + 1);
    poll(fds, (nfds_t)(1 + watches), timeout_of(server_due(&program->server)));
    /* Commands first: after a Stop nothing more is accepted. */
    result = drover_dispatch(program->worker, on_event, program);
    if (result != 0) break;
    server_step(&program->server, now_ms());
  }
  return result < 0 ? drover_exit_code(result) : program->exit_code;
}

static int serve(struct program* program) {
  const int listener = drover_listener(program->worker, "http");
  if (listener < 0) {
    const int exit_code = drover_exit_code(listener);
    char words[256];
    snprintf(words, sizeof(words), "listener \"http\": %s",
             drover_strerror(listener));
    drover_fatal(program->worker, (uint32_t)exit_code, words);
    fprintf(stderr, "worker_c: %s\n", words);
    return exit_code;
  }
  server_begin(&program->server, listener, program->greeting);
  return run(program);
}

static int open_worker(drover_worker** ret_worker) {
  drover_options* options = NULL;
  int result = drover_options_new(&options);
  if (result == 0) result = drover_options_set_name(options, "worker_c");
  if (result == 0) {
    result = drover_options_add_capability(options, DROVER_CAPABILITY_RESUME);
  }
  if (result == 0) result = drover_open(options, ret_worker);
  drover_options_free(options);
  return result;
}

int main(void) {
  static struct program program;
  const int result = open_worker(&program.worker);
  if (result < 0) {
    fprintf(stderr, "worker_c: %s\n", drover_strerror(result));
    return drover_exit_code(result);
  }
  if (result == 0) {
    puts("worker_c: not supervised; see README.md for how to run it");
    return 0;
  }
  return serve(&program);
}
