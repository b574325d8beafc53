#include "supervisor/os/launch_plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "supervisor/os/command.h"
#include "supervisor/os/file.h"
#include "supervisor/os/mode.h"

namespace drover::os {
namespace {

constexpr int kFirstListener = 4;
constexpr size_t kEnvironmentFileMax = 256 * 1024;

// Where the environment has no PATH.
constexpr char kDefaultPath[] = "/usr/local/bin:/usr/bin:/bin";

void Merge(const Environment& from, Environment* into) {
  for (const auto& [name, value] : from) (*into)[name] = value;
}

Environment Inherited(const Environment& own) {
  Environment inherited;
  for (const auto& [name, value] : own) {
    if (!IsReserved(name)) inherited[name] = value;
  }
  return inherited;
}

Environment ChannelVariables(int control_fd, const std::vector<int>& numbers,
                             const std::vector<NamedListener>& listeners) {
  Environment variables;
  variables["DROVER_FD"] = absl::StrCat(control_fd);
  variables["DROVER_PROTOCOL"] = "1";
  std::string list;
  for (size_t i = 0; i < listeners.size(); ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ",", numbers[i], ":",
                    listeners[i].name);
  }
  if (!list.empty()) variables["DROVER_LISTEN_FDS"] = list;
  return variables;
}

}  // namespace

std::vector<int> ListenerNumbers(size_t count, int control_fd) {
  std::vector<int> numbers;
  for (int number = kFirstListener; numbers.size() < count; ++number) {
    if (number != control_fd) numbers.push_back(number);
  }
  return numbers;
}

std::variant<std::shared_ptr<const LaunchPlan>, SpawnError> LaunchPlan::Make(
    const config::v1::Pool& spec, std::vector<NamedListener> listeners,
    const Surroundings& surroundings) {
  std::shared_ptr<LaunchPlan> plan(new LaunchPlan(spec, std::move(listeners)));
  plan->limits_ = ChildLimits(spec.limits(), surroundings.open_files);
  std::optional<SpawnError> error = plan->OpenDirectory(spec.directory());
  if (!error) error = plan->FindCredentials(spec);
  if (!error) {
    error = plan->MakeEnvironment(spec, surroundings.own_environment);
  }
  if (!error) error = plan->FindProgram(plan->arguments_.at(0));
  if (error) return *error;
  return plan;
}

LaunchPlan::LaunchPlan(const config::v1::Pool& spec,
                       std::vector<NamedListener> listeners)
    : arguments_(spec.command().begin(), spec.command().end()),
      umask_(ParseMode(spec.umask(), 022)),
      control_fd_(spec.has_control_fd() ? static_cast<int>(spec.control_fd())
                                        : 3),
      listeners_(std::move(listeners)),
      listener_numbers_(ListenerNumbers(listeners_.size(), control_fd_)) {
  if (spec.output().has_line_max_bytes()) {
    line_max_bytes_ = spec.output().line_max_bytes();
  }
  PointAtArguments();
}

void LaunchPlan::PointAtArguments() {
  for (const std::string& argument : arguments_) {
    argv_.push_back(argument.c_str());
  }
  argv_.push_back(nullptr);
}

std::optional<SpawnError> LaunchPlan::OpenDirectory(
    const std::string& directory) {
  if (directory.empty()) return std::nullopt;
  directory_fd_.reset(
      ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory_fd_.ok()) return SpawnError{"chdir", errno, directory};
  std::unique_ptr<char, decltype(&::free)> real(
      ::realpath(directory.c_str(), nullptr), &::free);
  if (real == nullptr) return SpawnError{"chdir", errno, directory};
  directory_ = real.get();
  return std::nullopt;
}

std::optional<SpawnError> LaunchPlan::FindCredentials(
    const config::v1::Pool& spec) {
  auto credentials = ResolveCredentials(spec.user(), spec.group());
  if (!credentials.ok()) {
    return SpawnError{absl::StrCat("user ", spec.user(), " ", spec.group(),
                                   ": ", credentials.status().message()),
                      ENOENT};
  }
  credentials_ = *std::move(credentials);
  return std::nullopt;
}

// From the weakest to the strongest.
std::optional<SpawnError> LaunchPlan::MakeEnvironment(
    const config::v1::Pool& spec, const Environment& own) {
  Environment fixed;
  bool inherit = !spec.has_inherit_environment() || spec.inherit_environment();
  if (inherit) fixed = Inherited(own);
  if (!directory_.empty()) fixed["PWD"] = directory_;
  if (!spec.user().empty() && credentials_ && !credentials_->home.empty()) {
    fixed["HOME"] = credentials_->home;
    fixed["USER"] = credentials_->user_name;
    fixed["LOGNAME"] = credentials_->user_name;
  }
  if (!spec.environment_file().empty()) {
    std::string text;
    int error = ReadFile(spec.environment_file(), kEnvironmentFileMax, &text);
    if (error != 0) {
      return SpawnError{"environment_file", error, spec.environment_file()};
    }
    auto variables = ParseEnvironmentFile(text);
    if (!variables.ok()) {
      return SpawnError{
          absl::StrCat("environment_file: ", variables.status().message()),
          EINVAL};
    }
    Merge(*variables, &fixed);
  }
  Environment configured(spec.environment().begin(), spec.environment().end());
  auto path = configured.find("PATH");
  search_path_ = path != configured.end() ? path->second
                 : fixed.contains("PATH") ? fixed["PATH"]
                                          : kDefaultPath;
  environment_.emplace(
      fixed, configured,
      ChannelVariables(control_fd_, listener_numbers_, listeners_));
  return std::nullopt;
}

std::optional<SpawnError> LaunchPlan::FindProgram(const std::string& program) {
  int error = ResolveCommand(program, directory_, search_path_, &path_);
  if (error != 0) return SpawnError{"execve", error, program};
  return std::nullopt;
}

std::variant<SpawnedChild, SpawnError> LaunchPlan::Launch(
    const core::Identity& worker, const StandardFds& fds) const {
  auto environment = environment_->For(worker);
  if (!environment.ok()) return SpawnError{"environment", EINVAL};
  std::vector<InheritedFd> inherited = {
      {fds.channel, control_fd_},
      {fds.standard_output, STDOUT_FILENO},
      {fds.standard_error, STDERR_FILENO},
  };
  if (control_fd_ != STDIN_FILENO) {
    inherited.push_back({fds.null_device, STDIN_FILENO});
  }
  for (size_t i = 0; i < listeners_.size(); ++i) {
    inherited.push_back({listeners_[i].socket->fd(), listener_numbers_[i]});
  }
  auto spawned = Spawn({.path = path_.c_str(),
                        .argv = argv_.data(),
                        .envp = environment->pointers(),
                        .fds = inherited,
                        .directory = directory_fd_.get(),
                        .credentials = credentials_ ? &*credentials_ : nullptr,
                        .umask = umask_,
                        .limits = limits_});
  auto* error = std::get_if<SpawnError>(&spawned);
  if (error != nullptr && error->step == "execve") error->object = path_;
  return spawned;
}

void LaunchPlan::FillIn(worker::v1::Welcome* welcome) const {
  for (size_t i = 0; i < listeners_.size(); ++i) {
    worker::v1::Listener* listener = welcome->add_listeners();
    listener->set_fd(static_cast<uint32_t>(listener_numbers_[i]));
    listener->set_name(listeners_[i].name);
    listener->set_address(listeners_[i].socket->bound_address());
  }
}

}  // namespace drover::os
