#include "supervisor/handover/testing/sample.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/testing.h"
#include "supervisor/core/testing/harness.h"

namespace drover::handover {
namespace {

constexpr uint32_t kRegularFile = 0100000;

config::v1::Config SampleConfig() {
  config::v1::Config config;
  config.mutable_supervisor()->mutable_admin()->set_socket("/run/drover.sock");
  for (const char* name : {"web", "api"}) {
    config::v1::Pool* pool = config.add_pools();
    pool->set_name(name);
    pool->add_command(absl::StrCat("/bin/", name));
    pool->set_count(2);
    pool->mutable_heartbeat()->mutable_interval()->set_seconds(10);
  }
  config::v1::Listener* listener = config.mutable_pools(0)->add_listeners();
  listener->set_name("http");
  listener->set_address("tcp://127.0.0.1:8080");
  config.mutable_pools(0)->mutable_reload()->mutable_canary()->set_workers(1);
  auto prepared = config::Prepare(std::move(config), SampleHost());
  if (prepared.ok()) return *std::move(prepared);
  std::fprintf(stderr, "%s\n", prepared.status().ToString().c_str());
  std::abort();
}

void RunCore(const config::v1::Config& config, state::v1::Core* to) {
  core::Harness world;
  world.Start({config.pools(0), config.pools(1)});
  // Neither succeeds at once: the canary bakes, the backoff runs.
  if (!world.Submit(core::Reload{"web"}).ok()) return;
  world.Die(world.Incumbent("api", 1), SIGKILL, 0);
  world.core().Write(to);
}

// Gives out descriptors.
class Numbers {
 public:
  explicit Numbers(state::v1::Handover* state) : state_(state) {}

  int Next(int32_t pid = 0) {
    state::v1::Descriptor* one = state_->add_descriptors();
    one->set_number(next_++);
    one->set_type(kRegularFile);
    one->set_inode(static_cast<uint64_t>(next_));
    one->set_pid(pid);
    return one->number();
  }

 private:
  state::v1::Handover* state_;
  int next_ = 5;
};

void AddProcess(const state::v1::Worker& worker, Numbers* numbers,
                state::v1::Shell* shell) {
  state::v1::Process* process = shell->add_processes();
  *process->mutable_id() = worker.id();
  process->set_pid(worker.pid());
  process->set_pidfd(numbers->Next(worker.pid()));
  process->mutable_channel()->set_fd(numbers->Next());
  process->mutable_channel()->set_reading(true);
  process->mutable_channel()->set_accepting(true);
  process->mutable_channel()->set_received(std::string("\0\0\0\5\1", 5));
  process->mutable_channel()->add_queue(std::string("\0\0\0\2ab", 6));
  process->mutable_channel()->set_written(3);
  process->mutable_standard_output()->set_fd(numbers->Next());
  process->mutable_standard_output()->set_partial("half a line");
  process->mutable_standard_error()->set_fd(-1);
}

void FillShell(const config::v1::Config& config, Numbers* numbers,
               state::v1::Handover* state) {
  state::v1::Shell* shell = state->mutable_shell();
  state::v1::Listener* listener = shell->add_listeners();
  listener->set_key("tcp://127.0.0.1:8080");
  listener->set_bound_address("tcp://127.0.0.1:8080");
  listener->set_tcp(numbers->Next());
  state::v1::HeldListeners* held = shell->add_held();
  held->set_pool("web");
  held->add_listeners()->set_name("http");
  state::v1::LaunchPlan* plan = shell->add_plans();
  plan->set_path("/bin/web");
  plan->add_arguments("/bin/web");
  plan->add_environment("LANG=C");
  plan->set_directory_fd(-1);
  plan->set_control_fd(3);
  plan->set_line_max_bytes(8192);
  state::v1::GenerationPlan* generation = shell->add_generations();
  generation->set_pool("web");
  generation->set_generation(1);
  for (const state::v1::Worker& worker : state->core().workers()) {
    AddProcess(worker, numbers, shell);
  }
  *shell->mutable_supervisor() = config.supervisor();
}

}  // namespace

config::Host SampleHost() { return config::FakeHost(); }

state::v1::Handover SampleState() {
  state::v1::Handover state;
  const config::v1::Config config = SampleConfig();
  Numbers numbers(&state);
  RunCore(config, state.mutable_core());
  FillShell(config, &numbers, &state);
  state.mutable_control()->set_session("12ab-3");
  state.mutable_control()->set_first_event(7);
  state.mutable_control()->add_events()->set_pool("web");
  state::v1::Program* program = state.mutable_program();
  *program->mutable_supervisor() = config.supervisor();
  state::v1::UnixSocket* admin = program->mutable_admin_socket();
  admin->set_path("/run/drover.sock");
  admin->set_socket(numbers.Next());
  admin->set_lock_path("/run/drover.sock.lock");
  admin->set_lock(numbers.Next());
  program->set_path("/usr/bin/drover-supervisor");
  program->mutable_upgrade()->set_number(1);
  return state;
}

}  // namespace drover::handover
