#include "supervisor/os/output_writer.h"

#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"
#include "supervisor/os/clock.h"
#include "supervisor/os/signals_blocked.h"

namespace drover::os {

class OutputWriter::File {
 public:
  explicit File(OutputFile opened) : sink(std::move(opened)) {}

  // The thread's, and ours while it rests; open in the thread alone.
  OutputFile sink;

  // Below the lock.
  std::string waiting;
  // Since then all are dropped, until what waits is written.
  uint64_t dropped = 0;
  bool queued = false;
  bool held = true;

  // Ours.
  absl::Time warned = absl::InfinitePast();
};

namespace {

// Whole lines from the front, not many more bytes than that.
std::string TakeTurn(std::string* waiting, size_t bytes) {
  if (waiting->size() <= bytes) return std::exchange(*waiting, "");
  size_t end = waiting->rfind('\n', bytes - 1);
  // However long it is.
  if (end == std::string::npos) end = waiting->find('\n', bytes);
  std::string turn = waiting->substr(0, end + 1);
  waiting->erase(0, end + 1);
  return turn;
}

std::string TakeNote(uint64_t* dropped) {
  return absl::StrCat("[drover] ", std::exchange(*dropped, 0),
                      " lines dropped: disk too slow\n");
}

}  // namespace

struct OutputWriter::Shared {
  // The thread's whole life.
  void Run();
  // Each begins and ends with the lock held, and lets go of it meanwhile.
  void WriteTurn(std::unique_lock<std::mutex>& lock);
  void CloseAll(std::unique_lock<std::mutex>& lock);
  template <typename Action>
  void Ask(File* file, std::unique_lock<std::mutex>& lock, Action action);

  void Queue(File* file) {
    if (!std::exchange(file->queued, true)) queue.push_back(file);
    wanted.notify_one();
  }
  void Leave(File* file) {
    std::lock_guard<std::mutex> lock(mutex);
    file->held = false;
    Queue(file);
  }
  void Continue() {
    std::lock_guard<std::mutex> lock(mutex);
    rest = false;
    wanted.notify_one();
  }
  bool drained() const { return queue.empty() && current == nullptr; }
  // The file whose disk hangs, if that is still to be said.
  std::string TakeHang();

  std::mutex mutex;
  // The thread waits for the one, and is waited for by the other.
  std::condition_variable wanted;
  std::condition_variable answered;

  std::map<File*, std::unique_ptr<File>> files;
  // With something to write, or held by nobody any more.
  std::deque<File*> queue;
  size_t bytes = 0;

  // Whose disk the thread waits for.
  const File* current = nullptr;
  absl::Time since;
  bool hang_told = false;

  bool rest = false;
  bool rests = false;
  bool end = false;
  bool ended = false;
};

void OutputWriter::Shared::Run() {
  // Descriptors of its own. A process that is spawned closes copies of all that
  // the others hold, and closing a file may wait for the disk too; what the
  // others hold, in turn, must not be kept open here.
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, CLOSE_RANGE_UNSHARE);
  std::unique_lock<std::mutex> lock(mutex);
  while (!end) {
    if (rest) {
      CloseAll(lock);
      rests = rest;
      answered.notify_all();
      wanted.wait(lock, [this] { return !rest || end; });
      rests = false;
    } else if (!queue.empty()) {
      WriteTurn(lock);
    } else {
      answered.notify_all();
      wanted.wait(lock, [this] { return rest || end || !queue.empty(); });
    }
  }
  CloseAll(lock);
  ended = true;
  answered.notify_all();
}

template <typename Action>
void OutputWriter::Shared::Ask(File* file, std::unique_lock<std::mutex>& lock,
                               Action action) {
  current = file;
  since = Now();
  lock.unlock();
  action(file->sink);
  lock.lock();
  current = nullptr;
  if (!std::exchange(hang_told, false)) return;
  log::Warning(absl::StrCat(
      "output file ", file->sink.path(), ": its disk answers again, after ",
      absl::FormatDuration(absl::Trunc(Now() - since, absl::Seconds(1)))));
}

void OutputWriter::Shared::WriteTurn(std::unique_lock<std::mutex>& lock) {
  File* file = queue.front();
  queue.pop_front();
  file->queued = false;
  if (file->waiting.empty() && !file->held) {
    Ask(file, lock, [](OutputFile& sink) { sink.Close(); });
    files.erase(file);
    return;
  }
  const std::string turn = TakeTurn(&file->waiting, kTurnBytes);
  Ask(file, lock, [&turn](OutputFile& sink) { sink.Append(turn); });
  bytes -= turn.size();
  if (file->waiting.empty() && file->dropped > 0) {
    file->waiting = TakeNote(&file->dropped);
    bytes += file->waiting.size();
  }
  if (!file->waiting.empty() || !file->held) Queue(file);
}

void OutputWriter::Shared::CloseAll(std::unique_lock<std::mutex>& lock) {
  // None of them goes meanwhile: that is the thread's doing too.
  std::vector<File*> all;
  for (const auto& [file, owned] : files) all.push_back(file);
  for (File* file : all) {
    if (!rest && !end) return;
    Ask(file, lock, [](OutputFile& sink) { sink.Close(); });
  }
}

std::string OutputWriter::Shared::TakeHang() {
  if (current == nullptr || hang_told || Now() - since < kHang) return "";
  hang_told = true;
  return current->sink.path();
}

OutputWriter::OutputWriter() : shared_(std::make_shared<Shared>()) {}

OutputWriter::~OutputWriter() {
  const absl::Time deadline = Now() + kPatience;
  const bool drained = Drain(kPatience);
  std::unique_lock<std::mutex> lock(shared_->mutex);
  if (!drained) {
    log::Warning(absl::StrCat("output files: ", shared_->bytes,
                              " bytes could not be written in time"));
  }
  if (!thread_.joinable()) return;
  shared_->end = true;
  shared_->wanted.notify_one();
  const bool ended = shared_->answered.wait_for(
      lock, absl::ToChronoNanoseconds(deadline - Now()),
      [this] { return shared_->ended; });
  lock.unlock();
  // What hangs in the kernel cannot be waited for.
  ended ? thread_.join() : thread_.detach();
}

bool OutputWriter::HaveThread() {
  if (thread_.joinable()) return true;
  // It is not the one that signals are meant for.
  SignalsBlocked blocked;
  try {
    thread_ = std::thread([shared = shared_] { shared->Run(); });
  } catch (const std::system_error&) {
    return false;  // tried again with the next line
  }
  return true;
}

std::shared_ptr<OutputWriter::File> OutputWriter::Add(OutputFile file) {
  auto owned = std::make_unique<File>(std::move(file));
  File* added = owned.get();
  std::lock_guard<std::mutex> lock(shared_->mutex);
  shared_->files.emplace(added, std::move(owned));
  return {added, [shared = shared_](File* left) { shared->Leave(left); }};
}

void OutputWriter::Append(File* file, absl::string_view line) {
  bool drops = false;
  std::string hangs;
  {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    const size_t size = line.size() + 1;
    drops = file->dropped > 0 || file->waiting.size() + size > kFileBytes ||
            shared_->bytes + size > kAllBytes;
    if (drops) {
      ++file->dropped;
    } else {
      absl::StrAppend(&file->waiting, line, "\n");
      shared_->bytes += size;
    }
    shared_->Queue(file);
    hangs = shared_->TakeHang();
  }
  HaveThread();
  if (drops) WarnOfDropped(file);
  if (hangs.empty()) return;
  log::Warning(absl::StrCat("output file ", hangs, ": its disk has not ",
                            "answered for ", absl::FormatDuration(kHang)));
}

void OutputWriter::WarnOfDropped(File* file) {
  ++dropped_;
  if (Now() - file->warned < kWarnAgain) return;
  file->warned = Now();
  log::Warning(absl::StrCat("output file ", file->sink.path(),
                            ": its disk is too slow; lines are dropped"));
}

absl::StatusOr<std::shared_ptr<void>> OutputWriter::Rest(
    absl::Duration patience) {
  std::unique_lock<std::mutex> lock(shared_->mutex);
  std::shared_ptr<void> resting(
      nullptr, [shared = shared_](void*) { shared->Continue(); });
  shared_->rest = true;
  // One that begins later finds that it is to rest.
  if (!thread_.joinable()) return resting;
  shared_->wanted.notify_one();
  if (shared_->answered.wait_for(lock, absl::ToChronoNanoseconds(patience),
                                 [this] { return shared_->rests; })) {
    return resting;
  }
  const std::string path =
      shared_->current != nullptr ? shared_->current->sink.path() : "";
  lock.unlock();
  return absl::DeadlineExceededError(
      absl::StrCat("output file ", path, ": its disk has not answered for ",
                   absl::FormatDuration(patience)));
}

bool OutputWriter::Drain(absl::Duration patience) {
  std::unique_lock<std::mutex> lock(shared_->mutex);
  return shared_->answered.wait_for(lock, absl::ToChronoNanoseconds(patience),
                                    [this] { return shared_->drained(); });
}

void OutputWriter::Write(const File& file, state::v1::OutputFile* to) {
  file.sink.Write(to);
  to->set_unwritten(file.waiting);
  uint64_t dropped = file.dropped;
  if (dropped > 0) to->mutable_unwritten()->append(TakeNote(&dropped));
}

std::shared_ptr<OutputWriter::File> OutputWriter::Read(
    const state::v1::OutputFile& from, FdIntake* fds) {
  std::shared_ptr<File> file = Add(OutputFile(from, fds));
  if (from.unwritten().empty()) return file;
  std::lock_guard<std::mutex> lock(shared_->mutex);
  file->waiting = from.unwritten();
  if (file->waiting.back() != '\n') file->waiting += '\n';
  shared_->bytes += file->waiting.size();
  shared_->Queue(file.get());
  return file;
}

void OutputWriter::Resume() {
  {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    if (shared_->queue.empty()) return;
  }
  HaveThread();
}

}  // namespace drover::os
