// The link alone, over a socketpair: what a gateway under gRPC shows too
// rarely.
#include "supervisor/admin/link.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "drover/admin/v1/admin.pb.h"

namespace drover::admin {
namespace {

using control::v1::Call;
using control::v1::End;
using control::v1::ToGateway;
using control::v1::ToSupervisor;

struct Recorder : Receiver {
  void OnReply(absl::string_view response) override {
    replies.emplace_back(response);
  }
  void OnEnd(const End& what) override {
    end = what;
    if (on_end) on_end();
  }
  std::vector<std::string> replies;
  std::optional<End> end;
  std::function<void()> on_end;
};

class LinkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> pair;
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    supervisor_ = UniqueFd(pair[0]);
    channel_ = UniqueFd(pair[1]);
    auto loop = Loop::Create();
    ASSERT_TRUE(loop.ok());
    loop_ = *std::move(loop);
  }

  void Open(std::chrono::milliseconds unary_timeout = kUnaryTimeout) {
    auto link = Link::Create(
        std::move(channel_), wire::FrameReader(wire::kControlFrameMax),
        loop_.get(), [this](const control::v1::Health&) { ++healths_; },
        unary_timeout);
    ASSERT_TRUE(link.ok());
    link_ = *std::move(link);
  }

  std::variant<uint64_t, End> Start(std::shared_ptr<Recorder> recorder,
                                    bool unary = true, size_t size = 1) {
    Call call;
    call.set_method("GetPool");
    call.set_request(std::string(size, 'r'));
    return link_->Open(std::move(call), unary, std::move(recorder));
  }

  void Say(const ToGateway& message) {
    std::string bytes;
    AppendTo(&bytes, message);
    SayBytes(bytes);
  }

  static void AppendTo(std::string* bytes, const ToGateway& message) {
    EXPECT_TRUE(wire::AppendFrame(message.SerializeAsString(),
                                  wire::kControlFrameMax, bytes)
                    .ok());
  }

  void SayBytes(const std::string& bytes) {
    ASSERT_EQ(::send(supervisor_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }

  // All that the supervisor has been sent so far.
  std::vector<ToSupervisor> Heard() {
    std::array<char, 65536> buffer;
    ssize_t size;
    while ((size = ::recv(supervisor_.get(), buffer.data(), buffer.size(),
                          MSG_DONTWAIT)) > 0) {
      reader_.Append(absl::string_view(buffer.data(), size));
    }
    std::vector<ToSupervisor> messages;
    for (auto frame = reader_.Next(); frame.ok() && frame->has_value();
         frame = reader_.Next()) {
      messages.emplace_back();
      EXPECT_TRUE(messages.back().ParseFromString(std::string(**frame)));
    }
    return messages;
  }

  UniqueFd supervisor_;
  UniqueFd channel_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Link> link_;
  wire::FrameReader reader_{wire::kControlFrameMax};
  int healths_ = 0;
};

v1::ErrorDetail DetailOf(const End& end) {
  v1::ErrorDetail detail;
  EXPECT_TRUE(detail.ParseFromString(end.detail()));
  return detail;
}

TEST_F(LinkTest, AUnaryCallThatIsNotAnsweredEnds) {
  Open(std::chrono::milliseconds(20));
  auto unary = std::make_shared<Recorder>();
  auto stream = std::make_shared<Recorder>();
  unary->on_end = [this] { loop_->Stop(absl::OkStatus()); };
  Start(stream, /*unary=*/false);
  Start(unary);
  EXPECT_TRUE(loop_->Run().ok());
  ASSERT_TRUE(unary->end.has_value());
  EXPECT_EQ(DetailOf(*unary->end).reason(), "SUPERVISOR_SILENT");
  EXPECT_FALSE(stream->end.has_value());
  std::vector<ToSupervisor> heard = Heard();
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard[2].abandon().call(), heard[1].call().id());
}

TEST_F(LinkTest, EveryDeadlineHoldsNotOnlyTheFirst) {
  Open(std::chrono::milliseconds(20));
  auto first = std::make_shared<Recorder>();
  auto second = std::make_shared<Recorder>();
  second->on_end = [this] { loop_->Stop(absl::OkStatus()); };
  first->on_end = [&] { Start(second); };
  Start(first);
  EXPECT_TRUE(loop_->Run().ok());
  EXPECT_TRUE(first->end.has_value());
  EXPECT_TRUE(second->end.has_value());
}

TEST_F(LinkTest, AReplyWithoutCreditIsAViolation) {
  Open();
  auto recorder = std::make_shared<Recorder>();
  uint64_t id = std::get<uint64_t>(Start(recorder, /*unary=*/false));
  link_->Grant(id, 2);
  ToGateway reply;
  reply.mutable_reply()->set_call(id);
  for (uint32_t i = 0; i < kInitialCredit + 3; ++i) Say(reply);
  absl::Status status = loop_->Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(recorder->replies.size(), kInitialCredit + 2);
}

TEST_F(LinkTest, WhatWasSaidBeforeTheEndIsHeard) {
  Open();
  auto recorder = std::make_shared<Recorder>();
  uint64_t id = std::get<uint64_t>(Start(recorder));
  ToGateway message;
  message.mutable_health();
  Say(message);
  message.mutable_reply()->set_call(id);
  message.mutable_reply()->set_response("answer");
  Say(message);
  supervisor_ = UniqueFd();
  EXPECT_TRUE(loop_->Run().ok());
  EXPECT_EQ(healths_, 1);
  EXPECT_EQ(recorder->replies, std::vector<std::string>{"answer"});
  EXPECT_FALSE(recorder->end.has_value());
  link_->Close();
  ASSERT_TRUE(recorder->end.has_value());
  EXPECT_EQ(DetailOf(*recorder->end).reason(), "SUPERVISOR_GONE");
  auto late = Start(std::make_shared<Recorder>());
  EXPECT_EQ(DetailOf(std::get<End>(late)).reason(), "SUPERVISOR_GONE");
}

TEST_F(LinkTest, ASupervisorThatDoesNotReadIsNotBuriedInRequests) {
  Open();
  size_t accepted = 0;
  while (true) {
    auto started = Start(std::make_shared<Recorder>(), true, 500'000);
    if (auto* refused = std::get_if<End>(&started)) {
      EXPECT_EQ(DetailOf(*refused).reason(), "GATEWAY_BUSY");
      break;
    }
    ASSERT_LE(++accepted, 2 * kMaxQueuedBytes / 500'000);
  }
  // It reads on, and everything accepted arrives, in order and whole.
  size_t arrived = 0;
  auto done = std::make_shared<Recorder>();
  ASSERT_TRUE(loop_
                  ->Add(supervisor_.get(), EPOLLIN,
                        [&](uint32_t) {
                          for (const ToSupervisor& message : Heard()) {
                            EXPECT_EQ(message.call().id(), ++arrived);
                            EXPECT_EQ(message.call().request().size(),
                                      500'000u);
                          }
                          if (arrived == accepted) {
                            loop_->Stop(absl::OkStatus());
                          }
                        })
                  .ok());
  EXPECT_TRUE(loop_->Run().ok());
  EXPECT_EQ(arrived, accepted);
}

TEST_F(LinkTest, OnlyOpenCallsAreAbandonedOrGrantedCredit) {
  Open();
  auto recorder = std::make_shared<Recorder>();
  uint64_t id = std::get<uint64_t>(Start(recorder));
  link_->Abandon(id);
  link_->Abandon(id);
  link_->Grant(id, 5);
  link_->Abandon(99);
  EXPECT_EQ(Heard().size(), 2u);
}

TEST_F(LinkTest, TheCapOfOpenCallsHolds) {
  Open();
  std::vector<uint64_t> ids;
  for (size_t i = 0; i < kMaxOpenCalls; ++i) {
    ids.push_back(
        std::get<uint64_t>(Start(std::make_shared<Recorder>(), false)));
  }
  auto refused = Start(std::make_shared<Recorder>(), false);
  EXPECT_EQ(DetailOf(std::get<End>(refused)).reason(), "GATEWAY_BUSY");
  link_->Abandon(ids[3]);
  auto taken = Start(std::make_shared<Recorder>(), false);
  EXPECT_TRUE(std::holds_alternative<uint64_t>(taken));
}

TEST_F(LinkTest, CallsComeFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 500;
  Open();
  // Answers each call with one reply and the end, as it comes.
  uint64_t last = 0;
  int calls = 0;
  auto answer = [&](uint32_t) {
    // In one piece: a send for each would fill the socket before the loop,
    // which this is, reads from it.
    std::string answers;
    for (const ToSupervisor& message : Heard()) {
      if (!message.has_call()) continue;
      EXPECT_GT(message.call().id(), last);
      last = message.call().id();
      ToGateway reply;
      reply.mutable_reply()->set_call(last);
      AppendTo(&answers, reply);
      // Every other call is left to its client to end.
      if (++calls % 2 == 0) continue;
      ToGateway end;
      end.mutable_end()->set_call(last);
      AppendTo(&answers, end);
    }
    SayBytes(answers);
    if (calls == kThreads * kCalls) loop_->Stop(absl::OkStatus());
  };
  ASSERT_TRUE(loop_->Add(supervisor_.get(), EPOLLIN, answer).ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kCalls;) {
        auto recorder = std::make_shared<Recorder>();
        auto started = Start(recorder, n % 3 == 0);
        uint64_t* id = std::get_if<uint64_t>(&started);
        // Too many are open: the loop is behind.
        if (id == nullptr) continue;
        link_->Grant(*id, 1);
        link_->Abandon(*id);
        ++n;
      }
    });
  }
  EXPECT_TRUE(loop_->Run().ok());
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace drover::admin
