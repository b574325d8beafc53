#include "supervisor/os/take_over_check.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "supervisor/os/fd_pair.h"
#include "supervisor/os/spawn.h"
#include "supervisor/output/sanitize.h"

namespace drover::os {
namespace {

constexpr size_t kBytesMax = 64 * 1024;
constexpr size_t kTextMax = 1024;
constexpr size_t kLineMax = 300;

std::string Shown(absl::string_view text) {
  return output::Sanitize(text.substr(0, kTextMax));
}

}  // namespace

absl::Status TakeOverCheck::Start(const Request& request, Done done) {
  std::optional<FdPair> answer = MakeOutputPair();
  std::optional<FdPair> output = MakeOutputPair();
  UniqueFd null_device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!answer || !output || !null_device.ok()) {
    return absl::ErrnoToStatus(errno, "pipe");
  }
  std::vector<const char*> argv;
  for (const std::string& argument : request.arguments) {
    argv.push_back(argument.c_str());
  }
  argv.insert(argv.end(), {kFlag, nullptr});
  std::vector<InheritedFd> fds = {
      {null_device.get(), STDIN_FILENO},
      {output->theirs.get(), STDOUT_FILENO},
      {output->theirs.get(), STDERR_FILENO},
      {request.state, kStateFd},
      {answer->theirs.get(), kAnswerFd},
  };
  auto spawned = Spawn({.path = request.path.c_str(),
                        .program = request.program,
                        .argv = argv.data(),
                        .envp = ::environ,
                        .fds = fds,
                        .limits = ChildLimits({}, request.open_files)});
  if (auto* error = std::get_if<SpawnError>(&spawned)) {
    return absl::FailedPreconditionError(
        absl::StrCat("it cannot be executed: ", error->step, ": ",
                     ::strerror(error->error_number),
                     error->error_number == ENOENT
                         ? " (no program, or one whose loader is missing)"
                         : ""));
  }
  done_ = std::move(done);
  limit_ = request.limit;
  Watch(std::move(answer->ours), &answer_);
  Watch(std::move(output->ours), &output_);
  child_ = std::make_unique<Child>(io_, children_,
                                   std::get<SpawnedChild>(std::move(spawned)),
                                   [this] { OnExit(); });
  timer_.expires_after(absl::ToChronoNanoseconds(limit_));
  timer_.async_wait([this, alive = std::weak_ptr<char>(alive_)](
                        const std::error_code& error) {
    if (error || alive.expired()) return;
    late_ = true;
    child_->SignalGroup(SIGKILL);
  });
  return absl::OkStatus();
}

void TakeOverCheck::Watch(UniqueFd fd, Source* source) {
  source->pipe = std::make_unique<FdWatcher>(io_, std::move(fd));
  source->pipe->OnReadable([this, source] {
    Read(source);
    if (source->pipe->is_open()) source->pipe->WaitReadable();
  });
  source->pipe->WaitReadable();
}

void TakeOverCheck::Read(Source* source) {
  char buffer[4096];
  while (source->pipe->is_open()) {
    ssize_t count = ::read(source->pipe->fd(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0 || source->bytes.size() > kBytesMax) {
      source->pipe->Close();
      return;
    }
    source->bytes.append(buffer, static_cast<size_t>(count));
  }
}

void TakeOverCheck::OnExit() {
  std::optional<ExitStatus> status = child_->Peek();
  if (!status) return;
  timer_.cancel();
  Read(&answer_);
  Read(&output_);
  child_->SignalGroup(SIGKILL);
  child_->Reap();
  auto verdict = Verdict(*status);
  // `done` may destroy this.
  Done done = std::exchange(done_, nullptr);
  done(std::move(verdict));
}

absl::StatusOr<state::v1::TakeOverAnswer> TakeOverCheck::Verdict(
    const ExitStatus& status) {
  if (late_) {
    return absl::DeadlineExceededError(
        absl::StrCat("it did not answer within ", absl::FormatDuration(limit_),
                     " whether it can take over", LastLine()));
  }
  if (status.signal != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("asked whether it can take over it crashed (signal ",
                     status.signal, ")", LastLine()));
  }
  state::v1::TakeOverAnswer answer;
  if (status.code != 0 || answer_.bytes.empty() ||
      !answer.ParseFromString(answer_.bytes) || answer.version().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "asked whether it can take over it ended with code ", status.code,
        " and without an answer; is it a drover-supervisor?", LastLine()));
  }
  answer.set_version(Shown(answer.version()));
  answer.set_refusal(Shown(answer.refusal()));
  return answer;
}

std::string TakeOverCheck::LastLine() const {
  absl::string_view text = absl::StripAsciiWhitespace(output_.bytes);
  const size_t newline = text.rfind('\n');
  if (newline != absl::string_view::npos) text.remove_prefix(newline + 1);
  if (text.empty()) return "";
  return absl::StrCat("; it wrote: ",
                      output::Sanitize(text.substr(0, kLineMax)));
}

}  // namespace drover::os
