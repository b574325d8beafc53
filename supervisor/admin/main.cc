// drover-gateway: started by the supervisor, with its channel as descriptor 3.
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "supervisor/admin/gateway.h"
#include "supervisor/base/log.h"

int main() {
  constexpr int kChannel = 3;
  drover::log::InitFromEnvironment();
  absl::Status status = drover::admin::RunGateway(drover::UniqueFd(kChannel));
  if (!status.ok()) {
    drover::log::Warning(absl::StrCat("admin gateway: ", status.message()));
  }
  // Without destructors: gRPC's threads still use what they would destroy.
  ::_exit(status.ok() ? 0 : 1);
}
