#include "supervisor/control/event_log.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace drover::control {
namespace {

Happening Of(const std::string& pool, const std::string& text) {
  Happening happening;
  happening.pool = pool;
  happening.event.mutable_gateway_changed()->set_text(text);
  return happening;
}

admin::v1::Event EventAt(const EventLog& log, uint64_t number) {
  admin::v1::WatchEventsResponse response;
  EXPECT_TRUE(response.ParseFromString(log.at(number).response));
  return response.event();
}

TEST(EventLogTest, ATokenLeadsToWhatFollowsItsEvent) {
  EventLog log("a.b");  // a session may have any form
  for (int i = 1; i <= 3; ++i) log.Append(Of("web", absl::StrCat(i)));
  for (uint64_t number = 1; number <= 3; ++number) {
    admin::v1::Event event = EventAt(log, number);
    EXPECT_EQ(event.gateway_changed().text(), absl::StrCat(number));
    auto after = log.After(event.token());
    ASSERT_TRUE(after.ok()) << after.status();
    EXPECT_EQ(*after, number + 1);
  }
  EXPECT_EQ(*log.After(log.TokenBefore(1)), 1u);
}

TEST(EventLogTest, KeepsTheLastEvents) {
  EventLog log("s");
  const uint64_t total = EventLog::kEventsKept + 10;
  for (uint64_t i = 1; i <= total; ++i) log.Append(Of("", absl::StrCat(i)));
  EXPECT_EQ(log.first(), 11u);
  EXPECT_EQ(log.next(), total + 1);
  EXPECT_EQ(EventAt(log, 11).gateway_changed().text(), "11");
  // Event 10 is gone, but nothing after it.
  EXPECT_EQ(*log.After("s.10"), 11u);
  EXPECT_EQ(log.After("s.9").status().code(), absl::StatusCode::kOutOfRange);
}

TEST(EventLogTest, LargeEventsAreKeptByTheirSize) {
  EventLog log("s");
  const std::string large(64 << 10, 'x');
  for (int i = 0; i < 200; ++i) log.Append(Of("", large));
  size_t bytes = 0;
  for (uint64_t i = log.first(); i < log.next(); ++i) {
    bytes += log.at(i).response.size();
  }
  EXPECT_LE(bytes, EventLog::kBytesKept);
  EXPECT_GT(bytes, EventLog::kBytesKept - (128 << 10));
  log.Append(Of("", std::string(3 << 20, 'x')));
  EXPECT_EQ(log.first() + 1, log.next());
}

// From one program of the process to the next.
TEST(EventLogTest, IsReadAsItWasWritten) {
  EventLog log("s");
  const uint64_t total = EventLog::kEventsKept + 10;
  for (uint64_t i = 1; i <= total; ++i) log.Append(Of("web", absl::StrCat(i)));
  state::v1::Control state;
  log.Write(&state);
  EXPECT_EQ(state.session(), "s");
  EventLog next(state.session());
  next.Read(state);
  ASSERT_EQ(next.first(), log.first());
  ASSERT_EQ(next.next(), log.next());
  for (uint64_t i = log.first(); i < log.next(); ++i) {
    ASSERT_EQ(next.at(i).pool, "web");
    ASSERT_EQ(next.at(i).response, log.at(i).response);
  }
  // A token of before leads to what comes now.
  auto after = next.After(EventAt(log, total).token());
  ASSERT_TRUE(after.ok()) << after.status();
  next.Append(Of("web", "new"));
  EXPECT_EQ(EventAt(next, *after).gateway_changed().text(), "new");
  // Its bounds hold on.
  EXPECT_EQ(next.first(), log.first() + 1);
}

TEST(EventLogTest, ALogThatIsReadKnowsItsSize) {
  EventLog log("s");
  for (int i = 0; i < 40; ++i) log.Append(Of("", std::string(64 << 10, 'x')));
  state::v1::Control state;
  log.Write(&state);
  EventLog next("s");
  next.Read(state);
  const Happening large = Of("", std::string(64 << 10, 'y'));
  next.Append(large);
  log.Append(large);
  EXPECT_EQ(next.first(), log.first());
}

TEST(EventLogTest, OneWithoutEventsKeepsItsPlace) {
  state::v1::Control state;
  EventLog("s").Write(&state);
  EventLog next("s");
  next.Read(state);
  EXPECT_EQ(next.first(), 1u);
  next.Append(Of("", "first"));
  EXPECT_EQ(*next.After("s.0"), 1u);
}

TEST(EventLogTest, WhatIsNoTokenIsRefused) {
  EventLog log("s");
  log.Append(Of("", "one"));
  for (const char* token :
       {"", ".", "s", "s.", "s.x", "s.-1", "s.2", "s.18446744073709551615",
        "s.18446744073709551616"}) {
    EXPECT_EQ(log.After(token).status().code(),
              absl::StatusCode::kInvalidArgument)
        << token;
  }
  for (const char* token : {"t.1", "s.1.1", ".1"}) {
    EXPECT_EQ(log.After(token).status().code(), absl::StatusCode::kOutOfRange)
        << token;
  }
}

}  // namespace
}  // namespace drover::control
