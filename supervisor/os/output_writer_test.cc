#include "supervisor/os/output_writer.h"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/fd_pair.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr absl::Duration kLong = absl::Seconds(30);
constexpr absl::Duration kShort = absl::Milliseconds(20);

// A disk that can be told to answer nothing.
class Disk {
 public:
  ssize_t Write(int fd, const void* bytes, size_t size) {
    std::unique_lock<std::mutex> lock(mutex_);
    asked_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hangs_; });
    return ::write(fd, bytes, size);
  }

  void Hang() {
    std::lock_guard<std::mutex> lock(mutex_);
    hangs_ = true;
    asked_ = false;
  }
  void GoOn() {
    std::lock_guard<std::mutex> lock(mutex_);
    hangs_ = false;
    changed_.notify_all();
  }
  // Until something waits for it.
  bool AwaitVictim() {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoSeconds(kLong),
                             [this] { return asked_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hangs_ = false;
  bool asked_ = false;
};

class OutputWriterTest : public ::testing::Test {
 protected:
  ~OutputWriterTest() override { disk_->GoOn(); }

  std::shared_ptr<OutputWriter::File> Add(const std::string& name) {
    return writer_.Add(OutputFile(Options(name)));
  }
  OutputFile::Options Options(const std::string& name) {
    return {.path = directory_ / name,
            .max_bytes = 1 << 30,
            .keep = 1,
            .write = [disk = disk_](int fd, const void* bytes, size_t size) {
              return disk->Write(fd, bytes, size);
            }};
  }

  // With a write under way.
  void HangIn(OutputWriter::File* file) {
    disk_->Hang();
    writer_.Append(file, "hangs");
    ASSERT_TRUE(disk_->AwaitVictim());
  }

  std::string Filed(const std::string& name) {
    EXPECT_TRUE(writer_.Drain(kLong));
    return Content(directory_ / name);
  }

  TempDir directory_;
  // A thread that hangs in it may outlive the test.
  std::shared_ptr<Disk> disk_ = std::make_shared<Disk>();
  OutputWriter writer_;
};

TEST_F(OutputWriterTest, WritesInOrderToEachFile) {
  auto one = Add("one");
  auto two = Add("two");
  std::string wanted;
  for (int i = 0; i < 1000; ++i) {
    writer_.Append(one.get(), absl::StrCat("line ", i));
    writer_.Append(two.get(), absl::StrCat("line ", i));
    absl::StrAppend(&wanted, "line ", i, "\n");
  }
  EXPECT_EQ(Filed("one"), wanted);
  EXPECT_EQ(Filed("two"), wanted);
}

TEST_F(OutputWriterTest, NobodyWaitsForADiskThatHangs) {
  auto file = Add("log");
  HangIn(file.get());
  writer_.Append(file.get(), "waits");
  EXPECT_FALSE(writer_.Drain(kShort));
  disk_->GoOn();
  EXPECT_EQ(Filed("log"), "hangs\nwaits\n");
}

TEST_F(OutputWriterTest, DropsWhatFindsNoRoomAndSaysHowMuchWhereItWas) {
  auto file = Add("log");
  HangIn(file.get());
  const std::string line(OutputWriter::kFileBytes / 4 - 1, 'x');
  for (int i = 0; i < 7; ++i) writer_.Append(file.get(), line);
  EXPECT_EQ(writer_.dropped(), 3u);
  disk_->GoOn();
  const std::string text = Filed("log");
  EXPECT_EQ(text.size(), 6 + OutputWriter::kFileBytes +
                             std::string("[drover] 3 lines dropped: "
                                         "disk too slow\n")
                                 .size());
  EXPECT_THAT(text, EndsWith("x\n[drover] 3 lines dropped: disk too slow\n"));
  writer_.Append(file.get(), "again");
  EXPECT_THAT(Filed("log"), EndsWith("slow\nagain\n"));
}

TEST_F(OutputWriterTest, AllFilesTogetherHaveABoundToo) {
  std::vector<std::shared_ptr<OutputWriter::File>> files;
  files.push_back(Add("first"));
  HangIn(files[0].get());
  const std::string line(OutputWriter::kFileBytes - 1, 'x');
  const size_t room = OutputWriter::kAllBytes / OutputWriter::kFileBytes;
  for (size_t i = 1; i <= room + 1; ++i) {
    files.push_back(Add(absl::StrCat(i)));
    writer_.Append(files[i].get(), line);
  }
  // With what is under way there is no room for the last two.
  EXPECT_EQ(writer_.dropped(), 2u);
  disk_->GoOn();
  EXPECT_EQ(Filed("1"), line + "\n");
  EXPECT_THAT(Filed(absl::StrCat(room + 1)), HasSubstr("1 lines dropped"));
}

TEST_F(OutputWriterTest, WhatIsHeldNoMoreIsWrittenToItsEnd) {
  auto file = Add("log");
  HangIn(file.get());
  writer_.Append(file.get(), "last words");
  file.reset();
  disk_->GoOn();
  EXPECT_EQ(Filed("log"), "hangs\nlast words\n");
}

TEST_F(OutputWriterTest, WhileItRestsNothingIsWritten) {
  auto file = Add("log");
  writer_.Append(file.get(), "before");
  EXPECT_EQ(Filed("log"), "before\n");
  {
    auto rest = writer_.Rest(kLong);
    ASSERT_TRUE(rest.ok()) << rest.status();
    writer_.Append(file.get(), "meanwhile");
    EXPECT_FALSE(writer_.Drain(kShort));
    EXPECT_EQ(Content(directory_ / "log"), "before\n");
  }
  EXPECT_EQ(Filed("log"), "before\nmeanwhile\n");
}

TEST_F(OutputWriterTest, OneWithNothingToWriteYetRestsAnyway) {
  auto file = Add("log");
  auto rest = writer_.Rest(kLong);
  ASSERT_TRUE(rest.ok());
  writer_.Append(file.get(), "meanwhile");
  EXPECT_FALSE(writer_.Drain(kShort));
}

// What a process that is spawned would have to close.
TEST_F(OutputWriterTest, ItsFilesAreOpenInItsThreadAlone) {
  auto file = Add("log");
  writer_.Append(file.get(), "line");
  EXPECT_EQ(Filed("log"), "line\n");
  for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    EXPECT_NE(std::filesystem::read_symlink(fd, gone), directory_ / "log");
  }
}

// Nor does it keep open what others close.
TEST_F(OutputWriterTest, TheFilesOfOthersAreNotOpenInItsThread) {
  auto pair = MakeOutputPair();
  ASSERT_TRUE(pair.has_value());
  auto file = Add("log");
  writer_.Append(file.get(), "line");
  EXPECT_EQ(Filed("log"), "line\n");
  pair->theirs.reset();
  char byte = 0;
  EXPECT_EQ(::read(pair->ours.get(), &byte, 1), 0) << "no end of file";
}

TEST_F(OutputWriterTest, CannotRestWhileADiskHangs) {
  auto file = Add("log");
  HangIn(file.get());
  auto rest = writer_.Rest(kShort);
  EXPECT_EQ(rest.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(rest.status().ToString(), HasSubstr(directory_ / "log"));
  writer_.Append(file.get(), "goes on");
  disk_->GoOn();
  EXPECT_EQ(Filed("log"), "hangs\ngoes on\n");
  EXPECT_TRUE(writer_.Rest(kLong).ok());
}

// What waits crosses with the file; how far the former has come is chance.
TEST_F(OutputWriterTest, AnotherGoesOnWhereItWas) {
  auto file = Add("log");
  HangIn(file.get());
  writer_.Append(file.get(), "waits");
  const std::string line(OutputWriter::kFileBytes - 10, 'x');
  writer_.Append(file.get(), line);
  writer_.Append(file.get(), "no room");
  disk_->GoOn();
  // Until the end: the former never goes on.
  auto rest = writer_.Rest(kLong);
  ASSERT_TRUE(rest.ok());
  state::v1::OutputFile written;
  OutputWriter::Write(*file, &written);
  OutputWriter other;
  FdIntake intake{state::v1::Handover()};
  auto read = other.Read(written, &intake);
  other.Resume();
  EXPECT_TRUE(other.Drain(kLong));
  other.Append(read.get(), "new");
  EXPECT_TRUE(other.Drain(kLong));
  EXPECT_TRUE(Content(directory_ / "log") ==
              absl::StrCat("hangs\nwaits\n", line, "\n[drover] 1 lines ",
                           "dropped: disk too slow\nnew\n"));
}

TEST_F(OutputWriterTest, AnEndWaitsForADiskButNotForEver) {
  auto writer = std::make_unique<OutputWriter>();
  auto file = writer->Add(OutputFile(Options("log")));
  disk_->Hang();
  writer->Append(file.get(), "hangs");
  ASSERT_TRUE(disk_->AwaitVictim());
  const absl::Time begin = absl::Now();
  file.reset();
  writer.reset();
  EXPECT_GE(absl::Now() - begin, OutputWriter::kPatience);
  disk_->GoOn();
}

TEST_F(OutputWriterTest, AnEndWritesWhatWaits) {
  auto writer = std::make_unique<OutputWriter>();
  auto file = writer->Add(OutputFile(Options("log")));
  writer->Append(file.get(), "last words");
  writer.reset();
  EXPECT_EQ(Content(directory_ / "log"), "last words\n");
}

}  // namespace
}  // namespace drover::os
