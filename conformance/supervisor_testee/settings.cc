#include "conformance/supervisor_testee/settings.h"

#include <stdlib.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover::conformance {
namespace {

std::string Text(absl::string_view name) {
  const char* value = ::getenv(absl::StrCat("CONFORMANCE_", name).c_str());
  return value == nullptr ? "" : value;
}

int Number(absl::string_view name) {
  int number = 0;
  return absl::SimpleAtoi(Text(name), &number) ? number : 0;
}

Settings::Milliseconds Time(absl::string_view name) {
  return Settings::Milliseconds(Number(absl::StrCat(name, "_MS")));
}

std::vector<std::string> WorkerCommand() {
  std::vector<std::string> command;
  if (Number("WRAPPED") != 0) {
    command = {"/bin/sh", "-c", "trap : TERM; \"$@\"; exit $?", "sh"};
  }
  command.insert(command.end(), {Text("PUPPET"), "--puppet", Text("SOCKET")});
  return command;
}

}  // namespace

Settings ReadSettings(absl::string_view fault) {
  Settings settings;
  settings.fault = std::string(fault);
  settings.directory = Text("DIR");
  settings.command = WorkerCommand();
  settings.count = Number("COUNT");
  settings.listener = Text("LISTENER");
  settings.restart = Number("RESTART") != 0;
  settings.max_restarts = Number("MAX_RESTARTS");
  settings.backoff = Time("BACKOFF");
  settings.hello = Time("HELLO");
  settings.start = Time("START");
  settings.stop = Time("STOP");
  settings.quit = Time("QUIT");
  settings.reload = Time("RELOAD");
  settings.kill = Time("KILL");
  settings.loss = Time("LOSS");
  settings.answer_grace = Time("ANSWER_GRACE");
  settings.extend_max = Time("EXTEND_MAX");
  settings.ping_interval = Time("PING_INTERVAL");
  settings.ping_timeout = Time("PING_TIMEOUT");
  return settings;
}

}  // namespace drover::conformance
