/* The API as a C program sees it: NULL is refused and never followed, outputs
 * are untouched on failure, names and numbers are as the headers say. */
#include <string.h>

#include "drover.h"
#include "drover_posix.h"
#include "tests/check.h"

#define UNTOUCHED ((uint64_t)0x1234567890abcdef)

static void test_version(void) {
  CHECK(drover_version_number() == DROVER_VERSION_NUMBER);
  CHECK(strcmp(drover_version_string(), DROVER_VERSION) == 0);
  CHECK(DROVER_VERSION_NUMBER / 1000000 == atoi(DROVER_VERSION));
}

static void test_errors(void) {
  static const int errors[] = {
      DROVER_E_INVALID,  DROVER_E_STATE,  DROVER_E_CAPABILITY,
      DROVER_E_AGAIN,    DROVER_E_LIMIT,  DROVER_E_NOT_FOUND,
      DROVER_E_LISTENER, DROVER_E_NOMEM,  DROVER_E_VERSION,
      DROVER_E_CHANNEL,  DROVER_E_SYSTEM, DROVER_E_FORKED};
  const char* unknown = drover_strerror(-99999);
  size_t i, j;
  for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
    const char* text = drover_strerror(errors[i]);
    CHECK(errors[i] < 0 && strcmp(text, unknown) != 0);
    CHECK(drover_error_is_fatal(errors[i]) == (errors[i] <= DROVER_E_FATAL));
    CHECK(drover_exit_code(errors[i]) == 1 ||
          drover_exit_code(errors[i]) == 78);
    for (j = 0; j < i; j++) {
      CHECK(strcmp(text, drover_strerror(errors[j])) != 0);
    }
  }
  CHECK(drover_exit_code(0) == 0);
  CHECK(drover_exit_code(DROVER_E_CHANNEL) == 78);
  CHECK(drover_exit_code(DROVER_E_VERSION) == 78);
  CHECK(drover_error_is_fatal(0) == 0);
}

static void test_names(void) {
  CHECK(strcmp(drover_state_name(DROVER_STATE_CONNECTING), "CONNECTING") == 0);
  CHECK(strcmp(drover_state_name(DROVER_STATE_FAILED), "FAILED") == 0);
  CHECK(strcmp(drover_state_name(-1), "UNKNOWN") == 0);
  CHECK(strcmp(drover_state_name(8), "UNKNOWN") == 0);
  CHECK(strcmp(drover_event_name(DROVER_EVENT_NONE), "NONE") == 0);
  CHECK(strcmp(drover_event_name(DROVER_EVENT_LAME_DUCK), "LAME_DUCK") == 0);
  CHECK(strcmp(drover_event_name(DROVER_EVENT_END), "END") == 0);
  CHECK(strcmp(drover_event_name(12), "UNKNOWN") == 0);
}

static void test_options(void) {
  drover_options* options = NULL;
  uint32_t i;
  CHECK(drover_options_new(NULL) == DROVER_E_INVALID);
  CHECK(drover_options_new(&options) == 0);
  CHECK(drover_options_set_name(options, NULL) == DROVER_E_INVALID);
  CHECK(drover_options_set_name(NULL, "x") == DROVER_E_INVALID);
  CHECK(drover_options_set_version(NULL, "x") == DROVER_E_INVALID);
  CHECK(drover_options_set_sdk(NULL, "x") == DROVER_E_INVALID);
  CHECK(drover_options_set_pid(NULL, 1) == DROVER_E_INVALID);
  CHECK(drover_options_set_pong_source(options, 3) == DROVER_E_INVALID);
  CHECK(drover_options_set_pong_source(options, DROVER_PONG_SOURCE_THREAD) ==
        0);
  CHECK(drover_options_set_signals(options, 2) == DROVER_E_INVALID);
  CHECK(drover_options_add_capability(options, 0) == DROVER_E_INVALID);
  for (i = 0; i < 256; i++) {
    CHECK(drover_options_add_capability(options, 65536 + i) == 0);
  }
  CHECK(drover_options_add_capability(options, 65536) == 0);
  CHECK(drover_options_add_capability(options, 1) == DROVER_E_LIMIT);
  drover_options_free(options);
  drover_options_free(NULL);
}

static void test_null_session(void) {
  const drover_event* event = (const drover_event*)&event;
  const void* data = &data;
  uint64_t op = UNTOUCHED;
  CHECK(drover_session_new(NULL, NULL, NULL) == DROVER_E_INVALID);
  CHECK(drover_session_receive(NULL, "x", 1) == DROVER_E_INVALID);
  CHECK(drover_session_room(NULL) == 0);
  CHECK(drover_session_pending(NULL, &data) == 0 && data == &data);
  CHECK(drover_session_sent(NULL, 0) == DROVER_E_INVALID);
  CHECK(drover_session_deadline(NULL) == -1);
  CHECK(drover_session_next_event(NULL, 1, &event) == DROVER_E_INVALID);
  CHECK(event == (const drover_event*)&event);
  CHECK(drover_session_started(NULL, 1, "") == DROVER_E_INVALID);
  CHECK(drover_session_stopped(NULL, 1, "") == DROVER_E_INVALID);
  CHECK(drover_session_stopped_forced(NULL, 1, "", 0) == DROVER_E_INVALID);
  CHECK(drover_session_reloaded(NULL, 1, 1, "") == DROVER_E_INVALID);
  CHECK(drover_session_failed(NULL, 1, "") == DROVER_E_INVALID);
  CHECK(drover_session_fatal(NULL, 1, 0, "") == DROVER_E_INVALID);
  CHECK(drover_session_status(NULL, 1, "") == DROVER_E_INVALID);
  CHECK(drover_session_progress(NULL, 1, 0, 0, "") == DROVER_E_INVALID);
  CHECK(drover_session_gauge(NULL, 1, "a", 0) == DROVER_E_INVALID);
  CHECK(drover_session_request(NULL, 1, 1, "", &op) == DROVER_E_INVALID);
  CHECK(drover_session_send(NULL, 1, "a", "", 0, &op) == DROVER_E_INVALID);
  CHECK(drover_session_reply(NULL, 1, 1, 1, "") == DROVER_E_INVALID);
  CHECK(drover_session_reply_message(NULL, 1, 1, "a", "", 0) ==
        DROVER_E_INVALID);
  CHECK(op == UNTOUCHED);
  CHECK(strcmp(drover_session_pool(NULL), "") == 0);
  CHECK(drover_session_listener_count(NULL) == 0);
  CHECK(drover_session_timeout(NULL, 1) == DROVER_E_INVALID);
  drover_session_receive_eof(NULL);
  drover_session_terminate(NULL);
  drover_session_free(NULL);
}

static void test_null_event(void) {
  size_t size = 5;
  CHECK(drover_event_kind(NULL) == DROVER_EVENT_NONE);
  CHECK(strcmp(drover_event_text(NULL), "") == 0);
  CHECK(strcmp(drover_event_topic(NULL), "") == 0);
  CHECK(drover_event_data(NULL, &size) != NULL && size == 0);
  CHECK(drover_event_op(NULL) == 0 && drover_event_re(NULL) == 0);
  CHECK(drover_event_deadline(NULL) == 0 && drover_event_cause(NULL) == 0);
  CHECK(drover_event_code(NULL) == 0 && drover_event_exit_code(NULL) == 0);
}

static void test_null_worker(void) {
  const drover_event* event = NULL;
  CHECK(drover_open(NULL, NULL) == DROVER_E_INVALID);
  CHECK(drover_listener(NULL, "http") == DROVER_E_INVALID);
  CHECK(drover_listener_count(NULL) == 0);
  CHECK(drover_listener_name(NULL, 0) == NULL);
  CHECK(drover_next_event(NULL, 0, &event) == DROVER_E_INVALID);
  CHECK(drover_fd(NULL) == DROVER_E_INVALID);
  CHECK(drover_dispatch(NULL, NULL, NULL) == DROVER_E_INVALID);
  CHECK(drover_run(NULL, NULL, NULL) == DROVER_E_INVALID);
  CHECK(drover_terminate(NULL) == DROVER_E_INVALID);
  CHECK(drover_state(NULL) == DROVER_E_INVALID);
  CHECK(drover_worker_session(NULL) == NULL);
  CHECK(drover_started(NULL, "") == DROVER_E_INVALID);
  CHECK(drover_stopped(NULL, "") == DROVER_E_INVALID);
  CHECK(drover_stopped_forced(NULL, "", 1) == DROVER_E_INVALID);
  CHECK(drover_reloaded(NULL, 1, "") == DROVER_E_INVALID);
  CHECK(drover_failed(NULL, "") == DROVER_E_INVALID);
  CHECK(drover_fatal(NULL, 1, "") == DROVER_E_INVALID);
  CHECK(drover_status(NULL, "") == DROVER_E_INVALID);
  CHECK(drover_progress(NULL, 1, 1, "") == DROVER_E_INVALID);
  CHECK(drover_gauge(NULL, "a", 1) == DROVER_E_INVALID);
  CHECK(drover_request(NULL, 1, "", NULL) == DROVER_E_INVALID);
  CHECK(drover_send(NULL, "a", "", 0, NULL) == DROVER_E_INVALID);
  CHECK(drover_reply(NULL, 1, 1, "") == DROVER_E_INVALID);
  CHECK(drover_reply_message(NULL, 1, "a", "", 0) == DROVER_E_INVALID);
  drover_close(NULL);
}

static void test_bad_arguments(void) {
  drover_session* session = NULL;
  const drover_event* event = NULL;
  const char* name = "untouched";
  const void* data;
  uint32_t fd = 7;
  CHECK(drover_session_new(NULL, NULL, &session) == 0);
  CHECK(drover_session_next_event(session, -1, &event) == DROVER_E_INVALID);
  CHECK(drover_session_next_event(session, 1, NULL) == DROVER_E_INVALID);
  CHECK(drover_session_receive(session, NULL, 1) == DROVER_E_INVALID);
  CHECK(drover_session_receive(session, NULL, 0) == 0);
  CHECK(drover_session_sent(session, drover_session_pending(session, &data) +
                                         1) == DROVER_E_INVALID);
  CHECK(drover_session_started(session, -1, "") == DROVER_E_INVALID);
  CHECK(drover_session_timeout(session, 0) == DROVER_E_INVALID);
  CHECK(drover_session_timeout(session, 7) == DROVER_E_INVALID);
  CHECK(drover_session_listener(session, 0, &fd, &name) == DROVER_E_INVALID);
  CHECK(fd == 7 && strcmp(name, "untouched") == 0);
  drover_session_free(session);
}

int main(void) {
  test_version();
  test_errors();
  test_names();
  test_options();
  test_null_session();
  test_null_event();
  test_null_worker();
  test_bad_arguments();
  return 0;
}
