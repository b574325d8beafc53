/* The headers are C89 with <stdint.h>; that this compiles is the test. */
#include "drover.h"
#include "drover_posix.h"

int drover_header_c89_compile(void);
int drover_header_c89_compile(void) { return DROVER_VERSION_NUMBER; }
