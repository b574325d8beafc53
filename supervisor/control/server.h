// The supervisor's end of the admin API: answers the gateway's calls from the
// core. Pure of I/O: frames come in and go out through functions.
#ifndef SUPERVISOR_CONTROL_SERVER_H_
#define SUPERVISOR_CONTROL_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/event_log.h"
#include "supervisor/control/methods.h"
#include "supervisor/control/stream.h"
#include "supervisor/core/notice.h"

namespace drover::control {

// Belongs to the supervisor's one thread.
class Server {
 public:
  // Open at once; the gateway keeps the same bound.
  static constexpr size_t kCallsMax = 1024;
  // What a call may be ahead of its client.
  static constexpr uint32_t kCreditsFirst = 64;
  static constexpr uint32_t kCreditsMax = 1024;

  struct Options {
    // Who may connect, and as what. The supervisor checks it again here: the
    // gateway is not trusted with it.
    std::vector<control::v1::Role> roles;
    uint32_t max_connections = 256;
    // Of the admin socket, in the gateway.
    uint32_t listen_fd = 0;
    // Whether the channel to the gateway can take more without its queue
    // growing; asked before every message of a stream and every read. Call
    // Flush() when it has become true again.
    std::function<bool()> has_room = [] { return true; };
    // The gateway broke the contract: end it.
    std::function<void(absl::string_view what)> violated =
        [](absl::string_view) {};
  };
  using Send = std::function<void(const control::v1::ToGateway&)>;

  // `backend` must outlive it.
  Server(Backend* backend, Options options, Send send);

  // A new gateway runs: it is told everything it needs.
  void OnGatewayStarted();
  // It is gone, and its calls with it. What they began goes on.
  void OnGatewayLost();
  void OnFrame(const control::v1::ToSupervisor& frame);
  void OnNotice(const core::Notice& notice);
  // The supervisor before this one was killed: the first event.
  void OnPredecessor(const admin::v1::Predecessor& predecessor);
  // The backend's upgrade has changed.
  void OnUpgrade();
  // Something about the gateway itself, as an event.
  void OnGatewayEvent(const std::string& text);

  // The end of a turn of the loop: sends what the turn has brought, changes of
  // one operation as one. Cheap when nothing has changed.
  void Flush();

  // Nothing more will happen: each open call is sent what it has not had yet,
  // as fast as its client takes it, and then the end. `all_told` is called when
  // no call is open any more, perhaps at once.
  void Finish(std::function<void()> all_told);

  // The events, written down for the program that takes this one's place; a
  // server of the same session that reads them goes on with their numbers.
  void Write(state::v1::Control* to) const { events_.Write(to); }
  void Read(const state::v1::Control& from) { events_.Read(from); }

  size_t open_calls() const { return calls_.size(); }

 private:
  struct Call {
    std::unique_ptr<Stream> stream;
    uint32_t credits = kCreditsFirst;
    // It may have something to say.
    bool stirred = true;
  };
  using Calls = std::map<uint64_t, Call>;

  void Open(const control::v1::Call& call);
  Answer Dispatch(const control::v1::Call& call);
  bool MayCall(uint32_t uid, Role role) const;
  void AddCredit(const control::v1::Credit& credit);
  void PumpAll(const Turn& turn);
  void TellIfAllTold();
  // Sends what the stream has and the client takes; erases a call that ended.
  // False: the channel has no room.
  bool Pump(Calls::iterator call);
  void Reply(uint64_t call, std::string response);
  void Answered(uint64_t call, std::string response);
  void End(uint64_t call, const absl::Status& status);
  void LogEnd(const core::Exit& exit);
  void Log(Happening happening);
  void SendHealth();

  Backend* backend_;
  Options options_;
  Send send_;
  EventLog events_;
  Calls calls_;
  // The gateway's ids rise.
  uint64_t last_call_ = 0;
  // Where the channel was full last: that call is the first next time.
  uint64_t stalled_ = 0;
  Turn turn_;
  // A process' last change, held back until its exit says how it ended.
  std::optional<core::WorkerChanged> ended_;
  bool health_changed_ = false;
  bool finishing_ = false;
  std::function<void()> all_told_;
  std::string health_told_;
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_SERVER_H_
