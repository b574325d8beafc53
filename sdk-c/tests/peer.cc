#include "tests/peer.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace drover_tests {

std::string Frame(absl::string_view body) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(body.size() >> shift));
  }
  frame.append(body.data(), body.size());
  return frame;
}

std::string Frame(const ToWorker& message) {
  return Frame(message.SerializeAsString());
}

ToWorker Message(const std::string& text) {
  ToWorker message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

Peer::Peer(std::initializer_list<uint32_t> capabilities)
    : capabilities_(capabilities) {
  drover_options* options = nullptr;
  EXPECT_EQ(drover_options_new(&options), 0);
  for (const uint32_t capability : capabilities_) {
    EXPECT_EQ(drover_options_add_capability(options, capability), 0);
  }
  EXPECT_EQ(drover_session_new(options, "1", &session_), 0);
  drover_options_free(options);
}

Peer::~Peer() { drover_session_free(session_); }

void Peer::Welcome() {
  ToWorker message = Message(
      "welcome { identity { pool: 'app' slot: 3 generation: 2 incarnation: 9 }"
      " timeouts { start_ms: 60000 stop_ms: 30000 quit_ms: 10000"
      " loss_ms: 2000 } supervisor: 'test' }");
  for (const uint32_t capability : capabilities_) {
    message.mutable_welcome()->add_capabilities(capability);
  }
  SendBytes(Frame(message));
  EXPECT_EQ(Next(), DROVER_EVENT_WELCOME);
  EXPECT_EQ(Sent().size(), 1u);  // Hello
}

void Peer::Start() {
  Welcome();
  Send("op: 1 start { deadline_ms: 60000 }");
  EXPECT_EQ(Next(), DROVER_EVENT_START);
  EXPECT_EQ(drover_session_started(session_, now, nullptr), 0);
  EXPECT_EQ(Sent().size(), 1u);  // STARTED
}

void Peer::Send(const std::string& text) { SendBytes(Frame(Message(text))); }

void Peer::SendBytes(absl::string_view bytes) {
  EXPECT_EQ(drover_session_receive(session_, bytes.data(), bytes.size()),
            static_cast<int64_t>(bytes.size()));
}

int Peer::Next() {
  const int got = drover_session_next_event(session_, now, &event_);
  EXPECT_EQ(got, drover_event_kind(event_) != DROVER_EVENT_NONE);
  return drover_event_kind(event_);
}

std::vector<std::string> Peer::Sent() {
  std::vector<std::string> sent;
  const void* data = nullptr;
  const size_t size = drover_session_pending(session_, &data);
  absl::string_view bytes(static_cast<const char*>(data), size);
  while (bytes.size() >= 4) {
    const auto byte = [&](int i) { return static_cast<uint8_t>(bytes[i]); };
    const size_t length =
        size_t{byte(0)} << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    ToSupervisor message;
    EXPECT_LE(length, bytes.size() - 4);
    EXPECT_TRUE(
        message.ParseFromArray(bytes.data() + 4, static_cast<int>(length)));
    sent.push_back(message.ShortDebugString());
    bytes.remove_prefix(4 + length);
  }
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(drover_session_sent(session_, size), 0);
  return sent;
}

}  // namespace drover_tests
