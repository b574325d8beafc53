// A unit file for systemd. Pure.
#ifndef SUPERVISOR_CLI_SYSTEMD_UNIT_H_
#define SUPERVISOR_CLI_SYSTEMD_UNIT_H_

#include <string>

#include "drover/config/v1/config.pb.h"

namespace drover::cli {

struct UnitFacts {
  // The drover command; an absolute path.
  std::string program;
  // The configuration; an absolute path. Empty for a template: each instance
  // has its own, /etc/drover/INSTANCE.yaml.
  std::string file;
  // With every default filled in: for deadlines and the number of sockets. Of a
  // template, an empty one.
  config::v1::Config config;
  // Of systemd: before 253 it does not know Type=notify-reload, and before 254
  // no wait between restarts that grows.
  int version = 254;
};

std::string RenderSystemdUnit(const UnitFacts& facts);

// One argument of ExecStart=, whatever is in it: quotes, and neither specifiers
// nor variables.
std::string QuoteForExec(const std::string& argument);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_SYSTEMD_UNIT_H_
