#include "drover/error.h"

#include <cerrno>
#include <map>

#include "drover.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using Code = absl::StatusCode;

const std::map<int, Code>& Table() {
  static const auto* const table =
      new std::map<int, Code>{{DROVER_E_INVALID, Code::kInvalidArgument},
                              {DROVER_E_STATE, Code::kFailedPrecondition},
                              {DROVER_E_CAPABILITY, Code::kUnimplemented},
                              {DROVER_E_AGAIN, Code::kUnavailable},
                              {DROVER_E_LIMIT, Code::kOutOfRange},
                              {DROVER_E_NOT_FOUND, Code::kNotFound},
                              {DROVER_E_LISTENER, Code::kFailedPrecondition},
                              {DROVER_E_NOMEM, Code::kResourceExhausted},
                              {DROVER_E_VERSION, Code::kFailedPrecondition},
                              {DROVER_E_CHANNEL, Code::kFailedPrecondition},
                              {DROVER_E_SYSTEM, Code::kInternal},
                              {DROVER_E_FORKED, Code::kFailedPrecondition}};
  return *table;
}

// Every number that the C library knows is in the table, and no other.
TEST(ToStatus, CoversEveryError) {
  const std::string unknown = drover_strerror(-99999);
  for (int error = -1; error > -1000; --error) {
    const auto row = Table().find(error);
    EXPECT_EQ(row != Table().end(), drover_strerror(error) != unknown) << error;
    const absl::Status status = ToStatus(error);
    EXPECT_EQ(status.code(),
              row == Table().end() ? Code::kUnknown : row->second)
        << error;
    EXPECT_EQ(ErrorOf(status), error);
    EXPECT_EQ(ExitCode(status), drover_exit_code(error));
  }
}

TEST(ToStatus, ResultsThatAreNoErrorsAreOk) {
  for (const int result : {0, 1, 7, 65536}) {
    EXPECT_TRUE(ToStatus(result).ok());
    EXPECT_EQ(ErrorOf(ToStatus(result)), 0);
    EXPECT_EQ(ExitCode(ToStatus(result)), 0);
  }
}

TEST(ToStatus, SystemErrorsSayWhich) {
  errno = EMFILE;
  EXPECT_THAT(std::string(ToStatus(DROVER_E_SYSTEM).message()),
              testing::HasSubstr("Too many open files"));
}

TEST(ExitCode, OfAnotherStatusIs1) {
  EXPECT_EQ(ExitCode(absl::NotFoundError("a file of the program's")), 1);
  EXPECT_EQ(ErrorOf(absl::NotFoundError("a file of the program's")), 0);
}

}  // namespace
}  // namespace drover
