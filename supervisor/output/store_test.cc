#include "supervisor/output/store.h"

#include "gtest/gtest.h"

namespace drover::output {
namespace {

Line MakeLine(std::string pool, uint32_t slot, uint64_t incarnation,
              std::string text, int second) {
  Line line;
  line.pool = std::move(pool);
  line.slot = slot;
  line.incarnation = incarnation;
  line.time = absl::FromUnixSeconds(second);
  line.text = std::move(text);
  return line;
}

std::vector<std::string> Texts(const std::vector<Line>& lines) {
  std::vector<std::string> texts;
  for (const Line& line : lines) texts.push_back(line.text);
  return texts;
}

using Strings = std::vector<std::string>;

TEST(StoreTest, TailMergesSlotsInOrderOfTime) {
  Store store;
  store.Append(MakeLine("web", 0, 1, "a", 1));
  store.Append(MakeLine("web", 1, 2, "b", 2));
  store.Append(MakeLine("api", 0, 3, "c", 3));
  store.Append(MakeLine("web", 0, 1, "d", 4));
  EXPECT_EQ(Texts(store.Tail("", std::nullopt, 10)),
            (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(Texts(store.Tail("web", std::nullopt, 10)),
            (Strings{"a", "b", "d"}));
  EXPECT_EQ(Texts(store.Tail("web", 0, 10)), (Strings{"a", "d"}));
  EXPECT_EQ(Texts(store.Tail("", std::nullopt, 1)), (Strings{"b", "c", "d"}));
  EXPECT_TRUE(store.Tail("none", std::nullopt, 10).empty());
}

TEST(StoreTest, KeepsTheLastLinesOfASlot) {
  Store store;
  for (int i = 0; i < 100; ++i) {
    store.Append(MakeLine("web", 0, 1, std::to_string(i), i));
  }
  auto lines = store.Tail("web", 0, 1000);
  ASSERT_EQ(lines.size(), Store::kLinesPerSlot);
  EXPECT_EQ(lines.front().text, "36");
  EXPECT_EQ(lines.back().text, "99");
}

TEST(StoreTest, KeepsBoundedBytesButAlwaysTheLastLine) {
  Store store;
  for (int i = 0; i < 10; ++i) {
    store.Append(MakeLine("web", 0, 1, std::string(5000, 'x'), i));
  }
  EXPECT_EQ(store.Tail("web", 0, 1000).size(), 3u);
  store.Append(MakeLine("web", 0, 1, std::string(65536, 'y'), 11));
  auto lines = store.Tail("web", 0, 1000);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text.size(), 65536u);
}

TEST(StoreTest, LastWordsAreOfOneProcess) {
  Store store;
  store.Append(MakeLine("web", 0, 1, "former", 1));
  store.Append(MakeLine("web", 0, 2, "one", 2));
  store.Append(MakeLine("web", 0, 1, "late", 3));
  store.Append(MakeLine("web", 0, 2, "two", 4));
  store.Append(MakeLine("web", 0, 2, "three", 5));
  EXPECT_EQ(store.LastWords("web", 0, 2, 2), (Strings{"two", "three"}));
  EXPECT_EQ(store.LastWords("web", 0, 1, 20), (Strings{"former", "late"}));
  EXPECT_TRUE(store.LastWords("web", 1, 1, 20).empty());
}

TEST(StoreTest, SubscribersHearLinesUntilTheyUnsubscribe) {
  Store store;
  Strings heard;
  auto id = store.Subscribe(
      [&heard](const Line& line) { heard.push_back(line.text); });
  store.Append(MakeLine("web", 0, 1, "one", 1));
  store.Unsubscribe(id);
  store.Append(MakeLine("web", 0, 1, "two", 2));
  EXPECT_EQ(heard, (Strings{"one"}));
}

TEST(StoreTest, ForgetsSlotsFromTheFirstOn) {
  Store store;
  for (uint32_t slot = 0; slot < 4; ++slot) {
    store.Append(MakeLine("web", slot, 1, std::to_string(slot), 1));
    store.Append(MakeLine("webb", slot, 1, "other", 1));
  }
  store.Forget("web", 2);
  EXPECT_EQ(Texts(store.Tail("web", std::nullopt, 10)), (Strings{"0", "1"}));
  EXPECT_EQ(store.Tail("webb", std::nullopt, 10).size(), 4u);
  store.Forget("web", 0);
  EXPECT_TRUE(store.Tail("web", std::nullopt, 10).empty());
}

}  // namespace
}  // namespace drover::output
