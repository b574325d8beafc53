// The headers are C++98 as well; that this compiles is the test. The other
// order than in C, so that each includes what it needs.
#include "drover.h"
#include "drover_posix.h"

int drover_header_cxx_compile();
int drover_header_cxx_compile() { return DROVER_VERSION_NUMBER; }
