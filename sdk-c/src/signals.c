#define _GNU_SOURCE
#include "src/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "drover.h"

static volatile sig_atomic_t target = -1;
static struct sigaction former_term;
static struct sigaction former_int;

static void on_term(int signal) {
  static const uint64_t one = 1;
  int saved = errno;
  int fd = target;
  (void)signal;
  /* Fails only when 2^64 - 2 signals were not read. */
  if (fd >= 0 && write(fd, &one, sizeof(one)) < 0) errno = saved;
  errno = saved;
}

/* A handler rather than SIG_IGN, which programs that are executed would
 * inherit. */
static void on_int(int signal) { (void)signal; }

static int install(int number, void (*handler)(int), struct sigaction* former) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, former);
}

int drvr_signals_take(int eventfd) {
  target = eventfd;
  if (install(SIGTERM, on_term, &former_term) != 0) return DROVER_E_SYSTEM;
  if (install(SIGINT, on_int, &former_int) != 0) {
    sigaction(SIGTERM, &former_term, NULL);
    return DROVER_E_SYSTEM;
  }
  return 0;
}

void drvr_signals_give_back(void) {
  if (target < 0) return;
  sigaction(SIGTERM, &former_term, NULL);
  sigaction(SIGINT, &former_int, NULL);
  target = -1;
}
