// What a program may say, and what of it reaches the supervisor.
#include <string>
#include <vector>

#include "drover.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/peer.h"

namespace {

using ::drover_tests::Frame;
using ::drover_tests::Message;
using ::drover_tests::Peer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Runs the clock to the next deadline again and again until none is left or
// `until` is reached; returns what was sent.
std::vector<std::string> RunUntil(Peer* peer, int64_t until) {
  std::vector<std::string> sent;
  for (;;) {
    const int64_t at = drover_session_deadline(peer->session());
    if (at < 0 || at > until) break;
    if (at > peer->now) peer->now = at;
    peer->Next();
    for (std::string& message : peer->Sent()) sent.push_back(message);
  }
  return sent;
}

// ---- Paced reports ----------------------------------------------------------

// DRV-LIMIT-5: the latest wins and is never lost.
TEST(Paced, TenTextsASecondAndTheLastOne) {
  Peer peer;
  peer.Start();
  std::vector<std::string> sent;
  const int64_t begin = peer.now;
  for (; peer.now < begin + 1000; ++peer.now) {
    const std::string text = std::to_string(peer.now - begin);
    EXPECT_EQ(drover_session_status(peer.session(), peer.now, text.c_str()), 0);
    peer.Next();
    for (std::string& message : peer.Sent()) sent.push_back(message);
  }
  EXPECT_EQ(sent.size(), 10u);
  EXPECT_THAT(sent[0], HasSubstr("re: 1 state { state: STATE_STARTED text: "
                                 "\"0\""));
  EXPECT_THAT(RunUntil(&peer, begin + 5000),
              ElementsAre(HasSubstr("text: \"999\"")));
  EXPECT_EQ(drover_session_deadline(peer.session()), -1);
}

TEST(Paced, AllKindsTogetherKeepTheRate) {
  Peer peer({DROVER_CAPABILITY_GAUGES, DROVER_CAPABILITY_PROGRESS});
  peer.Start();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(drover_session_status(peer.session(), peer.now, "busy"), 0);
    EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, "load", i), 0);
    EXPECT_EQ(drover_session_progress(peer.session(), peer.now, 0, i, ""), 0);
  }
  EXPECT_EQ(peer.Sent().size(), 1u);
  const int64_t begin = peer.now;
  EXPECT_THAT(RunUntil(&peer, begin + 100),
              ElementsAre(HasSubstr("gauges { name: \"load\" value: 2 }")));
  EXPECT_THAT(RunUntil(&peer, begin + 200),
              ElementsAre(HasSubstr("progress { in_flight: 2 }")));
  EXPECT_THAT(RunUntil(&peer, begin + 9000), ElementsAre(HasSubstr("busy")));
}

TEST(Paced, OnlyGaugesThatChangedAreSent) {
  Peer peer({DROVER_CAPABILITY_GAUGES});
  peer.Start();
  EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, "a", 1), 0);
  EXPECT_THAT(peer.Sent(), ElementsAre("gauges { gauges { name: \"a\" value: "
                                       "1 } }"));
  peer.now += 100;
  EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, "b", -0.0), 0);
  EXPECT_THAT(peer.Sent(), ElementsAre("gauges { gauges { name: \"b\" value: "
                                       "-0 } }"));
}

TEST(Paced, GaugesAreNamedAndCounted) {
  Peer peer({DROVER_CAPABILITY_GAUGES});
  peer.Start();
  for (const char* name : {"", "A", "1a", "a-b", "a.b", "\xc3\xa9"}) {
    EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, name, 1),
              DROVER_E_INVALID)
        << name;
  }
  const std::string longest(63, 'a');
  EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, longest.c_str(), 1),
            0);
  EXPECT_EQ(drover_session_gauge(peer.session(), peer.now,
                                 (longest + "a").c_str(), 1),
            DROVER_E_INVALID);
  for (int i = 1; i < 32; ++i) {
    const std::string name = "g" + std::to_string(i);
    EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, name.c_str(), 1),
              0);
  }
  EXPECT_EQ(drover_session_gauge(peer.session(), peer.now, "one_more", 1),
            DROVER_E_LIMIT);
}

TEST(Paced, WhatWasSaidAboutAFormerStateIsNotSent) {
  Peer peer;
  peer.Start();
  EXPECT_EQ(drover_session_status(peer.session(), peer.now, "one"), 0);
  EXPECT_EQ(drover_session_status(peer.session(), peer.now, "two"), 0);
  peer.Send("op: 2 stop { deadline_ms: 9000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_session_stopped(peer.session(), peer.now, nullptr), 0);
  EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("one"), HasSubstr("STOPPED")));
  EXPECT_THAT(RunUntil(&peer, peer.now + 1000), IsEmpty());
}

// DRV-LIMIT-1, DRV-LIMIT-2: also where the text is no UTF-8.
TEST(Paced, TextsAreCutAtACodePoint) {
  for (size_t before = 250; before <= 258; ++before) {
    for (const char* piece : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\x91"}) {
      Peer peer;
      peer.Start();
      std::string text(before, 'x');
      while (text.size() < 300) text += piece;
      EXPECT_EQ(drover_session_status(peer.session(), peer.now, text.c_str()),
                0);
      const void* data = nullptr;
      const size_t size = drover_session_pending(peer.session(), &data);
      drover_tests::ToSupervisor message;
      ASSERT_TRUE(message.ParseFromArray(static_cast<const char*>(data) + 4,
                                         static_cast<int>(size) - 4));
      const size_t length = message.state().text().size();
      EXPECT_LE(length, 256u);
      EXPECT_GT(length, 252u);
      EXPECT_TRUE(length <= before ||
                  (length - before) % std::string(piece).size() == 0);
    }
  }
}

// ---- Progress ---------------------------------------------------------------

// DRV-CMD-82, DRV-CMD-83.
TEST(Progress, ExtendsADeadlineNeverBackwards) {
  Peer peer({DROVER_CAPABILITY_PROGRESS});
  peer.Start();
  EXPECT_EQ(drover_session_progress(peer.session(), peer.now, 5, 0, ""),
            DROVER_E_STATE);
  peer.Send("op: 2 stop { deadline_ms: 1000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  const int64_t begin = peer.now;
  peer.now += 900;
  EXPECT_EQ(drover_session_progress(peer.session(), peer.now, 50, 3, "few"), 0);
  EXPECT_EQ(drover_session_progress(peer.session(), peer.now, 700, 3, "few"),
            0);
  EXPECT_THAT(peer.Sent(), ElementsAre("re: 2 progress { extend_ms: 50 "
                                       "in_flight: 3 text: \"few\" }"));
  peer.now = begin + 1000;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  // The second was sent 100 ms later and says what is left of it.
  EXPECT_THAT(peer.Sent(), testing::Contains(HasSubstr("extend_ms: 600")));
  peer.now = begin + 1599;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  peer.now = begin + 1600;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_DEADLINE);
}

TEST(Progress, ExtensionsHaveACap) {
  Peer peer({DROVER_CAPABILITY_PROGRESS});
  peer.Start();
  peer.Send("op: 2 stop { deadline_ms: 1000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(
      drover_session_progress(peer.session(), peer.now, 4000000000u, 1, ""), 0);
  peer.now += 301000;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_DEADLINE);
}

// ---- Capabilities -----------------------------------------------------------

// DRV-CAP-2, DRV-REPORT-3.
TEST(Capabilities, NothingIsSentWithoutThem) {
  Peer peer;
  peer.Start();
  drover_session* session = peer.session();
  uint64_t op = 0;
  EXPECT_EQ(drover_session_progress(session, peer.now, 0, 0, ""),
            DROVER_E_CAPABILITY);
  EXPECT_EQ(drover_session_gauge(session, peer.now, "a", 1),
            DROVER_E_CAPABILITY);
  EXPECT_EQ(
      drover_session_request(session, peer.now, DROVER_REQUEST_STOP, "", &op),
      DROVER_E_CAPABILITY);
  EXPECT_EQ(drover_session_send(session, peer.now, "a", "", 0, nullptr),
            DROVER_E_CAPABILITY);
  EXPECT_EQ(drover_session_reply(session, peer.now, 1, DROVER_RESULT_OK, ""),
            DROVER_E_CAPABILITY);
  EXPECT_THAT(peer.Sent(), IsEmpty());
}

TEST(Capabilities, NothingIsSaidBeforeWelcomeButFatal) {
  Peer peer({DROVER_CAPABILITY_GAUGES, DROVER_CAPABILITY_PROGRESS,
             DROVER_CAPABILITY_REQUEST, DROVER_CAPABILITY_USER_MESSAGES});
  peer.Sent();
  drover_session* session = peer.session();
  EXPECT_EQ(drover_session_started(session, 1, ""), DROVER_E_STATE);
  EXPECT_EQ(drover_session_stopped(session, 1, ""), DROVER_E_STATE);
  EXPECT_EQ(drover_session_failed(session, 1, ""), DROVER_E_STATE);
  EXPECT_EQ(drover_session_status(session, 1, ""), DROVER_E_STATE);
  EXPECT_EQ(drover_session_progress(session, 1, 0, 0, ""), DROVER_E_STATE);
  EXPECT_EQ(drover_session_gauge(session, 1, "a", 0), DROVER_E_STATE);
  EXPECT_EQ(drover_session_request(session, 1, 1, "", nullptr), DROVER_E_STATE);
  EXPECT_EQ(drover_session_send(session, 1, "a", "", 0, nullptr),
            DROVER_E_STATE);
  EXPECT_THAT(peer.Sent(), IsEmpty());
  EXPECT_EQ(drover_session_fatal(session, 1, 3, "no licence"), 0);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("fatal { code: 3 text: \"no licence\" }"));
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 1);
}

// ---- Reload -----------------------------------------------------------------

TEST(Reload, IsAnsweredOnceAndLeavesTheState) {
  Peer peer({DROVER_CAPABILITY_RELOAD});
  peer.Start();
  peer.Send("op: 2 reload { deadline_ms: 700 payload: 'a\\000b' }");
  ASSERT_EQ(peer.Next(), DROVER_EVENT_RELOAD);
  size_t size = 0;
  const void* data = drover_event_data(peer.event(), &size);
  EXPECT_EQ(std::string(static_cast<const char*>(data), size),
            std::string("a\0b", 3));
  EXPECT_EQ(drover_event_deadline(peer.event()), 700u);
  EXPECT_EQ(drover_session_reloaded(peer.session(), peer.now, 0, "line 7"), 0);
  EXPECT_EQ(drover_session_reloaded(peer.session(), peer.now, 1, ""),
            DROVER_E_STATE);
  EXPECT_THAT(peer.Sent(), ElementsAre("re: 2 result { code: RESULT_CODE_FAILED"
                                       " text: \"line 7\" }"));
  EXPECT_EQ(peer.state(), DROVER_STATE_STARTED);
}

// DRV-CMD-64.
TEST(Reload, AStopSupersedesIt) {
  Peer peer({DROVER_CAPABILITY_RELOAD});
  peer.Start();
  peer.Send("op: 2 reload {}");
  peer.Send("op: 3 stop { deadline_ms: 1 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_RELOAD);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_session_reloaded(peer.session(), peer.now, 1, ""),
            DROVER_E_STATE);
  EXPECT_THAT(peer.Sent(), IsEmpty());
}

// DRV-CMD-63.
TEST(Reload, IsRefusedElsewhere) {
  Peer peer({DROVER_CAPABILITY_RELOAD});
  peer.Welcome();
  peer.Send("op: 1 reload {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("INVALID_STATE")));
}

// ---- Requests ---------------------------------------------------------------

class Requests : public testing::Test {
 protected:
  Requests() : peer_({DROVER_CAPABILITY_REQUEST}) { peer_.Start(); }
  int Ask(int kind) {
    return drover_session_request(peer_.session(), peer_.now, kind, "why",
                                  &op_);
  }
  Peer peer_;
  uint64_t op_ = 0;
};

// DRV-REQ-1.
TEST_F(Requests, OneAtATime) {
  EXPECT_EQ(Ask(0), DROVER_E_INVALID);
  EXPECT_EQ(Ask(5), DROVER_E_INVALID);
  EXPECT_EQ(Ask(DROVER_REQUEST_RECYCLE), 0);
  EXPECT_EQ(op_, 1u);
  EXPECT_EQ(Ask(DROVER_REQUEST_QUIT), DROVER_E_AGAIN);
  EXPECT_THAT(peer_.Sent(),
              ElementsAre("op: 1 request { kind: REQUEST_KIND_RECYCLE text: "
                          "\"why\" }"));
}

// DRV-REQ-3, DRV-REQ-4, DRV-REQ-7.
TEST_F(Requests, ARefusalHoldsForAMinute) {
  EXPECT_EQ(Ask(DROVER_REQUEST_RECYCLE), 0);
  peer_.Send("re: 1 result { code: RESULT_CODE_DENIED text: 'no' }");
  ASSERT_EQ(peer_.Next(), DROVER_EVENT_RESULT);
  EXPECT_EQ(drover_event_re(peer_.event()), 1u);
  EXPECT_EQ(drover_event_code(peer_.event()), DROVER_RESULT_DENIED);
  EXPECT_STREQ(drover_event_text(peer_.event()), "no");
  EXPECT_EQ(peer_.state(), DROVER_STATE_STARTED);
  EXPECT_EQ(Ask(DROVER_REQUEST_RECYCLE), DROVER_E_AGAIN);
  peer_.now += 60000;
  EXPECT_EQ(Ask(DROVER_REQUEST_RECYCLE), 0);
  EXPECT_EQ(op_, 2u);
}

// DRV-REQ-5.
TEST_F(Requests, AStopThatCrossesSettlesIt) {
  EXPECT_EQ(Ask(DROVER_REQUEST_STOP), 0);
  peer_.Send("op: 2 stop { deadline_ms: 900 }");
  EXPECT_EQ(peer_.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_session_stopped(peer_.session(), peer_.now, ""), 0);
  peer_.Send("re: 1 result { code: RESULT_CODE_OK }");
  EXPECT_EQ(peer_.Next(), DROVER_EVENT_RESULT);
  EXPECT_EQ(Ask(DROVER_REQUEST_STOP), DROVER_E_STATE);
}

// DRV-REQ-6.
TEST_F(Requests, NoAnswerIsAnAnswerAfter30Seconds) {
  EXPECT_EQ(Ask(DROVER_REQUEST_RECYCLE), 0);
  EXPECT_EQ(drover_session_deadline(peer_.session()), peer_.now + 30000);
  peer_.now += 30000;
  ASSERT_EQ(peer_.Next(), DROVER_EVENT_RESULT);
  EXPECT_EQ(drover_event_code(peer_.event()), DROVER_RESULT_UNSPECIFIED);
  EXPECT_EQ(drover_event_re(peer_.event()), 1u);
  EXPECT_EQ(Ask(DROVER_REQUEST_RECYCLE), 0);
}

// DRV-CMD-10.
TEST_F(Requests, AnswersToNothingAreIgnored) {
  peer_.Send("re: 77 result { code: RESULT_CODE_OK }");
  peer_.Send("result { code: RESULT_CODE_OK }");
  EXPECT_EQ(peer_.Next(), DROVER_EVENT_NONE);
}

// ---- Messages ---------------------------------------------------------------

class Messages : public testing::Test {
 protected:
  Messages() : peer_({DROVER_CAPABILITY_USER_MESSAGES}) { peer_.Start(); }
  int Send(const std::string& topic, const std::string& data, uint64_t* op) {
    return drover_session_send(peer_.session(), peer_.now, topic.c_str(),
                               data.data(), data.size(), op);
  }
  Peer peer_;
};

TEST_F(Messages, AreSentAndAnswered) {
  uint64_t op = 0;
  EXPECT_EQ(Send("cache.flush", "all", &op), 0);
  EXPECT_EQ(Send("cache.flush", "", nullptr), 0);
  EXPECT_THAT(peer_.Sent(),
              ElementsAre("op: 1 user_message { topic: \"cache.flush\" "
                          "payload: \"all\" }",
                          "user_message { topic: \"cache.flush\" }"));
  peer_.Send("re: 1 user_message { topic: 'cache.flushed' payload: '9' }");
  ASSERT_EQ(peer_.Next(), DROVER_EVENT_MESSAGE);
  EXPECT_STREQ(drover_event_topic(peer_.event()), "cache.flushed");
  EXPECT_EQ(drover_event_re(peer_.event()), op);
  EXPECT_EQ(drover_event_op(peer_.event()), 0u);
}

// DRV-MSG-2.
TEST_F(Messages, WithAnOpWantAnAnswer) {
  peer_.Send("op: 5 user_message { topic: 'ask' payload: 'x' }");
  ASSERT_EQ(peer_.Next(), DROVER_EVENT_MESSAGE);
  const uint64_t op = drover_event_op(peer_.event());
  drover_session* session = peer_.session();
  EXPECT_EQ(op, 5u);
  EXPECT_EQ(drover_session_reply(session, peer_.now, 6, DROVER_RESULT_OK, ""),
            DROVER_E_INVALID);
  EXPECT_EQ(drover_session_reply(session, peer_.now, op, 0, ""),
            DROVER_E_INVALID);
  EXPECT_EQ(
      drover_session_reply(session, peer_.now, op, DROVER_RESULT_OK, "ok"), 0);
  EXPECT_EQ(
      drover_session_reply_message(session, peer_.now, op, "answer", "y", 1),
      0);
  EXPECT_THAT(
      peer_.Sent(),
      ElementsAre("re: 5 result { code: RESULT_CODE_OK text: \"ok\" }",
                  "re: 5 user_message { topic: \"answer\" payload: \"y\" }"));
}

// DRV-MSG-1.
TEST_F(Messages, WithABadTopicAreRefused) {
  EXPECT_EQ(Send("Bad topic", "", nullptr), DROVER_E_INVALID);
  peer_.Send("op: 2 user_message { topic: 'Bad topic' }");
  peer_.Send("user_message { topic: '' }");
  EXPECT_EQ(peer_.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer_.Sent(), ElementsAre(HasSubstr("RESULT_CODE_FAILED")));
}

TEST_F(Messages, HaveALargestSize) {
  EXPECT_EQ(Send("big", std::string(65001, 'x'), nullptr), DROVER_E_LIMIT);
  EXPECT_EQ(Send("big", std::string(65000, 'x'), nullptr), 0);
  EXPECT_EQ(Send("big", std::string(1000, 'x'), nullptr), DROVER_E_AGAIN);
  EXPECT_EQ(peer_.Sent().size(), 1u);
}

// DRV-LIMIT-6: never near 1000 frames in any second.
TEST_F(Messages, HaveARate) {
  const int64_t begin = peer_.now;
  int accepted = 0;
  for (; peer_.now < begin + 1000; ++peer_.now) {
    for (int i = 0; i < 5; ++i) accepted += Send("a", "", nullptr) == 0;
    peer_.Sent();
  }
  EXPECT_GT(accepted, 400);
  EXPECT_LE(accepted, 800);
}

// What matters gets through although the program filled the channel.
TEST_F(Messages, LeaveRoomForStates) {
  while (Send("fill", std::string(500, 'x'), nullptr) == 0) {
  }
  peer_.now += 10000;
  while (Send("fill", std::string(500, 'x'), nullptr) == 0) {
  }
  peer_.Send("op: 2 stop { deadline_ms: 9 }");
  ASSERT_EQ(peer_.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_session_stopped(peer_.session(), peer_.now, "all done"), 0);
  EXPECT_THAT(peer_.Sent().back(), HasSubstr("all done"));
}

TEST(LameDuck, IsHandedOn) {
  Peer peer({DROVER_CAPABILITY_LAME_DUCK});
  peer.Start();
  peer.Send("lame_duck { stop_in_ms: 4000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_LAME_DUCK);
  EXPECT_EQ(drover_event_deadline(peer.event()), 4000u);
  EXPECT_EQ(peer.state(), DROVER_STATE_STARTED);
}

}  // namespace
