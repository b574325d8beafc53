#include "supervisor/config/normalize.h"

#include <cstdint>
#include <limits>
#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

v1::Config Smallest() {
  v1::Config config;
  v1::Pool* pool = config.add_pools();
  pool->set_name("web");
  pool->add_command("./worker");
  return config;
}

v1::Config Normalized(v1::Config config, const Host& host = FakeHost()) {
  Normalize(host, &config);
  return config;
}

TEST(NormalizeTest, DefaultsThatDependOnTheHost) {
  v1::Config user = Normalized(Smallest());
  EXPECT_EQ(user.supervisor().admin().socket(),
            "/run/user/1000/drover/admin.sock");
  EXPECT_EQ(user.supervisor().admin().gateway_user(), "ada");
  EXPECT_EQ(user.pools(0).directory(), "/home/ada");

  Host root = FakeHost();
  root.root = true;
  EXPECT_EQ(Normalized(Smallest(), root).supervisor().admin().socket(),
            "/run/drover/admin.sock");
  EXPECT_EQ(Normalized(Smallest(), root).supervisor().admin().gateway_user(),
            "nobody");
}

// What is set stays, even where it is zero or false.
TEST(NormalizeTest, NothingThatIsSetIsReplaced) {
  v1::Config config = Smallest();
  v1::Pool* pool = config.mutable_pools(0);
  pool->set_inherit_environment(false);
  pool->set_control_fd(0);
  pool->set_umask("0077");
  pool->mutable_heartbeat()->mutable_interval();
  pool->mutable_restart()->set_max_restarts(0);
  pool->mutable_output()->set_file_keep(0);
  config.mutable_supervisor()->mutable_admin()->set_enabled(false);

  const v1::Config normal = Normalized(config);
  const v1::Pool& got = normal.pools(0);
  EXPECT_FALSE(got.inherit_environment());
  EXPECT_EQ(got.control_fd(), 0u);
  EXPECT_EQ(got.umask(), "0077");
  EXPECT_EQ(got.heartbeat().interval().seconds(), 0);
  EXPECT_EQ(got.restart().max_restarts(), 0u);
  EXPECT_EQ(got.output().file_keep(), 0u);
  EXPECT_FALSE(normal.supervisor().admin().enabled());
}

TEST(NormalizeTest, Idempotent) {
  v1::Config config = Smallest();
  v1::Listener* listener = config.mutable_pools(0)->add_listeners();
  listener->set_name("a");
  listener->set_address("unix://x/../a.sock");
  const v1::Config once = Normalized(config);
  EXPECT_EQ(once.pools(0).listeners(0).address(), "unix:///home/ada/a.sock");
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      once, Normalized(once)));
}

// Fields that stay empty are those that normalize.h names.
void ExpectSet(const Message& message) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.is_repeated() ||
        field.full_name().find("ResourceLimits") != std::string::npos) {
      continue;
    }
    bool may_be_empty = field.name() == "user" || field.name() == "group" ||
                        field.name() == "environment_file" ||
                        field.name() == "file";
    EXPECT_TRUE(may_be_empty || reflection.HasField(message, &field))
        << field.full_name();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        field.message_type()->name() != "Duration") {
      ExpectSet(reflection.GetMessage(message, &field));
    }
  }
}

TEST(NormalizeTest, EveryFieldIsSet) {
  const v1::Config config = Normalized(Smallest());
  ExpectSet(config);
  ExpectSet(config.pools(0));
}

// Through the admin API anything may come. -----------------------------------

std::string Refusal(const v1::Config& config, const Host& host = FakeHost()) {
  auto prepared = Prepare(config, host);
  EXPECT_EQ(prepared.ok(), !ProblemOf(prepared.status()).has_value());
  return std::string(prepared.status().message());
}

TEST(PrepareTest, TheSmallestConfigurationIsEnough) {
  EXPECT_EQ(Refusal(Smallest()), "");
}

TEST(PrepareTest, FieldAndRemedyAreKeptApart) {
  v1::Config config = Smallest();
  config.mutable_pools(0)->set_count(5000);
  auto problem = ProblemOf(Prepare(config, FakeHost()).status());
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->field, "pools[0].count");
  EXPECT_EQ(problem->found, "5000 is above 4096");
  EXPECT_EQ(problem->remedy, "give 1..4096");
}

TEST(PrepareTest, AnEmptyConfigurationIsNone) {
  EXPECT_EQ(Refusal({}), "pools: none; give at least one");
}

TEST(PrepareTest, WithoutARuntimeDirectoryTheSocketMustBeNamed) {
  Host bare = FakeHost();
  bare.runtime_directory = "";
  EXPECT_EQ(Refusal(Smallest(), bare),
            "supervisor.admin.socket: missing, and XDG_RUNTIME_DIR is not set; "
            "give the path of a unix socket, or enabled: false");
  v1::Config off = Smallest();
  off.mutable_supervisor()->mutable_admin()->set_enabled(false);
  EXPECT_EQ(Refusal(off, bare), "");
}

TEST(PrepareTest, DurationsOutsideOfTheirOwnRange) {
  v1::Config config = Smallest();
  auto* stop = config.mutable_pools(0)->mutable_timeouts()->mutable_stop();
  stop->set_seconds(INT64_MIN);
  stop->set_nanos(INT32_MIN);
  EXPECT_NE(Refusal(config), "");
  stop->set_seconds(INT64_MAX);
  stop->set_nanos(INT32_MAX);
  EXPECT_NE(Refusal(config), "");
  stop->set_seconds(2);
  stop->set_nanos(-1500000000);
  EXPECT_EQ(Refusal(config), "");
}

TEST(PrepareTest, NotANumber) {
  v1::Config config = Smallest();
  config.mutable_pools(0)->mutable_restart()->mutable_backoff()->set_jitter(
      std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(Refusal(config),
            "pools[0].restart.backoff.jitter: nan is not a number; give 0..1");
}

TEST(PrepareTest, AnUnknownEnumValue) {
  v1::Config config = Smallest();
  config.mutable_pools(0)->mutable_restart()->set_on_normal_exit(
      static_cast<v1::ExitAction>(99));
  EXPECT_EQ(Refusal(config),
            "pools[0].restart.on_normal_exit: 99 is no known action; give one "
            "of restart, leave, stop_pool, shut_down");
}

TEST(PrepareTest, AFieldOfALaterVersion) {
  v1::Config config = Smallest();
  v1::Pool* pool = config.mutable_pools(0);
  pool->GetReflection()->MutableUnknownFields(pool)->AddVarint(999, 1);
  EXPECT_EQ(Refusal(config),
            "pools[0]: has a field of number 999, which this version does not "
            "know; leave it out, or run a newer supervisor");
}

TEST(PrepareTest, NulInAnyText) {
  const std::string nul("a\0b", 3);
  v1::Config command = Smallest();
  command.mutable_pools(0)->add_command(nul);
  EXPECT_EQ(Refusal(command),
            "pools[0].command[1]: holds a NUL character; remove it");
  v1::Config directory = Smallest();
  directory.mutable_pools(0)->set_directory(nul);
  EXPECT_EQ(Refusal(directory),
            "pools[0].directory: holds a NUL character; remove it");
  v1::Config value = Smallest();
  (*value.mutable_pools(0)->mutable_environment())["A"] = nul;
  EXPECT_EQ(Refusal(value),
            "pools[0].environment.A: holds a NUL character; remove it");
  v1::Config user = Smallest();
  user.mutable_pools(0)->set_user(nul);
  EXPECT_NE(Refusal(user), "");
  v1::Config socket = Smallest();
  socket.mutable_supervisor()->mutable_admin()->set_socket(nul);
  EXPECT_NE(Refusal(socket), "");
}

TEST(PrepareTest, UsersByNumberNeedNoAccount) {
  v1::Config config = Smallest();
  config.mutable_pools(0)->set_user("1000");
  config.mutable_pools(0)->set_group("0");
  EXPECT_EQ(Refusal(config), "");
  // (uid_t)-1 means "unchanged" to the kernel.
  config.mutable_pools(0)->set_user("4294967295");
  EXPECT_NE(Refusal(config), "");
}

}  // namespace
}  // namespace drover::config
