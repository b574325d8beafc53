// The drover program against a fake supervisor: what it asks, prints and ends
// with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include "supervisor/cli/fake_admin.h"
#include "supervisor/cli/testing/command_case.h"
#include "supervisor/cli/testing/process.h"

namespace drover::cli {
namespace {

using admin::v1::Operation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Operation Reloading(uint32_t done) {
  Operation operation;
  operation.set_id("op-17");
  operation.set_kind(admin::v1::OPERATION_KIND_RELOAD);
  operation.set_state(admin::v1::OPERATION_STATE_RUNNING);
  operation.set_pool("web");
  operation.set_plan("reload web: generation 3 to 4");
  operation.set_done(done);
  operation.set_total(4);
  admin::v1::Waiting* waiting = operation.add_waiting();
  waiting->mutable_worker()->set_pool("web");
  waiting->mutable_worker()->set_slot(2);
  waiting->set_state(admin::v1::WORKER_STATE_STOPPING);
  waiting->set_what("the drain (12 in flight)");
  waiting->mutable_deadline_in()->set_seconds(26);
  return operation;
}

Operation Done() {
  Operation operation = Reloading(4);
  operation.set_state(admin::v1::OPERATION_STATE_SUCCEEDED);
  operation.clear_waiting();
  operation.mutable_end_time()->set_seconds(2);
  return operation;
}

Operation RolledBack() {
  Operation operation = Done();
  operation.set_state(admin::v1::OPERATION_STATE_ROLLED_BACK);
  admin::v1::Failure* failure = operation.mutable_failure();
  failure->set_reason(admin::v1::FAILURE_REASON_EXITED);
  failure->set_message("web/0 ended before it was STARTED");
  failure->set_remedy("mend the new version");
  failure->mutable_worker()->set_pool("web");
  failure->mutable_exit()->mutable_abnormal_exit()->set_code(3);
  failure->mutable_exit()->add_last_output("no \x1b]52;c;x\x07 database");
  return operation;
}

struct Change {
  Args args;
  std::string request;
};

TEST_F(CommandTest, EveryChangeAsksOnceAndWaitsForTheEnd) {
  answers_.operation = {Reloading(0), Reloading(1), Done()};
  const std::vector<Change> changes = {
      {{"scale", "web", "8"}, "ScalePool pool: \"web\" count: 8"},
      {{"scale", "web=8"}, "ScalePool pool: \"web\" count: 8"},
      {{"reload", "web"}, "ReloadPool pool: \"web\""},
      {{"restart", "web/3"}, "RestartWorker pool: \"web\" slot: 3"},
      {{"stop", "web"}, "StopPool pool: \"web\""},
      {{"start", "web"}, "StartPool pool: \"web\""},
      {{"shutdown"}, "Shutdown "},
      {{"shutdown", "--hard"}, "Shutdown hard: true"},
  };
  for (const Change& change : changes) {
    Ended ended = Do(change.args);
    EXPECT_EQ(ended.code, 0) << ended.err;
    const Args requests = fake_->requests();
    ASSERT_FALSE(requests.empty()) << change.request;
    EXPECT_EQ(requests.back(), change.request);
    EXPECT_EQ(
        ended.out,
        "op-17: reload web: generation 3 to 4\n"
        "op-17 reload web: 0/4, web/2 STOPPING waits for the drain (12 in "
        "flight)\n"
        "op-17 reload web: 1/4, web/2 STOPPING waits for the drain (12 in "
        "flight)\n"
        "done: reload web, 4/4 in 2.0s (op-17)\n");
    EXPECT_THAT(ended.err, IsEmpty());
  }
}

TEST_F(CommandTest, AFailureTellsAllOfIt) {
  answers_.operation = {Reloading(0), RolledBack()};
  Ended ended = Do({"reload", "web"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err,
            "error: reload web rolled back after 2.0s (op-17)\n"
            "  reason: web/0 ended before it was STARTED (EXITED)\n"
            "  worker: web/0\n"
            "  exit:   ended with code 3\n"
            "  last output:\n"
            "    | no \\x1B]52;c;x\\x07 database\n"
            "  remedy: mend the new version\n");
}

TEST_F(CommandTest, JsonIsOneObjectALine) {
  answers_.operation = {Reloading(0), Reloading(2), Done()};
  Ended ended = Do({"reload", "web", "--output", "json"});
  EXPECT_EQ(ended.code, 0);
  Args lines = absl::StrSplit(ended.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u);
  for (const std::string& line : lines) {
    Operation parsed;
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(line, &parsed).ok());
    EXPECT_EQ(parsed.id(), "op-17");
  }
  EXPECT_THAT(lines[0], HasSubstr("\"waiting_more\":0"));
}

TEST_F(CommandTest, DetachPrintsTheIdAndLeaves) {
  answers_.operation = {Reloading(0)};
  answers_.hold = true;
  Ended ended = Do({"reload", "web", "--detach"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "op-17\n");
}

TEST_F(CommandTest, CtrlCLeavesTheOperationAndSaysSo) {
  answers_.operation = {Reloading(1)};
  answers_.hold = true;
  std::unique_ptr<Process> process = Start({"reload", "web"});
  ASSERT_TRUE(process->WaitFor("1/4"));
  process->Signal(SIGINT);
  Ended ended = process->Wait();
  EXPECT_EQ(ended.code, 130);
  EXPECT_THAT(ended.err, HasSubstr("interrupted: reload web is still running; "
                                   "web/2 (STOPPING) waits for the drain"));
  EXPECT_THAT(ended.err, HasSubstr("drover operations watch op-17"));
  EXPECT_THAT(fake_->requests(), Not(Contains(HasSubstr("Cancel"))));
}

TEST_F(CommandTest, TimeoutSaysWhatItWaitsFor) {
  answers_.operation = {Reloading(1)};
  answers_.hold = true;
  Ended ended = Do({"reload", "web", "--timeout", "300ms"});
  EXPECT_EQ(ended.code, 7);
  EXPECT_THAT(ended.err, HasSubstr("web/2 (STOPPING) waits for the drain"));
}

TEST_F(CommandTest, OnATerminalTheBlockIsRepaintedAndTakenAway) {
  answers_.operation = {Reloading(1)};
  answers_.hold = true;
  std::unique_ptr<Process> process = Start({"reload", "web"}, true);
  ASSERT_TRUE(process->WaitFor("######------------------"));
  ASSERT_TRUE(process->WaitFor("\x1b[2A"));
  process->Signal(SIGINT);
  Ended ended = process->Wait();
  EXPECT_EQ(ended.code, 130);
  // The last thing painted is nothing; the cursor was never hidden.
  EXPECT_THAT(ended.out, HasSubstr("\x1b[2A\x1b[J\x1b[?7h"));
  EXPECT_THAT(ended.out, Not(HasSubstr("\x1b[?25l")));
}

TEST_F(CommandTest, ABrokenConnectionIsMadeAgain) {
  answers_.operation = {Reloading(1)};
  answers_.end_code = 14;
  answers_.watched = {Reloading(3), Done()};
  Ended ended = Do({"reload", "web"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(fake_->requests(), ElementsAre("ReloadPool pool: \"web\"",
                                             "WatchOperation id: \"op-17\""));
  EXPECT_THAT(ended.out, HasSubstr("3/4"));
}

TEST_F(CommandTest, CodesOfRefusals) {
  const std::vector<std::pair<int, int>> codes = {{3, 2},   {5, 5},   {7, 4},
                                                  {8, 9},   {9, 6},   {10, 6},
                                                  {12, 10}, {13, 10}, {14, 3}};
  for (auto [grpc_code, exit_code] : codes) {
    Refuse(grpc_code, "it cannot be");
    Ended ended = Do({"scale", "web", "8"});
    EXPECT_EQ(ended.code, exit_code) << grpc_code;
    EXPECT_EQ(ended.err,
              "error: it cannot be\nfield: pool\nremedy: do something else\n");
  }
}

TEST_F(CommandTest, ARefusalAsJson) {
  Refuse(5, "no \"pool\"");
  Ended ended = Do({"status", "-o", "json"});
  EXPECT_EQ(ended.code, 5);
  EXPECT_EQ(ended.err,
            "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no "
            "\\\"pool\\\"\",\"reason\":\"SOME_REASON\",\"field\":\"pool\","
            "\"remedy\":\"do something else\",\"exit_code\":5}}\n");
}

TEST_F(CommandTest, StatusOfPagesAndItsCheck) {
  admin::v1::Snapshot& state = answers_.state;
  admin::v1::Pool* pool = state.add_pools();
  pool->set_name("web");
  pool->set_state(admin::v1::POOL_STATE_RUNNING);
  pool->set_count(2);
  pool->set_ready(1);
  for (uint32_t slot : {0, 1}) {
    admin::v1::Worker* worker = state.add_workers();
    worker->mutable_id()->set_pool("web");
    worker->mutable_id()->set_slot(slot);
    worker->set_state(admin::v1::WORKER_STATE_STARTED);
  }
  Ended ended = Do({"status"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("web/0"));
  EXPECT_THAT(ended.out, HasSubstr("web/1"));
  EXPECT_EQ(Do({"status", "--check"}).code, 8);
  EXPECT_EQ(Do({"status", "nope"}).code, 5);
  admin::v1::Snapshot parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                  Do({"status", "-o", "json"}).out, &parsed)
                  .ok());
  EXPECT_EQ(parsed.workers_size(), 2);
  pool->set_ready(2);
  EXPECT_EQ(Do({"status", "--check"}).code, 0);
}

TEST_F(CommandTest, StatusIsWatchedUntilCtrlC) {
  answers_.state.mutable_supervisor()->set_version("9.9");
  std::unique_ptr<Process> process = Start({"status", "--watch"}, true);
  ASSERT_TRUE(process->WaitFor("drover 9.9"));
  process->Signal(SIGINT);
  EXPECT_EQ(process->Wait().code, 130);
}

TEST_F(CommandTest, EventsAreShownUntilCtrlC) {
  admin::v1::WatchEventsResponse snapshot;
  snapshot.mutable_snapshot()->set_token("t0");
  admin::v1::WatchEventsResponse event;
  event.mutable_event()->set_token("t1");
  event.mutable_event()->mutable_pool_removed()->set_pool("mail");
  answers_.events = {snapshot, event};
  answers_.hold = true;
  std::unique_ptr<Process> process = Start({"watch"});
  ASSERT_TRUE(process->WaitFor("00:00:00.000 mail is removed\n"));
  process->Signal(SIGINT);
  Ended ended = process->Wait();
  EXPECT_EQ(ended.code, 130);
  EXPECT_THAT(ended.err, IsEmpty());
}

TEST_F(CommandTest, EventsGoOnAfterABreakWithTheToken) {
  admin::v1::WatchEventsResponse event;
  event.mutable_event()->set_token("t1");
  answers_.events = {event};
  answers_.end_code = 14;
  std::unique_ptr<Process> process = Start({"watch", "web"});
  absl::Time until = absl::Now() + kTestPatience;
  while (fake_->requests().size() < 2 && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  process->Signal(SIGINT);
  process->Wait();
  EXPECT_EQ(fake_->requests()[0], "WatchEvents pool: \"web\"");
  EXPECT_EQ(fake_->requests()[1], "WatchEvents token: \"t1\" pool: \"web\"");
}

// One that retried would ask a second time.
TEST_F(CommandTest, StreamsEndWithTheSupervisor) {
  answers_.events.resize(1);
  answers_.events[0].mutable_event()->set_token("t1");
  answers_.logs.resize(1);
  answers_.end_code = 14;
  answers_.end_reason = "SUPERVISOR_ENDED";
  for (const Args& args : {Args{"watch"}, Args{"logs", "-f"}}) {
    Ended ended = Do(args);
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.err, "the supervisor has ended\n");
  }
  EXPECT_EQ(fake_->requests().size(), 2u);
}

TEST_F(CommandTest, AnOperationThatTheSupervisorsEndCutsShortHasNotWorked) {
  answers_.operation = {Reloading(1)};
  answers_.end_code = 14;
  answers_.end_reason = "SUPERVISOR_ENDED";
  Ended ended = Do({"reload", "web"});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, HasSubstr("the supervisor has ended"));
  EXPECT_EQ(fake_->requests().size(), 1u);
}

TEST_F(CommandTest, LogsOfASlot) {
  admin::v1::LogLine line;
  line.mutable_worker()->set_pool("web");
  line.set_stream(admin::v1::LOG_STREAM_STDERR);
  line.set_line("hello \x1b[31m");
  answers_.logs = {line};
  Ended ended = Do({"logs", "web/0", "-n", "5"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "web/0 ! hello \\x1B[31m\n");
  EXPECT_THAT(fake_->requests(),
              ElementsAre("TailLogs pool: \"web\" slot: 0 lines: 5"));
}

TEST_F(CommandTest, OperationsAreListedWatchedAndCancelled) {
  *answers_.state.add_operations() = Done();
  EXPECT_THAT(Do({"operations", "--running"}).out, HasSubstr("reload web"));
  EXPECT_EQ(fake_->requests().back(), "ListOperations running_only: true");
  answers_.watched = {RolledBack()};
  EXPECT_EQ(Do({"operations", "watch", "op-17"}).code, 1);
  EXPECT_EQ(Do({"operations", "cancel", "op-17"}).code, 0);
  EXPECT_THAT(fake_->requests(), Contains("CancelOperation id: \"op-17\""));
}

TEST_F(CommandTest, VersionShowsBoth) {
  answers_.state.mutable_supervisor()->set_version("9.9");
  EXPECT_THAT(Do({"version"}).out, HasSubstr("supervisor 9.9\n"));
}

TEST_F(CommandTest, NobodyThere) {
  Ended ended = Do({"--socket", "/tmp/drover-cli-nothing.sock", "status"});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, HasSubstr("there is no such socket"));
  EXPECT_THAT(ended.err, HasSubstr("remedy: start one with"));
}

TEST_F(CommandTest, ASocketLeftByADeadSupervisor) {
  std::string path = absl::StrCat(fake_->socket(), ".dead");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
            0);
  ::close(fd);
  Ended ended = Do({"--socket", path, "status"});
  ::unlink(path.c_str());
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, HasSubstr("left by one that has ended"));
}

class ConfigCommandTest : public CommandTest {
 protected:
  // In the directory of the fake's socket, which is the test's own.
  std::string Write(const std::string& name, const std::string& content) {
    std::string path = absl::StrCat(fake_->socket(), name);
    std::ofstream(path) << content;
    files_.push_back(path);
    return path;
  }

  ~ConfigCommandTest() override {
    for (const std::string& file : files_) ::unlink(file.c_str());
  }

  std::vector<std::string> files_;
};

constexpr char kGood[] =
    "pools:\n- name: web\n  command: [/bin/true]\n  count: 3\n";

TEST_F(ConfigCommandTest, CheckPlanAndApply) {
  std::string good = Write(".yaml", kGood);
  EXPECT_THAT(Do({"check", good}).out, HasSubstr("1 pool, 3 workers"));
  admin::v1::PoolChange* change = answers_.plan.add_changes();
  change->set_pool("web");
  change->set_kind(admin::v1::CHANGE_KIND_UNCHANGED);
  EXPECT_EQ(Do({"plan", "-f", good}).out,
            "  web stays as it is\nnothing to change\n");
  EXPECT_THAT(fake_->requests().back(), HasSubstr("PlanConfig config { pools"));
  answers_.operation = {Done()};
  EXPECT_EQ(Do({"apply", "-f", good}).code, 0);
  EXPECT_THAT(fake_->requests().back(), HasSubstr("ApplyConfig config"));
}

TEST_F(ConfigCommandTest, AWrongFileEndsWith2AndAsksNobody) {
  std::string bad =
      Write(".yaml", "pools:\n- name: web\n  command: [x]\n  count: 0\n");
  for (const Args& args : std::vector<Args>{{"check", bad},
                                            {"plan", "-f", bad},
                                            {"apply", "-f", bad},
                                            {"run", "-f", bad},
                                            {"check", "/nowhere.yaml"}}) {
    EXPECT_EQ(Do(args).code, 2) << args[0];
  }
  Ended ended = Do({"check", bad});
  EXPECT_THAT(ended.err, HasSubstr("pools[0].count"));
  EXPECT_THAT(ended.err, HasSubstr("\nremedy: "));
  EXPECT_THAT(fake_->requests(), IsEmpty());
}

TEST_F(ConfigCommandTest, AFileOfNoKnownFormatSaysHowToNameIt) {
  std::string file = Write(".conf", kGood);
  for (const Args& args : {Args{"check", file}, Args{"run", "-f", file}}) {
    Ended ended = Do(args);
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, HasSubstr("names no format\nremedy: "));
    EXPECT_THAT(ended.err, HasSubstr("--format"));
  }
  EXPECT_EQ(Do({"check", file, "--format", "yaml"}).code, 0);
}

class RunTest : public ConfigCommandTest {
 protected:
  // A drover-supervisor that shows how it was called.
  RunTest() : directory_(absl::StrCat(fake_->socket(), ".d")) {
    ::mkdir(directory_.c_str(), 0700);
    program_ = absl::StrCat(directory_, "/drover-supervisor");
    std::ofstream(program_)
        << "#!/bin/sh\nprintf '[%s]' \"$@\"\ncat \"$2\"\nexit 42\n";
    ::chmod(program_.c_str(), 0700);
  }
  ~RunTest() override {
    ::unlink(program_.c_str());
    ::rmdir(directory_.c_str());
  }

  Ended DoRun(const Args& args) {
    return Process(DroverPath(), args,
                   {absl::StrCat("DROVER_LIBEXEC=", directory_), "PATH=/bin",
                    "XDG_RUNTIME_DIR=/tmp"})
        .Wait();
  }

  std::string directory_;
  std::string program_;
};

TEST_F(RunTest, BecomesTheSupervisorOfAFile) {
  std::string good = Write(".yaml", kGood);
  Ended ended = DoRun({"run", "-f", good, "--no-admin", "--socket", "/tmp/s",
                       "--gateway", "/tmp/g"});
  EXPECT_EQ(ended.code, 42) << ended.err;
  EXPECT_EQ(ended.out,
            absl::StrCat("[--file][", good,
                         "][--no-admin][--admin-socket][/tmp/s][--gateway]["
                         "/tmp/g]",
                         kGood));
}

TEST_F(RunTest, WritesFlagsIntoAFileInMemory) {
  Ended ended =
      DoRun({"run", "-n", "4", "--listen", "http=tcp://127.0.0.1:8080", "--env",
             "A=b=c", "--name", "web", "--", "/bin/echo", "--help", "--"});
  EXPECT_EQ(ended.code, 42) << ended.err;
  EXPECT_THAT(
      ended.out,
      testing::MatchesRegex(
          "\\[--file\\]\\[/proc/self/fd/[0-9]+\\]\\[--format\\]\\[json\\]"
          "\\[--source\\]\\[the command line\\]\\{.*"));
  config::v1::Config config;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  ended.out.substr(ended.out.find('{')), &config)
                  .ok());
  EXPECT_EQ(config.ShortDebugString(),
            "pools { name: \"web\" command: \"/bin/echo\" command: \"--help\" "
            "command: \"--\" count: 4 listeners { name: \"http\" address: "
            "\"tcp://127.0.0.1:8080\" } environment { key: \"A\" value: "
            "\"b=c\" } }");
}

TEST_F(RunTest, WrongFlagsEndWith2) {
  for (const Args& args :
       std::vector<Args>{{"run"},
                         {"run", "-n", "0", "--", "x"},
                         {"run", "--listen", "nothing", "--", "x"},
                         {"run", "--listen", "http=ftp://1", "--", "x"},
                         {"run", "--name", "Web", "--", "x"}}) {
    Ended ended = DoRun(args);
    EXPECT_EQ(ended.code, 2) << testing::PrintToString(args);
    EXPECT_THAT(ended.err, HasSubstr("remedy: "));
  }
}

}  // namespace
}  // namespace drover::cli
