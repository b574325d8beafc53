#include "supervisor/core/testing/stories.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace drover::core {
namespace {

constexpr char kDirectory[] = "supervisor/core/testdata";

}  // namespace

std::vector<std::string> Stories() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kDirectory)) {
    if (entry.path().extension() == ".trace") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string StoryFile(const std::string& name) {
  return std::string(kDirectory) + "/" + name + ".trace";
}

std::string ReadStory(const std::string& name) {
  std::ifstream in(StoryFile(name));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace drover::core
