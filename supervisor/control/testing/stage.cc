#include "supervisor/control/testing/stage.h"

#include <utility>

namespace drover::control {
Server::Options Stage::ServerOptions() {
  Server::Options options;
  options.roles.resize(2);
  options.roles[0].set_uid(kOperator);
  options.roles[0].set_operate(true);
  options.roles[1].set_uid(kObserver);
  options.listen_fd = 4;
  options.has_room = [this] { return room_ > 0; };
  options.violated = [this](absl::string_view what) {
    violations_.emplace_back(what);
  };
  return options;
}

Stage::Stage()
    : server_(&backend_, ServerOptions(),
              [this](const control::v1::ToGateway& frame) { Hear(frame); }) {
  world_.on_notice = [this](const core::Notice& notice) {
    server_.OnNotice(notice);
  };
  server_.OnGatewayStarted();
}

void Stage::Hear(const control::v1::ToGateway& frame) {
  if (room_ > 0) --room_;
  EXPECT_LT(frame.ByteSizeLong(), size_t{1} << 20);
  if (frame.has_setup()) setup_ = frame.setup();
  if (frame.has_health()) healths_.push_back(frame.health());
  if (frame.has_reply()) {
    EXPECT_FALSE(heard_[frame.reply().call()].ended);
    heard_[frame.reply().call()].responses.push_back(frame.reply().response());
  }
  if (frame.has_end()) {
    Heard& heard = heard_[frame.end().call()];
    EXPECT_FALSE(heard.ended) << "ended twice";
    heard.ended = true;
    heard.code = static_cast<absl::StatusCode>(frame.end().code());
    heard.message = frame.end().message();
    EXPECT_TRUE(heard.detail.ParseFromString(frame.end().detail()));
  }
}

uint64_t Stage::Open(const std::string& method,
                     const google::protobuf::Message& request, uint32_t uid) {
  return OpenRaw(method, request.SerializeAsString(), uid);
}

uint64_t Stage::OpenRaw(const std::string& method, const std::string& request,
                        uint32_t uid) {
  control::v1::ToSupervisor frame;
  frame.mutable_call()->set_id(++last_call_);
  frame.mutable_call()->mutable_caller()->set_uid(uid);
  frame.mutable_call()->mutable_caller()->set_pid(77);
  frame.mutable_call()->set_method(method);
  frame.mutable_call()->set_request(request);
  server_.OnFrame(frame);
  return last_call_;
}

void Stage::Write(uint32_t slot, const std::string& text) {
  output::Line line;
  line.pool = "web";
  line.slot = slot;
  line.text = text;
  backend_.store.Append(std::move(line));
}

void Stage::Credit(uint64_t call, uint32_t messages) {
  control::v1::ToSupervisor frame;
  frame.mutable_credit()->set_call(call);
  frame.mutable_credit()->set_messages(messages);
  server_.OnFrame(frame);
}

void Stage::Abandon(uint64_t call) {
  control::v1::ToSupervisor frame;
  frame.mutable_abandon()->set_call(call);
  server_.OnFrame(frame);
}

}  // namespace drover::control
