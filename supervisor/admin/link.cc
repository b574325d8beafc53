#include "supervisor/admin/link.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/admin/refusal.h"
#include "supervisor/base/log.h"

namespace drover::admin {
namespace {

using control::v1::Call;
using control::v1::End;
using control::v1::Reply;
using control::v1::ToGateway;
using control::v1::ToSupervisor;

End SupervisorGone() {
  return Refusal(absl::StatusCode::kUnavailable,
                 "the supervisor has closed the admin gateway",
                 "SUPERVISOR_GONE",
                 "connect again; what the call began may still go on");
}

End NoAnswer() {
  return Refusal(absl::StatusCode::kDeadlineExceeded,
                 "the supervisor did not answer", "SUPERVISOR_SILENT",
                 "try again; look at the supervisor's own output if it lasts");
}

End Busy(absl::string_view message) {
  return Refusal(absl::StatusCode::kResourceExhausted, message, "GATEWAY_BUSY",
                 "try again later, with fewer calls at one time");
}

End TooLarge() {
  return Refusal(absl::StatusCode::kInvalidArgument,
                 "the request is larger than 1 MiB", "REQUEST_TOO_LARGE",
                 "send a smaller one");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Link>> Link::Create(
    UniqueFd channel, wire::FrameReader reader, Loop* loop,
    HealthHandler on_health, std::chrono::milliseconds unary_timeout) {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer.ok()) return absl::ErrnoToStatus(errno, "timerfd_create");
  std::unique_ptr<Link> link(new Link(std::move(channel), std::move(timer),
                                      std::move(reader), loop,
                                      std::move(on_health), unary_timeout));
  if (absl::Status status = link->Register(); !status.ok()) return status;
  return link;
}

Link::Link(UniqueFd channel, UniqueFd timer, wire::FrameReader reader,
           Loop* loop, HealthHandler on_health,
           std::chrono::milliseconds unary_timeout)
    : channel_(std::move(channel)),
      timer_(std::move(timer)),
      loop_(loop),
      on_health_(std::move(on_health)),
      unary_timeout_(unary_timeout),
      reader_(std::move(reader)) {}

Link::~Link() {
  Close();
  loop_->Remove(channel_.get());
  loop_->Remove(timer_.get());
}

absl::Status Link::Register() {
  absl::Status status = loop_->Add(
      channel_.get(), EPOLLIN, [this](uint32_t events) { OnEvents(events); });
  if (!status.ok()) return status;
  return loop_->Add(timer_.get(), EPOLLIN, [this](uint32_t) { OnTimer(); });
}

std::variant<uint64_t, End> Link::Open(Call call, bool unary,
                                       std::shared_ptr<Receiver> receiver) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return SupervisorGone();
  if (calls_.size() >= kMaxOpenCalls) {
    return Busy(absl::StrCat(kMaxOpenCalls, " calls are open"));
  }
  if (queue_.size() + call.request().size() > kMaxQueuedBytes) {
    return Busy("the supervisor is behind with earlier requests");
  }
  uint64_t id = next_id_;
  ToSupervisor message;
  *message.mutable_call() = std::move(call);
  message.mutable_call()->set_id(id);
  if (message.ByteSizeLong() > wire::kControlFrameMax) return TooLarge();
  ++next_id_;
  Clock::time_point deadline = Clock::time_point::max();
  if (unary) {
    deadline = Clock::now() + unary_timeout_;
    if (!timer_armed_) ArmTimer(deadline);
  }
  calls_[id] = {std::move(receiver), kInitialCredit, deadline};
  Send(message);
  return id;
}

void Link::Abandon(uint64_t id) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (calls_.erase(id) > 0) SendAbandon(id);
}

void Link::Grant(uint64_t id, uint32_t messages) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto it = calls_.find(id);
  if (it == calls_.end()) return;
  it->second.credit += messages;
  ToSupervisor message;
  message.mutable_credit()->set_call(id);
  message.mutable_credit()->set_messages(messages);
  Send(message);
}

void Link::Begin() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ToSupervisor message;
    message.mutable_ready();
    Send(message);
  }
  DispatchAll();
}

void Link::Close() {
  std::vector<std::shared_ptr<Receiver>> receivers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    for (auto& [id, call] : calls_) {
      receivers.push_back(std::move(call.receiver));
    }
    calls_.clear();
  }
  for (const auto& receiver : receivers) receiver->OnEnd(SupervisorGone());
}

void Link::OnEvents(uint32_t events) {
  if (events & EPOLLOUT) {
    std::lock_guard<std::mutex> lock(mutex_);
    Flush();
  }
  // What the supervisor said before it closed is read before the end is seen.
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) Read();
}

void Link::ReadRest() {
  while (Read()) {
  }
}

bool Link::Read() {
  std::array<char, 65536> buffer;
  ssize_t size =
      ::recv(channel_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) {
    // A reset means the same as an end: there is no supervisor any more.
    loop_->Stop(absl::OkStatus());
    return false;
  }
  reader_.Append(absl::string_view(buffer.data(), size));
  DispatchAll();
  return true;
}

void Link::DispatchAll() {
  while (true) {
    auto frame = reader_.Next();
    if (frame.ok() && !frame->has_value()) return;
    absl::Status status = frame.ok() ? Dispatch(**frame) : frame.status();
    if (!status.ok()) {
      loop_->Stop(status);
      return;
    }
  }
}

absl::Status Link::Dispatch(absl::string_view frame) {
  ToGateway message;
  if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return absl::InvalidArgumentError("a frame that is not a ToGateway");
  }
  switch (message.body_case()) {
    case ToGateway::kReply:
      return OnReply(message.reply());
    case ToGateway::kEnd:
      OnEnd(message.end());
      return absl::OkStatus();
    case ToGateway::kHealth:
      on_health_(message.health());
      return absl::OkStatus();
    case ToGateway::kSetup:
      return absl::InvalidArgumentError("a second Setup");
    case ToGateway::BODY_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("a ToGateway without a known body");
}

absl::Status Link::OnReply(const Reply& reply) {
  std::shared_ptr<Receiver> receiver;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto it = calls_.find(reply.call());
    // Abandoned while the reply was on its way.
    if (it == calls_.end()) return absl::OkStatus();
    if (it->second.credit == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("a reply without credit to call ", reply.call()));
    }
    --it->second.credit;
    receiver = it->second.receiver;
  }
  receiver->OnReply(reply.response());
  return absl::OkStatus();
}

void Link::OnEnd(const End& end) {
  std::shared_ptr<Receiver> receiver;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto it = calls_.find(end.call());
    if (it == calls_.end()) return;
    receiver = std::move(it->second.receiver);
    calls_.erase(it);
  }
  receiver->OnEnd(end);
}

void Link::Send(const ToSupervisor& message) {
  if (closed_) return;
  bool idle = queue_.empty();
  absl::Status framed = wire::AppendFrame(message.SerializeAsString(),
                                          wire::kControlFrameMax, &queue_);
  if (!framed.ok()) log::Warning(framed.message());
  // Otherwise the loop is at it.
  if (idle) Flush();
}

void Link::SendAbandon(uint64_t id) {
  ToSupervisor message;
  message.mutable_abandon()->set_call(id);
  Send(message);
}

void Link::Flush() {
  size_t sent = 0;
  while (sent < queue_.size()) {
    ssize_t size = ::send(channel_.get(), queue_.data() + sent,
                          queue_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    // Broken: the loop sees the end of the channel too, and ends.
    sent = size < 0 ? queue_.size() : sent + static_cast<size_t>(size);
  }
  queue_.erase(0, sent);
  if (queue_.empty()) std::string().swap(queue_);
  WatchWritable(!queue_.empty());
}

void Link::WatchWritable(bool on) {
  if (on == watch_writable_) return;
  watch_writable_ = on;
  uint32_t events = on ? EPOLLIN | EPOLLOUT : uint32_t{EPOLLIN};
  // Cannot fail for a descriptor that is registered.
  loop_->Modify(channel_.get(), events).IgnoreError();
}

void Link::ArmTimer(Clock::time_point when) {
  // A timerfd takes zero for "disarm".
  auto left = std::max<std::chrono::nanoseconds>(when - Clock::now(),
                                                 std::chrono::milliseconds(1));
  itimerspec spec = {};
  spec.it_value.tv_sec = left / std::chrono::seconds(1);
  spec.it_value.tv_nsec = (left % std::chrono::seconds(1)).count();
  timer_armed_ = ::timerfd_settime(timer_.get(), 0, &spec, nullptr) == 0;
}

void Link::OnTimer() {
  std::vector<std::shared_ptr<Receiver>> late;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    uint64_t expirations;
    if (::read(timer_.get(), &expirations, sizeof(expirations)) < 0) return;
    Clock::time_point now = Clock::now();
    std::vector<uint64_t> ids;
    Clock::time_point next = Clock::time_point::max();
    for (auto& [id, call] : calls_) {
      if (call.deadline > now) {
        next = std::min(next, call.deadline);
        continue;
      }
      late.push_back(std::move(call.receiver));
      ids.push_back(id);
    }
    for (uint64_t id : ids) {
      calls_.erase(id);
      SendAbandon(id);
    }
    timer_armed_ = false;
    if (next != Clock::time_point::max()) ArmTimer(next);
  }
  for (const auto& receiver : late) receiver->OnEnd(NoAnswer());
}

}  // namespace drover::admin
