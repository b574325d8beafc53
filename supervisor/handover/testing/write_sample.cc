// Writes the sample state as this release would: write_sample FILE. What it
// writes becomes testdata/state-VERSION when VERSION is released, and is never
// written again.
#include <cstdio>
#include <fstream>

#include "supervisor/handover/container.h"
#include "supervisor/handover/testing/sample.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_sample FILE\n");
    return 2;
  }
  std::ofstream file(argv[1], std::ios::binary);
  file << drover::handover::Wrap(
      drover::handover::SampleState().SerializeAsString());
  return file.good() ? 0 : 1;
}
