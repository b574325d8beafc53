// bazel run //supervisor/core:trace -- [--rewrite] FILE ...
//
// Plays traces (testing/trace.h): says where the first line of each differs, or
// rewrites what the core does in them. Files are named from the root of the
// tree.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "supervisor/core/testing/trace.h"

namespace drover::core {
namespace {

bool PlayFile(const std::string& file, bool rewrite) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    std::cerr << file << ": cannot be read\n";
    return false;
  }
  auto played = PlayTrace(file, text.str());
  if (!played.ok()) {
    std::cerr << played.status().message() << "\n";
    return false;
  }
  const std::string difference = CompareTraces(file, text.str(), *played);
  if (difference.empty()) return true;
  std::cerr << difference << "\n";
  if (!rewrite) return false;
  std::ofstream(file) << *played;
  std::cerr << "rewritten; read it before you believe it\n";
  return true;
}

int Main(int argc, char** argv) {
  const char* root = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  bool rewrite = false;
  bool fine = true;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--rewrite") {
      rewrite = true;
    } else {
      fine &= PlayFile(root == nullptr || argument[0] == '/'
                           ? argument
                           : std::string(root) + "/" + argument,
                       rewrite);
    }
  }
  return fine ? 0 : 1;
}

}  // namespace
}  // namespace drover::core

int main(int argc, char** argv) { return drover::core::Main(argc, argv); }
