// The gateway's end of the channel to the supervisor: numbers the calls, sends
// what they ask, hands each the answers meant for it. Knows no gRPC.
#ifndef SUPERVISOR_ADMIN_LINK_H_
#define SUPERVISOR_ADMIN_LINK_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/admin/loop.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/wire/frame.h"

namespace drover::admin {

// Calls open at one time; the contract with the supervisor.
inline constexpr size_t kMaxOpenCalls = 1024;

// Replies that a call may get before it grants credit; the contract as well.
inline constexpr uint32_t kInitialCredit = 64;

// Bytes that may wait for a supervisor that does not read. A call beyond them
// is refused; what open calls still have to say is small and always taken.
inline constexpr size_t kMaxQueuedBytes = 4 << 20;

// How long a unary method may go unanswered: the supervisor answers those from
// memory, so that a longer silence is a fault of its own.
inline constexpr std::chrono::seconds kUnaryTimeout{30};

// Where a call's answers go. Called on the loop's thread, never with a lock of
// the link held; OnEnd is the last.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void OnReply(absl::string_view response) = 0;
  virtual void OnEnd(const control::v1::End& end) = 0;
};

// Open, Abandon, Grant: from any thread. The rest: the loop's.
class Link {
 public:
  using HealthHandler = std::function<void(const control::v1::Health&)>;

  // `channel` is the connected socket, from which Setup has been read, and
  // `reader` what was read behind that. The loop must outlive the link, and
  // ends when the channel does: with OK when the supervisor closed it, with
  // InvalidArgument when what came from it broke the contract.
  static absl::StatusOr<std::unique_ptr<Link>> Create(
      UniqueFd channel, wire::FrameReader reader, Loop* loop,
      HealthHandler on_health,
      std::chrono::milliseconds unary_timeout = kUnaryTimeout);
  ~Link();

  // Sends the call and returns its id; or, with nothing sent, why not: too many
  // are open, too much waits, it is too large for a frame, the channel is gone.
  std::variant<uint64_t, control::v1::End> Open(
      control::v1::Call call, bool unary, std::shared_ptr<Receiver> receiver);

  // Forgets the call: nothing more reaches its receiver, save what is on its
  // way there already. Does nothing if the call has ended.
  void Abandon(uint64_t id);

  // The client took `messages` more.
  void Grant(uint64_t id, uint32_t messages);

  // Once the admin socket answers: tells the supervisor so, and dispatches what
  // it has said behind Setup.
  void Begin();

  // Dispatches what the supervisor has written and nobody has read. For the
  // loop's thread, when the loop has ended.
  void ReadRest();

  // Ends all open calls as Unavailable, and every later one.
  void Close();

 private:
  // Monotonic: a step of the wall clock ends no call.
  using Clock = std::chrono::steady_clock;

  struct OpenCall {
    std::shared_ptr<Receiver> receiver;
    uint32_t credit = kInitialCredit;
    // Clock::time_point::max() if it may stay open for ever.
    Clock::time_point deadline;
  };

  Link(UniqueFd channel, UniqueFd timer, wire::FrameReader reader, Loop* loop,
       HealthHandler on_health, std::chrono::milliseconds unary_timeout);

  absl::Status Register();
  void OnEvents(uint32_t events);
  // Whether there may be more to read.
  bool Read();
  void DispatchAll();
  absl::Status Dispatch(absl::string_view frame);
  absl::Status OnReply(const control::v1::Reply& reply);
  void OnEnd(const control::v1::End& end);

  // With `mutex_` held, down to ArmTimer().
  void Send(const control::v1::ToSupervisor& message);
  void SendAbandon(uint64_t id);
  void Flush();
  void WatchWritable(bool on);

  void ArmTimer(Clock::time_point when);
  void OnTimer();

  const UniqueFd channel_;
  const UniqueFd timer_;
  Loop* const loop_;
  const HealthHandler on_health_;
  const std::chrono::milliseconds unary_timeout_;
  wire::FrameReader reader_;

  // Guards the rest. (A standard one: TSan does not see into abseil's, which
  // comes compiled.)
  std::mutex mutex_;
  uint64_t next_id_ = 1;
  bool closed_ = false;
  absl::flat_hash_map<uint64_t, OpenCall> calls_;
  // Bytes not yet written; the loop writes them as the socket takes them.
  std::string queue_;
  bool watch_writable_ = false;
  // Armed at or before the first deadline of calls_.
  bool timer_armed_ = false;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_LINK_H_
