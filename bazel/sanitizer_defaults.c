/* How the sanitizers are set up: within every program, since some are started
 * with an environment of their own. */

/* A finding ends the process by SIGABRT. Much of what is tested runs as a child
 * of the test, and most tests would take a mere exit code for one of the
 * program's own. */
#define COMMON "abort_on_error=1"

const char* __asan_default_options(void);
const char* __asan_default_options(void) {
  return COMMON ":detect_stack_use_after_return=1:strict_string_checks=1";
}

const char* __ubsan_default_options(void);
const char* __ubsan_default_options(void) {
  return COMMON ":print_stacktrace=1";
}

const char* __tsan_default_options(void);
const char* __tsan_default_options(void) {
  return COMMON
      ":halt_on_error=1:ignore_noninstrumented_modules=1"
      ":second_deadlock_stack=1";
}

/* gRPC hands these from thread to thread under locks of its library, which TSan
 * does not see; their code is in its headers, which TSan does. Only where it is
 * the innermost frame: what it calls of ours is held to account. */
const char* __tsan_default_suppressions(void);
const char* __tsan_default_suppressions(void) {
  return "race_top:^grpc::internal::CallbackWithSuccessTag::\n";
}
