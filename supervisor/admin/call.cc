#include "supervisor/admin/call.h"

#include <grpcpp/support/slice.h>

#include <string>
#include <utility>
#include <variant>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/admin/refusal.h"

namespace drover::admin {
namespace {

using control::v1::End;

// Credit goes back in portions, to save frames.
constexpr uint32_t kGrantPortion = kInitialCredit / 4;

grpc::ByteBuffer ToBuffer(absl::string_view bytes) {
  grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

grpc::StatusCode ToCode(int code) {
  bool known =
      code >= grpc::StatusCode::OK && code <= grpc::StatusCode::UNAUTHENTICATED;
  return known ? static_cast<grpc::StatusCode>(code)
               : grpc::StatusCode::UNKNOWN;
}

End TooSlow() {
  return Refusal(absl::StatusCode::kResourceExhausted,
                 "the client reads its answers too slowly", "SLOW_CLIENT",
                 "call again and read faster; watches resume from a token");
}

}  // namespace

bool Backlog::TakeBytes(size_t bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (bytes_ + bytes > limit_) return false;
  bytes_ += bytes;
  return true;
}

void Backlog::GiveBackBytes(size_t bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  bytes_ -= bytes;
}

void Backlog::Begin() {
  std::lock_guard<std::mutex> lock(mutex_);
  ++calls_;
}

void Backlog::End() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (--calls_ == 0) idle_.notify_all();
}

void Backlog::WaitUntilIdle(std::chrono::milliseconds timeout) {
  std::unique_lock<std::mutex> lock(mutex_);
  idle_.wait_for(lock, timeout, [this] { return calls_ == 0; });
}

grpc::Status ToGrpc(const End& end) {
  grpc::StatusCode code = ToCode(end.code());
  if (code == grpc::StatusCode::OK) return grpc::Status::OK;
  v1::StatusDetails details;
  details.set_code(code);
  details.set_message(end.message());
  if (!end.detail().empty()) {
    google::protobuf::Any* detail = details.add_details();
    detail->set_type_url("type.googleapis.com/drover.admin.v1.ErrorDetail");
    detail->set_value(end.detail());
  }
  return grpc::Status(code, end.message(), details.SerializeAsString());
}

std::shared_ptr<Call> Call::Make(Link* link, Backlog* backlog) {
  std::shared_ptr<Call> self(new Call(link, backlog));
  self->self_ = self;
  return self;
}

Call* Call::Start(control::v1::Call call, bool unary, Link* link,
                  Backlog* backlog) {
  std::shared_ptr<Call> self = Make(link, backlog);
  // An answer that arrives before the id is noted waits for the lock.
  std::lock_guard<std::mutex> lock(self->mutex_);
  std::variant<uint64_t, End> opened = link->Open(std::move(call), unary, self);
  if (uint64_t* id = std::get_if<uint64_t>(&opened)) {
    self->id_ = *id;
  } else {
    self->end_ = ToGrpc(std::get<End>(opened));
    self->Advance();
  }
  return self.get();
}

Call* Call::Refuse(const End& end, Backlog* backlog) {
  std::shared_ptr<Call> self = Make(nullptr, backlog);
  std::lock_guard<std::mutex> lock(self->mutex_);
  self->end_ = ToGrpc(end);
  self->Advance();
  return self.get();
}

void Call::OnReply(absl::string_view response) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (end_.has_value()) return;
  if (!backlog_->TakeBytes(response.size())) {
    GiveUp(ToGrpc(TooSlow()));
    return;
  }
  answers_.push_back(ToBuffer(response));
  Advance();
}

void Call::OnEnd(const End& end) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (end_.has_value()) return;
  end_ = ToGrpc(end);
  Advance();
}

void Call::OnWriteDone(bool ok) {
  std::lock_guard<std::mutex> lock(mutex_);
  writing_ = false;
  backlog_->GiveBackBytes(answers_.front().Length());
  answers_.pop_front();
  if (!ok) {
    GiveUp(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
    return;
  }
  if (++written_ >= kGrantPortion && !end_.has_value()) {
    link_->Grant(id_, std::exchange(written_, 0));
  }
  Advance();
}

void Call::OnCancel() {
  std::lock_guard<std::mutex> lock(mutex_);
  GiveUp(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
}

void Call::OnDone() {
  // Perhaps the last reference: taken out first, for it is part of what goes.
  std::shared_ptr<Call> self = std::move(self_);
}

void Call::Advance() {
  if (writing_ || finished_) return;
  if (!answers_.empty()) {
    writing_ = true;
    StartWrite(&answers_.front());
  } else if (end_.has_value()) {
    finished_ = true;
    Finish(*end_);
  }
}

void Call::GiveUp(grpc::Status status) {
  if (finished_) return;
  if (id_ != 0) link_->Abandon(id_);
  DropWaiting();
  end_ = std::move(status);
  Advance();
}

void Call::DropWaiting() {
  size_t kept = writing_ ? 1 : 0;
  while (answers_.size() > kept) {
    backlog_->GiveBackBytes(answers_.back().Length());
    answers_.pop_back();
  }
}

}  // namespace drover::admin
