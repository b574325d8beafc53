#include "supervisor/cli/render_plan.h"

#include "absl/strings/str_cat.h"
#include "supervisor/cli/text.h"
#include "supervisor/cli/words.h"

namespace drover::cli {
namespace {

struct Mark {
  const char* sign;
  Tone tone;
  const char* effect;
};

Mark MarkOf(admin::v1::ChangeKind kind) {
  switch (kind) {
    case admin::v1::CHANGE_KIND_ADD:
      return {"+", Tone::kGood, "is new: its workers start"};
    case admin::v1::CHANGE_KIND_REMOVE:
      return {"-", Tone::kBad, "goes: its workers drain and end"};
    case admin::v1::CHANGE_KIND_SCALE:
      return {"~", Tone::kBusy, "is scaled"};
    case admin::v1::CHANGE_KIND_RELOAD:
      return {"~", Tone::kBusy, "is reloaded: every worker is replaced"};
    case admin::v1::CHANGE_KIND_UPDATE:
      return {"~", Tone::kBusy, "is updated, no worker is touched"};
    default:
      return {" ", Tone::kFaint, "stays as it is"};
  }
}

}  // namespace

std::string RenderPlan(const admin::v1::Plan& plan, const Style& style) {
  std::string out;
  bool changes = false;
  for (const admin::v1::PoolChange& change : plan.changes()) {
    Mark mark = MarkOf(change.kind());
    changes |= change.kind() != admin::v1::CHANGE_KIND_UNCHANGED;
    absl::StrAppend(&out,
                    style.Paint(mark.tone, absl::StrCat(mark.sign, " ",
                                                        Escape(change.pool()))),
                    " ", mark.effect, "\n");
    for (const std::string& field : change.fields()) {
      absl::StrAppend(&out, "    ", Escape(field), "\n");
    }
  }
  for (const std::string& setting : plan.needs_restart()) {
    absl::StrAppend(&out, style.Paint(Tone::kBusy, "!"), " ", Escape(setting),
                    " takes effect when the supervisor itself starts again\n");
  }
  if (!changes) absl::StrAppend(&out, "nothing to change\n");
  return out;
}

}  // namespace drover::cli
