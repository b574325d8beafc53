// Prints what it was started with, a fact a line, and exits with code 0. Links
// the C++ library alone, so that nothing changes the facts before.
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <set>
#include <string>

namespace {

void PrintDescriptors() {
  DIR* directory = ::opendir("/proc/self/fd");
  std::set<int> numbers;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    int number = ::atoi(entry->d_name);
    if (number != ::dirfd(directory)) numbers.insert(number);
  }
  ::closedir(directory);
  for (int number : numbers) {
    char target[256] = {};
    std::string link = "/proc/self/fd/" + std::to_string(number);
    if (::readlink(link.c_str(), target, sizeof(target) - 1) < 0) continue;
    std::cout << "fd " << number << " " << target << "\n";
  }
}

// "SigBlk 0000000000000000" and so on.
void PrintSignals() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("Sig", 0) != 0) continue;
    std::cout << line.substr(0, 6) << " " << line.substr(8) << "\n";
  }
}

void PrintLimits() {
  rlimit files;
  ::getrlimit(RLIMIT_NOFILE, &files);
  std::cout << "open_files " << files.rlim_cur << " " << files.rlim_max << "\n";
  rlimit core;
  ::getrlimit(RLIMIT_CORE, &core);
  std::cout << "core_size " << core.rlim_cur << " " << core.rlim_max << "\n";
}

void PrintIdentity() {
  std::cout << "uid " << ::getuid() << " " << ::geteuid() << "\n";
  std::cout << "gid " << ::getgid() << " " << ::getegid() << "\n";
  gid_t groups[64];
  int count = ::getgroups(64, groups);
  std::cout << "groups";
  for (int i = 0; i < count; ++i) std::cout << " " << groups[i];
  std::cout << "\npgid " << (::getpgrp() == ::getpid() ? "own" : "other")
            << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  PrintDescriptors();
  PrintSignals();
  PrintLimits();
  PrintIdentity();
  char directory[4096];
  std::cout << "cwd " << ::getcwd(directory, sizeof(directory)) << "\n";
  mode_t mask = ::umask(0);
  std::cout << "umask " << std::oct << mask << std::dec << "\n";
  for (int i = 0; i < argc; ++i) std::cout << "arg " << argv[i] << "\n";
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    std::cout << "env " << *entry << "\n";
  }
  std::cout.flush();
}
