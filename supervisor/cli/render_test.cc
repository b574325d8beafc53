// Messages as text, word for word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"
#include "supervisor/cli/progress.h"
#include "supervisor/cli/render_event.h"
#include "supervisor/cli/render_operation.h"
#include "supervisor/cli/render_plan.h"
#include "supervisor/cli/render_status.h"
#include "supervisor/cli/table.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Style kPlain;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

TEST(TextTest, NothingMovesTheCursorOrTurnsText) {
  EXPECT_EQ(Escape("a\x1b]52;c;x\x07\nb\tc"), "a\\x1B]52;c;x\\x07\\x0Ab    c");
  EXPECT_EQ(Escape("\xe2\x80\xae"), "\\u{202E}");
  EXPECT_EQ(Escape("\xff"), "\\xFF");
}

TEST(TextTest, WidthAndTruncation) {
  EXPECT_EQ(DisplayWidth("größe"), 5);
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(Truncate("größer", 5), "größ…");
  EXPECT_EQ(Truncate("日本語", 5), "日本…");
  EXPECT_EQ(Truncate("kurz", 4), "kurz");
  EXPECT_EQ(Truncate("kurz", 0), "kurz");
}

TEST(TextTest, Durations) {
  EXPECT_EQ(ShowDuration(-absl::Seconds(1)), "0s");
  EXPECT_EQ(ShowDuration(absl::Milliseconds(250)), "250ms");
  EXPECT_EQ(ShowDuration(absl::Milliseconds(3290)), "3.2s");
  EXPECT_EQ(ShowDuration(absl::Seconds(42)), "42s");
  EXPECT_EQ(ShowDuration(absl::Seconds(185)), "3m05s");
  EXPECT_EQ(ShowDuration(absl::Hours(2) + absl::Minutes(5)), "2h05m");
  EXPECT_EQ(ShowDuration(absl::Hours(99)), "4d03h");
}

TEST(WordsTest, UnknownValuesAreShownByNumber) {
  EXPECT_EQ(Word(static_cast<admin::v1::WorkerState>(99)), "99");
  EXPECT_EQ(Word(static_cast<admin::v1::FailureReason>(77)), "77");
  EXPECT_EQ(Word(admin::v1::OPERATION_STATE_ROLLED_BACK), "rolled back");
}

TEST(TableTest, AlignsLeavesOutEmptyColumnsAndCutsTheLast) {
  Table table({{"NAME"}, {"N", true}, {"NONE"}, {"TEXT"}});
  table.AddRow({Cell("a"), Cell("7"), Cell(""), Cell("a long text")});
  table.AddRow({Cell("longer"), Cell("123"), Cell(""), Cell("")});
  EXPECT_EQ(table.Render(kPlain),
            "NAME      N  TEXT\n"
            "a         7  a long text\n"
            "longer  123\n");
  EXPECT_EQ(table.Render({.color = false, .width = 19}),
            "NAME      N  TEXT\n"
            "a         7  a lon…\n"
            "longer  123\n");
}

TEST(TableTest, ColoursTakeNoColumns) {
  Table table({{"A"}, {"B"}});
  table.AddRow({Cell("x", Tone::kGood), Cell("y")});
  EXPECT_EQ(table.Render({.color = true, .width = 0}),
            "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m  y\n");
}

constexpr char kReload[] = R"pb(
  id: "op-17"
  kind: OPERATION_KIND_RELOAD
  state: OPERATION_STATE_RUNNING
  pool: "web"
  done: 2
  total: 4
  waiting_more: 1
  waiting {
    worker { pool: "web" slot: 2 }
    state: WORKER_STATE_STOPPING
    what: "the drain (12 in flight)"
    since { seconds: 4 }
    deadline_in { seconds: 26 }
  }
  waiting {
    worker { pool: "web" slot: 13 }
    state: WORKER_STATE_STARTING
    what: "STARTED"
    since { seconds: 1 }
  })pb";

TEST(ProgressTest, ShowsDoneTotalAndWhatItWaitsFor) {
  auto operation = Parse<admin::v1::Operation>(kReload);
  ProgressView view = {absl::Seconds(12), absl::Seconds(2), 24};
  EXPECT_THAT(
      RenderProgress(operation, view, {.color = false, .width = 80}),
      ElementsAre(
          "reload web  [############------------]  2/4  12s  op-17",
          "  web/2   STOPPING  waits for the drain (12 in flight), 6.0s, 24s "
          "left",
          "  web/13  STARTING  waits for STARTED, 3.0s", "  and 1 more"));
}

TEST(ProgressTest, FitsANarrowAndLowTerminal) {
  auto operation = Parse<admin::v1::Operation>(kReload);
  ProgressView view = {absl::Seconds(12), absl::ZeroDuration(), 6};
  std::vector<std::string> lines =
      RenderProgress(operation, view, {.color = false, .width = 30});
  EXPECT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines.back(), "  and 2 more");
  for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), 30);
}

TEST(ProgressTest, TotalsThatMakeNoSenseAreShownAllTheSame) {
  auto operation = Parse<admin::v1::Operation>(kReload);
  operation.clear_waiting();
  operation.clear_waiting_more();
  operation.set_total(0);
  EXPECT_THAT(RenderProgress(operation, {}, kPlain)[0], HasSubstr("2/0"));
  operation.set_total(1);
  EXPECT_THAT(RenderProgress(operation, {}, kPlain)[0],
              HasSubstr("[########################]  2/1"));
}

TEST(OperationTest, TheLineOfAStuckOne) {
  EXPECT_EQ(RenderProgressLine(Parse<admin::v1::Operation>(kReload)),
            "op-17 reload web: 2/4, web/2 STOPPING waits for the drain (12 in "
            "flight), web/13 STARTING waits for STARTED, and 1 more\n");
}

TEST(OperationTest, AnOutcomeWithoutFailureIsOneLine) {
  auto operation = Parse<admin::v1::Operation>(
      "id: 'op-1' kind: OPERATION_KIND_SHUTDOWN done: 3 total: 3 "
      "state: OPERATION_STATE_SUCCEEDED end_time { seconds: 90 }");
  EXPECT_EQ(RenderOutcome(operation, kPlain),
            "done: shutdown, 3/3 in 1m30s (op-1)\n");
}

constexpr char kState[] = R"pb(
  supervisor { version: "1.2" pid: 7 config_file: "/etc/d.yaml" }
  pools {
    name: "web"
    state: POOL_STATE_RUNNING
    count: 2
    ready: 1
    generation: 3
    next_generation: 4
    operation: "op-17"
    restarts: 1
    listeners { name: "http" address: "tcp://127.0.0.1:8080" }
  }
  pools {
    name: "jobs"
    state: POOL_STATE_FAILED
    count: 1
    generation: 1
    failure {
      reason: FAILURE_REASON_CRASH_LOOP
      message: "11 restarts within 1m"
      remedy: "mend it, then drover start jobs"
    }
  }
  workers {
    id { pool: "web" slot: 0 generation: 3 }
    state: WORKER_STATE_STARTED
    pid: 42
    state_age { seconds: 75 }
    in_flight: 12
    status_text: "\033[31mred"
    gauges { key: "queue" value: 3.5 }
    gauges { key: "age" value: 1 }
  }
  workers {
    id { pool: "web" slot: 1 generation: 4 }
    state: WORKER_STATE_BACKING_OFF
    state_age { seconds: 2 }
    deadline_in { seconds: 5 }
    restarts: 1
    last_exit {
      external_signal { signal: 11 name: "SIGSEGV" }
      last_words: "bye"
      last_output: "one"
      last_output: "two\nlines"
    }
  })pb";

TEST(StatusTest, TablesFirstThenWhatIsWrong) {
  EXPECT_EQ(RenderStatus(Parse<admin::v1::Snapshot>(kState),
                         absl::FromUnixSeconds(60), kPlain),
            "drover 1.2  pid 7  up 1m00s  /etc/d.yaml\n"
            "\n"
            "POOL  STATE    READY  GEN  RESTARTS  OPERATION  LISTENERS\n"
            "web   RUNNING    1/2  3>4         1  op-17      "
            "http=tcp://127.0.0.1:8080\n"
            "jobs  FAILED     0/1    1         0\n"
            "\n"
            "WORKER  STATE          FOR  LEFT  GEN  PID  IN-FLIGHT  RESTARTS  "
            "STATUS\n"
            "web/0   STARTED      1m15s          3   42         12            "
            "\\x1B[31mred age=1 queue=3.5\n"
            "web/1   BACKING_OFF   2.0s  5.0s    4                         1\n"
            "\n"
            "web/1 is BACKING_OFF, next start in 5.0s: ended by SIGSEGV\n"
            "  said: bye\n"
            "    | one\n"
            "    | two\\x0Alines\n"
            "\n"
            "jobs is FAILED\n"
            "  reason: 11 restarts within 1m (CRASH_LOOP)\n"
            "  remedy: mend it, then drover start jobs\n");
}

TEST(StatusTest, ReadyMeansRunningAndComplete) {
  auto snapshot = Parse<admin::v1::Snapshot>(
      "pools { state: POOL_STATE_RUNNING count: 2 ready: 2 }");
  EXPECT_TRUE(IsAllReady(snapshot));
  snapshot.mutable_pools(0)->set_ready(1);
  EXPECT_FALSE(IsAllReady(snapshot));
  snapshot.mutable_pools(0)->set_ready(2);
  snapshot.mutable_pools(0)->set_state(admin::v1::POOL_STATE_STOPPED);
  EXPECT_FALSE(IsAllReady(snapshot));
}

TEST(PlanTest, SaysWhatEachChangeDoes) {
  auto plan = Parse<admin::v1::Plan>(R"pb(
    changes { pool: "new" kind: CHANGE_KIND_ADD }
    changes { pool: "old" kind: CHANGE_KIND_REMOVE }
    changes { pool: "web" kind: CHANGE_KIND_SCALE fields: "count: 4 -> 8" }
    changes { pool: "same" kind: CHANGE_KIND_UNCHANGED }
    needs_restart: "supervisor.admin.socket")pb");
  EXPECT_EQ(RenderPlan(plan, kPlain),
            "+ new is new: its workers start\n"
            "- old goes: its workers drain and end\n"
            "~ web is scaled\n"
            "    count: 4 -> 8\n"
            "  same stays as it is\n"
            "! supervisor.admin.socket takes effect when the supervisor itself "
            "starts again\n");
}

TEST(EventTest, UnknownKindsAndLossAreSaid) {
  auto lost = Parse<admin::v1::WatchEventsResponse>("lost { events: 7 }");
  EXPECT_THAT(RenderEvent(lost, kPlain), HasSubstr("7 events"));
  auto unknown = Parse<admin::v1::WatchEventsResponse>("event { token: 'x' }");
  EXPECT_THAT(RenderEvent(unknown, kPlain), HasSubstr("does not know"));
}

TEST(EventTest, AProcessThatIsNewHasNoFormerState) {
  auto spawned = Parse<admin::v1::WatchEventsResponse>(R"pb(
    event {
      worker_changed {
        id { pool: "web" slot: 3 }
        pid: 42
        former: WORKER_STATE_SPAWNED
        state: WORKER_STATE_SPAWNED
      }
    })pb");
  EXPECT_THAT(RenderEvent(spawned, kPlain),
              HasSubstr(" web/3 SPAWNED, pid 42\n"));
}

TEST(OperationTest, ALineNamesThreeWorkersAndCountsTheRest) {
  auto operation = Parse<admin::v1::Operation>("id: 'op-1' waiting_more: 7");
  for (int i = 0; i < 5; ++i) operation.add_waiting()->set_what("its exit");
  std::string line = RenderProgressLine(operation);
  EXPECT_THAT(line, HasSubstr("its exit, and 9 more\n"));
}

TEST(EventTest, AnExitWithWhatFollows) {
  auto exited = Parse<admin::v1::WatchEventsResponse>(R"pb(
    event {
      worker_exited {
        exit {
          worker { pool: "web" slot: 3 }
          text: "ended by SIGKILL"
        }
        next: "restart in 200ms"
      }
    })pb");
  EXPECT_THAT(RenderEvent(exited, kPlain),
              HasSubstr(" web/3 ended by SIGKILL; restart in 200ms\n"));
}

}  // namespace
}  // namespace drover::cli
