// What the core asks of the shell. The shell carries effects out in order and
// never judges them; what cannot be carried out comes back as an event.
#ifndef SUPERVISOR_CORE_EFFECT_H_
#define SUPERVISOR_CORE_EFFECT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "drover/config/v1/config.pb.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/notice.h"

namespace drover::core {

// Start a process for `identity` from `spec`, with a new channel. Answered by
// Spawned or SpawnFailed, at once or later.
struct Spawn {
  Identity identity;
  std::shared_ptr<const config::v1::Pool> spec;
};

// Queue a frame to the worker. Where the core leaves Welcome.listeners empty,
// the shell fills it in: it alone knows the descriptors.
struct Send {
  Incarnation incarnation = 0;
  worker::v1::ToWorker message;
};

// Signal the worker, in this order.
struct Signal {
  Incarnation incarnation = 0;
  std::vector<int> signals;
  // Its whole process group, or its own process alone.
  bool whole_group = true;
};

// No process of this generation is left or will be made: what was pinned for
// it (listeners, environment) may go.
struct RetireGeneration {
  std::string pool;
  Generation generation = 0;
};

// The pool is gone, with all its generations.
struct RetirePool {
  std::string pool;
};

// These settings of the pool hold from now on (output).
struct UpdatePool {
  std::string pool;
  std::shared_ptr<const config::v1::Pool> spec;
};

// Something happened that people may want to know.
struct Notify {
  Notice notice;
};

// All is over: no process is left, none will be made. The shell may exit with
// this code.
struct Finish {
  int exit_code = 0;
};

using Effect = std::variant<Spawn, Send, Signal, RetireGeneration, RetirePool,
                            UpdatePool, Notify, Finish>;
using Effects = std::vector<Effect>;

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_EFFECT_H_
