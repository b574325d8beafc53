// Follows the upgrade under way to its end.
#include <string>
#include <utility>

#include "supervisor/control/streams.h"

namespace drover::control {
namespace {

class UpgradeStream : public Stream {
 public:
  explicit UpgradeStream(const Backend& backend) : backend_(backend) {}

  bool Concerns(const Turn& turn) const override { return turn.upgrade; }

  Said Next() override {
    if (ended_) return absl::OkStatus();
    const admin::v1::Upgrade* upgrade = backend_.last_upgrade();
    if (upgrade == nullptr) return absl::OkStatus();
    ended_ = upgrade->state() == admin::v1::UPGRADE_STATE_SUCCEEDED ||
             upgrade->state() == admin::v1::UPGRADE_STATE_FAILED;
    std::string now = upgrade->SerializeAsString();
    if (now == told_) return Quiet{};
    told_ = now;
    return now;
  }

 private:
  const Backend& backend_;
  std::string told_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Stream> MakeUpgradeStream(const Backend& backend) {
  return std::make_unique<UpgradeStream>(backend);
}

}  // namespace drover::control
