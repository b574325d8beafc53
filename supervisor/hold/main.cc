// drover-holder: what `drover run --hold-sockets` becomes. Not meant to be
// typed.
//
//   drover-holder PROGRAM [ARGUMENT]...
#include <cstdio>

#include "supervisor/hold/holder.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: drover-holder PROGRAM [ARGUMENT]...\n", stderr);
    return 2;
  }
  return drover::hold::Holder(argv + 1).Run();
}
