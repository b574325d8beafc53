#include "supervisor/cli/systemd_unit.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"

namespace drover::cli {
namespace {

// Beyond the supervisor's own deadlines, which it keeps by itself.
constexpr int64_t kMarginSeconds = 30;
// Room for a reload that opens each listener anew, and for what a former
// configuration has left.
constexpr int kStoreMin = 32;
constexpr int kNotifyReload = 253;
constexpr int kRestartSteps = 254;

constexpr char kUnit[] = R"([Unit]
Description=Drover supervisor of $0
After=network.target
# Each start finds the sockets of the one before: trying again costs nobody a
# connection, so there is no limit to it.
StartLimitIntervalSec=0

[Service]
# Started means that all pools are STARTED, and reloaded that the reload has
# ended, well or not: STATUS= says how.
$1
NotifyAccess=main
ExecStart=$2
# After a crash, or a start that failed, try again; but no second start mends
# the command line or the configuration (2).
Restart=on-failure
RestartSec=100ms
$6RestartPreventExitStatus=2
# Over a crash systemd keeps the listening sockets, so that clients wait instead
# of being refused, and the journal of which workers there were.
FileDescriptorStoreMax=$3
# Signals go to the supervisor alone: it ends its workers within their deadlines.
# When it is killed they finish what they have and end, beside those of the next
# one; with mixed or control-group systemd would kill them at once, or wait for
# them before it starts the next one.
KillMode=process
# The loop of the supervisor gives signs of life; one that hangs is ended, and
# the next one takes its place.
WatchdogSec=30s
# The supervisor's own deadlines are shorter, and it asks for more time as long
# as something moves.
TimeoutStartSec=$4s
TimeoutStopSec=$5s
# A worker that is killed for its memory is the supervisor's to replace.
OOMPolicy=continue

# What no worker is likely to need. Take out what yours does: NoNewPrivileges
# forbids them sudo, ProtectSystem=full to write below /usr, /boot and /etc.
NoNewPrivileges=yes
ProtectSystem=full
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelModules=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
)";

constexpr char kReloads[] = "Type=notify-reload";
// Older ones are asked to send the signal themselves.
constexpr char kSignals[] = "Type=notify\nExecReload=/bin/kill -HUP $MAINPID";

constexpr char kSteps[] = "RestartSteps=6\nRestartMaxDelaySec=10s\n";

int64_t StartSeconds(const config::v1::Config& config) {
  int64_t longest = 0;
  for (const config::v1::Pool& pool : config.pools()) {
    longest = std::max(longest, pool.timeouts().hello().seconds() +
                                    pool.timeouts().start().seconds());
  }
  return longest + kMarginSeconds;
}

int64_t StopSeconds(const config::v1::Config& config) {
  return config.supervisor().shutdown_timeout().seconds() + kMarginSeconds;
}

int StoreMax(const config::v1::Config& config) {
  int listeners = 1;  // the admin socket
  for (const config::v1::Pool& pool : config.pools()) {
    listeners += pool.listeners().size();
  }
  // Each with a lock, and each twice.
  return std::max(kStoreMin, listeners * 4);
}

// Text outside of commands: one line without specifiers.
std::string Plain(const std::string& text) {
  std::string plain;
  for (char byte : text) {
    const bool control = absl::ascii_iscntrl(static_cast<unsigned char>(byte));
    plain += control ? '?' : byte;
  }
  // A line that ends so would go on in the next one.
  if (!plain.empty() && plain.back() == '\\') plain.back() = '?';
  return absl::StrReplaceAll(plain, {{"%", "%%"}});
}

}  // namespace

std::string QuoteForExec(const std::string& argument) {
  std::string quoted = "\"";
  for (char byte : argument) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      absl::StrAppend(&quoted, "\\", std::string(1, byte));
    } else if (byte == '%' || byte == '$') {
      quoted.append(2, byte);
    } else if (absl::ascii_iscntrl(code)) {
      absl::StrAppendFormat(&quoted, "\\x%02x", code);
    } else {
      quoted += byte;
    }
  }
  return quoted + "\"";
}

std::string RenderSystemdUnit(const UnitFacts& facts) {
  const bool is_template = facts.file.empty();
  const std::string file =
      is_template ? "/etc/drover/%i.yaml" : QuoteForExec(facts.file);
  return absl::Substitute(
      kUnit, is_template ? "/etc/drover/%i.yaml" : Plain(facts.file),
      facts.version >= kNotifyReload ? kReloads : kSignals,
      absl::StrCat(QuoteForExec(facts.program), " run -f ", file),
      StoreMax(facts.config), StartSeconds(facts.config),
      StopSeconds(facts.config), facts.version >= kRestartSteps ? kSteps : "");
}

}  // namespace drover::cli
