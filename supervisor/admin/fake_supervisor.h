// For tests: plays the supervisor to a real gateway process, frame by frame.
// Every wait has a deadline; one that passes is reported as a test failure by
// the caller that gets nullopt or a non-OK status.
#ifndef SUPERVISOR_ADMIN_FAKE_SUPERVISOR_H_
#define SUPERVISOR_ADMIN_FAKE_SUPERVISOR_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "drover/control/v1/control.pb.h"
#include "google/protobuf/message_lite.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/wire/frame.h"

namespace drover::admin {

// Where Bazel puts the binary, relative to where it runs tests.
inline constexpr char kGatewayPath[] = "supervisor/admin/drover-gateway";

// What any one step of a test may take on a loaded machine.
inline constexpr std::chrono::seconds kPatience{20};

class FakeSupervisor {
 public:
  // Opens the admin socket in a new directory under /tmp, starts the gateway
  // and sends it `setup` (listen_fd is filled in if it is 0) and, in the same
  // write, `behind` if it has a body. Null, with the reason on standard error,
  // if that failed.
  static std::unique_ptr<FakeSupervisor> Start(
      control::v1::Setup setup, const control::v1::ToGateway& behind = {});
  // Kills what is left and removes the directory.
  ~FakeSupervisor();

  // A Setup that lets this process's user do everything.
  static control::v1::Setup OwnUser();

  // The path of the admin socket.
  const std::string& path() const { return path_; }
  pid_t pid() const { return pid_; }

  // The next frame from the gateway; nullopt at its end, or too late.
  std::optional<control::v1::ToSupervisor> Next();
  std::optional<control::v1::Call> NextCall();
  bool WaitReady();
  // Waits, without a deadline, until Next() has something to say: true; or
  // `other` can be read or has ended: false.
  bool WaitForInput(int other);

  // From any thread; false if the gateway is gone.
  bool Send(const control::v1::ToGateway& message);
  bool Reply(uint64_t call, const google::protobuf::MessageLite& response);
  bool End(uint64_t call);
  bool Fail(uint64_t call, int code, absl::string_view message,
            absl::string_view detail);
  bool SendBytes(absl::string_view bytes);

  void CloseChannel() { channel_ = UniqueFd(); }
  void Signal(int signal);
  // The exit code, or 1000 + the signal; nullopt if it lives on.
  std::optional<int> WaitExit();

 private:
  FakeSupervisor() = default;

  bool Listen();
  bool Spawn(UniqueFd gateway_end);

  std::string directory_;
  std::string path_;
  UniqueFd listener_;
  UniqueFd channel_;
  pid_t pid_ = -1;
  wire::FrameReader reader_{wire::kControlFrameMax};
  std::mutex send_mutex_;
};

// A connected socket to `path`; invalid, with errno, if that failed. As another
// user it needs root: the thread that connects changes its user, no other does.
UniqueFd Connect(const std::string& path);
UniqueFd ConnectAs(const std::string& path, uid_t uid);

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_FAKE_SUPERVISOR_H_
