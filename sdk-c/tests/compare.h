// The structs of the C library and libprotobuf's messages, side by side.
#ifndef DROVER_TESTS_COMPARE_H_
#define DROVER_TESTS_COMPARE_H_

#include <string>

#include "drover/worker/v1/worker.pb.h"
#include "tests/internal.h"

namespace drover_tests {

std::string Hex(const std::string& bytes);

// "" if both say the same; otherwise what differs first.
std::string Difference(const drvr_to_worker& ours,
                       const drover::worker::v1::ToWorker& theirs);

// Slices point into `from`. Lists are cut to what the struct holds.
void Convert(const drover::worker::v1::ToSupervisor& from,
             drvr_to_supervisor* to);

}  // namespace drover_tests

#endif  // DROVER_TESTS_COMPARE_H_
