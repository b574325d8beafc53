/* Memory runs out at each allocation in turn: everything that was allocated is
 * given back, and the call says so. And: after drover_session_new() nothing is
 * allocated any more. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drover.h"
#include "drover_posix.h"
#include "tests/check.h"

struct memory {
  int calls;   /* so far */
  int fail_at; /* which call fails; 0 = none */
  int live;    /* not given back yet */
};

static void* allocate(size_t size, void* context) {
  struct memory* memory = context;
  void* block;
  if (++memory->calls == memory->fail_at) return NULL;
  block = malloc(size);
  CHECK(block != NULL);
  /* What is not set by the library must not matter. */
  memset(block, 0xa5, size);
  memory->live++;
  return block;
}

static void release(void* block, void* context) {
  struct memory* memory = context;
  CHECK(block != NULL);
  memory->live--;
  free(block);
}

/* 0, or the error of the first call that failed. */
static int make_session(struct memory* memory, drover_session** ret_session) {
  drover_options* options = NULL;
  int error =
      drover_options_new_with_allocator(allocate, release, memory, &options);
  if (error != 0) return error;
  error = drover_options_set_name(options, "oom");
  CHECK(error == 0);
  error = drover_session_new(options, "1", ret_session);
  drover_options_free(options);
  return error;
}

static void test_session(void) {
  struct memory memory = {0, 0, 0};
  int allocations, i;
  drover_session* session = NULL;
  CHECK(make_session(&memory, &session) == 0);
  drover_session_free(session);
  CHECK(memory.live == 0);
  allocations = memory.calls;
  CHECK(allocations == 2);
  for (i = 1; i <= allocations; i++) {
    struct memory scarce = {0, 0, 0};
    scarce.fail_at = i;
    session = NULL;
    CHECK(make_session(&scarce, &session) == DROVER_E_NOMEM);
    CHECK(session == NULL);
    CHECK(scarce.live == 0);
  }
}

static void put_environment(int fd) {
  char number[16];
  snprintf(number, sizeof(number), "%d", fd);
  CHECK(setenv("DROVER_FD", number, 1) == 0);
  CHECK(setenv("DROVER_PROTOCOL", "1", 1) == 0);
}

static int open_worker(struct memory* memory, drover_worker** ret_worker) {
  drover_options* options = NULL;
  int got =
      drover_options_new_with_allocator(allocate, release, memory, &options);
  if (got != 0) return got;
  got = drover_open(options, ret_worker);
  drover_options_free(options);
  return got;
}

static void test_worker(void) {
  int fail_at;
  for (fail_at = 1; fail_at <= 4; fail_at++) {
    struct memory memory = {0, 0, 0};
    drover_worker* worker = NULL;
    char byte;
    int fds[2], got;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    put_environment(fds[1]);
    memory.fail_at = fail_at;
    got = open_worker(&memory, &worker);
    if (fail_at == 4) { /* there are three */
      CHECK(got == 1);
      CHECK(memory.calls == 3);
      drover_close(worker);
    } else {
      CHECK(got == DROVER_E_NOMEM);
      CHECK(worker == NULL);
      /* Nothing was said. */
      CHECK(recv(fds[0], &byte, 1, MSG_DONTWAIT) <= 0);
    }
    CHECK(memory.live == 0);
    close(fds[0]);
  }
}

static void test_nothing_is_allocated_later(void) {
  static const unsigned char frames[] = {
      0, 0, 0, 2, 0x52, 0x00,             /* Welcome */
      0, 0, 0, 4, 0x08, 0x01, 0x5a, 0x00, /* Start, op 1 */
      0, 0, 0, 4, 0x72, 0x02, 0x08, 0x07, /* Ping 7 */
      0, 0, 0, 4, 0x08, 0x02, 0x62, 0x00, /* Stop, op 2 */
      0, 0, 0, 4, 0x08, 0x03, 0x6a, 0x00, /* Quit, op 3 */
  };
  struct memory memory = {0, 0, 0};
  drover_session* session = NULL;
  const drover_event* event;
  int after;
  CHECK(make_session(&memory, &session) == 0);
  after = memory.calls;
  CHECK(drover_session_receive(session, frames, sizeof(frames)) ==
        (int64_t)sizeof(frames));
  while (drover_session_next_event(session, 5, &event) == 1) {
    if (drover_event_kind(event) == DROVER_EVENT_START) {
      CHECK(drover_session_started(session, 5, "up") == 0);
    }
    if (drover_event_kind(event) == DROVER_EVENT_STOP) {
      CHECK(drover_session_status(session, 5, "draining") == 0);
      CHECK(drover_session_stopped(session, 5, "down") == 0);
    }
  }
  CHECK(drover_session_exit_code(session) == 0);
  CHECK(memory.calls == after);
  drover_session_free(session);
  CHECK(memory.live == 0);
}

int main(void) {
  test_session();
  test_worker();
  test_nothing_is_allocated_later();
  return 0;
}
