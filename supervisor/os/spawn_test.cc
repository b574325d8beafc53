#include "supervisor/os/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/testing/data.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// What the probe says: all values of each word.
using Facts = std::multimap<std::string, std::string>;

std::vector<std::string> Of(const Facts& facts, const std::string& word) {
  std::vector<std::string> values;
  auto [begin, end] = facts.equal_range(word);
  for (auto fact = begin; fact != end; ++fact) values.push_back(fact->second);
  return values;
}

// Reads until the process, and all that hold its output, are gone.
std::string ReadAll(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(fd, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  return text;
}

class SpawnTest : public ::testing::Test {
 protected:
  SpawnTest() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    read_end_.reset(fds[0]);
    write_end_.reset(fds[1]);
    null_.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
    path_ = ProbePath();
    argv_ = {"probe", "argument", nullptr};
    envp_ = {"NAME=value", nullptr};
    fds_ = {{null_.get(), 0}, {write_end_.get(), 1}, {null_.get(), 2}};
  }

  SpawnRequest Request() {
    SpawnRequest request;
    request.path = path_.c_str();
    request.argv = argv_.data();
    request.envp = envp_.data();
    request.fds = fds_;
    return request;
  }

  Facts Run(const SpawnRequest& request) {
    auto result = Spawn(request);
    if (auto* error = std::get_if<SpawnError>(&result)) {
      ADD_FAILURE() << error->step << ": " << ::strerror(error->error_number);
      return {};
    }
    write_end_.reset();
    std::istringstream text(ReadAll(read_end_.get()));
    siginfo_t info;
    EXPECT_EQ(
        ::waitid(P_PID, static_cast<id_t>(std::get<SpawnedChild>(result).pid),
                 &info, WEXITED),
        0);
    EXPECT_EQ(info.si_code, CLD_EXITED);
    EXPECT_EQ(info.si_status, 0);
    Facts facts;
    for (std::string line; std::getline(text, line);) {
      size_t space = std::min(line.find(' '), line.size());
      facts.emplace(line.substr(0, space),
                    space < line.size() ? line.substr(space + 1) : "");
    }
    return facts;
  }

  // The step and errno of a spawn that fails and leaves no process behind.
  std::pair<std::string, int> Failure(const SpawnRequest& request) {
    auto result = Spawn(request);
    auto* error = std::get_if<SpawnError>(&result);
    if (error == nullptr) {
      ADD_FAILURE() << "it started";
      return {};
    }
    siginfo_t info;
    EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    return {error->step, error->error_number};
  }

  UniqueFd read_end_;
  UniqueFd write_end_;
  UniqueFd null_;
  std::string path_;
  std::vector<const char*> argv_;
  std::vector<const char*> envp_;
  std::vector<InheritedFd> fds_;
};

TEST_F(SpawnTest, PassesArgumentsAndEnvironmentAlone) {
  Facts facts = Run(Request());
  EXPECT_THAT(Of(facts, "arg"), ElementsAre("probe", "argument"));
  EXPECT_THAT(Of(facts, "env"), ElementsAre("NAME=value"));
}

TEST_F(SpawnTest, InheritsExactlyWhatWasAskedFor) {
  // Without CLOEXEC, as an embedding program might have it.
  UniqueFd careless(::open("/dev/zero", O_RDONLY));
  UniqueFd three(::open("/dev/full", O_RDWR | O_CLOEXEC));
  fds_.push_back({three.get(), 7});
  EXPECT_THAT(Of(Run(Request()), "fd"),
              ElementsAre("0 /dev/null", HasSubstr("1 pipe:"), "2 /dev/null",
                          "7 /dev/full"));
}

TEST_F(SpawnTest, SourcesMayHaveEachOthersNumbers) {
  UniqueFd full(::open("/dev/full", O_RDWR | O_CLOEXEC));
  UniqueFd zero(::open("/dev/zero", O_RDWR | O_CLOEXEC));
  fds_.push_back({full.get(), zero.get()});
  fds_.push_back({zero.get(), full.get()});
  std::vector<std::string> fds = Of(Run(Request()), "fd");
  EXPECT_THAT(fds, Contains(std::to_string(full.get()) + " /dev/zero"));
  EXPECT_THAT(fds, Contains(std::to_string(zero.get()) + " /dev/full"));
  EXPECT_EQ(fds.size(), 5u);
}

TEST_F(SpawnTest, DirectoryMayHaveANumberThatIsAskedFor) {
  TempDir directory;
  UniqueFd handle(
      ::open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  fds_.push_back({null_.get(), handle.get()});
  SpawnRequest request = Request();
  request.directory = handle.get();
  EXPECT_THAT(Of(Run(request), "cwd"), ElementsAre(directory.path()));
}

TEST_F(SpawnTest, SignalsAreAsIfNobodyHadTouchedThem) {
  struct sigaction former;
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  for (int signal : {SIGPIPE, SIGHUP, SIGUSR1, SIGRTMIN + 3}) {
    ::sigaction(signal, &ignore, &former);
  }
  sigset_t all;
  sigset_t mask;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &mask);
  Facts facts = Run(Request());
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  for (int signal : {SIGPIPE, SIGHUP, SIGUSR1, SIGRTMIN + 3}) {
    ::signal(signal, SIG_DFL);
  }
  EXPECT_THAT(Of(facts, "SigBlk"), ElementsAre("0000000000000000"));
  EXPECT_THAT(Of(facts, "SigIgn"), ElementsAre("0000000000000000"));
  // And the parent has its own mask again.
  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
  EXPECT_EQ(sigismember(&now, SIGTERM), sigismember(&mask, SIGTERM));
}

TEST_F(SpawnTest, HasItsOwnProcessGroup) {
  EXPECT_THAT(Of(Run(Request()), "pgid"), ElementsAre("own"));
}

TEST_F(SpawnTest, LimitsAndUmask) {
  const std::vector<Limit> limits = {
      {RLIMIT_NOFILE, {.rlim_cur = 64, .rlim_max = 128}},
      {RLIMIT_CORE, {.rlim_cur = 0, .rlim_max = 0}},
  };
  SpawnRequest request = Request();
  request.limits = limits;
  request.umask = 0027;
  Facts facts = Run(request);
  EXPECT_THAT(Of(facts, "open_files"), ElementsAre("64 128"));
  EXPECT_THAT(Of(facts, "core_size"), ElementsAre("0 0"));
  EXPECT_THAT(Of(facts, "umask"), ElementsAre("27"));
}

// Root, and not only by name as in a container without other users.
bool MayBeAnyone() {
  std::string users = Content("/proc/self/uid_map");
  return ::geteuid() == 0 && Content("/proc/self/setgroups") == "allow\n" &&
         users.find("4294967295") != std::string::npos;
}

TEST_F(SpawnTest, TakesTheUserIfItMayAndFailsIfItMayNot) {
  Credentials nobody{.uid = 65534, .gid = 65533, .groups = {65533, 65532}};
  SpawnRequest request = Request();
  request.credentials = &nobody;
  if (MayBeAnyone()) {
    // Where that user can reach the program.
    TempDir directory;
    std::filesystem::permissions(directory.path(),
                                 std::filesystem::perms(0755));
    std::filesystem::copy_file(ProbePath(), directory / "probe");
    path_ = directory / "probe";
    request.path = path_.c_str();
    Facts facts = Run(request);
    EXPECT_THAT(Of(facts, "uid"), ElementsAre("65534 65534"));
    EXPECT_THAT(Of(facts, "gid"), ElementsAre("65533 65533"));
    EXPECT_THAT(Of(facts, "groups"), ElementsAre("65532 65533"));
  } else {
    EXPECT_THAT(Failure(request), Pair("setgroups", EPERM));
  }
}

TEST_F(SpawnTest, ErrorsNameTheStepAndLeaveNothingBehind) {
  TempDir directory;
  auto with_path = [this](const std::string& path) {
    path_ = path;
    return Request();
  };
  EXPECT_THAT(Failure(with_path(directory / "missing")),
              Pair("execve", ENOENT));
  EXPECT_THAT(Failure(with_path(directory.Write("data", "x", 0644))),
              Pair("execve", EACCES));
  EXPECT_THAT(Failure(with_path(directory.Write("junk", "junk", 0755))),
              Pair("execve", ENOEXEC));
  EXPECT_THAT(Failure(with_path(directory.path())), Pair("execve", EACCES));
  EXPECT_THAT(
      Failure(with_path(directory.Write("script", "#!/no/such/sh\n", 0755))),
      Pair("execve", ENOENT));

  SpawnRequest request = with_path(ProbePath());
  request.directory = null_.get();
  EXPECT_THAT(Failure(request), Pair("chdir", ENOTDIR));

  const std::vector<Limit> limits = {
      {RLIMIT_NOFILE, {.rlim_cur = 128, .rlim_max = 64}}};
  request = Request();
  request.limits = limits;
  EXPECT_THAT(Failure(request), Pair("setrlimit", EINVAL));

  fds_.push_back({-1, 9});
  EXPECT_THAT(Failure(Request()), Pair("dup", EBADF));
}

TEST_F(SpawnTest, PidfdIsOfTheChild) {
  path_ = "/bin/sleep";
  argv_ = {"sleep", "1000", nullptr};
  auto result = Spawn(Request());
  auto* child = std::get_if<SpawnedChild>(&result);
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(::fcntl(child->pidfd.get(), F_GETFD), FD_CLOEXEC);
  ::kill(-child->pid, SIGKILL);
  siginfo_t info = {};
  ASSERT_EQ(
      ::waitid(P_PIDFD, static_cast<id_t>(child->pidfd.get()), &info, WEXITED),
      0);
  EXPECT_EQ(info.si_pid, child->pid);
  EXPECT_EQ(info.si_status, SIGKILL);
}

}  // namespace
}  // namespace drover::os
