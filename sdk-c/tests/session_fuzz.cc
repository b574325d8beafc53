// A supervisor that writes anything, and a program that says anything at any
// time. The input is a row of steps; after each the invariants of SECURITY.md
// are asserted, by their numbers.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "drover.h"
#include "drover/worker/v1/worker.pb.h"

namespace {

namespace pb = ::drover::worker::v1;

#define INVARIANT(number, condition)                                        \
  do {                                                                      \
    if (!(condition)) {                                                     \
      std::fprintf(stderr, "invariant %d, line %d: %s\n", number, __LINE__, \
                   #condition);                                             \
      std::abort();                                                         \
    }                                                                       \
  } while (0)

// Takes the input apart; gives zeros when it is used up.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return size_ == 0; }
  uint8_t Byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  uint32_t Number() {
    // Small ones more often than large ones.
    const uint8_t kind = Byte();
    if (kind < 200) return kind;
    return uint32_t{Byte()} << 24 | uint32_t{Byte()} << 8 | kind;
  }
  std::string Bytes(size_t max) {
    std::string bytes;
    for (size_t i = Byte() % (max + 1); i > 0 && size_ > 0; --i) {
      bytes.push_back(static_cast<char>(Byte()));
    }
    return bytes;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

struct Memory {
  int calls = 0;
  int live = 0;
};

void* Allocate(size_t size, void* context) {
  ++static_cast<Memory*>(context)->calls;
  ++static_cast<Memory*>(context)->live;
  return std::malloc(size);
}

void Release(void* block, void* context) {
  --static_cast<Memory*>(context)->live;
  std::free(block);
}

class Fuzz {
 public:
  explicit Fuzz(Input input) : in_(input) {}

  void Run() {
    Open();
    const int allocated = memory_.calls;
    while (!in_.empty()) {
      Step();
      Check();
    }
    Finish();
    INVARIANT(6, memory_.calls == allocated);
    drover_session_free(session_);
    INVARIANT(6, memory_.live == 0);
  }

 private:
  void Open() {
    drover_options* options = nullptr;
    INVARIANT(1, drover_options_new_with_allocator(Allocate, Release, &memory_,
                                                   &options) == 0);
    offered_ = in_.Byte();
    for (uint32_t i = 1; i <= 7; ++i) {
      if ((offered_ >> i & 1) != 0) drover_options_add_capability(options, i);
    }
    INVARIANT(1, drover_session_new(options, "1", &session_) == 0);
    drover_options_free(options);
  }

  void Step() {
    switch (in_.Byte() % 8) {
      case 0:
      case 1:
        SendFrame();
        return;
      case 2:
        Receive(in_.Bytes(64));
        return;
      case 3:
        now_ += in_.Number();
        return;
      case 4:
      case 5:
        NextEvent();
        return;
      case 6:
        Say();
        return;
      default:
        Rarely();
    }
  }

  void Receive(const std::string& bytes) {
    const size_t room = drover_session_room(session_);
    const int64_t taken =
        drover_session_receive(session_, bytes.data(), bytes.size());
    INVARIANT(2, taken >= 0 && static_cast<size_t>(taken) <= bytes.size());
    INVARIANT(2, static_cast<size_t>(taken) == std::min(room, bytes.size()));
  }

  // A well-formed frame with numbers of the input's choice.
  void SendFrame() {
    pb::ToWorker message;
    message.set_op(in_.Byte() % 4 == 0 ? in_.Number() : ++op_);
    if (in_.Byte() % 8 == 0) message.set_re(in_.Number());
    switch (in_.Byte() % 11) {
      case 0:
        for (uint32_t i = in_.Byte() % 9; i > 0; --i) {
          message.mutable_welcome()->add_capabilities(i);
        }
        message.mutable_welcome()->mutable_timeouts()->set_quit_ms(9);
        break;
      case 1:
        message.mutable_start()->set_deadline_ms(in_.Number());
        break;
      case 2:
        message.mutable_stop()->set_deadline_ms(in_.Number());
        message.mutable_stop()->set_text(in_.Bytes(255) + in_.Bytes(255));
        break;
      case 3:
        message.mutable_quit()->set_deadline_ms(in_.Number());
        break;
      case 4:
        message.mutable_ping()->set_id(in_.Number());
        break;
      case 5:
        message.mutable_reload()->set_payload(in_.Bytes(20));
        break;
      case 6:
        message.mutable_lame_duck()->set_stop_in_ms(in_.Number());
        break;
      case 7:
        message.mutable_result()->set_code(
            static_cast<pb::ResultCode>(in_.Byte()));
        message.set_re(in_.Byte());
        break;
      case 8:
        message.mutable_user_message()->set_topic("topic");
        message.mutable_user_message()->set_payload(in_.Bytes(20));
        break;
      case 9:
        message.mutable_protocol_error();
        break;
      default:
        break;  // no body
    }
    const std::string body = message.SerializeAsString();
    const char header[] = {0, 0, static_cast<char>(body.size() >> 8),
                           static_cast<char>(body.size())};
    Receive(std::string(header, 4) + body);
  }

  void Say() {
    const std::string bytes = in_.Bytes(255) + in_.Bytes(100);
    const char* text = bytes.c_str();
    uint64_t op = 0;
    switch (in_.Byte() % 13) {
      case 0:
        drover_session_started(session_, now_, text);
        return;
      case 1:
        drover_session_stopped(session_, now_, text);
        return;
      case 2:
        drover_session_stopped_forced(session_, now_, text, in_.Number());
        return;
      case 3:
        drover_session_reloaded(session_, now_, in_.Byte() & 1, text);
        return;
      case 4:
        drover_session_status(session_, now_, text);
        return;
      case 5:
        drover_session_progress(session_, now_, in_.Number(), 1, text);
        return;
      case 6:
        drover_session_gauge(session_, now_, text, in_.Number());
        return;
      case 7:
        drover_session_request(session_, now_, in_.Byte() % 6, text, &op);
        return;
      case 8:
        drover_session_send(session_, now_, "topic", text, bytes.size(),
                            in_.Byte() % 2 == 0 ? &op : nullptr);
        return;
      case 9:
        drover_session_reply(session_, now_, in_.Number(), 1, text);
        return;
      case 10: {
        const std::string big(65000, 'x');
        drover_session_send(session_, now_, "big", big.data(), big.size(),
                            nullptr);
        return;
      }
      case 11:
        if (in_.Byte() % 8 == 0) drover_session_failed(session_, now_, text);
        return;
      default:
        if (in_.Byte() % 8 == 0) drover_session_fatal(session_, now_, 1, text);
    }
  }

  void Rarely() {
    switch (in_.Byte() % 8) {
      case 0:
        drover_session_terminate(session_);
        return;
      case 1:
        drover_session_receive_eof(session_);
        return;
      default:
        Drain();
    }
  }

  void NextEvent() {
    const drover_event* event = nullptr;
    const int got = drover_session_next_event(session_, now_, &event);
    const int kind = drover_event_kind(event);
    INVARIANT(3, got == (kind != DROVER_EVENT_NONE));
    INVARIANT(3, !ended_ || kind == DROVER_EVENT_NONE);
    INVARIANT(3, std::strlen(drover_event_text(event)) <= 256);
    INVARIANT(3, std::strlen(drover_event_topic(event)) <= 63);
    size_t size = 0;
    const void* data = drover_event_data(event, &size);
    INVARIANT(3, size <= 65536);
    // Every byte of it may be read.
    std::string copy(static_cast<const char*>(data), size);
    if (kind == DROVER_EVENT_END) {
      ended_ = true;
      const int code = drover_event_exit_code(event);
      INVARIANT(3, code == drover_session_exit_code(session_));
      INVARIANT(3, code == 0 || code == 1 || code == 76);
    }
  }

  void Check() {
    const void* data = nullptr;
    INVARIANT(4, drover_session_pending(session_, &data) <= 69636);
    INVARIANT(3, drover_session_deadline(session_) >= -1);
    const int state = drover_session_state(session_);
    INVARIANT(5,
              state >= DROVER_STATE_CONNECTING && state <= DROVER_STATE_FAILED);
    INVARIANT(5, (drover_session_exit_code(session_) < 0) ||
                     state == DROVER_STATE_SHUTTING_DOWN ||
                     state == DROVER_STATE_FAILED);
  }

  // Writes some of what is pending, cut anywhere.
  void Drain() {
    const void* data = nullptr;
    const size_t size = drover_session_pending(session_, &data);
    const size_t part = in_.Byte() % 2 == 0 ? size : size / 2;
    written_.append(static_cast<const char*>(data), part);
    INVARIANT(4, drover_session_sent(session_, part) == 0);
    while (TakeFrame()) {
    }
  }

  bool TakeFrame() {
    if (written_.size() < 4) return false;
    const auto byte = [this](int i) {
      return static_cast<uint8_t>(written_[i]);
    };
    const size_t size =
        size_t{byte(0)} << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    INVARIANT(4, size >= 1 && size <= 65536);
    if (written_.size() < 4 + size) return false;
    pb::ToSupervisor message;
    INVARIANT(
        4, message.ParseFromArray(written_.data() + 4, static_cast<int>(size)));
    written_.erase(0, 4 + size);
    Judge(message);
    return true;
  }

  bool Offered(int capability) const {
    return (offered_ >> capability & 1) != 0;
  }

  void Judge(const pb::ToSupervisor& message) {
    const auto body = message.body_case();
    INVARIANT(4, (body == pb::ToSupervisor::kHello) == (frames_ == 0));
    ++frames_;
    INVARIANT(5, !last_);
    INVARIANT(5, !failed_ || body == pb::ToSupervisor::kFatal);
    INVARIANT(4, message.op() == 0 || message.op() > own_op_);
    if (message.op() != 0) own_op_ = message.op();
    switch (body) {
      case pb::ToSupervisor::kState:
        INVARIANT(4, message.state().text().size() <= 256);
        failed_ = failed_ || message.state().state() == pb::STATE_FAILED;
        break;
      case pb::ToSupervisor::kRequest:
        INVARIANT(5, Offered(DROVER_CAPABILITY_REQUEST));
        break;
      case pb::ToSupervisor::kProgress:
        INVARIANT(5, Offered(DROVER_CAPABILITY_PROGRESS));
        INVARIANT(4, message.progress().text().size() <= 256);
        break;
      case pb::ToSupervisor::kGauges:
        INVARIANT(5, Offered(DROVER_CAPABILITY_GAUGES));
        INVARIANT(4, message.gauges().gauges_size() <= 32);
        break;
      case pb::ToSupervisor::kUserMessage:
        INVARIANT(5, Offered(DROVER_CAPABILITY_USER_MESSAGES));
        break;
      case pb::ToSupervisor::kFatal:
        INVARIANT(4, message.fatal().text().size() <= 256);
        last_ = true;
        break;
      case pb::ToSupervisor::kProtocolError:
        INVARIANT(4, message.protocol_error().text().size() <= 256);
        last_ = true;
        break;
      case pb::ToSupervisor::BODY_NOT_SET:
        INVARIANT(4, false);
        break;
      default:
        break;
    }
  }

  // Everything comes to an end: the deadlines that are set run out.
  void Finish() {
    drover_session_terminate(session_);
    drover_session_terminate(session_);
    drover_session_terminate(session_);
    for (int i = 0; i < 100000 && !ended_; ++i) {
      Drain();
      const int64_t at = drover_session_deadline(session_);
      if (at > now_) now_ = at;
      NextEvent();
    }
    INVARIANT(3, ended_);
    for (int i = 0; i < 40; ++i) Drain();
  }

  Input in_;
  Memory memory_;
  drover_session* session_ = nullptr;
  uint32_t offered_ = 0;
  int64_t now_ = 1;
  uint64_t op_ = 0;      // the supervisor's last
  uint64_t own_op_ = 0;  // the worker's last
  bool ended_ = false;   // END was handed out
  bool failed_ = false;  // FAILED was sent
  bool last_ = false;    // Fatal or ProtocolError was sent
  int frames_ = 0;
  std::string written_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Fuzz(Input(data, size)).Run();
  return 0;
}
