// drover-holder: what `drover run --hold-sockets` becomes. Not meant to be
// typed.
//
//   drover-holder PROGRAM [ARGUMENT]...
//
// DROVER_HOLDER_HEALTHY is for tests that crash a supervisor more often than it
// ever will: after so many milliseconds it counts as healthy.
#include <cstdio>
#include <cstdlib>

#include "supervisor/hold/holder.h"

namespace {

using drover::hold::Restarts;

Restarts::Milliseconds Healthy() {
  const char* healthy = std::getenv("DROVER_HOLDER_HEALTHY");
  return healthy == nullptr ? Restarts::kHealthy
                            : Restarts::Milliseconds(std::atoi(healthy));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: drover-holder PROGRAM [ARGUMENT]...\n", stderr);
    return 2;
  }
  return drover::hold::Holder(argv + 1, Restarts(Healthy())).Run();
}
