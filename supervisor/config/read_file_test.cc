// What stands in a file's place, and what is in it, before any parsing.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "supervisor/config/load.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/drover-config-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern), nullptr);
    directory_ = pattern;
    // Names in messages are relative, and the same in every run.
    ASSERT_EQ(::chdir(directory_.c_str()), 0);
  }

  void TearDown() override {
    ::chdir("/");
    for (const char* name : {"f.yaml", "f.json", "f.txtpb", "f.conf"}) {
      if (::unlink((directory_ + "/" + name).c_str()) != 0) {
        ::rmdir((directory_ + "/" + name).c_str());
      }
    }
    ::rmdir(directory_.c_str());
  }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
  }

  absl::StatusOr<v1::Config> Load(const std::string& name) {
    Host host = FakeHost();
    host.working_directory = directory_;
    return LoadFile(name, host);
  }

  std::string Refusal(const std::string& name) {
    return std::string(Load(name).status().message());
  }

  std::string directory_;
};

TEST_F(FileTest, TheExtensionNamesTheFormat) {
  Write("f.yaml", "pools: [{name: a, command: [w], directory: data}]");
  Write("f.json", R"({"pools":[{"name":"a","command":["w"]}]})");
  Write("f.txtpb", R"(pools { name: "a" command: "w" })");
  auto yaml = Load("f.yaml");
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  EXPECT_EQ(yaml->pools(0).directory(), directory_ + "/data");
  EXPECT_TRUE(Load("f.json").ok()) << Refusal("f.json");
  EXPECT_TRUE(Load("f.txtpb").ok()) << Refusal("f.txtpb");
  EXPECT_EQ(Refusal("f.conf"),
            "f.conf: its extension names no format; name it .yaml, .json or "
            ".textproto");
}

TEST_F(FileTest, Missing) {
  EXPECT_EQ(Refusal("f.yaml"),
            "f.yaml: cannot be read: No such file or directory; name a file "
            "that this user may read");
}

TEST_F(FileTest, Directory) {
  ASSERT_EQ(::mkdir("f.yaml", 0700), 0);
  EXPECT_EQ(Refusal("f.yaml"), "f.yaml: a directory; name a file");
}

// Nobody writes to it: a blocking open would never return.
TEST_F(FileTest, Fifo) {
  ASSERT_EQ(::mkfifo("f.yaml", 0600), 0);
  EXPECT_EQ(Refusal("f.yaml"), "f.yaml: not a regular file; name a file");
}

TEST_F(FileTest, TenMegabytes) {
  Write("f.yaml", "");
  ASSERT_EQ(::truncate("f.yaml", 10 << 20), 0);
  EXPECT_EQ(Refusal("f.yaml"),
            "f.yaml: too large; a configuration has at most 524288 bytes");
}

TEST_F(FileTest, Empty) {
  Write("f.yaml", "");
  EXPECT_EQ(Refusal("f.yaml"),
            "f.yaml: no configuration in it; give at least one pool with name "
            "and command");
}

TEST_F(FileTest, AFaultIsNamedWithFileAndPlace) {
  Write("f.yaml", "pools:\n- name: web\n  command: [w]\n  count: 0\n");
  EXPECT_EQ(Refusal("f.yaml"),
            "f.yaml:4:10: pools[0].count: 0 is below 1; give 1..4096");
}

}  // namespace
}  // namespace drover::config
