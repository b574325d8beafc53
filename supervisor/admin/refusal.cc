#include "supervisor/admin/refusal.h"

#include <string>

#include "drover/admin/v1/admin.pb.h"

namespace drover::admin {

control::v1::End Refusal(absl::StatusCode code, absl::string_view message,
                         absl::string_view reason, absl::string_view remedy) {
  v1::ErrorDetail detail;
  detail.set_reason(std::string(reason));
  detail.set_remedy(std::string(remedy));
  control::v1::End end;
  end.set_code(static_cast<int>(code));
  end.set_message(std::string(message));
  end.set_detail(detail.SerializeAsString());
  return end;
}

}  // namespace drover::admin
