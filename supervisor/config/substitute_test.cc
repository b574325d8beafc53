#include "supervisor/config/substitute.h"

#include <string>

#include "gtest/gtest.h"

namespace drover::config {
namespace {

constexpr References kWorker = {.pool = "web", .slot = 3, .generation = 7};

std::string Replaced(absl::string_view text) {
  auto result = Substitute(text, kWorker);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or("");
}

TEST(SubstituteTest, ReplacesWhatItKnows) {
  EXPECT_EQ(Replaced(""), "");
  EXPECT_EQ(Replaced("plain"), "plain");
  EXPECT_EQ(Replaced("${pool}/${slot}-${generation}.log"), "web/3-7.log");
  EXPECT_EQ(Replaced("${slot+9000}"), "9003");
  EXPECT_EQ(Replaced("${slot+999999999}"), "1000000002");
}

TEST(SubstituteTest, TwoDollarsAreOne) {
  EXPECT_EQ(Replaced("$$"), "$");
  EXPECT_EQ(Replaced("$${slot}$$$$"), "${slot}$$");
  EXPECT_EQ(Replaced("$$${slot}"), "$3");
}

TEST(SubstituteTest, RefusesWhatItDoesNotKnow) {
  for (absl::string_view text :
       {"$", "a$", "$HOME", "${", "${slot", "${}", "${Slot}", "${slot }",
        "${slot+}", "${slot+-1}", "${slot+1.5}", "${slot+1000000000}",
        "${slot-1}", "${pool${slot}}", "$}"}) {
    EXPECT_EQ(Substitute(text, kWorker).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(SubstituteTest, GenerationOnlyWhereThereIsOne) {
  EXPECT_FALSE(Substitute("${generation}", {.pool = "web"}).ok());
}

}  // namespace
}  // namespace drover::config
