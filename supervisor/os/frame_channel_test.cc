#include "supervisor/os/frame_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/fd_pair.h"
#include "supervisor/os/testing/loop.h"

namespace drover::os {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Frame(absl::string_view body) {
  std::string frame;
  EXPECT_TRUE(wire::AppendFrame(body, wire::kControlFrameMax, &frame).ok());
  return frame;
}

class FrameChannelTest : public ::testing::Test {
 protected:
  void Open(FrameChannel::Limits limits = {}) {
    std::optional<FdPair> pair = MakeSocketPair();
    ASSERT_TRUE(pair.has_value());
    theirs_ = std::move(pair->theirs);
    Make(std::move(pair->ours), limits);
  }

  void CarryOver();

  void Make(UniqueFd fd, FrameChannel::Limits limits) {
    channel_ = std::make_unique<FrameChannel>(
        loop_.io, std::move(fd), limits,
        FrameChannel::Callbacks{
            .frame =
                [this](absl::string_view body) {
                  bodies_.emplace_back(body);
                  if (on_frame_) on_frame_();
                },
            .rejected = [this](const absl::Status&) { ++rejected_; },
            .closed = [this] { ++closed_; },
            .overflowed = [this] { ++overflowed_; },
            .drained = [this] { ++drained_; }});
  }

  void Write(absl::string_view bytes) {
    ASSERT_EQ(::write(theirs_.get(), bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }

  // What the other side finds, without waiting.
  std::string ReadAll() {
    std::string all;
    char buffer[65536];
    ssize_t count;
    while ((count = ::recv(theirs_.get(), buffer, sizeof(buffer),
                           MSG_DONTWAIT)) > 0) {
      all.append(buffer, static_cast<size_t>(count));
    }
    return all;
  }

  // Sends until frames have to wait.
  void Fill(const std::string& frame) {
    while (channel_->queued_frames() == 0 && overflowed_ == 0) {
      channel_->Send(frame);
    }
  }

  Loop loop_;
  UniqueFd theirs_;
  std::vector<std::string> bodies_;
  std::function<void()> on_frame_;
  int rejected_ = 0;
  int closed_ = 0;
  int overflowed_ = 0;
  int drained_ = 0;
  std::unique_ptr<FrameChannel> channel_;
};

// The same descriptor under another channel, as after an upgrade in place: a
// duplicate, since this process stays.
void FrameChannelTest::CarryOver() {
  state::v1::Channel state;
  FdLedger fds;
  channel_->Write(&state, &fds);
  UniqueFd same(::dup(state.fd()));
  channel_ = nullptr;
  Make(std::move(same), {});
  channel_->Read(state);
}

TEST_F(FrameChannelTest, FramesComeWholeHoweverTheyAreCut) {
  Open();
  const std::string bytes = Frame("one") + Frame("two");
  for (char byte : bytes.substr(0, bytes.size() - 1)) {
    Write({&byte, 1});
    loop_.io.poll();
  }
  EXPECT_THAT(bodies_, ElementsAre("one"));
  Write({&bytes.back(), 1});
  ASSERT_TRUE(loop_.RunUntil([&] { return bodies_.size() == 2; }));
  EXPECT_THAT(bodies_, ElementsAre("one", "two"));
}

TEST_F(FrameChannelTest, OneThatFloodsTakesItsTurn) {
  Open();
  std::string flood;
  for (int i = 0; i < 5000; ++i) flood += Frame("x");
  Write(flood);
  size_t before_other = 0;
  // Whoever else waits is served after a bounded number of frames.
  on_frame_ = [&] {
    if (bodies_.size() == 1) {
      asio::post(loop_.io, [&] { before_other = bodies_.size(); });
    }
  };
  ASSERT_TRUE(loop_.RunUntil([&] { return bodies_.size() == 5000; }));
  EXPECT_GT(before_other, 0u);
  EXPECT_LE(before_other, 1000u);
}

TEST_F(FrameChannelTest, WhatIsNoFrameIsRejectedOnceAndNothingReadAfterIt) {
  Open();
  Write(Frame("good") + std::string(4, '\0') + Frame("behind"));
  ASSERT_TRUE(loop_.RunUntil([&] { return rejected_ == 1; }));
  theirs_.reset();
  channel_->ReadDry();
  loop_.io.poll();
  EXPECT_THAT(bodies_, ElementsAre("good"));
  EXPECT_EQ(rejected_, 1);
  EXPECT_EQ(closed_, 0);
}

TEST_F(FrameChannelTest, TheEndComesBehindTheLastFrame) {
  Open();
  Write(Frame("last") + std::string(2, '\0'));  // and the beginning of one
  on_frame_ = [&] { EXPECT_EQ(closed_, 0); };
  theirs_.reset();
  ASSERT_TRUE(loop_.RunUntil([&] { return closed_ == 1; }));
  EXPECT_THAT(bodies_, ElementsAre("last"));
}

TEST_F(FrameChannelTest, TheDeadAreReadDryInOneGo) {
  Open();
  std::string many;
  for (int i = 0; i < 3000; ++i) many += Frame("x");
  Write(many);
  theirs_.reset();
  channel_->ReadDry();
  EXPECT_EQ(bodies_.size(), 3000u);
  EXPECT_EQ(closed_, 0);
}

TEST_F(FrameChannelTest, AResetDoesNotHideLastWords) {
  Open();
  channel_->Send(Frame("never read"));
  Write(Frame("last words"));
  theirs_.reset();
  channel_->ReadDry();
  EXPECT_THAT(bodies_, ElementsAre("last words"));
}

TEST_F(FrameChannelTest, WhoHasHeardEnoughHearsNoMore) {
  Open();
  on_frame_ = [&] { channel_->StopReading(); };
  Write(Frame("one") + Frame("two"));
  ASSERT_TRUE(loop_.RunUntil([&] { return !bodies_.empty(); }));
  loop_.io.poll();
  EXPECT_THAT(bodies_, ElementsAre("one"));
}

TEST_F(FrameChannelTest, WhatHasToWaitIsWrittenInOrder) {
  Open({.frame_max = wire::kControlFrameMax,
        .queue_frames = 1000,
        .queue_bytes = 64 << 20});
  const std::string large = Frame(std::string(100'000, 'a'));
  size_t sent = 0;
  for (; channel_->queued_frames() < 3; ++sent) channel_->Send(large);
  channel_->Send(Frame("last"));
  EXPECT_EQ(drained_, 0);
  std::string read;
  const size_t whole = sent * large.size() + Frame("last").size();
  ASSERT_TRUE(loop_.RunUntil([&] {
    read += ReadAll();
    return read.size() == whole || overflowed_ > 0;
  }));
  EXPECT_EQ(read.substr(read.size() - 4), "last");
  EXPECT_EQ(read.substr(0, large.size()), large);
  EXPECT_EQ(channel_->queued_bytes(), 0u);
  EXPECT_EQ(drained_, 1);
}

TEST_F(FrameChannelTest, AFullQueueIsSaidOnceAndTakesNothingMore) {
  Open({.frame_max = wire::kControlFrameMax,
        .queue_frames = 2,
        .queue_bytes = 64 << 20});
  const std::string large = Frame(std::string(100'000, 'a'));
  Fill(large);
  for (int i = 0; i < 5; ++i) channel_->Send(large);
  EXPECT_EQ(overflowed_, 1);
  EXPECT_EQ(channel_->queued_frames(), 2u);
}

TEST_F(FrameChannelTest, BytesAreBoundedToo) {
  Open({.frame_max = wire::kControlFrameMax,
        .queue_frames = 1000,
        .queue_bytes = 250'000});
  const std::string large = Frame(std::string(100'000, 'a'));
  Fill(large);
  for (int i = 0; i < 5; ++i) channel_->Send(large);
  EXPECT_EQ(overflowed_, 1);
  EXPECT_LE(channel_->queued_bytes(), 250'000u);
}

TEST_F(FrameChannelTest, NobodyThereToReadIsNoError) {
  Open();
  theirs_.reset();
  channel_->Send(Frame("to nobody"));
  channel_->Send(Frame("nor this"));
  EXPECT_EQ(channel_->queued_frames(), 0u);
  EXPECT_EQ(overflowed_, 0);
  ASSERT_TRUE(loop_.RunUntil([&] { return closed_ == 1; }));
  EXPECT_THAT(bodies_, IsEmpty());
}

TEST_F(FrameChannelTest, CarriedOverItReadsTheRestOfAFrame) {
  Open();
  const std::string bytes = Frame("one") + Frame("two");
  Write(bytes.substr(0, 9));
  loop_.io.poll();
  CarryOver();
  Write(bytes.substr(9));
  loop_.io.poll();
  EXPECT_THAT(bodies_, ElementsAre("one", "two"));
}

// Read with the first frame, and none comes after them: what the turn left
// over must not wait for more.
TEST_F(FrameChannelTest, CarriedOverItHandsOutWhatWasRead) {
  Open();
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += Frame("x");
  Write(bytes);
  loop_.io.poll_one();
  ASSERT_LT(bodies_.size(), 300u);
  CarryOver();
  EXPECT_TRUE(loop_.RunUntil([&] { return bodies_.size() == 300; }));
}

TEST_F(FrameChannelTest, CarriedOverItWritesTheRestOfItsQueue) {
  Open();
  const std::string frame = Frame(std::string(60000, 'x'));
  Fill(frame);
  channel_->Send(Frame("last"));
  const size_t waiting = channel_->queued_bytes();
  ASSERT_GT(waiting, 0u);
  CarryOver();
  EXPECT_EQ(channel_->queued_bytes(), waiting);
  std::string all;
  EXPECT_TRUE(loop_.RunUntil([&] {
    all += ReadAll();
    return channel_->queued_frames() == 0;
  }));
  all += ReadAll();
  const std::string last = Frame("last");
  ASSERT_GE(all.size(), last.size());
  EXPECT_EQ(all.substr(all.size() - last.size()), last);
  EXPECT_EQ((all.size() - last.size()) % frame.size(), 0u);
}

TEST_F(FrameChannelTest, CarriedOverItStaysDeaf) {
  Open();
  Write(std::string(4, '\0'));
  loop_.io.poll();
  ASSERT_EQ(rejected_, 1);
  CarryOver();
  Write(Frame("one"));
  loop_.io.poll();
  EXPECT_EQ(rejected_, 1);
  EXPECT_THAT(bodies_, IsEmpty());
}

}  // namespace
}  // namespace drover::os
