// What a client may do to the transport below the calls.
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "supervisor/admin/testing.h"

namespace drover::admin {
namespace {

class Http2Test : public GatewayTest {
 protected:
  // A call with so many bytes of metadata in so many entries; what became of
  // it.
  grpc::Status Call(size_t entries, size_t bytes_each) {
    auto stub = NewStub();
    auto context = Patient();
    for (size_t i = 0; i < entries; ++i) {
      context->AddMetadata("x-" + std::to_string(i),
                           std::string(bytes_each, 'v'));
    }
    v1::SupervisorInfo info;
    return stub->GetSupervisor(context.get(), {}, &info);
  }

  // The same, with a supervisor that answers.
  grpc::Status AnsweredCall(size_t entries, size_t bytes_each) {
    std::thread supervisor([this] {
      std::optional<control::v1::Call> call = fake_->NextCall();
      if (!call.has_value()) return;
      fake_->Reply(call->id(), v1::SupervisorInfo());
      fake_->End(call->id());
    });
    grpc::Status status = Call(entries, bytes_each);
    supervisor.join();
    return status;
  }
};

TEST_F(Http2Test, MetadataIsBounded) {
  Launch();
  // Neither one that is long nor many that are short; the supervisor hears of
  // neither, so that what it hears next is the third.
  EXPECT_EQ(Call(1, 9 << 10).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  // (Here gRPC hangs up on the whole connection.)
  EXPECT_FALSE(Call(400, 20).ok());
  EXPECT_TRUE(AnsweredCall(10, 400).ok());
}

// Bytes of HTTP/2, by hand: gRPC's own client would not send them.
constexpr char kHello[] =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    "\0\0\0\4\0\0\0\0\0";  // SETTINGS without any
constexpr char kPing[] = "\0\0\10\6\0\0\0\0\0\1\2\3\4\5\6\7";
constexpr char kGoAway = 7;
constexpr char kEnhanceYourCalm = 11;

// Including the zero that ends the literal, which is their last byte.
template <size_t size>
absl::string_view Bytes(const char (&literal)[size]) {
  return {literal, size};
}

// What the other side says until it hangs up.
std::string ReadToEnd(int fd) {
  std::string heard;
  char buffer[65536];
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd poll = {fd, POLLIN, 0};
    ::poll(&poll, 1, 1000);
    ssize_t read = ::recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (read == 0 || (read < 0 && errno == ECONNRESET)) return heard;
    if (read > 0) heard.append(buffer, static_cast<size_t>(read));
  }
  ADD_FAILURE() << "not hung up on";
  return heard;
}

// The error code of the last GOAWAY among whole frames.
std::optional<int> GoAwayCode(absl::string_view frames) {
  constexpr size_t kHead = 9;
  std::optional<int> code;
  while (frames.size() >= kHead) {
    auto byte = [&](size_t i) { return static_cast<unsigned char>(frames[i]); };
    const size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (frames.size() < kHead + size) break;
    if (frames[3] == kGoAway && size >= 8) code = byte(kHead + 7);
    frames.remove_prefix(kHead + size);
  }
  return code;
}

TEST_F(Http2Test, WhoPingsTooOftenIsHungUpOn) {
  Launch();
  UniqueFd socket = Connect(fake_->path());
  ASSERT_TRUE(socket.ok());
  std::string bytes(Bytes(kHello).substr(0, sizeof(kHello) - 1));
  for (int i = 0; i < 100; ++i) bytes += std::string(Bytes(kPing));
  ASSERT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(GoAwayCode(ReadToEnd(socket.get())), kEnhanceYourCalm);
  // Others are served as before.
  EXPECT_TRUE(AnsweredCall(0, 0).ok());
}

}  // namespace
}  // namespace drover::admin
