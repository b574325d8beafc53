// The main program of a fuzz target without a fuzzer: each argument is a file
// that is handed to the target once, after the empty input.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void Replay(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

}  // namespace

int main(int argc, char** argv) {
  Replay("");
  for (int i = 1; i < argc; ++i) {
    // Said before: an input that crashes the target is the last one named.
    std::cout << argv[i] << std::endl;
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::cerr << "cannot read " << argv[i] << std::endl;
      return 1;
    }
    Replay({std::istreambuf_iterator<char>(file), {}});
  }
  return 0;
}
