#include "conformance/trial/trial.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "conformance/spec/clauses.h"
#include "conformance/trial/descendants.h"

namespace drover::conformance {
namespace {

using std::chrono::duration_cast;
using namespace std::chrono_literals;

constexpr size_t kLogKept = 200;

Milliseconds Scaled(Milliseconds time, double scale) {
  return Milliseconds(
      static_cast<int64_t>(static_cast<double>(time.count()) * scale));
}

void WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

Milliseconds Plan::Patience() const {
  return Scaled(std::max<Milliseconds>(20s, 20 * baseline), scale);
}

Milliseconds Plan::Granted(Milliseconds clause) const {
  // A clause grants its time however short one wants to wait.
  return Scaled(clause, std::max(scale, 1.0)) +
         Scaled(std::max<Milliseconds>(1s, 5 * baseline), scale);
}

Milliseconds Plan::CaseLimit() const { return 4 * Patience() + clauses; }

Trial::Trial(const Plan& plan, int result_fd)
    : plan_(plan), result_fd_(result_fd) {}

void Trial::Miss(absl::string_view clause, absl::string_view expected,
                 absl::string_view seen) {
  const Clause* found = FindClause(clause);
  if (found == nullptr) Broken("a case names a clause that is not there");
  for (const record::Finding& former : result_.findings()) {
    if (former.clause() == found->id) return;
  }
  record::Finding* finding = result_.add_findings();
  finding->set_clause(found->id);
  finding->set_level(std::string(LevelName(found->level)));
  finding->set_sentence(found->text);
  finding->set_expected(std::string(expected));
  finding->set_seen(std::string(seen));
  finding->set_after_ms(ElapsedMs());
  LogEvent(std::string("missed ") + found->id);
  if (found->level == Level::kMust) End(record::VERDICT_FAIL, "");
}

void Trial::NotApplicable(absl::string_view reason) {
  End(record::VERDICT_NOT_APPLICABLE, reason);
}

void Trial::Broken(absl::string_view reason) {
  End(record::VERDICT_BROKEN, reason);
}

void Trial::Finish() {
  End(result_.findings().empty() ? record::VERDICT_PASS : record::VERDICT_WARN,
      "");
}

void Trial::Log(absl::string_view direction, absl::string_view text) {
  record::Entry entry;
  entry.set_at_us(static_cast<uint32_t>(
      duration_cast<std::chrono::microseconds>(Clock::now() - begin_).count()));
  entry.set_direction(std::string(direction));
  entry.set_text(std::string(text));
  log_.push_back(std::move(entry));
  if (log_.size() <= kLogKept) return;
  log_.pop_front();
  ++log_dropped_;
}

void Trial::Introduce(record::Subject subject) {
  plan_.baseline = std::max(plan_.baseline, Milliseconds(subject.hello_ms()));
  if (!result_.has_subject()) *result_.mutable_subject() = std::move(subject);
}

uint32_t Trial::ElapsedMs() const {
  return static_cast<uint32_t>(
      duration_cast<Milliseconds>(Clock::now() - begin_).count());
}

void Trial::End(record::Verdict verdict, absl::string_view reason) {
  result_.set_verdict(verdict);
  result_.set_reason(std::string(reason));
  result_.set_duration_ms(ElapsedMs());
  for (const record::Entry& entry : log_) *result_.add_log() = entry;
  result_.set_log_dropped(log_dropped_);
  result_.set_output(output_.text());
  KillChildrenBut({});
  for (const auto& action : at_end_) action();
  WriteAll(result_fd_, result_.SerializeAsString());
  ::_exit(0);
}

}  // namespace drover::conformance
