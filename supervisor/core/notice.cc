#include "supervisor/core/notice.h"

#include "absl/strings/str_cat.h"

namespace drover::core {
namespace {

std::string Label(const Identity& worker) {
  return absl::StrCat(worker.pool, "/", worker.slot, " incarnation ",
                      worker.incarnation);
}

struct Describer {
  std::string operator()(const WorkerChanged& changed) const {
    return absl::StrCat(Label(changed.worker), ": ", Name(changed.former),
                        " -> ", Name(changed.state),
                        changed.text.empty() ? "" : ", ", changed.text);
  }
  std::string operator()(const WorkerExited& exited) const {
    return absl::StrCat(Label(exited.exit->worker), ": ",
                        Describe(*exited.exit), "; ", exited.next);
  }
  std::string operator()(const PoolChanged& changed) const {
    return absl::StrCat("pool ", changed.pool, ": ", Name(changed.former),
                        " -> ", Name(changed.state), ", ", changed.count,
                        " wanted, generation ", changed.generation);
  }
  std::string operator()(const PoolRemoved& removed) const {
    return absl::StrCat("pool ", removed.pool, ": removed");
  }
  std::string operator()(const OperationChanged& changed) const {
    return absl::StrCat("op-", changed.operation, ": news");
  }
  std::string operator()(const UserMessageReceived& message) const {
    return absl::StrCat(Label(message.worker), ": user message, topic ",
                        message.topic, ", ", message.payload.size(), " bytes");
  }
};

}  // namespace

std::string Describe(const Notice& notice) {
  return std::visit(Describer{}, notice);
}

}  // namespace drover::core
