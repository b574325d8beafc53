// Any bytes: the decoder accepts, refuses and reads what libprotobuf does.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "drover/worker/v1/worker.pb.h"
#include "tests/compare.h"
#include "tests/internal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > DRVR_FRAME_MAX) return 0;
  drover::worker::v1::ToWorker theirs;
  const bool accepted = theirs.ParseFromArray(data, static_cast<int>(size));
  const auto ours = std::make_unique<drvr_to_worker>();
  const bool decoded = drvr_decode(data, size, ours.get()) == 1;
  std::string difference;
  if (decoded && accepted) {
    difference = drover_tests::Difference(*ours, theirs);
  }
  if (decoded != accepted || !difference.empty()) {
    std::fprintf(stderr, "decoded %d, accepted %d, %s\n", decoded, accepted,
                 difference.c_str());
    std::abort();
  }
  return 0;
}
