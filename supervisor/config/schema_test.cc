// The comments of the schema and the table of rules say the same. The comments
// are read from the descriptor set that protoc makes of the .proto file.
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "supervisor/config/load.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/rules.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kDescriptors[] = "proto/drover.binpb";
constexpr char kReference[] = "docs/configuration.md";
constexpr char kPackage[] = "drover.config.v1";

std::string ReadWhole(const char* path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every field of the schema with its comment, as "Pool.count". A message's
// comment stands in front of those of its fields: "1ms..24h" of Timeouts.
class SchemaTest : public testing::Test {
 protected:
  SchemaTest() {
    google::protobuf::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromString(ReadWhole(kDescriptors)));
    for (const auto& file : set.file()) pool_.BuildFile(file);
    const auto* file = pool_.FindFileByName("drover/config/v1/config.proto");
    for (int i = 0; i < file->message_type_count(); ++i) {
      AddMessage(*file->message_type(i));
    }
    EXPECT_GT(comments_.size(), 50u);
  }

  void AddMessage(const google::protobuf::Descriptor& type) {
    google::protobuf::SourceLocation place;
    type.GetSourceLocation(&place);
    const std::string of_type = place.leading_comments;
    for (int i = 0; i < type.field_count(); ++i) {
      type.field(i)->GetSourceLocation(&place);
      comments_[type.name() + "." + type.field(i)->name()] = {
          Unwrapped(of_type), Unwrapped(place.leading_comments)};
    }
  }

  static std::string Unwrapped(std::string comment) {
    return absl::StrCat(" ", absl::StrReplaceAll(comment, {{"\n", ""}}), " ");
  }

  static const FieldDescriptor& Field(const std::string& name) {
    size_t dot = name.find('.');
    return *google::protobuf::DescriptorPool::generated_pool()
                ->FindMessageTypeByName(
                    absl::StrCat(kPackage, ".", name.substr(0, dot)))
                ->FindFieldByName(name.substr(dot + 1));
  }

  struct Comment {
    std::string of_message;
    std::string of_field;
  };

  google::protobuf::DescriptorPool pool_;
  std::map<std::string, Comment> comments_;
};

// "Default X" of a comment; empty if it has none.
std::string DefaultIn(const std::string& comment) {
  std::smatch match;
  // To the end of the sentence, or to a parenthesis.
  static const std::regex pattern(R"(Default ("?[\w.]*\w"?)[ .])");
  return std::regex_search(comment, match, pattern) ? match[1].str() : "";
}

// "A..B" of a comment; empty strings if it has none.
std::pair<std::string, std::string> RangeIn(const std::string& comment) {
  std::smatch match;
  static const std::regex pattern(R"((\w+)\.\.(\w+))");
  if (!std::regex_search(comment, match, pattern)) return {};
  return {match[1].str(), match[2].str()};
}

std::string RangeText(const std::string& own, const std::string& message) {
  return RangeIn(own).first.empty() ? message : own;
}

TEST_F(SchemaTest, NumbersAreAsCommented) {
  int seen = 0;
  for (const auto& [name, comment] : comments_) {
    const NumberRule* rule = NumberRuleOf(Field(name));
    auto [low, high] = RangeIn(comment.of_field);
    double number = 0;
    bool numeric = absl::SimpleAtod(low, &number);
    EXPECT_EQ(rule != nullptr,
              numeric && DurationRuleOf(Field(name)) == nullptr)
        << name;
    if (rule == nullptr) continue;
    ++seen;
    EXPECT_EQ(number, rule->min) << name;
    ASSERT_TRUE(absl::SimpleAtod(high, &number)) << name;
    EXPECT_EQ(number, rule->max) << name;
    ASSERT_TRUE(absl::SimpleAtod(DefaultIn(comment.of_field), &number)) << name;
    EXPECT_EQ(number, rule->standard) << name;
    EXPECT_EQ(comment.of_field.find(" 0 or ") != std::string::npos,
              rule->or_zero)
        << name;
  }
  EXPECT_EQ(seen, 12);
}

absl::Duration ParseDuration(const std::string& text) {
  absl::Duration duration = absl::InfiniteDuration();
  EXPECT_TRUE(absl::ParseDuration(text, &duration)) << text;
  return duration;
}

TEST_F(SchemaTest, DurationsAreAsCommented) {
  int seen = 0;
  for (const auto& [name, comment] : comments_) {
    const FieldDescriptor& field = Field(name);
    const DurationRule* rule = DurationRuleOf(field);
    bool is_duration = field.message_type() != nullptr &&
                       field.message_type()->name() == "Duration";
    ASSERT_EQ(rule != nullptr, is_duration) << name;
    if (rule == nullptr) continue;
    ++seen;
    auto [low, high] = RangeIn(RangeText(comment.of_field, comment.of_message));
    // Of another field; Validate compares the two.
    if (low != "initial") {
      EXPECT_EQ(ParseDuration(low), rule->min) << name;
    }
    EXPECT_EQ(ParseDuration(high), rule->max) << name;
    EXPECT_EQ(ParseDuration(DefaultIn(comment.of_field)), rule->standard)
        << name;
    EXPECT_EQ(comment.of_field.find(" 0 or ") != std::string::npos,
              rule->or_zero)
        << name;
  }
  EXPECT_EQ(seen, 22);
}

TEST_F(SchemaTest, WordsAreAsCommented) {
  v1::Config config;
  v1::Listener* listener = config.add_pools()->add_listeners();
  listener->set_address("unix:///a");
  Normalize(FakeHost(), &config);
  const v1::Admin& admin = config.supervisor().admin();
  const v1::Pool& pool = config.pools(0);
  auto quoted = [](const std::string& text) {
    return absl::StrCat("\"", text, "\"");
  };
  auto word = [](bool value) { return value ? "true" : "false"; };
  const std::map<std::string, std::string> filled = {
      {"Admin.enabled", word(admin.enabled())},
      {"Admin.socket_mode", quoted(admin.socket_mode())},
      {"Pool.inherit_environment", word(pool.inherit_environment())},
      {"Pool.umask", quoted(pool.umask())},
      {"Listener.mode", quoted(pool.listeners(0).mode())},
      {"Output.forward", word(pool.output().forward())},
      {"Pool.auto_count", word(pool.auto_count())},
      {"Pool.essential", word(pool.essential())},
      {"Heartbeat.abort", word(pool.heartbeat().abort())},
      {"Heartbeat.on_sigstop",
       v1::SigstopAction_Name(pool.heartbeat().on_sigstop())},
      {"Heartbeat.dump_signal",
       v1::DumpSignal_Name(pool.heartbeat().dump_signal())},
      {"Reload.max_surge", quoted(pool.reload().max_surge())},
      {"Reload.max_unavailable", quoted(pool.reload().max_unavailable())},
      {"Reload.in_place", word(pool.reload().in_place())},
  };
  for (const auto& [name, value] : filled) {
    EXPECT_EQ(DefaultIn(comments_.at(name).of_field), value) << name;
  }
  EXPECT_EQ(pool.restart().on_normal_exit(), v1::EXIT_ACTION_RESTART);
}

// What a file can say is what the walker can read.
TEST_F(SchemaTest, EveryFieldIsOfATypeThatFilesCanHold) {
  for (const auto& [name, comment] : comments_) {
    const FieldDescriptor& field = Field(name);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
      case FieldDescriptor::CPPTYPE_STRING:
      case FieldDescriptor::CPPTYPE_UINT32:
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
      case FieldDescriptor::CPPTYPE_ENUM:
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_UINT64:
        EXPECT_FALSE(field.is_repeated()) << name;
        break;
      default:
        ADD_FAILURE() << name << " is of type " << field.cpp_type_name();
    }
  }
}

TEST_F(SchemaTest, TheReferenceNamesEveryField) {
  const std::string reference = ReadWhole(kReference);
  for (const auto& [name, comment] : comments_) {
    std::string field = absl::StrCat("`", Field(name).name(), "`");
    EXPECT_NE(reference.find(field), std::string::npos) << name;
  }
}

// The code blocks of the reference in one language, in order.
std::vector<std::string> Blocks(const std::string& reference,
                                const std::string& language) {
  std::vector<std::string> blocks;
  const std::string fence = absl::StrCat("```", language, "\n");
  for (size_t at = reference.find(fence); at != std::string::npos;
       at = reference.find(fence, at)) {
    at += fence.size();
    blocks.push_back(reference.substr(at, reference.find("```", at) - at));
  }
  return blocks;
}

TEST(ReferenceTest, ItsExamplesLoadAndSayTheSame) {
  const std::string reference = ReadWhole(kReference);
  auto load = [](const std::string& text, Format format) {
    auto config = LoadText(text, format, "example", "/srv", FakeHost());
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? *std::move(config) : v1::Config();
  };
  const auto yaml = Blocks(reference, "yaml");
  const auto json = Blocks(reference, "json");
  const auto textproto = Blocks(reference, "textproto");
  ASSERT_EQ(yaml.size(), 2u);
  ASSERT_EQ(json.size(), 1u);
  ASSERT_EQ(textproto.size(), 1u);
  EXPECT_EQ(load(yaml[0], Format::kYaml).pools_size(), 1);
  const v1::Config whole = load(yaml[1], Format::kYaml);
  EXPECT_EQ(whole.pools_size(), 2);
  using google::protobuf::util::MessageDifferencer;
  EXPECT_TRUE(MessageDifferencer::Equals(whole, load(json[0], Format::kJson)));
  EXPECT_TRUE(MessageDifferencer::Equals(
      whole, load(textproto[0], Format::kTextproto)));
}

}  // namespace
}  // namespace drover::config
