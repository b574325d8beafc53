// What a session does with what it reads; SPEC.md's clauses are named where a
// test is about one.
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

// ---- Handshake --------------------------------------------------------------

TEST(Handshake, HelloIsPendingFromTheBeginning) {
  Peer peer({DROVER_CAPABILITY_RESUME, 65536});
  EXPECT_THAT(peer.Sent(),
              ElementsAre("hello { major: 1 capabilities: 2 capabilities: "
                          "65536 sdk: \"drover-c/1.0.0\" "
                          "pong_source: PONG_SOURCE_MAIN_LOOP }"));
  EXPECT_EQ(peer.state(), DROVER_STATE_CONNECTING);
}

// DRV-ENV-12, DRV-HELLO-5, DRV-HELLO-7.
TEST(Handshake, PicksMajor1OrRefuses) {
  for (const char* offer : {static_cast<const char*>(nullptr), "1", "1,2",
                            "2,1", "x,,1", "01", "3,1,"}) {
    drover_session* session = nullptr;
    EXPECT_EQ(drover_session_new(nullptr, offer, &session), 0)
        << (offer == nullptr ? "none" : offer);
    drover_session_free(session);
  }
  for (const char* offer : {"", "2", "11", "1x", "x1", "-1", "99", "10,2"}) {
    drover_session* session = nullptr;
    EXPECT_EQ(drover_session_new(nullptr, offer, &session), DROVER_E_VERSION)
        << offer;
    EXPECT_EQ(session, nullptr);
  }
}

TEST(Handshake, WelcomeSaysWhoWeAre) {
  Peer peer({DROVER_CAPABILITY_GAUGES, DROVER_CAPABILITY_RELOAD});
  peer.Send(
      "welcome { capabilities: [5, 77] identity { pool: 'app' slot: 3 "
      "generation: 2 incarnation: 9 } timeouts { loss_ms: 2000 ping_timeout_ms:"
      " 7 } listeners { fd: 4 name: 'http' } supervisor: 'drover/1' }");
  ASSERT_EQ(peer.Next(), DROVER_EVENT_WELCOME);
  EXPECT_STREQ(drover_event_text(peer.event()), "drover/1");
  EXPECT_STREQ(drover_session_pool(peer.session()), "app");
  EXPECT_EQ(drover_session_slot(peer.session()), 3u);
  EXPECT_EQ(drover_session_generation(peer.session()), 2u);
  EXPECT_EQ(drover_session_incarnation(peer.session()), 9u);
  EXPECT_EQ(drover_session_timeout(peer.session(), DROVER_TIMEOUT_LOSS), 2000);
  EXPECT_EQ(drover_session_timeout(peer.session(), DROVER_TIMEOUT_PING), 7);
  EXPECT_EQ(drover_session_has(peer.session(), DROVER_CAPABILITY_GAUGES), 1);
  EXPECT_EQ(drover_session_has(peer.session(), DROVER_CAPABILITY_RELOAD), 0);
  EXPECT_EQ(drover_session_has(peer.session(), 77), 0);
  uint32_t fd = 0;
  const char* name = nullptr;
  ASSERT_EQ(drover_session_listener_count(peer.session()), 1);
  EXPECT_EQ(drover_session_listener(peer.session(), 0, &fd, &name), 0);
  EXPECT_EQ(fd, 4u);
  EXPECT_STREQ(name, "http");
  EXPECT_EQ(peer.state(), DROVER_STATE_INITIALIZED);
}

// DRV-HELLO-12.
TEST(Handshake, ASecondWelcomeIsAViolation) {
  Peer peer;
  peer.Welcome();
  peer.Send("welcome {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 76);
  EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("SEQUENCE")));
}

TEST(Handshake, AnythingBeforeWelcomeIsAViolation) {
  for (const char* text : {"op: 1 start {}", "op: 1 stop {}", "op: 1 quit {}",
                           "ping { id: 1 }", "op: 1 reload {}", "lame_duck {}",
                           "result {}", "op: 9", "user_message {}"}) {
    Peer peer;
    peer.Sent();
    peer.Send(text);
    EXPECT_EQ(peer.Next(), DROVER_EVENT_END) << text;
    EXPECT_EQ(drover_event_exit_code(peer.event()), 76) << text;
    EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("SEQUENCE"))) << text;
  }
}

// DRV-HELLO-13.
TEST(Handshake, EndOfStreamInsteadOfWelcomeExits0) {
  Peer peer;
  drover_session_receive_eof(peer.session());
  EXPECT_EQ(drover_session_deadline(peer.session()), 0);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 0);
}

// ---- Framing ----------------------------------------------------------------

// DRV-FRAME-2.
TEST(Framing, ByteByByte) {
  Peer peer;
  peer.Welcome();
  const std::string bytes = Frame(Message("ping { id: 18446744073709551615 }"));
  for (const char byte : bytes) {
    EXPECT_THAT(peer.Sent(), IsEmpty());
    peer.SendBytes(std::string(1, byte));
    EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  }
  EXPECT_THAT(peer.Sent(), ElementsAre("pong { id: 18446744073709551615 }"));
}

TEST(Framing, ManyInOneWriteAreAnsweredInOrder) {
  Peer peer;
  peer.Welcome();
  peer.SendBytes(Frame(Message("ping { id: 1 }")) + Frame(Message("ping {}")) +
                 Frame(Message("ping { id: 3 }")));
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("pong { id: 1 }", "pong { }", "pong { id: 3 }"));
}

// DRV-FRAME-3, DRV-EVOL-1.
TEST(Framing, TheLargestFrameIsAccepted) {
  Peer peer;
  peer.Welcome();
  std::string body = Message("ping { id: 7 }").SerializeAsString();
  const size_t padding = 65536 - body.size() - 5;
  body += "\xa2\x06";  // field 100, sized
  body += static_cast<char>(padding % 128 | 128);
  body += static_cast<char>(padding / 128 % 128 | 128);
  body += static_cast<char>(padding / 16384);
  body.append(padding, 'x');
  ASSERT_EQ(body.size(), 65536u);
  peer.SendBytes(Frame(body));
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(), ElementsAre("pong { id: 7 }"));
}

// DRV-FRAME-4: judged by the header alone.
TEST(Framing, BadLengthsAreViolations) {
  for (const std::string& header :
       {std::string("\0\0\0\0", 4), std::string("\0\x01\0\x01", 4),
        std::string("GET "), std::string("\xff\xff\xff\xff", 4)}) {
    Peer peer;
    peer.Welcome();
    peer.SendBytes(header);
    EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
    EXPECT_EQ(drover_event_exit_code(peer.event()), 76);
    EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("FRAME_SIZE")));
    EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
    // DRV-FRAME-6: what comes after is dropped, whatever it is.
    peer.Send("ping { id: 1 }");
    EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
    EXPECT_THAT(peer.Sent(), IsEmpty());
  }
}

// DRV-FRAME-5.
TEST(Framing, BytesThatAreNoEnvelopeAreAViolation) {
  Peer peer;
  peer.Welcome();
  peer.SendBytes(Frame(std::string("\x72\x02\x08", 3)));
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("PARSE")));
}

// DRV-FRAME-9, DRV-FRAME-10.
TEST(Framing, WholeFramesBeforeTheEndCountAndAPieceDoesNot) {
  Peer peer;
  peer.Start();
  peer.SendBytes(Frame(Message("op: 2 stop { deadline_ms: 5 }")) +
                 Frame(Message("op: 3 quit {}")).substr(0, 5));
  drover_session_receive_eof(peer.session());
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_LOST);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
}

TEST(Framing, AnUnreadBufferTakesNoMore) {
  Peer peer;
  peer.Welcome();
  std::string pings;
  while (pings.size() < 70000) pings += Frame(Message("ping { id: 1 }"));
  const int64_t taken =
      drover_session_receive(peer.session(), pings.data(), pings.size());
  EXPECT_EQ(taken, 65540);
  EXPECT_EQ(drover_session_room(peer.session()), 0u);
  EXPECT_EQ(drover_session_deadline(peer.session()), 0);
}

// DRV-FRAME-8: nothing is lost when the supervisor reads late.
TEST(Framing, ASupervisorThatDoesNotReadIsNotReadFromEither) {
  Peer peer;
  peer.Welcome();
  const std::string ping = Frame(Message("ping { id: 1 }"));
  size_t written = 0;
  for (int i = 0; i < 100000; ++i) {
    const int64_t taken =
        drover_session_receive(peer.session(), ping.data(), ping.size());
    if (taken < static_cast<int64_t>(ping.size())) break;
    ++written;
    EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  }
  ASSERT_LT(written, 100000u);
  EXPECT_EQ(drover_session_deadline(peer.session()), -1);
  size_t answered = 0;
  for (size_t sent = 1; sent > 0; answered += sent) {
    sent = peer.Sent().size();
    EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  }
  EXPECT_EQ(answered, written);
}

// ---- Lifecycle --------------------------------------------------------------

TEST(Lifecycle, TheSessionOfTheSpecification) {
  Peer peer({DROVER_CAPABILITY_RESUME});
  peer.Start();
  peer.Send(
      "op: 2 stop { deadline_ms: 30000 cause: CAUSE_MAINTENANCE "
      "text: 'new disks' }");
  ASSERT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_event_deadline(peer.event()), 30000u);
  EXPECT_EQ(drover_event_cause(peer.event()), DROVER_CAUSE_MAINTENANCE);
  EXPECT_STREQ(drover_event_text(peer.event()), "new disks");
  EXPECT_EQ(drover_session_stopped(peer.session(), peer.now, "done"), 0);
  EXPECT_THAT(
      peer.Sent(),
      ElementsAre("re: 2 state { state: STATE_STOPPED text: \"done\" }"));
  peer.Send("op: 3 start { deadline_ms: 60000 }");
  ASSERT_EQ(peer.Next(), DROVER_EVENT_START);
  EXPECT_EQ(drover_session_started(peer.session(), peer.now, nullptr), 0);
  EXPECT_THAT(peer.Sent(), ElementsAre("re: 3 state { state: STATE_STARTED }"));
  peer.Send("op: 4 quit { deadline_ms: 10000 cause: CAUSE_SHUTDOWN }");
  ASSERT_EQ(peer.Next(), DROVER_EVENT_QUIT);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 4 state { state: STATE_SHUTTING_DOWN }"));
  EXPECT_EQ(peer.state(), DROVER_STATE_SHUTTING_DOWN);
}

// DRV-STATE-6, DRV-STATE-7.
TEST(Lifecycle, ASlowTransitionIsReportedByItself) {
  Peer peer;
  peer.Welcome();
  peer.Send("op: 1 start { deadline_ms: 60000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_START);
  EXPECT_EQ(drover_session_deadline(peer.session()), peer.now + 100);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(), IsEmpty());
  peer.now += 100;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 1 state { state: STATE_STARTING }"));
  EXPECT_EQ(drover_session_deadline(peer.session()), peer.now + 59900);
}

// DRV-CMD-46, DRV-CMD-45.
TEST(Lifecycle, StopBeforeStartIsAnsweredAtOnce) {
  Peer peer({DROVER_CAPABILITY_RESUME});
  peer.Welcome();
  peer.Send("op: 1 stop {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  peer.Send("op: 2 stop {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(), ElementsAre("re: 1 state { state: STATE_STOPPED }",
                                       "re: 2 state { state: STATE_STOPPED }"));
  EXPECT_EQ(peer.state(), DROVER_STATE_STOPPED);
}

// DRV-CMD-47.
TEST(Lifecycle, StopCancelsAStartAndItsAnswer) {
  Peer peer;
  peer.Welcome();
  peer.SendBytes(Frame(Message("op: 1 start { deadline_ms: 60000 }")) +
                 Frame(Message("op: 2 stop { deadline_ms: 30000 }")));
  EXPECT_EQ(peer.Next(), DROVER_EVENT_START);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_session_started(peer.session(), peer.now, nullptr),
            DROVER_E_STATE);
  EXPECT_EQ(drover_session_stopped(peer.session(), peer.now, nullptr), 0);
  EXPECT_EQ(drover_session_started(peer.session(), peer.now, nullptr),
            DROVER_E_STATE);
  EXPECT_THAT(peer.Sent(), ElementsAre("re: 2 state { state: STATE_STOPPED }"));
}

// DRV-CMD-48.
TEST(Lifecycle, ARepeatedStopIsAnsweredByTheEarlierDeadline) {
  Peer peer;
  peer.Start();
  const int64_t begin = peer.now;
  peer.Send("op: 2 stop { deadline_ms: 30000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  peer.now += 50;
  peer.Send("op: 3 stop { deadline_ms: 1000 }");
  peer.Send("op: 4 stop { deadline_ms: 90000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  peer.now = begin + 1049;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  peer.Sent();
  peer.now = begin + 1050;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_DEADLINE);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_EQ(drover_session_stopped_forced(peer.session(), peer.now, nullptr, 2),
            0);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 4 state { state: STATE_STOPPED abandoned: 2 "
                          "forced: true }"));
}

// DRV-CMD-24.
TEST(Lifecycle, ADeadlineOf0IsReached) {
  Peer peer;
  peer.Start();
  peer.Send("op: 2 stop {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_DEADLINE);
}

// What came counts before what is late.
TEST(Lifecycle, AFrameComesBeforeADeadline) {
  Peer peer;
  peer.Start();
  peer.Send("op: 2 stop { deadline_ms: 10 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  peer.now += 20;
  peer.Send("op: 3 quit { deadline_ms: 10 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_QUIT);
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
}

// DRV-CMD-33.
TEST(Lifecycle, StartTwiceIsRefusedAndChangesNothing) {
  Peer peer;
  peer.Start();
  peer.Send("op: 2 start {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 2 result { code: RESULT_CODE_INVALID_STATE "
                          "text: \"STARTED\" }"));
  EXPECT_EQ(peer.state(), DROVER_STATE_STARTED);
}

TEST(Lifecycle, StartInStoppedNeedsResume) {
  Peer peer;
  peer.Welcome();
  peer.Send("op: 1 stop {}");
  peer.Send("op: 2 start {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre(HasSubstr("STOPPED"),
                          "re: 2 result { code: RESULT_CODE_UNIMPLEMENTED }"));
}

// DRV-CMD-50, DRV-CMD-51: in every state, and END when the time is over.
TEST(Lifecycle, QuitPreEmptsEverything) {
  Peer peer;
  peer.Start();
  peer.Send("op: 2 stop { deadline_ms: 30000 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_STOP);
  peer.Send("op: 3 quit { deadline_ms: 500 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_QUIT);
  peer.Send("op: 4 quit { deadline_ms: 100 }");
  peer.Send("op: 5 start {}");
  peer.Send("ping { id: 1 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 3 state { state: STATE_SHUTTING_DOWN }",
                          "pong { id: 1 }"));
  peer.now += 100;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 0);
}

// DRV-EXIT-8.
TEST(Lifecycle, SigtermIsQuitWithTheDefaultDeadline) {
  Peer peer;
  peer.Start();
  drover_session_terminate(peer.session());
  EXPECT_EQ(peer.Next(), DROVER_EVENT_QUIT);
  EXPECT_EQ(drover_event_deadline(peer.event()), 10000u);
  EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("STATE_SHUTTING_DOWN")));
  drover_session_terminate(peer.session());
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 0);
}

// DRV-EXIT-1.
TEST(Lifecycle, ALostChannelLeavesTheLossTime) {
  Peer peer;
  peer.Start();
  drover_session_receive_eof(peer.session());
  EXPECT_EQ(peer.Next(), DROVER_EVENT_LOST);
  EXPECT_EQ(drover_event_deadline(peer.event()), 2000u);
  EXPECT_THAT(peer.Sent(), IsEmpty());
  peer.now += 2000;
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 0);
}

// DRV-STATE-9, DRV-STATE-10.
TEST(Lifecycle, AFailedStartSaysWhyAndEnds) {
  Peer peer;
  peer.Welcome();
  peer.Send("op: 1 start { deadline_ms: 100 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_START);
  EXPECT_EQ(drover_session_failed(peer.session(), peer.now, "no database"), 0);
  EXPECT_EQ(drover_session_status(peer.session(), peer.now, "x"),
            DROVER_E_STATE);
  EXPECT_EQ(drover_session_fatal(peer.session(), peer.now, 5, "bye"), 0);
  EXPECT_EQ(drover_session_fatal(peer.session(), peer.now, 5, "bye"),
            DROVER_E_STATE);
  EXPECT_THAT(
      peer.Sent(),
      ElementsAre("re: 1 state { state: STATE_FAILED text: \"no database\" }",
                  "fatal { code: 5 text: \"bye\" }"));
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 1);
}

// DRV-EXIT-6, DRV-EXIT-7, DRV-ERR-2.
TEST(Lifecycle, AProtocolErrorEndsWith76) {
  Peer peer;
  peer.Start();
  peer.Send("protocol_error { code: PROTOCOL_ERROR_CODE_LIMIT text: 'flood' }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(peer.event()), 76);
  EXPECT_STREQ(drover_event_text(peer.event()), "flood");
  EXPECT_THAT(peer.Sent(), IsEmpty());
}

// ---- Envelopes --------------------------------------------------------------

// DRV-CMD-2 to DRV-CMD-5.
TEST(Envelope, UnknownBodiesAreRefusedOrIgnored) {
  Peer peer;
  peer.Welcome();
  peer.SendBytes(Frame("\x08\x05\xa2\x06\x01x"));          // op 5
  peer.SendBytes(Frame("\xa2\x06\x01x"));                  // no op
  peer.SendBytes(Frame("\x08\x06\x10\x01\xa2\x06\x01x"));  // op 6, re 1
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 5 result { code: RESULT_CODE_UNIMPLEMENTED }"));
}

TEST(Envelope, CapabilitiesThatWereNotAgreedAreUnknown) {
  Peer peer;
  peer.Start();
  peer.Send("op: 2 reload {}");
  peer.Send("op: 3 user_message { topic: 'a' }");
  peer.Send("user_message { topic: 'a' }");
  peer.Send("lame_duck {}");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(),
              ElementsAre("re: 2 result { code: RESULT_CODE_UNIMPLEMENTED }",
                          "re: 3 result { code: RESULT_CODE_UNIMPLEMENTED }"));
}

TEST(Envelope, ACommandNeedsAnOpThatRises) {
  for (const char* text : {"stop {}", "op: 1 stop {}"}) {
    Peer peer;
    peer.Start();
    peer.Send(text);
    EXPECT_EQ(peer.Next(), DROVER_EVENT_END) << text;
    EXPECT_THAT(peer.Sent(), ElementsAre(HasSubstr("SEQUENCE"))) << text;
  }
}

// DRV-CMD-11.
TEST(Envelope, AnOpWhereNoneBelongsHasNoEffect) {
  Peer peer;
  peer.Start();
  peer.Send("op: 1 re: 8 ping { id: 4 }");
  EXPECT_EQ(peer.Next(), DROVER_EVENT_NONE);
  EXPECT_THAT(peer.Sent(), ElementsAre("pong { id: 4 }"));
}

// DRV-LIMIT-3, DRV-EVOL-2, DRV-EVOL-6.
TEST(Envelope, LongTextsAndUnknownNumbersAreAccepted) {
  Peer peer;
  peer.Start();
  std::string text(4000, 'x');
  text.replace(255, 2, "\xc3\xa9");
  drover_tests::ToWorker stop = Message("op: 2 stop { deadline_ms: 9 }");
  stop.mutable_stop()->set_text(text);
  stop.mutable_stop()->set_cause(static_cast<drover::worker::v1::Cause>(99));
  peer.SendBytes(Frame(stop));
  ASSERT_EQ(peer.Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(drover_event_cause(peer.event()), 99);
  EXPECT_EQ(std::string(drover_event_text(peer.event())), text.substr(0, 255));
}

}  // namespace
