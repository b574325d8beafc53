// One gRPC call on its way through the gateway: its request goes to the
// supervisor, each answer from there is written to the client as fast as the
// client takes them.
#ifndef SUPERVISOR_ADMIN_CALL_H_
#define SUPERVISOR_ADMIN_CALL_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

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
  void WaitUntilIdle(std::chrono::milliseconds timeout);

 private:
  const size_t limit_;
  // Guards the rest.
  std::mutex mutex_;
  std::condition_variable idle_;
  size_t bytes_ = 0;
  size_t calls_ = 0;
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

  // These three with `mutex_` held.
  //
  // Writes the next answer, or finishes when there is none and the end is
  // known. One operation is under way at a time.
  void Advance();
  // Neither waits for the supervisor's answers nor sends what is left of them.
  void GiveUp(grpc::Status status);
  void DropWaiting();

  Link* const link_;
  Backlog* const backlog_;
  // gRPC's share of it.
  std::shared_ptr<Call> self_;

  // Guards the rest. Taken before the link's, never while the link holds its
  // own. (A standard one: TSan does not see into abseil's, which comes
  // compiled.)
  std::mutex mutex_;
  uint64_t id_ = 0;
  // The front one is being written if `writing_`.
  std::deque<grpc::ByteBuffer> answers_;
  bool writing_ = false;
  // Written since credit was last granted.
  uint32_t written_ = 0;
  std::optional<grpc::Status> end_;
  bool finished_ = false;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_CALL_H_
