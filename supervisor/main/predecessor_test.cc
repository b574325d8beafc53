#include "supervisor/main/predecessor.h"

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/main/journal_format.h"

namespace drover {
namespace {

using journal::Kind;
using journal::Note;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Note Self(int64_t seconds, uint64_t last) {
  return {.kind = Kind::kSupervisor,
          .pid = 7,
          .incarnation = last,
          .time = seconds * 1'000'000'000};
}

Note Worker(uint32_t slot, uint64_t incarnation, const std::string& text = "") {
  return {.kind = Kind::kWorker,
          .state = static_cast<uint8_t>(core::WorkerState::kStarted),
          .pid = 70,
          .incarnation = incarnation,
          .generation = 1,
          .slot_or_count = slot,
          .time = 200'000'000'000,
          .name = "web",
          .text = text};
}

Note Pool(uint32_t configured, uint32_t count) {
  return {.kind = Kind::kPool,
          .slot_or_count = count,
          .configured = configured,
          .name = "web"};
}

std::string Journal(const std::vector<Note>& notes) {
  std::string bytes(journal::SizeFor(notes.size()), '\0');
  journal::WriteHeader(bytes.data());
  for (size_t i = 0; i < notes.size(); ++i) {
    journal::WriteNote(bytes.data(), i, notes[i]);
  }
  return bytes;
}

Predecessor Read(const std::vector<absl::StatusOr<std::string>>& journals) {
  auto read = ReadPredecessor(journals);
  EXPECT_TRUE(read);
  return read.value_or(Predecessor());
}

std::vector<uint64_t> Incarnations(const Predecessor& of) {
  std::vector<uint64_t> found;
  for (const LostWorker& worker : of.workers) {
    found.push_back(worker.id.incarnation);
  }
  return found;
}

TEST(PredecessorTest, WithoutAJournalThereIsNone) {
  EXPECT_FALSE(ReadPredecessor({}));
}

TEST(PredecessorTest, SaysWhoWasLost) {
  const Predecessor former = Read({Journal(
      {Self(100, 9), Worker(1, 8, "\x1b[31mbusy"), Worker(0, 9), Pool(2, 2)})});
  EXPECT_EQ(former.last_incarnation, 9u);
  EXPECT_THAT(Incarnations(former), ElementsAre(9, 8));
  EXPECT_EQ(former.last_sign, absl::FromUnixSeconds(200));
  EXPECT_EQ(Describe(former),
            "the former supervisor (pid 7, started 1970-01-01T00:01:40.000Z, "
            "last sign of life 1970-01-01T00:03:20.000Z) was killed; 2 workers "
            "lost it");
  EXPECT_THAT(Describe(former.workers[1]),
              HasSubstr("lost web/1 (incarnation 8, pid 70): STARTED, \""));
  EXPECT_THAT(Describe(former.workers[1]), Not(HasSubstr("\x1b")));
}

TEST(PredecessorTest, AnEmptyListOfABrokenJournalIsNotTheTruth) {
  for (const absl::StatusOr<std::string>& journal :
       {absl::StatusOr<std::string>(""),
        absl::StatusOr<std::string>(Journal({Self(1, 1)}).substr(0, 500)),
        absl::StatusOr<std::string>(absl::DataLossError("read: EIO"))}) {
    const Predecessor former = Read({journal});
    EXPECT_THAT(Describe(former), HasSubstr("not all are known: its journal "
                                            "cannot be used: "));
    EXPECT_NE(ToMessage(former).unknown(), "");
  }
}

TEST(PredecessorTest, OneThatHadNoRoomSaysSo) {
  Note self = Self(1, 1);
  self.state = 1;
  EXPECT_THAT(Describe(Read({Journal({self})})), HasSubstr("no room"));
}

TEST(PredecessorTest, OfSeveralTheNewestIsIt) {
  const Predecessor former =
      Read({Journal({Self(300, 20), Worker(0, 20), Pool(1, 3)}),
            Journal({Self(100, 10), Worker(0, 10), Pool(1, 9)})});
  EXPECT_EQ(former.started, absl::FromUnixSeconds(300));
  EXPECT_EQ(former.last_incarnation, 20u);
  EXPECT_EQ(former.counts.at("web").scaled, 3u);
  EXPECT_THAT(Incarnations(former), ElementsAre(10, 20));
}

TEST(PredecessorTest, WhatIsShownIsBounded) {
  std::vector<Note> notes = {Self(1, 1)};
  for (uint32_t slot = 0; slot < 1000; ++slot) {
    notes.push_back(Worker(slot, slot + 1));
  }
  const admin::v1::Predecessor message = ToMessage(Read({Journal(notes)}));
  EXPECT_EQ(message.workers_lost(), 1000u);
  EXPECT_THAT(message.workers(), SizeIs(Predecessor::kShownMax));
}

config::v1::Config Config(uint32_t count) {
  config::v1::Config config;
  config.add_pools()->set_name("web");
  config.mutable_pools(0)->set_count(count);
  config.add_pools()->set_name("new");
  config.mutable_pools(1)->set_count(1);
  return config;
}

TEST(KeepScaleTest, CapacityStays) {
  config::v1::Config config = Config(2);
  const auto kept =
      KeepScale(Read({Journal({Self(1, 1), Pool(2, 8)})}), &config);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept.at("web").configured, 2u);
  EXPECT_EQ(config.pools(0).count(), 8u);
  EXPECT_EQ(config.pools(1).count(), 1u);
}

TEST(KeepScaleTest, AConfigurationThatWasChangedSinceWins) {
  for (uint32_t count : {3u, 8u}) {
    config::v1::Config config = Config(count);
    EXPECT_THAT(KeepScale(Read({Journal({Self(1, 1), Pool(2, 8)})}), &config),
                IsEmpty());
    EXPECT_EQ(config.pools(0).count(), count);
  }
}

}  // namespace
}  // namespace drover
