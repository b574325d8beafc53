// For tests: the drover program against a fake supervisor.
#ifndef SUPERVISOR_CLI_TESTING_COMMAND_CASE_H_
#define SUPERVISOR_CLI_TESTING_COMMAND_CASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "supervisor/cli/fake_admin.h"
#include "supervisor/cli/testing/process.h"

namespace drover::cli {

using Args = std::vector<std::string>;

class CommandTest : public testing::Test {
 protected:
  CommandTest() : fake_(FakeAdmin::Start()) {}

  Args Environment() const {
    return {absl::StrCat("DROVER_SOCKET=", fake_->socket()), "TZ=UTC",
            "TERM=xterm", "PATH=/usr/bin:/bin"};
  }

  std::unique_ptr<Process> Start(const Args& args, bool terminal = false) {
    fake_->Answer(answers_);
    return std::make_unique<Process>(DroverPath(), args, Environment(),
                                     terminal);
  }
  Ended Do(const Args& args) { return Start(args)->Wait(); }

  void Refuse(int code, const std::string& message) {
    answers_.refuse_code = code;
    answers_.refuse_message = message;
    answers_.refusal.set_reason("SOME_REASON");
    answers_.refusal.set_field("pool");
    answers_.refusal.set_remedy("do something else");
  }

  // What the next command that is started hears.
  FakeAnswers answers_;
  std::unique_ptr<FakeAdmin> fake_;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_TESTING_COMMAND_CASE_H_
