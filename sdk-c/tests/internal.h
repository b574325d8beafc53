// The C library's own headers, for C++ tests.
#ifndef DROVER_TESTS_INTERNAL_H_
#define DROVER_TESTS_INTERNAL_H_

extern "C" {
#include "src/codec.h"
#include "src/message.h"
#include "src/schema.h"
#include "src/table.h"
#include "src/text.h"
}

#endif  // DROVER_TESTS_INTERNAL_H_
