#include "supervisor/config/processors.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace drover::config {
namespace {

class ProcessorsTest : public testing::Test {
 protected:
  ProcessorsTest() : root_(testing::TempDir() + "/cgroup") {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ + "/system.slice/web.service");
  }

  void Limit(const std::string& group, const std::string& text) {
    std::ofstream(root_ + group + "/cpu.max") << text;
  }

  uint32_t Read(const std::string& membership) const {
    return CgroupProcessors(membership, root_);
  }

  std::string root_;
};

constexpr char kService[] = "0::/system.slice/web.service\n";

TEST_F(ProcessorsTest, WithoutALimitThereIsNone) {
  EXPECT_EQ(Read(kService), UINT32_MAX);
  Limit("/system.slice/web.service", "max 100000\n");
  EXPECT_EQ(Read(kService), UINT32_MAX);
}

TEST_F(ProcessorsTest, APartOfAProcessorIsOne) {
  Limit("/system.slice/web.service", "50000 100000\n");
  EXPECT_EQ(Read(kService), 1u);
  Limit("/system.slice/web.service", "250000 100000\n");
  EXPECT_EQ(Read(kService), 3u);
}

TEST_F(ProcessorsTest, TheLeastOfAllLevelsCounts) {
  Limit("/system.slice/web.service", "800000 100000\n");
  Limit("/system.slice", "400000 100000\n");
  EXPECT_EQ(Read(kService), 4u);
  Limit("", "200000 100000\n");
  EXPECT_EQ(Read(kService), 2u);
}

TEST_F(ProcessorsTest, OtherHierarchiesAndNonsenseAreIgnored) {
  Limit("/system.slice/web.service", "nonsense\n");
  EXPECT_EQ(Read("4:cpu:/system.slice\n"), UINT32_MAX);
  EXPECT_EQ(Read(kService), UINT32_MAX);
  EXPECT_EQ(Read(""), UINT32_MAX);
}

TEST(UsableProcessorsTest, ThereIsOneAtLeast) {
  EXPECT_GE(UsableProcessors(), 1u);
}

}  // namespace
}  // namespace drover::config
