#include "supervisor/main/journal_format.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Note Supervisor() {
  return {.kind = Kind::kSupervisor,
          .pid = 7,
          .incarnation = 12,
          .time = 1000,
          .name = "drover/1"};
}

Note Worker(uint64_t incarnation, const std::string& text = "idle") {
  return {.kind = Kind::kWorker,
          .state = 3,
          .pid = 100,
          .incarnation = incarnation,
          .generation = 2,
          .slot_or_count = 4,
          .time = 2000,
          .name = "web",
          .text = text};
}

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() : bytes(SizeFor(4), '\0') {
    WriteHeader(bytes.data());
    Write(0, Supervisor());
  }

  void Write(size_t place, const Note& note) {
    WriteNote(bytes.data(), place, note);
  }

  std::vector<Note> Read() {
    auto notes = ReadNotes(bytes);
    EXPECT_TRUE(notes.ok()) << notes.status();
    return notes.ok() ? *notes : std::vector<Note>();
  }

  std::string Refusal(const std::string& journal) {
    return std::string(ReadNotes(journal).status().message());
  }

  std::string bytes;
};

TEST_F(JournalTest, WhatWasNotedLastIsRead) {
  Write(1, Worker(1));
  Write(2, Worker(2));
  Write(1, Worker(1, "busy"));
  EXPECT_THAT(Read(), ElementsAre(Supervisor(), Worker(1, "busy"), Worker(2)));
  Write(1, Note());
  EXPECT_THAT(Read(), ElementsAre(Supervisor(), Worker(2)));
  Write(1, Worker(3));
  EXPECT_THAT(Read(), ElementsAre(Supervisor(), Worker(3), Worker(2)));
}

TEST_F(JournalTest, LongTextsAreCut) {
  Note note = Worker(1, std::string(500, 'x'));
  note.name = std::string(500, 'y');
  Write(1, note);
  note.text.resize(kTextMax);
  note.name.resize(kNameMax);
  EXPECT_THAT(Read(), ElementsAre(Supervisor(), note));
}

// Wherever a write is cut off, in whichever order the bytes are written, the
// note is the former or the new one.
TEST_F(JournalTest, AWriteThatIsCutOffLeavesTheFormer) {
  Write(1, Worker(1));
  for (int turn = 0; turn < 2; ++turn) {
    const std::string former = bytes;
    const std::vector<Note> before = Read();
    Write(1, Worker(1, turn == 0 ? "one" : "two"));
    const std::string written = bytes;
    const std::vector<Note> after = Read();
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
      bytes = written.substr(0, cut) + former.substr(cut);
      EXPECT_THAT(Read(), ::testing::AnyOf(before, after)) << cut;
      bytes = former.substr(0, cut) + written.substr(cut);
      EXPECT_THAT(Read(), ::testing::AnyOf(before, after)) << cut;
    }
    bytes = written;
  }
}

TEST_F(JournalTest, TheFirstWriteMayBeCutOffToo) {
  const std::string former = bytes;
  Write(1, Worker(1));
  const std::string written = bytes;
  bytes = written.substr(0, SizeFor(1) + 100) + former.substr(SizeFor(1) + 100);
  EXPECT_THAT(Read(), ElementsAre(Supervisor()));
}

TEST_F(JournalTest, AnyFlippedBitIsNoticedOrHarmless) {
  Write(1, Worker(1, "former"));
  Write(1, Worker(1, "last"));
  const std::string good = bytes;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    auto notes = ReadNotes(bytes);
    if (!notes.ok()) continue;
    EXPECT_THAT(*notes, ElementsAre(Supervisor(),
                                    ::testing::AnyOf(Worker(1, "last"),
                                                     Worker(1, "former"))))
        << bit;
  }
}

TEST_F(JournalTest, MoreThanOneBrokenNoteIsNoWriteThatWasCutOff) {
  Write(1, Worker(1));
  Write(2, Worker(2));
  for (size_t place : {1, 2}) bytes[SizeFor(place) + 20] ^= 1;
  EXPECT_EQ(Refusal(bytes), "2 of its notes are damaged");
}

TEST_F(JournalTest, WhatIsNoJournalIsSaidInWords) {
  EXPECT_EQ(Refusal(""), "it is empty");
  EXPECT_EQ(Refusal(bytes.substr(0, 100)), "it is cut off in its beginning");
  EXPECT_EQ(Refusal(bytes.substr(0, bytes.size() - 1)),
            "it is cut off in a note");
  EXPECT_EQ(Refusal(std::string(bytes.size(), '\0')),
            "it does not begin as a journal does");
  std::string anonymous(SizeFor(4), '\0');
  WriteHeader(anonymous.data());
  EXPECT_EQ(Refusal(anonymous), "it does not say whose it is");
  bytes[8] = 2;
  EXPECT_THAT(Refusal(bytes), HasSubstr("it is of version 2"));
}

}  // namespace
}  // namespace drover::journal
