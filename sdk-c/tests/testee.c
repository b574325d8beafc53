/* A worker over this library that does what DROVER_TESTEE asks
 * (conformance/README.md), so that the conformance suite can see how the
 * library takes it. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "drover.h"
#include "drover_posix.h"
#include "sdk-c/tests/testee_requests.h"

enum { LONG_TEXT = 10000, GAUGES = 40, REPORTS = 50, PROGRESS_MS = 300 };

struct testee {
  drover_worker* worker;
  struct requests requests;
  int64_t started_at; /* the start is done then; -1: none runs */
  int64_t progress_at;
  int acted; /* on the words that are about STARTED */
  int leaving;
  int exit_code; /* -1 while it lives */
  pid_t child;
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Words -------------------------------------------------------------- */

/* What stands behind "word:", "" behind a bare word, NULL without it. It ends
 * at a comma. */
static const char* asked(const char* word) {
  const size_t length = strlen(word);
  const char* at = getenv("DROVER_TESTEE");
  while (at != NULL && *at != '\0') {
    if (strncmp(at, word, length) == 0) {
      if (at[length] == ':') return at + length + 1;
      if (at[length] == '\0' || at[length] == ',') return "";
    }
    at = strchr(at, ',');
    if (at != NULL) ++at;
  }
  return NULL;
}

static int number(const char* word) {
  const char* text = asked(word);
  return text == NULL ? 0 : (int)strtol(text, NULL, 10);
}

static void spawn_child(struct testee* testee, int execute) {
  testee->child = fork();
  if (testee->child != 0) return;
  if (execute) execlp("sleep", "sleep", "1000", (char*)NULL);
  while (!execute) pause();
  _exit(127);
}

static void* report(void* context) {
  static const char text[200] = {'x'};
  int i;
  for (i = 0; i < REPORTS; ++i) {
    drover_send(context, "conformance.report", text, sizeof(text), NULL);
    drover_progress(context, 0, (uint32_t)i, "busy");
  }
  return NULL;
}

static void report_from_threads(struct testee* testee, int count) {
  while (count-- > 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, report, testee->worker) == 0) {
      pthread_detach(thread);
    }
  }
}

static void set_gauges(drover_worker* worker) {
  char name[32];
  int i;
  for (i = 0; i < GAUGES; ++i) {
    snprintf(name, sizeof(name), i % 4 == 0 ? "Not a name %d" : "gauge_%d", i);
    drover_gauge(worker, name, i);
  }
}

static void make_request(drover_worker* worker, const char* kind) {
  static const char* const kinds[] = {"recycle", "stop", "quit", "reload"};
  int i;
  for (i = 0; i < 4; ++i) {
    if (strcmp(kinds[i], kind) == 0) {
      drover_request(worker, DROVER_REQUEST_RECYCLE + i, NULL, NULL);
    }
  }
}

static void act_on_words(struct testee* testee) {
  drover_worker* worker = testee->worker;
  uint64_t op;
  if (testee->acted++) return;
  if (asked("spawn-child")) spawn_child(testee, 1);
  if (asked("fork-child")) spawn_child(testee, 0);
  report_from_threads(testee, number("threads"));
  if (asked("print")) {
    puts("Started!");
    fflush(stdout);
  }
  if (asked("gauges")) set_gauges(worker);
  if (asked("request")) make_request(worker, asked("request"));
  if (asked("message")) {
    drover_send(worker, asked("message"), NULL, 0, &op);
    drover_send(worker, asked("message"), NULL, 0, &op);
  }
  /* Refused by the library: not in STARTED. */
  if (asked("extend")) drover_progress(worker, 1000, 0, NULL);
  if (asked("fatal")) drover_fatal(worker, 1, "asked to be unable to go on");
  if (asked("fail")) drover_failed(worker, "asked to fail");
}

/* ---- Events ------------------------------------------------------------- */

static void finish_start(struct testee* testee) {
  static char text[LONG_TEXT + 1];
  testee->started_at = -1;
  testee->requests.listener = drover_listener(testee->worker, "http");
  if (asked("fail-start") || testee->requests.listener < 0) {
    drover_failed(testee->worker,
                  asked("fail-start")
                      ? "asked to fail its start"
                      : drover_strerror(testee->requests.listener));
    return;
  }
  testee->requests.open = 1;
  if (asked("long-text")) {
    /* Two bytes each, and an odd one, so that the limit falls inside one. */
    size_t i;
    text[0] = 'x';
    for (i = 1; i + 1 < LONG_TEXT; i += 2) memcpy(text + i, "\xc3\xa9", 2);
  }
  drover_started(testee->worker, text);
  act_on_words(testee);
}

static void begin_start(struct testee* testee) {
  testee->started_at = now_ms() + number("slow-start");
  if (number("extend") > 0) {
    drover_progress(testee->worker, (uint32_t)number("extend"), 0, NULL);
  }
}

static void take_no_more(struct testee* testee, int leaving) {
  testee->started_at = -1;
  testee->requests.open = 0;
  testee->leaving = leaving;
  testee->progress_at = now_ms() + PROGRESS_MS;
}

static void give_up(struct testee* testee) {
  const size_t abandoned = testee->requests.count;
  requests_abandon(&testee->requests);
  drover_stopped_forced(testee->worker, NULL, (uint32_t)abandoned);
}

static int handle(drover_worker* worker, const drover_event* event,
                  void* context) {
  struct testee* testee = context;
  switch (drover_event_kind(event)) {
    case DROVER_EVENT_START:
      begin_start(testee);
      break;
    case DROVER_EVENT_STOP:
      take_no_more(testee, 0);
      break;
    case DROVER_EVENT_QUIT:
    case DROVER_EVENT_LOST:
      take_no_more(testee, 1);
      break;
    case DROVER_EVENT_DEADLINE:
      if (drover_state(worker) == DROVER_STATE_STOPPING) give_up(testee);
      break;
    case DROVER_EVENT_RELOAD:
      drover_reloaded(worker, asked("reload-fails") == NULL, NULL);
      break;
    case DROVER_EVENT_MESSAGE:
      if (drover_event_op(event) != 0) {
        drover_reply(worker, drover_event_op(event), DROVER_RESULT_OK, NULL);
      }
      break;
    case DROVER_EVENT_END:
      testee->exit_code = drover_event_exit_code(event);
      break;
    default:
      break;
  }
  return 0;
}

/* ---- The loop ----------------------------------------------------------- */

/* What is due by itself: a start, a report, the end of a drain. */
static void act(struct testee* testee) {
  const int stopping = drover_state(testee->worker) == DROVER_STATE_STOPPING;
  if (testee->started_at >= 0 && now_ms() >= testee->started_at) {
    finish_start(testee);
  }
  if (asked("report-loop") && testee->requests.open) {
    drover_progress(testee->worker, 0, 0, "busy");
  }
  if (testee->requests.count > 0) {
    if (stopping && now_ms() >= testee->progress_at) {
      drover_progress(testee->worker, 0, (uint32_t)testee->requests.count,
                      NULL);
      testee->progress_at = now_ms() + PROGRESS_MS;
    }
    return;
  }
  if (stopping) drover_stopped(testee->worker, NULL);
  if (testee->leaving) testee->exit_code = 0;
}

static int patience_ms(const struct testee* testee) {
  int64_t due = -1;
  if (asked("report-loop") && testee->requests.open) return 1;
  if (testee->requests.count > 0 && !testee->requests.open) {
    due = testee->progress_at;
  }
  if (testee->started_at >= 0) due = testee->started_at;
  if (due < 0) return -1;
  due -= now_ms();
  return due > 0 ? (int)due : 0;
}

static void wait_and_handle(struct testee* testee) {
  struct pollfd polled[REQUESTS_MAX + 2];
  const size_t count = 1 + requests_poll(&testee->requests, polled + 1);
  polled[0].fd = drover_fd(testee->worker);
  polled[0].events = POLLIN;
  polled[0].revents = 0;
  if (poll(polled, (nfds_t)count, patience_ms(testee)) < 0) return;
  /* Commands come first: after a Stop nothing more is taken. */
  if (drover_dispatch(testee->worker, handle, testee) < 0) {
    testee->exit_code = 1;
    return;
  }
  requests_handle(&testee->requests, polled + 1, count - 1);
}

static int run(drover_worker* worker) {
  struct testee testee;
  memset(&testee, 0, sizeof(testee));
  testee.worker = worker;
  testee.started_at = -1;
  testee.exit_code = -1;
  testee.requests.held = asked("hold") != NULL;
  while (testee.exit_code < 0) {
    wait_and_handle(&testee);
    if (testee.exit_code < 0) act(&testee);
  }
  if (testee.child > 0) {
    kill(testee.child, SIGKILL);
    waitpid(testee.child, NULL, 0);
  }
  return testee.exit_code;
}

int main(void) {
  drover_options* options;
  drover_worker* worker;
  uint32_t capability;
  int got = drover_options_new(&options);
  if (got < 0) return drover_exit_code(got);
  drover_options_set_name(options, "sdk-c testee");
  for (capability = DROVER_CAPABILITY_RELOAD;
       capability <= DROVER_CAPABILITY_LAME_DUCK; ++capability) {
    drover_options_add_capability(options, capability);
  }
  got = drover_open(options, &worker);
  drover_options_free(options);
  if (got == 0) {
    puts("not supervised, nothing to do");
    return 0;
  }
  if (got < 0) {
    fprintf(stderr, "testee: %s\n", drover_strerror(got));
    return drover_exit_code(got);
  }
  return run(worker);
}
