#include "supervisor/config/diff.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "supervisor/config/differences.h"

namespace drover::config {
namespace {

using admin::v1::ChangeKind;
using google::protobuf::FieldDescriptor;
using PoolsByName = absl::flat_hash_map<std::string, const v1::Pool*>;

PoolsByName ByName(const v1::Config& config) {
  PoolsByName pools;
  for (const v1::Pool& pool : config.pools()) pools[pool.name()] = &pool;
  return pools;
}

// What a difference in this field asks for. A field that is not named here is
// taken in by a process at its start.
ChangeKind KindOf(const FieldDescriptor& field) {
  static constexpr int kInPlace[] = {
      v1::Pool::kAutoCountFieldNumber, v1::Pool::kAfterFieldNumber,
      v1::Pool::kEssentialFieldNumber, v1::Pool::kTimeoutsFieldNumber,
      v1::Pool::kHeartbeatFieldNumber, v1::Pool::kRestartFieldNumber,
      v1::Pool::kReloadFieldNumber,    v1::Pool::kOutputFieldNumber};
  if (field.number() == v1::Pool::kCountFieldNumber) {
    return admin::v1::CHANGE_KIND_SCALE;
  }
  bool in_place = std::find(std::begin(kInPlace), std::end(kInPlace),
                            field.number()) != std::end(kInPlace);
  return in_place ? admin::v1::CHANGE_KIND_UPDATE
                  : admin::v1::CHANGE_KIND_RELOAD;
}

// The more of the two does what the less does too.
ChangeKind More(ChangeKind a, ChangeKind b) {
  auto rank = [](ChangeKind kind) {
    switch (kind) {
      case admin::v1::CHANGE_KIND_RELOAD:
        return 3;
      case admin::v1::CHANGE_KIND_SCALE:
        return 2;
      case admin::v1::CHANGE_KIND_UPDATE:
        return 1;
      default:
        return 0;
    }
  };
  return rank(a) >= rank(b) ? a : b;
}

void ComparePools(const v1::Pool& former, const v1::Pool& next,
                  admin::v1::PoolChange* change) {
  change->set_kind(admin::v1::CHANGE_KIND_UNCHANGED);
  const google::protobuf::Descriptor& type = *v1::Pool::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    std::vector<std::string> differences =
        FieldDifferences(former, next, field, "");
    if (differences.empty()) continue;
    change->set_kind(More(change->kind(), KindOf(field)));
    for (std::string& text : differences) {
      change->add_fields(std::move(text));
    }
  }
}

}  // namespace

admin::v1::Plan Diff(const v1::Config& running, const v1::Config& desired) {
  admin::v1::Plan plan;
  const PoolsByName before = ByName(running);
  const PoolsByName after = ByName(desired);
  for (const v1::Pool& pool : desired.pools()) {
    admin::v1::PoolChange* change = plan.add_changes();
    change->set_pool(pool.name());
    auto former = before.find(pool.name());
    if (former == before.end()) {
      change->set_kind(admin::v1::CHANGE_KIND_ADD);
    } else {
      ComparePools(*former->second, pool, change);
    }
  }
  for (const v1::Pool& pool : running.pools()) {
    if (after.contains(pool.name())) continue;
    admin::v1::PoolChange* change = plan.add_changes();
    change->set_pool(pool.name());
    change->set_kind(admin::v1::CHANGE_KIND_REMOVE);
  }
  for (std::string& text :
       Differences(running.supervisor(), desired.supervisor(), "supervisor")) {
    plan.add_needs_restart(std::move(text));
  }
  return plan;
}

}  // namespace drover::config
