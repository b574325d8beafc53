/* Assertions for tests that are C programs. */
#ifndef DROVER_TESTS_CHECK_H_
#define DROVER_TESTS_CHECK_H_

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

#endif /* DROVER_TESTS_CHECK_H_ */
