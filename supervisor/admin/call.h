// One gRPC call on its way through the gateway: its request goes to the
// supervisor, each answer from there is written to the client as fast as the
// client takes them.
#ifndef SUPERVISOR_ADMIN_CALL_H_
#define SUPERVISOR_ADMIN_CALL_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/admin/link.h"

namespace drover::admin {

// What the gateway owes its clients at a time: calls that have not ended, and
// answers that slow clients have not taken. Thread-safe.
class Backlog {
 public:
  // At most so many bytes of answers over all calls.
  explicit Backlog(size_t limit) : limit_(limit) {}

  // False, with nothing taken, if there is not so much left.
  bool TakeBytes(size_t bytes);
  void GiveBackBytes(size_t bytes);

  void Begin();
  void End();
  // Waits until every call has told its client the end; not for ever, for a
  // client may not listen.
  void WaitUntilIdle(absl::Duration timeout);

 private:
  const size_t limit_;
  absl::Mutex mutex_;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

// gRPC's form of an end, with its ErrorDetail in the status details.
grpc::Status ToGrpc(const control::v1::End& end);

// Serves unary and streaming methods alike: on the wire a unary answer is a
// stream of one message. Messages pass through unparsed.
class Call final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                   public Receiver {
 public:
  // Sends `call` (all but its id), or refuses it. The returned reactor belongs
  // to gRPC until its OnDone. `link` and `backlog` must outlive the server.
  static Call* Start(control::v1::Call call, bool unary, Link* link,
                     Backlog* backlog);

  // A call that ends at once.
  static Call* Refuse(const control::v1::End& end, Backlog* backlog);

  ~Call() override { backlog_->End(); }

 private:
  Call(Link* link, Backlog* backlog) : link_(link), backlog_(backlog) {
    backlog_->Begin();
  }
  static std::shared_ptr<Call> Make(Link* link, Backlog* backlog);

  // From the supervisor.
  void OnReply(absl::string_view response) override;
  void OnEnd(const control::v1::End& end) override;

  // From the client.
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // Writes the next answer, or finishes when there is none and the end is
  // known. One operation is under way at a time.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Neither waits for the supervisor's answers nor sends what is left of them.
  void GiveUp(grpc::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Link* const link_;
  Backlog* const backlog_;
  // gRPC's share of it.
  std::shared_ptr<Call> self_;

  // Taken before the link's, never while the link holds its own.
  absl::Mutex mutex_;
  uint64_t id_ ABSL_GUARDED_BY(mutex_) = 0;
  // The front one is being written if `writing_`.
  std::deque<grpc::ByteBuffer> answers_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // Written since credit was last granted.
  uint32_t written_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_CALL_H_
