#include "supervisor/config/normalize.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "supervisor/config/address.h"
#include "supervisor/config/durations.h"
#include "supervisor/config/rules.h"
#include "supervisor/config/validate.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::string_view kUnixScheme = "unix://";

// `path` seen from `base`, without "." and "..". What is no path (empty, NUL)
// stays: Validate has a word for it.
std::string Absolute(absl::string_view base, const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos) return path;
  std::filesystem::path joined =
      std::filesystem::path(std::string(base)) / path;
  return joined.lexically_normal().string();
}

void ResolveListener(absl::string_view base, v1::Listener* listener) {
  absl::string_view address = listener->address();
  if (!absl::ConsumePrefix(&address, kUnixScheme)) return;
  listener->set_address(
      absl::StrCat(kUnixScheme, Absolute(base, std::string(address))));
}

void ResolvePool(absl::string_view base, v1::Pool* pool) {
  pool->set_directory(Absolute(base, pool->directory()));
  pool->set_environment_file(Absolute(base, pool->environment_file()));
  if (!pool->output().file().empty()) {
    pool->mutable_output()->set_file(Absolute(base, pool->output().file()));
  }
  for (v1::Listener& listener : *pool->mutable_listeners()) {
    ResolveListener(base, &listener);
  }
}

// Sets a number to the default its rule gives.
void SetNumber(const NumberRule& rule, const FieldDescriptor& field,
               Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection.SetUInt32(message, &field,
                           static_cast<uint32_t>(rule.standard));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.SetUInt64(message, &field,
                           static_cast<uint64_t>(rule.standard));
      break;
    default:
      reflection.SetDouble(message, &field, rule.standard);
  }
}

void FillByRule(const FieldDescriptor& field, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  if (field.is_repeated() || reflection.HasField(*message, &field)) return;
  if (const NumberRule* rule = NumberRuleOf(field)) {
    SetNumber(*rule, field, message);
  } else if (const DurationRule* duration = DurationRuleOf(field)) {
    reflection.MutableMessage(message, &field)
        ->CopyFrom(ToProto(duration->standard));
  }
}

bool IsDuration(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Duration::descriptor();
}

// Every default that the table of rules holds, in this message and below, and
// every message of the schema that is not there.
void FillByRules(Message* message) {
  const google::protobuf::Descriptor& type = *message->GetDescriptor();
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    FillByRule(field, message);
    if (field.is_map() || IsDuration(field) ||
        field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    if (!field.is_repeated()) {
      FillByRules(reflection.MutableMessage(message, &field));
      continue;
    }
    for (int item = 0; item < reflection.FieldSize(*message, &field); ++item) {
      FillByRules(reflection.MutableRepeatedMessage(message, &field, item));
    }
  }
}

void FillText(absl::string_view standard, std::string* text) {
  if (text->empty()) text->assign(standard.data(), standard.size());
}

void FillSupervisor(const Host& host, v1::Supervisor* supervisor) {
  v1::Admin* admin = supervisor->mutable_admin();
  if (!admin->has_enabled()) admin->set_enabled(true);
  FillText(DefaultAdminSocket(host), admin->mutable_socket());
  FillText("0600", admin->mutable_socket_mode());
  FillText(host.root ? "nobody" : host.user, admin->mutable_gateway_user());
}

void FillListener(v1::Listener* listener) {
  absl::StatusOr<Address> address = ParseAddress(listener->address());
  if (!address.ok()) return;
  listener->set_address(ToText(*address));
  if (address->kind == Address::Kind::kUnix) {
    FillText("0666", listener->mutable_mode());
  }
}

// The first named value of each enum is its default.
void FillEnums(Message* message) {
  const google::protobuf::Descriptor& type = *message->GetDescriptor();
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
    if (reflection.GetEnumValue(*message, field) == 0) {
      reflection.SetEnumValue(message, field, 1);
    }
  }
}

void FillReload(v1::Reload* reload) {
  FillText("1", reload->mutable_max_surge());
  FillText("0", reload->mutable_max_unavailable());
  if (!reload->has_in_place()) reload->set_in_place(false);
}

// A count that is there already may be what another host made of it.
void FillCount(const Host& host, v1::Pool* pool) {
  if (!pool->has_auto_count()) pool->set_auto_count(false);
  if (pool->auto_count()) pool->set_count(host.processors);
}

void FillPool(const Host& host, v1::Pool* pool) {
  FillText(host.working_directory, pool->mutable_directory());
  FillText("0022", pool->mutable_umask());
  if (!pool->has_inherit_environment()) pool->set_inherit_environment(true);
  if (!pool->output().has_forward()) pool->mutable_output()->set_forward(true);
  if (!pool->has_essential()) pool->set_essential(false);
  v1::Heartbeat* heartbeat = pool->mutable_heartbeat();
  if (!heartbeat->has_abort()) heartbeat->set_abort(false);
  FillEnums(heartbeat);
  FillEnums(pool->mutable_restart());
  FillReload(pool->mutable_reload());
  for (v1::Listener& listener : *pool->mutable_listeners()) {
    FillListener(&listener);
  }
}

}  // namespace

void ResolvePaths(absl::string_view base, v1::Config* config) {
  if (!config->supervisor().admin().socket().empty()) {
    v1::Admin* admin = config->mutable_supervisor()->mutable_admin();
    admin->set_socket(Absolute(base, admin->socket()));
  }
  for (v1::Pool& pool : *config->mutable_pools()) ResolvePool(base, &pool);
}

void Normalize(const Host& host, v1::Config* config) {
  ResolvePaths(host.working_directory, config);
  for (v1::Pool& pool : *config->mutable_pools()) FillCount(host, &pool);
  FillByRules(config);
  FillSupervisor(host, config->mutable_supervisor());
  for (v1::Pool& pool : *config->mutable_pools()) FillPool(host, &pool);
}

absl::StatusOr<v1::Config> Prepare(v1::Config config, const Host& host) {
  Normalize(host, &config);
  absl::Status valid = Validate(config, *host.accounts);
  if (!valid.ok()) return valid;
  return config;
}

std::string DefaultAdminSocket(const Host& host) {
  if (host.root) return "/run/drover/admin.sock";
  if (host.runtime_directory.empty()) return "";
  return absl::StrCat(host.runtime_directory, "/drover/admin.sock");
}

}  // namespace drover::config
