#include "supervisor/os/launch_plan.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/command.h"
#include "supervisor/os/listener_set.h"
#include "supervisor/os/out_of_memory.h"
#include "supervisor/os/testing/data.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

using Plan = std::shared_ptr<const LaunchPlan>;

config::v1::Pool ProbeSpec() {
  config::v1::Pool spec;
  spec.set_name("web");
  spec.add_command(ProbePath());
  return spec;
}

std::variant<Plan, SpawnError> Make(const config::v1::Pool& spec,
                                    std::vector<NamedListener> listeners = {},
                                    Environment own = {
                                        {"PATH", "/usr/bin:/bin"}}) {
  return LaunchPlan::Make(
      spec, std::move(listeners),
      {.own_environment = std::move(own), .open_files = std::nullopt});
}

std::pair<std::string, int> Failure(const config::v1::Pool& spec) {
  auto made = Make(spec);
  auto* error = std::get_if<SpawnError>(&made);
  return error == nullptr ? std::pair<std::string, int>{"none", 0}
                          : std::pair{error->step, error->error_number};
}

// What the probe says about itself in this slot, by line.
std::vector<std::string> Probe(const LaunchPlan& plan, uint32_t slot = 2) {
  int fds[2];
  EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  UniqueFd read_end(fds[0]);
  UniqueFd write_end(fds[1]);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  UniqueFd channel(::open("/dev/full", O_RDWR | O_CLOEXEC));
  auto launched = plan.Launch(
      {.pool = "web", .slot = slot, .generation = 7, .incarnation = 1},
      {.channel = channel.get(),
       .null_device = null.get(),
       .standard_output = write_end.get(),
       .standard_error = null.get()});
  if (auto* error = std::get_if<SpawnError>(&launched)) {
    ADD_FAILURE() << error->step << ": " << ::strerror(error->error_number);
    return {};
  }
  write_end.reset();
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(read_end.get(), buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  ::waitpid(std::get<SpawnedChild>(launched).pid, nullptr, 0);
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(LaunchPlanTest, WorkerSeesChannelAndListenersWhereItIsTold) {
  SocketStore sockets;
  ListenerSet set(sockets);
  config::v1::Pool spec = ProbeSpec();
  spec.set_control_fd(5);
  for (const char* name : {"http", "admin"}) {
    spec.add_listeners()->set_name(name);
    spec.mutable_listeners()->rbegin()->set_address("tcp://127.0.0.1:0");
  }
  auto listeners = set.Take(spec);
  ASSERT_TRUE(listeners.ok());
  auto made = Make(spec, *listeners);
  std::vector<std::string> lines = Probe(*std::get<Plan>(made));
  EXPECT_THAT(lines, Contains("env DROVER_FD=5"));
  EXPECT_THAT(lines, Contains("env DROVER_PROTOCOL=1"));
  EXPECT_THAT(lines, Contains("env DROVER_LISTEN_FDS=4:http,6:admin"));
  std::erase_if(lines,
                [](const auto& line) { return !line.starts_with("fd"); });
  EXPECT_THAT(lines, ElementsAre("fd 0 /dev/null", HasSubstr("fd 1 pipe:"),
                                 "fd 2 /dev/null", HasSubstr("fd 4 socket:"),
                                 "fd 5 /dev/full", HasSubstr("fd 6 socket:")));
  worker::v1::Welcome welcome;
  std::get<Plan>(made)->FillIn(&welcome);
  ASSERT_EQ(welcome.listeners_size(), 2);
  EXPECT_EQ(welcome.listeners(1).fd(), 6u);
  EXPECT_EQ(welcome.listeners(1).name(), "admin");
}

TEST(LaunchPlanTest, ChannelMayBeStandardInput) {
  config::v1::Pool spec = ProbeSpec();
  spec.set_control_fd(0);
  auto made = Make(spec);
  std::vector<std::string> lines = Probe(*std::get<Plan>(made));
  EXPECT_THAT(lines, Contains("fd 0 /dev/full"));
  EXPECT_THAT(lines, Contains("env DROVER_FD=0"));
}

TEST(LaunchPlanTest, EnvironmentFromTheWeakestToTheStrongest) {
  TempDir directory;
  config::v1::Pool spec = ProbeSpec();
  spec.set_environment_file(directory.Write(
      "env", "# comment\n\nA=file\nB=file\n C = \"quo ted\" \nDROVER_FD=9\n"));
  auto& environment = *spec.mutable_environment();
  environment["B"] = "spec";
  environment["PORT"] = "${slot+9000}";
  environment["WHO"] = "${pool}-${slot}-${generation} $$";
  auto made = Make(spec, {},
                   {{"A", "own"},
                    {"D", "own"},
                    {"DROVER_LOG", "*"},
                    {"LISTEN_FDS", "1"},
                    {"WATCHDOG_USEC", "1"},
                    {"NOTIFY_SOCKET", "/x"}});
  std::vector<std::string> lines = Probe(*std::get<Plan>(made));
  std::erase_if(lines,
                [](const auto& line) { return !line.starts_with("env"); });
  EXPECT_THAT(lines,
              ::testing::UnorderedElementsAre(
                  "env A=file", "env B=spec", "env C=quo ted", "env D=own",
                  "env DROVER_FD=3", "env DROVER_PROTOCOL=1", "env PORT=9002",
                  "env WHO=web-2-7 $"));
}

TEST(LaunchPlanTest, OwnEnvironmentMayBeLeftOut) {
  config::v1::Pool spec = ProbeSpec();
  spec.set_inherit_environment(false);
  auto made = Make(spec, {}, {{"SECRET", "x"}});
  EXPECT_THAT(Probe(*std::get<Plan>(made)), Not(Contains("env SECRET=x")));
}

TEST(LaunchPlanTest, GenerationKeepsWhatItFound) {
  TempDir directory;
  for (const char* version : {"v1", "v2"}) {
    std::filesystem::create_directory(directory / version);
    directory.Write(
        std::string(version) + "/tool",
        "#!/bin/sh\necho " + std::string(version) + " $FROM; pwd -P\n", 0755);
  }
  const std::string env = directory.Write("env", "FROM=first\n");
  std::filesystem::create_directory_symlink("v1", directory / "current");
  config::v1::Pool spec;
  spec.set_name("web");
  spec.add_command("./tool");
  spec.set_directory(directory / "current");
  spec.set_environment_file(env);
  auto made = Make(spec);
  Plan plan = std::get<Plan>(made);

  std::filesystem::remove(directory / "current");
  std::filesystem::create_directory_symlink("v2", directory / "current");
  directory.Write("env", "FROM=second\n");
  EXPECT_THAT(Probe(*plan), ElementsAre("v1 first", directory / "v1"));
  auto next = Make(spec);
  EXPECT_THAT(Probe(*std::get<Plan>(next)),
              ElementsAre("v2 second", directory / "v2"));
}

TEST(LaunchPlanTest, ErrorsNameTheFile) {
  TempDir directory;
  auto object = [](const config::v1::Pool& spec) {
    auto made = Make(spec);
    auto* error = std::get_if<SpawnError>(&made);
    return error == nullptr ? "" : error->object;
  };
  config::v1::Pool spec = ProbeSpec();
  spec.set_environment_file(directory / "missing.env");
  EXPECT_EQ(object(spec), directory / "missing.env");
  spec.set_directory(directory / "missing");
  EXPECT_EQ(object(spec), directory / "missing");
  spec = ProbeSpec();
  spec.set_command(0, "no-such-program-anywhere");
  EXPECT_EQ(object(spec), "no-such-program-anywhere");
}

TEST(LaunchPlanTest, ErrorsNameTheStep) {
  TempDir directory;
  config::v1::Pool spec = ProbeSpec();
  spec.set_command(0, "no-such-program-anywhere");
  EXPECT_THAT(Failure(spec), Pair("execve", ENOENT));
  spec.set_command(0, directory / "missing");
  EXPECT_THAT(Failure(spec), Pair("execve", ENOENT));

  spec = ProbeSpec();
  spec.set_directory(directory / "missing");
  EXPECT_THAT(Failure(spec), Pair("chdir", ENOENT));
  spec.set_directory(directory.Write("file", ""));
  EXPECT_THAT(Failure(spec), Pair("chdir", ENOTDIR));

  spec = ProbeSpec();
  spec.set_user("no-such-user");
  EXPECT_THAT(Failure(spec), Pair(HasSubstr("no user no-such-user"), ENOENT));
  spec = ProbeSpec();
  spec.set_group("no-such-group");
  EXPECT_THAT(Failure(spec), Pair(HasSubstr("no group no-such-group"), ENOENT));

  spec = ProbeSpec();
  spec.set_environment_file(directory / "missing");
  EXPECT_THAT(Failure(spec), Pair("environment_file", ENOENT));
  spec.set_environment_file(directory.Write("env", "A=1\nnonsense\n"));
  EXPECT_THAT(Failure(spec), Pair(HasSubstr("line 2"), EINVAL));
}

TEST(CommandTest, SearchesAsAShellWould) {
  TempDir directory;
  std::filesystem::create_directory(directory / "a");
  std::filesystem::create_directory(directory / "a/dir");
  std::filesystem::create_directory(directory / "b");
  directory.Write("a/tool", "", 0644);
  directory.Write("b/tool", "", 0755);
  directory.Write("a/plain", "", 0644);
  const std::string search = directory / "a" + ":" + directory / "b";
  std::string path;
  EXPECT_EQ(ResolveCommand("tool", "", search, &path), 0);
  EXPECT_EQ(path, directory / "b/tool");
  EXPECT_EQ(ResolveCommand("plain", "", search, &path), EACCES);
  EXPECT_EQ(ResolveCommand("dir", "", search, &path), EACCES);
  EXPECT_EQ(ResolveCommand("none", "", search, &path), ENOENT);
  EXPECT_EQ(ResolveCommand("tool", directory.path(), "b", &path), 0);
  EXPECT_EQ(path, directory / "b/tool");
  EXPECT_EQ(ResolveCommand("b/tool", directory.path(), "", &path), 0);
  EXPECT_EQ(ResolveCommand("", "", search, &path), ENOENT);
}

TEST(ListenerNumbersTest, SkipTheControlDescriptor) {
  EXPECT_THAT(ListenerNumbers(3, 3), ElementsAre(4, 5, 6));
  EXPECT_THAT(ListenerNumbers(3, 5), ElementsAre(4, 6, 7));
  EXPECT_THAT(ListenerNumbers(0, 0), ElementsAre());
}

TEST(OutOfMemoryTest, ReadsWhatTheKernelSays) {
  EXPECT_EQ(CgroupPath("1:cpu:/x\n0::/a/b\n"), "/a/b");
  EXPECT_EQ(CgroupPath("1:cpu:/x\n"), "");
  EXPECT_EQ(VictimCount("low 0\noom 3\noom_kill 2\n"), 2);
  EXPECT_EQ(VictimCount("low 0\noom_kill x\n"), 0);
  // This process shares its own cgroup, which is no evidence.
  EXPECT_FALSE(WasOutOfMemory(::getpid()));
}

}  // namespace
}  // namespace drover::os
