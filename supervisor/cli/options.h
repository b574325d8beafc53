// What a command line says, once it is understood.
#ifndef SUPERVISOR_CLI_OPTIONS_H_
#define SUPERVISOR_CLI_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace drover::cli {

enum class Command {
  // Print `Options::text` and be done.
  kHelp,
  kRun,
  kCheck,
  kPlan,
  kApply,
  kStatus,
  kScale,
  kReload,
  kRestart,
  kStop,
  kStart,
  kShutdown,
  kUpgrade,
  kWatch,
  kLogs,
  kOperations,
  kOperationsWatch,
  kOperationsCancel,
  kVersion,
  kCompletion,
  kMan,
  kSystemdUnit,
};

// `run` without a file: one pool, as flags.
struct PoolFlags {
  std::string name = "app";
  std::optional<uint32_t> count;
  std::vector<std::string> listeners;    // NAME=ADDRESS
  std::vector<std::string> environment;  // NAME=VALUE
  std::string directory;
  std::string user;
  std::vector<std::string> command;
};

struct Options {
  Command command = Command::kHelp;
  std::string text;

  // Of every command.
  std::string socket;
  bool json = false;
  bool color = true;
  // Give up waiting after this; absent = as long as it takes.
  std::optional<absl::Duration> timeout;

  // Of some.
  std::string file;
  std::string format;
  std::string pool;
  std::optional<uint32_t> slot;
  uint32_t count = 0;
  std::string operation;
  std::string binary;
  std::string shell;
  std::optional<uint32_t> lines;
  bool detach = false;
  bool hard = false;
  bool fast = false;
  bool in_place = false;
  bool replace = false;
  bool follow = false;
  bool times = false;
  bool check = false;
  bool watch = false;
  bool running = false;

  // Of run.
  PoolFlags flags;
  bool no_admin = false;
  bool hold_sockets = false;

  // Of systemd-unit.
  std::string program;
  std::optional<int> systemd_version;
  std::string gateway;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_OPTIONS_H_
