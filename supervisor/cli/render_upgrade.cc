#include "supervisor/cli/render_upgrade.h"

#include "absl/strings/str_cat.h"
#include "supervisor/cli/text.h"

namespace drover::cli {

bool HasEnded(const admin::v1::Upgrade& upgrade) {
  return upgrade.state() == admin::v1::UPGRADE_STATE_SUCCEEDED ||
         upgrade.state() == admin::v1::UPGRADE_STATE_FAILED;
}

std::string RenderUpgrade(const admin::v1::Upgrade& upgrade,
                          const Style& style) {
  const std::string what = absl::StrCat("upgrade ", upgrade.number());
  const std::string versions = absl::StrCat(Escape(upgrade.former_version()),
                                            " -> ", Escape(upgrade.version()));
  switch (upgrade.state()) {
    case admin::v1::UPGRADE_STATE_CHECKING:
      return absl::StrCat(what, ": asks ", Escape(upgrade.binary()),
                          " whether it can take over");
    case admin::v1::UPGRADE_STATE_EXECUTING:
      return absl::StrCat(what, ": it can, ", versions, "; executes it");
    case admin::v1::UPGRADE_STATE_SUCCEEDED:
      return absl::StrCat(what, " ", style.Paint(Tone::kGood, "succeeded"),
                          ", ", versions);
    default:
      return absl::StrCat(what, " ", style.Paint(Tone::kBad, "failed"), ": ",
                          Escape(upgrade.message()),
                          "\n  remedy: ", Escape(upgrade.remedy()));
  }
}

}  // namespace drover::cli
