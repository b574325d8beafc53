// Programs that tests run.
#ifndef SUPERVISOR_OS_TESTING_DATA_H_
#define SUPERVISOR_OS_TESTING_DATA_H_

#include <unistd.h>

#include <string>

namespace drover::os {

// The absolute path of a test's data, named from the workspace's root. Tests
// start in the root of their data.
inline std::string Data(const std::string& path) {
  char directory[4096] = {};
  if (::getcwd(directory, sizeof(directory)) == nullptr) return path;
  return std::string(directory) + "/" + path;
}

inline std::string ProbePath() { return Data("supervisor/os/probe"); }
inline std::string TestWorkerPath() {
  return Data("supervisor/os/test_worker");
}

}  // namespace drover::os

#endif  // SUPERVISOR_OS_TESTING_DATA_H_
