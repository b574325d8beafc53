#include "supervisor/main/recovery.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/base/log.h"
#include "supervisor/main/console.h"

namespace drover {
namespace {

constexpr size_t kJournalMax = journal::SizeFor(journal::kPlacesMax);
// The first of the lost workers are told one by one.
constexpr size_t kToldMax = 16;
// Where this process, whatever its program, finds its own journal.
constexpr char kOwnJournal[] = "DROVER_JOURNAL";
// And which of its pools are as they were scaled: "web=8/2,...".
constexpr char kOwnScale[] = "DROVER_SCALED";

using Counts = std::map<std::string, Predecessor::Count>;

void WriteOwnScale(const Counts& counts) {
  std::string text;
  for (const auto& [pool, count] : counts) {
    absl::StrAppend(&text, text.empty() ? "" : ",", pool, "=", count.scaled,
                    "/", count.configured);
  }
  ::setenv(kOwnScale, text.c_str(), 1);
}

Counts ReadOwnScale() {
  Counts counts;
  const char* text = std::getenv(kOwnScale);
  for (absl::string_view entry :
       absl::StrSplit(text == nullptr ? "" : text, ',')) {
    const std::vector<std::string> parts =
        absl::StrSplit(entry, absl::ByAnyChar("=/"));
    Predecessor::Count count;
    if (parts.size() == 3 && absl::SimpleAtoi(parts[1], &count.scaled) &&
        absl::SimpleAtoi(parts[2], &count.configured)) {
      counts[parts[0]] = count;
    }
  }
  return counts;
}

// "SIGKILL", from a holder that has seen it.
std::string EndOfFormer() {
  const char* end = std::getenv("DROVER_FORMER_END");
  return end == nullptr ? "" : end;
}

void Tell(const Predecessor& former) {
  PrintNews(Describe(former));
  size_t told = 0;
  for (const LostWorker& worker : former.workers) {
    if (++told > kToldMax) break;
    PrintNews(Describe(worker));
  }
  if (former.workers.size() > kToldMax) {
    PrintNews(absl::StrCat("and ", former.workers.size() - kToldMax,
                           " more; drover status --output json has them"));
  }
}

}  // namespace

Recovery::Recovery(core::Incarnation last)
    : last_(last), scaled_(ReadOwnScale()) {}

Recovery::Recovery(std::vector<os::HandedFd>* handed) {
  std::vector<absl::StatusOr<std::string>> journals;
  std::erase_if(*handed, [&](const os::HandedFd& one) {
    if (!absl::StartsWith(one.name, Journal::kPrefix)) return false;
    journals.push_back(os::ReadAll(one.fd.get(), kJournalMax));
    read_.push_back(one.name);
    return true;
  });
  former_ = ReadPredecessor(journals);
  if (!former_) return;
  former_->ended_by = EndOfFormer();
  message_ = ToMessage(*former_);
  Tell(*former_);
}

void Recovery::Adjust(config::v1::Config* config) {
  if (!former_) return;
  scaled_ = KeepScale(*former_, config);
  for (const auto& [pool, count] : scaled_) {
    PrintNews(absl::StrCat("pool ", pool, " starts with ", count.scaled,
                           " workers, as it was scaled, not with ",
                           count.configured));
  }
}

core::Incarnation Recovery::last_incarnation() const {
  return former_ ? former_->last_incarnation : last_;
}

const admin::v1::Predecessor* Recovery::predecessor() const {
  return former_ ? &message_ : nullptr;
}

void Recovery::Begin(const core::Supervisor& core,
                     const std::shared_ptr<os::FdStore>& store) {
  if (store == nullptr) return;
  if (const char* own = std::getenv(kOwnJournal)) read_.emplace_back(own);
  WriteOwnScale(scaled_);
  auto begun = Journal::Begin(core, last_incarnation(), scaled_, store);
  if (!begun.ok()) {
    log::Warning(
        absl::StrCat("no journal for a successor: ", begun.status().message()));
    return;
  }
  journal_ = *std::move(begun);
  ::setenv(kOwnJournal, journal_->name().c_str(), 1);
  // Only now: at no time is there none.
  for (const std::string& name : read_) store->Drop(name);
  read_.clear();
}

void Recovery::OnNotice(const core::Notice& notice) {
  if (journal_) journal_->OnNotice(notice);
}

void Recovery::OnFact(core::Incarnation incarnation) {
  if (journal_) journal_->OnWorker(incarnation);
}

}  // namespace drover
