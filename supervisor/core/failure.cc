#include "supervisor/core/failure.h"

#include <csignal>
#include <cstring>  // strerrordesc_np: thread-safe, not translated

#include "absl/strings/str_cat.h"

namespace drover::core {
namespace {

struct NamedSignal {
  int number;
  absl::string_view name;
};

constexpr NamedSignal kSignals[] = {
    {SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
    {SIGILL, "SIGILL"},   {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"},
    {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"},
    {SIGUSR1, "SIGUSR1"}, {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
    {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"},
    {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"},
};

std::string Describe(const SpawnFailure& failure) {
  return absl::StrCat("could not be started: ", failure.step, ": ",
                      ErrorText(failure.error_number));
}

std::string DescribeReason(const Exit& exit) {
  if (const auto* signal = std::get_if<ExternalSignal>(&exit.reason)) {
    return absl::StrCat("killed by ", SignalName(signal->signal),
                        signal->core_dumped ? " (core dumped)" : "");
  }
  if (const auto* code = std::get_if<AbnormalExit>(&exit.reason)) {
    return absl::StrCat("exited with code ", code->code);
  }
  if (const auto* spawn = std::get_if<SpawnFailure>(&exit.reason)) {
    return Describe(*spawn);
  }
  return exit.due ? "exited with code 0"
                  : "exited with code 0 without being asked";
}

}  // namespace

absl::string_view Name(FailureReason reason) {
  switch (reason) {
    case FailureReason::kNone:
      return "none";
    case FailureReason::kSpawn:
      return "spawn failure";
    case FailureReason::kHelloTimeout:
      return "hello timeout";
    case FailureReason::kUnsupportedVersion:
      return "unsupported version";
    case FailureReason::kStartTimeout:
      return "start timeout";
    case FailureReason::kWorkerFailed:
      return "failed by its own word";
    case FailureReason::kStopTimeout:
      return "stop timeout";
    case FailureReason::kQuitTimeout:
      return "quit timeout";
    case FailureReason::kUnresponsive:
      return "unresponsive";
    case FailureReason::kViolation:
      return "protocol violation";
    case FailureReason::kChannelLost:
      return "channel lost";
    case FailureReason::kQueueFull:
      return "queue full";
    case FailureReason::kExited:
      return "exit without being asked";
    case FailureReason::kCrashLoop:
      return "crash loop";
    case FailureReason::kCancelled:
      return "cancelled";
    case FailureReason::kSuperseded:
      return "superseded";
    case FailureReason::kShutdown:
      return "shutdown";
    case FailureReason::kDeadline:
      return "deadline";
    case FailureReason::kPolicy:
      return "restart policy";
    case FailureReason::kOrder:
      return "order of pools";
  }
  return "?";
}

std::string SignalName(int signal) {
  for (const NamedSignal& known : kSignals) {
    if (known.number == signal) return std::string(known.name);
  }
  return absl::StrCat("signal ", signal);
}

std::string Describe(const Exit& exit) {
  std::string out = DescribeReason(exit);
  if (exit.out_of_memory) absl::StrAppend(&out, ", out of memory");
  if (exit.by_supervisor) absl::StrAppend(&out, " sent by the supervisor");
  if (!exit.text.empty()) absl::StrAppend(&out, ": ", exit.text);
  if (!exit.last_words.empty()) {
    absl::StrAppend(&out, "; its last words: ", exit.last_words);
  }
  return out;
}

std::string ErrorText(int error_number) {
  const char* text = ::strerrordesc_np(error_number);
  return text == nullptr ? absl::StrCat("error ", error_number) : text;
}

Failure Because(FailureReason reason, absl::string_view message,
                absl::string_view remedy) {
  Failure failure;
  failure.reason = reason;
  failure.message = std::string(message);
  failure.remedy = std::string(remedy);
  return failure;
}

Failure BecauseOf(const std::shared_ptr<const Exit>& exit,
                  absl::string_view outcome, absl::string_view remedy) {
  Failure failure =
      Because(exit->cause == FailureReason::kNone ? FailureReason::kExited
                                                  : exit->cause,
              absl::StrCat(exit->worker.pool, "/", exit->worker.slot, " ",
                           Describe(*exit), outcome),
              remedy);
  failure.worker = exit->worker;
  failure.exit = exit;
  return failure;
}

}  // namespace drover::core
