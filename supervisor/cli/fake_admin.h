// For tests: a supervisor's admin API on a unix socket, that says what it was
// told to say and remembers what it was asked.
#ifndef SUPERVISOR_CLI_FAKE_ADMIN_H_
#define SUPERVISOR_CLI_FAKE_ADMIN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"

namespace drover::cli {

// How calls are answered.
struct FakeAnswers {
  admin::v1::Snapshot state;
  admin::v1::Plan plan;
  // The updates of whatever operation is asked for.
  std::vector<admin::v1::Operation> operation;
  // Those of an operation that is watched (again).
  std::vector<admin::v1::Operation> watched;
  std::vector<admin::v1::Upgrade> upgrade;
  std::vector<admin::v1::WatchEventsResponse> events;
  std::vector<admin::v1::LogLine> logs;
  // Streams stay open after their last message, until the client goes.
  bool hold = false;
  // gRPC's code that ends every stream after its last message.
  int end_code = 0;
  // The reason in its detail; without one there is no detail.
  std::string end_reason;
  // Every call is refused with it at once, if not 0; with `refusal` attached.
  int refuse_code = 0;
  std::string refuse_message;
  admin::v1::ErrorDetail refusal;
};

class FakeAdmin {
 public:
  // Serves until it is destroyed.
  static std::unique_ptr<FakeAdmin> Start();
  virtual ~FakeAdmin() = default;

  virtual std::string socket() const = 0;
  // From now on.
  virtual void Answer(const FakeAnswers& answers) = 0;

  // Requests so far: "ScalePool pool: \"web\" count: 8".
  virtual std::vector<std::string> requests() const = 0;

  // Until a held stream has sent all it has; false if that takes too long.
  virtual bool WaitHeld(absl::Duration patience) = 0;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_FAKE_ADMIN_H_
