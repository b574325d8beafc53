#include "supervisor/config/validate.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "supervisor/config/address.h"
#include "supervisor/config/field_names.h"
#include "supervisor/config/order.h"
#include "supervisor/config/policies.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/ranges.h"
#include "supervisor/config/rules.h"
#include "supervisor/config/substitute.h"

#define RETURN_IF_ERROR(expression)      \
  do {                                   \
    absl::Status status_ = (expression); \
    if (!status_.ok()) return status_;   \
  } while (false)

namespace drover::config {
namespace {

constexpr size_t kNameMax = 63;
constexpr absl::string_view kReservedPrefix = "DROVER_";

absl::Status Refuse(std::string field, std::string found, std::string remedy) {
  return ToStatus({.field = std::move(field),
                   .found = std::move(found),
                   .remedy = std::move(remedy)});
}

// A problem found by a function that knows no field.
absl::Status InField(const std::string& field, const absl::Status& status) {
  Problem problem = ProblemOf(status).value_or(
      Problem{.found = std::string(status.message())});
  problem.field = field;
  return ToStatus(problem);
}

std::string Item(absl::string_view path, int index) {
  return absl::StrCat(path, "[", index, "]");
}

// [a-z][a-z0-9EXTRA]{0,62}
bool IsName(absl::string_view text, absl::string_view extra) {
  auto allowed = [extra](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
           absl::StrContains(extra, c);
  };
  return !text.empty() && text.size() <= kNameMax &&
         absl::ascii_islower(text[0]) &&
         std::all_of(text.begin(), text.end(), allowed);
}

// A user or group number. The largest is no one: it means "unchanged".
bool IsId(absl::string_view text) {
  uint32_t id = 0;
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &id) && id != UINT32_MAX;
}

bool HasNul(absl::string_view text) { return absl::StrContains(text, '\0'); }

absl::Status CheckNoNul(absl::string_view text, const std::string& path) {
  if (!HasNul(text)) return absl::OkStatus();
  return Refuse(path, "holds a NUL character", "remove it");
}

absl::Status CheckMode(absl::string_view text, const std::string& path) {
  if (IsMode(text)) return absl::OkStatus();
  return Refuse(path, absl::StrCat(Quote(text), " is no mode"),
                "give octal digits in quotes, \"0000\"..\"0777\"");
}

class Validator {
 public:
  Validator(const v1::Config& config, const Accounts& accounts)
      : config_(config), accounts_(accounts) {}

  absl::Status Check();

 private:
  absl::Status CheckAdmin(const v1::Admin& admin, const std::string& path);
  absl::Status CheckTotals() const;
  absl::Status CheckPool(const v1::Pool& pool, const std::string& path);
  absl::Status CheckCommand(const v1::Pool& pool,
                            const std::string& path) const;
  absl::Status CheckListeners(const v1::Pool& pool, const std::string& path);
  absl::Status CheckListener(const v1::Listener& listener,
                             const std::string& path);
  absl::Status CheckSurroundings(const v1::Pool& pool,
                                 const std::string& path) const;
  absl::Status CheckEnvironment(const v1::Pool& pool,
                                const std::string& path) const;
  absl::Status CheckUser(const std::string& name,
                         const std::string& path) const;
  absl::Status CheckGroup(const std::string& name,
                          const std::string& path) const;

  const v1::Config& config_;
  const Accounts& accounts_;
  // Where each was seen first.
  absl::flat_hash_map<std::string, std::string> pool_names_;
  absl::flat_hash_map<std::string, std::string> addresses_;
};

absl::Status Validator::Check() {
  RETURN_IF_ERROR(CheckRanges(config_, ""));
  RETURN_IF_ERROR(CheckAdmin(config_.supervisor().admin(), "supervisor.admin"));
  if (config_.pools().empty()) {
    return Refuse("pools", "none", "give at least one");
  }
  if (config_.pools_size() > kPoolsMax) {
    return Refuse("pools",
                  absl::StrCat(config_.pools_size(), " is above ", kPoolsMax),
                  "run a second supervisor for the rest");
  }
  for (int i = 0; i < config_.pools_size(); ++i) {
    RETURN_IF_ERROR(CheckPool(config_.pools(i), Item("pools", i)));
  }
  RETURN_IF_ERROR(CheckOrder(config_));
  return CheckTotals();
}

absl::Status Validator::CheckTotals() const {
  uint64_t workers = 0;
  int listeners = 0;
  for (const v1::Pool& pool : config_.pools()) {
    workers += pool.count();
    listeners += pool.listeners_size();
  }
  if (workers > kWorkersMax) {
    return Refuse(
        "pools",
        absl::StrCat(workers, " workers in all is above ", kWorkersMax),
        "lower the counts");
  }
  if (listeners > kListenersMax) {
    return Refuse(
        "pools",
        absl::StrCat(listeners, " listeners in all is above ", kListenersMax),
        "run a second supervisor for the rest");
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckAdmin(const v1::Admin& admin,
                                   const std::string& path) {
  const std::string socket = JoinPath(path, "socket");
  if (admin.socket().empty()) {
    if (!admin.enabled()) return absl::OkStatus();
    return Refuse(socket, "missing, and XDG_RUNTIME_DIR is not set",
                  "give the path of a unix socket, or enabled: false");
  }
  absl::StatusOr<Address> address =
      ParseAddress(absl::StrCat("unix://", admin.socket()));
  if (!address.ok()) return InField(socket, address.status());
  addresses_[ToText(*address)] = socket;
  RETURN_IF_ERROR(
      CheckMode(admin.socket_mode(), JoinPath(path, "socket_mode")));
  for (int i = 0; i < admin.allow_users_size(); ++i) {
    RETURN_IF_ERROR(CheckUser(admin.allow_users(i),
                              Item(JoinPath(path, "allow_users"), i)));
  }
  for (int i = 0; i < admin.observe_users_size(); ++i) {
    RETURN_IF_ERROR(CheckUser(admin.observe_users(i),
                              Item(JoinPath(path, "observe_users"), i)));
  }
  return CheckUser(admin.gateway_user(), JoinPath(path, "gateway_user"));
}

absl::Status Validator::CheckPool(const v1::Pool& pool,
                                  const std::string& path) {
  const std::string name = JoinPath(path, "name");
  if (pool.name().empty()) {
    return Refuse(name, "missing", "give the pool a name");
  }
  if (!IsPoolName(pool.name())) {
    return Refuse(name, absl::StrCat(Quote(pool.name()), " is no name"),
                  "give [a-z][a-z0-9-]{0,62}");
  }
  auto [first, is_new] = pool_names_.try_emplace(pool.name(), path);
  if (!is_new) {
    return Refuse(name,
                  absl::StrCat(Quote(pool.name()), " is the name of ",
                               first->second, " too"),
                  "give each pool a name of its own");
  }
  RETURN_IF_ERROR(CheckCommand(pool, JoinPath(path, "command")));
  RETURN_IF_ERROR(CheckRanges(pool, path));
  RETURN_IF_ERROR(CheckListeners(pool, JoinPath(path, "listeners")));
  RETURN_IF_ERROR(CheckSurroundings(pool, path));
  return CheckPolicies(pool, path);
}

absl::Status Validator::CheckCommand(const v1::Pool& pool,
                                     const std::string& path) const {
  if (pool.command().empty() || pool.command(0).empty()) {
    return Refuse(path, "missing",
                  "give the program and its arguments, as [./worker, --fast]");
  }
  for (int i = 0; i < pool.command_size(); ++i) {
    RETURN_IF_ERROR(CheckNoNul(pool.command(i), Item(path, i)));
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckListeners(const v1::Pool& pool,
                                       const std::string& path) {
  absl::flat_hash_map<absl::string_view, std::string> names;
  for (int i = 0; i < pool.listeners_size(); ++i) {
    const v1::Listener& listener = pool.listeners(i);
    const std::string here = Item(path, i);
    RETURN_IF_ERROR(CheckListener(listener, here));
    auto [first, is_new] = names.try_emplace(listener.name(), here);
    if (!is_new) {
      return Refuse(JoinPath(here, "name"),
                    absl::StrCat(Quote(listener.name()), " is the name of ",
                                 first->second, " too"),
                    "give each listener of a pool a name of its own");
    }
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckListener(const v1::Listener& listener,
                                      const std::string& path) {
  if (!IsName(listener.name(), "_-")) {
    return Refuse(JoinPath(path, "name"),
                  listener.name().empty()
                      ? "missing"
                      : absl::StrCat(Quote(listener.name()), " is no name"),
                  "give [a-z][a-z0-9_-]{0,62}");
  }
  RETURN_IF_ERROR(CheckRanges(listener, path));
  const std::string field = JoinPath(path, "address");
  if (listener.address().empty()) {
    return Refuse(field, "missing",
                  "give one such as tcp://127.0.0.1:8080 or "
                  "unix:///run/app.sock");
  }
  absl::StatusOr<Address> address = ParseAddress(listener.address());
  if (!address.ok()) return InField(field, address.status());
  bool is_unix = address->kind == Address::Kind::kUnix;
  if (is_unix || address->port != 0) {
    auto [first, is_new] = addresses_.try_emplace(ToText(*address), field);
    if (!is_new) {
      return Refuse(field,
                    absl::StrCat(Quote(listener.address()), " is ",
                                 first->second, " too"),
                    "give each listener an address of its own");
    }
  }
  if (is_unix) return CheckMode(listener.mode(), JoinPath(path, "mode"));
  if (listener.mode().empty()) return absl::OkStatus();
  return Refuse(JoinPath(path, "mode"), "only a unix socket has a mode",
                "leave it out");
}

absl::Status Validator::CheckSurroundings(const v1::Pool& pool,
                                          const std::string& path) const {
  RETURN_IF_ERROR(CheckNoNul(pool.directory(), JoinPath(path, "directory")));
  RETURN_IF_ERROR(CheckEnvironment(pool, JoinPath(path, "environment")));
  RETURN_IF_ERROR(
      CheckNoNul(pool.environment_file(), JoinPath(path, "environment_file")));
  if (!pool.user().empty()) {
    RETURN_IF_ERROR(CheckUser(pool.user(), JoinPath(path, "user")));
  }
  if (!pool.group().empty()) {
    RETURN_IF_ERROR(CheckGroup(pool.group(), JoinPath(path, "group")));
  }
  RETURN_IF_ERROR(CheckMode(pool.umask(), JoinPath(path, "umask")));
  const std::string file = JoinPath(path, "output.file");
  RETURN_IF_ERROR(CheckNoNul(pool.output().file(), file));
  absl::StatusOr<std::string> name =
      Substitute(pool.output().file(), {.pool = pool.name()});
  if (!name.ok()) return InField(file, name.status());
  return absl::OkStatus();
}

absl::Status Validator::CheckEnvironment(const v1::Pool& pool,
                                         const std::string& path) const {
  // In order, so that the same file is always refused for the same reason.
  const std::map<std::string, std::string> sorted(pool.environment().begin(),
                                                  pool.environment().end());
  for (const auto& [name, value] : sorted) {
    if (name.empty() || absl::StrContains(name, '=') || HasNul(name)) {
      return Refuse(path,
                    absl::StrCat(Quote(name), " is no name of a variable"),
                    "give one without = and NUL");
    }
    const std::string field = JoinPath(path, name);
    if (absl::StartsWith(name, kReservedPrefix)) {
      return Refuse(field, "names that begin with DROVER_ are reserved",
                    "choose another");
    }
    RETURN_IF_ERROR(CheckNoNul(value, field));
    absl::StatusOr<std::string> replaced =
        Substitute(value, {.pool = pool.name(), .generation = 0});
    if (!replaced.ok()) return InField(field, replaced.status());
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckUser(const std::string& name,
                                  const std::string& path) const {
  if (!name.empty() && !HasNul(name) &&
      (IsId(name) || accounts_.HasUser(name))) {
    return absl::OkStatus();
  }
  return Refuse(path, absl::StrCat("no user ", Quote(name), " on this machine"),
                "give the name or number of one");
}

absl::Status Validator::CheckGroup(const std::string& name,
                                   const std::string& path) const {
  if (!HasNul(name) && (IsId(name) || accounts_.HasGroup(name))) {
    return absl::OkStatus();
  }
  return Refuse(path,
                absl::StrCat("no group ", Quote(name), " on this machine"),
                "give the name or number of one");
}

}  // namespace

absl::Status Validate(const v1::Config& config, const Accounts& accounts) {
  return Validator(config, accounts).Check();
}

bool IsPoolName(absl::string_view name) { return IsName(name, "-"); }

bool IsMode(absl::string_view text) {
  auto octal = [](char c) { return c >= '0' && c <= '7'; };
  return !text.empty() && text.size() <= 4 &&
         std::all_of(text.begin(), text.end(), octal) &&
         (text.size() < 4 || text[0] == '0');
}

}  // namespace drover::config
