/* The smallest complete worker: it starts, stops, resumes and quits at once.
 * The benchmarks start it by the thousand. */
#include <stdio.h>

#include "drover.h"
#include "drover_posix.h"

static int open_worker(drover_worker** ret_worker) {
  drover_options* options = NULL;
  int got = drover_options_new(&options);
  if (got == 0) {
    drover_options_set_name(options, "minimal");
    drover_options_add_capability(options, DROVER_CAPABILITY_RESUME);
    got = drover_open(options, ret_worker);
  }
  drover_options_free(options);
  return got;
}

static int on_event(drover_worker* worker, const drover_event* event,
                    void* context) {
  (void)context;
  switch (drover_event_kind(event)) {
    case DROVER_EVENT_START:
      drover_started(worker, NULL);
      return 0;
    case DROVER_EVENT_STOP:
      drover_stopped(worker, NULL);
      return 0;
    case DROVER_EVENT_QUIT:
    case DROVER_EVENT_LOST:
      return 1;
    default:
      return 0;
  }
}

int main(void) {
  drover_worker* worker = NULL;
  int got = open_worker(&worker);
  if (got == 0) {
    puts("minimal: not supervised; ends when its standard input does");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
  }
  if (got > 0) got = drover_run(worker, on_event, NULL);
  if (got < 0) fprintf(stderr, "minimal: %s\n", drover_strerror(got));
  return got < 0 ? drover_exit_code(got) : got;
}
