#include "supervisor/main/take_over_arguments.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "supervisor/os/take_over_check.h"
#include "supervisor/os/take_over_guard.h"

namespace drover {
namespace {

bool Take(absl::string_view argument, TakeOverArguments* taken) {
  if (argument == os::TakeOverCheck::kFlag) {
    taken->check = true;
    return true;
  }
  if (absl::ConsumePrefix(&argument, os::kTakeOverFlag)) {
    return absl::SimpleAtoi(argument, &taken->state);
  }
  if (absl::ConsumePrefix(&argument, os::kFormerFlag)) {
    return absl::SimpleAtoi(argument, &taken->former);
  }
  if (absl::ConsumePrefix(&argument, os::kFailedFlag)) {
    taken->failed = std::string(argument);
    return true;
  }
  return false;
}

}  // namespace

TakeOverArguments TakeOut(std::vector<std::string>* arguments) {
  TakeOverArguments taken;
  std::erase_if(*arguments, [&taken](const std::string& argument) {
    return Take(argument, &taken);
  });
  return taken;
}

}  // namespace drover
