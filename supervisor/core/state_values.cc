#include "supervisor/core/state_values.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::core {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kBeforeAll = std::numeric_limits<int64_t>::min();

void WriteReason(const ExitReason& from, state::v1::Exit* to) {
  if (const auto* signal = std::get_if<ExternalSignal>(&from)) {
    to->mutable_signal()->set_number(signal->signal);
    to->mutable_signal()->set_core_dumped(signal->core_dumped);
  } else if (const auto* spawn = std::get_if<SpawnFailure>(&from)) {
    to->mutable_spawn()->set_step(spawn->step);
    to->mutable_spawn()->set_error_number(spawn->error_number);
  } else if (const auto* code = std::get_if<AbnormalExit>(&from)) {
    to->set_code(code->code);
  } else {
    to->set_code(0);
  }
}

ExitReason ReadReason(const state::v1::Exit& from) {
  switch (from.reason_case()) {
    case state::v1::Exit::kSignal:
      return ExternalSignal{from.signal().number(),
                            from.signal().core_dumped()};
    case state::v1::Exit::kSpawn:
      return SpawnFailure{from.spawn().step(), from.spawn().error_number()};
    case state::v1::Exit::kCode:
      if (from.code() != 0) return AbnormalExit{from.code()};
      break;
    case state::v1::Exit::REASON_NOT_SET:
      break;
  }
  return NormalExit{};
}

}  // namespace

int64_t ToNanos(absl::Time time) {
  if (time == absl::InfiniteFuture()) return kNever;
  if (time == absl::InfinitePast()) return kBeforeAll;
  return absl::ToUnixNanos(time);
}

absl::Time FromNanos(int64_t nanos) {
  if (nanos == kNever) return absl::InfiniteFuture();
  if (nanos == kBeforeAll) return absl::InfinitePast();
  return absl::FromUnixNanos(nanos);
}

void WriteIdentity(const Identity& from, state::v1::Identity* to) {
  to->set_pool(from.pool);
  to->set_slot(from.slot);
  to->set_generation(from.generation);
  to->set_incarnation(from.incarnation);
}

Identity ReadIdentity(const state::v1::Identity& from) {
  return {from.pool(), from.slot(), from.generation(), from.incarnation()};
}

void WriteExit(const Exit& from, state::v1::Exit* to) {
  WriteIdentity(from.worker, to->mutable_worker());
  WriteReason(from.reason, to);
  to->set_due(from.due);
  to->set_by_supervisor(from.by_supervisor);
  to->set_was_started(from.was_started);
  to->set_cause(static_cast<uint32_t>(from.cause));
  to->set_text(from.text);
  to->set_last_words(from.last_words);
  for (const std::string& line : from.last_output) to->add_last_output(line);
  to->set_out_of_memory(from.out_of_memory);
  to->set_time(ToNanos(from.time));
}

std::shared_ptr<const Exit> ReadExit(const state::v1::Exit& from,
                                     StateErrors& errors) {
  auto to = std::make_shared<Exit>();
  to->worker = ReadIdentity(from.worker());
  to->reason = ReadReason(from);
  to->due = from.due();
  to->by_supervisor = from.by_supervisor();
  to->was_started = from.was_started();
  to->cause = errors.Checked(from.cause(), FailureReason::kOrder, "exit.cause");
  to->text = from.text();
  to->last_words = from.last_words();
  to->last_output.assign(from.last_output().begin(), from.last_output().end());
  to->out_of_memory = from.out_of_memory();
  to->time = FromNanos(from.time());
  return to;
}

void WriteFailure(const Failure& from, state::v1::Failure* to) {
  to->set_reason(static_cast<uint32_t>(from.reason));
  to->set_message(from.message);
  to->set_remedy(from.remedy);
  if (from.worker) WriteIdentity(*from.worker, to->mutable_worker());
  if (from.exit != nullptr) WriteExit(*from.exit, to->mutable_exit());
}

std::shared_ptr<const Failure> ReadFailure(const state::v1::Failure& from,
                                           StateErrors& errors) {
  auto to = std::make_shared<Failure>();
  to->reason =
      errors.Checked(from.reason(), FailureReason::kOrder, "failure.reason");
  to->message = from.message();
  to->remedy = from.remedy();
  if (from.has_worker()) to->worker = ReadIdentity(from.worker());
  if (from.has_exit()) to->exit = ReadExit(from.exit(), errors);
  return to;
}

void StateErrors::Add(absl::string_view what) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(
      absl::StrCat("the state that was written out makes no sense: ", what));
}

}  // namespace drover::core
