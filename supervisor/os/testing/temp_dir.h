// A directory of a test's own, with a path short enough for unix sockets.
#ifndef SUPERVISOR_OS_TESTING_TEMP_DIR_H_
#define SUPERVISOR_OS_TESTING_TEMP_DIR_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace drover::os {

class TempDir {
 public:
  TempDir() {
    char path[] = "/tmp/drover-XXXXXX";
    path_ = ::mkdtemp(path);
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }
  const std::string& path() const { return path_; }

  // Returns the path.
  std::string Write(const std::string& name, const std::string& content,
                    int mode = 0644) const {
    std::string path = *this / name;
    std::ofstream(path) << content;
    std::filesystem::permissions(path,
                                 static_cast<std::filesystem::perms>(mode));
    return path;
  }

 private:
  std::string path_;
};

inline std::string Content(const std::string& path) {
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

}  // namespace drover::os

#endif  // SUPERVISOR_OS_TESTING_TEMP_DIR_H_
