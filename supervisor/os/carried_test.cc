// What crosses from one program of the process to the next: sealed bytes,
// descriptors, and which programs are trusted with them.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/memory_file.h"
#include "supervisor/os/program_file.h"
#include "supervisor/os/spawn.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMax = 1 << 20;

bool IsCloseOnExec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

TEST(MemoryFileTest, GivesBackWhatWasWritten) {
  const std::string bytes(100000, 'x');
  auto file = MakeSealedFile("test", bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(IsCloseOnExec(file->get()));
  // Twice: the way back reads it again.
  EXPECT_EQ(*ReadSealedFile(file->get(), kMax), bytes);
  EXPECT_EQ(*ReadSealedFile(file->get(), kMax), bytes);
}

TEST(MemoryFileTest, NobodyCanChangeIt) {
  auto file = MakeSealedFile("test", "state");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(::pwrite(file->get(), "x", 1, 0), -1);
  EXPECT_EQ(::ftruncate(file->get(), 1), -1);
  EXPECT_EQ(::ftruncate(file->get(), 100), -1);
}

TEST(MemoryFileTest, TakesNothingElse) {
  UniqueFd open(::memfd_create("test", MFD_ALLOW_SEALING));
  EXPECT_FALSE(ReadSealedFile(open.get(), kMax).ok());
  TempDir directory;
  UniqueFd file(::open(directory.Write("file", "state").c_str(), O_RDONLY));
  EXPECT_FALSE(ReadSealedFile(file.get(), kMax).ok());
  EXPECT_FALSE(ReadSealedFile(-1, kMax).ok());
  auto large = MakeSealedFile("test", std::string(10, 'x'));
  EXPECT_FALSE(ReadSealedFile(large->get(), 9).ok());
}

class CarriedTest : public ::testing::Test {
 protected:
  CarriedTest() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return;
    reading_.reset(fds[0]);
    writing_.reset(fds[1]);
    ledger_.Carry(reading_.get());
    ledger_.Carry(writing_.get());
    ledger_.Write(&state_);
  }

  UniqueFd reading_;
  UniqueFd writing_;
  FdLedger ledger_;
  state::v1::Handover state_;
};

TEST_F(CarriedTest, SurvivesAnExecveFromOpenToClose) {
  ASSERT_TRUE(ledger_.Open().ok());
  EXPECT_FALSE(IsCloseOnExec(reading_.get()));
  ledger_.Close();
  EXPECT_TRUE(IsCloseOnExec(reading_.get()));
  ASSERT_TRUE(ledger_.Open().ok());
  FdIntake(state_).Commit();
  EXPECT_TRUE(IsCloseOnExec(writing_.get()));
}

TEST_F(CarriedTest, IsOpenedWholeOrNotAtAll) {
  writing_.reset();
  EXPECT_FALSE(ledger_.Open().ok());
  EXPECT_TRUE(IsCloseOnExec(reading_.get()));
}

TEST_F(CarriedTest, IsVerifiedByWhatItIs) {
  EXPECT_TRUE(FdIntake::Verify(state_).ok());
  // Another pipe under the same number.
  int fds[2];
  ASSERT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  UniqueFd one(fds[0]);
  UniqueFd other(fds[1]);
  ASSERT_EQ(::dup3(one.get(), reading_.get(), O_CLOEXEC), reading_.get());
  EXPECT_THAT(FdIntake::Verify(state_).ToString(),
              HasSubstr("is not what it was"));
}

TEST_F(CarriedTest, MissingItIsNamed) {
  const int number = reading_.get();
  reading_.reset();
  EXPECT_THAT(FdIntake::Verify(state_).ToString(),
              HasSubstr("descriptor " + std::to_string(number)));
}

TEST_F(CarriedTest, APidfdIsOfItsProcess) {
  const char* argv[] = {"/bin/cat", nullptr};
  const char* envp[] = {nullptr};
  InheritedFd input{reading_.get(), STDIN_FILENO};
  auto spawned =
      Spawn({.path = argv[0], .argv = argv, .envp = envp, .fds = {&input, 1}});
  auto& child = std::get<SpawnedChild>(spawned);
  FdLedger ledger;
  ledger.CarryPidfd(child.pidfd.get(), child.pid);
  state::v1::Handover state;
  ledger.Write(&state);
  EXPECT_TRUE(FdIntake::Verify(state).ok());
  state.mutable_descriptors(0)->set_pid(child.pid + 1);
  EXPECT_THAT(FdIntake::Verify(state).ToString(), HasSubstr("not of process"));
  ::kill(child.pid, SIGKILL);
  ::waitpid(child.pid, nullptr, 0);
}

TEST_F(CarriedTest, EachIsTakenOnce) {
  FdIntake intake(state_);
  const int number = reading_.release();
  UniqueFd taken = intake.Take(number);
  EXPECT_EQ(taken.get(), number);
  EXPECT_TRUE(intake.status().ok());
  EXPECT_FALSE(intake.Take(-1).ok());
  EXPECT_TRUE(intake.status().ok());
  EXPECT_FALSE(intake.Take(number).ok());
  EXPECT_FALSE(intake.status().ok());
}

class ProgramFileTest : public ::testing::Test {
 protected:
  // Why it is not trusted.
  std::string Refusal(const std::string& path) {
    auto program = OpenProgram(path);
    return program.ok() ? "" : std::string(program.status().message());
  }

  TempDir directory_;
};

TEST_F(ProgramFileTest, TakesAProgram) {
  EXPECT_EQ(Refusal("/bin/true"), "");
  EXPECT_EQ(Refusal(directory_.Write("new", "x", 0755)), "");
}

TEST_F(ProgramFileTest, TakesNothingElse) {
  EXPECT_THAT(Refusal(directory_ / "none"), HasSubstr("No such file"));
  EXPECT_THAT(Refusal("bin/true"), HasSubstr("no absolute path"));
  EXPECT_THAT(Refusal(""), HasSubstr("no absolute path"));
  EXPECT_THAT(Refusal(directory_.path()), HasSubstr("no regular file"));
  EXPECT_THAT(Refusal("/dev/null"), HasSubstr("no regular file"));
  EXPECT_THAT(Refusal(directory_.Write("data", "x", 0644)),
              HasSubstr("not executable"));
  EXPECT_THAT(Refusal(directory_.Write("group", "x", 0775)),
              HasSubstr("chmod go-w"));
  EXPECT_THAT(Refusal(directory_.Write("world", "x", 0757)),
              HasSubstr("chmod go-w"));
}

TEST_F(ProgramFileTest, TheFileIsPinnedWhateverThePathNamesLater) {
  const std::string path = directory_.Write("new", "one", 0755);
  auto program = OpenProgram(path);
  ASSERT_TRUE(program.ok());
  struct stat before;
  ASSERT_EQ(::fstat(program->get(), &before), 0);
  std::filesystem::rename(directory_.Write("other", "two", 0755), path);
  struct stat after;
  ASSERT_EQ(::fstat(program->get(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

}  // namespace
}  // namespace drover::os
