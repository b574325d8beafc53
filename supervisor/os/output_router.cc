#include "supervisor/os/output_router.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "supervisor/base/log.h"
#include "supervisor/config/substitute.h"
#include "supervisor/output/sanitize.h"

namespace drover::os {
namespace {

constexpr uint64_t kDefaultMaxBytes = 10 << 20;
constexpr uint32_t kDefaultKeep = 3;

OutputFile::Options OptionsFor(const config::v1::Output& settings,
                               std::string path) {
  return {
      .path = std::move(path),
      .max_bytes = settings.has_file_max_bytes() ? settings.file_max_bytes()
                                                 : kDefaultMaxBytes,
      .keep = settings.has_file_keep() ? settings.file_keep() : kDefaultKeep};
}

}  // namespace

void OutputRouter::Configure(const std::string& pool,
                             const config::v1::Output& settings) {
  pools_[pool] = Pool{.settings = settings, .files = {}};
  std::erase_if(files_,
                [](const auto& entry) { return entry.second.expired(); });
}

void OutputRouter::Forget(const std::string& pool) { pools_.erase(pool); }

void OutputRouter::Route(const core::Identity& worker, output::Stream stream,
                         absl::string_view line) {
  auto found = pools_.find(worker.pool);
  if (found != pools_.end()) {
    Pool& pool = found->second;
    bool forward = !pool.settings.has_forward() || pool.settings.forward();
    if (forward && forwarder_ != nullptr) {
      forwarder_->Write(absl::StrCat("[", worker.pool, "/", worker.slot, "] ",
                                     output::Sanitize(line)));
    }
    OutputWriter::File* file = FileOf(pool, worker);
    if (file != nullptr) writer_.Append(file, line);
  }
  store_.Append({.pool = worker.pool,
                 .slot = worker.slot,
                 .generation = worker.generation,
                 .incarnation = worker.incarnation,
                 .stream = stream,
                 .time = absl::Now(),
                 .text = std::string(line)});
}

OutputWriter::File* OutputRouter::FileOf(Pool& pool,
                                         const core::Identity& worker) {
  if (pool.settings.file().empty()) return nullptr;
  std::shared_ptr<OutputWriter::File>& file = pool.files[worker.slot];
  if (file != nullptr) return file.get();
  auto path = config::Substitute(pool.settings.file(),
                                 {.pool = worker.pool,
                                  .slot = worker.slot,
                                  .generation = worker.generation});
  if (!path.ok()) {
    log::Warning(absl::StrCat("pool ", worker.pool,
                              ": output file: ", path.status().message()));
    pool.settings.clear_file();
    return nullptr;
  }
  std::weak_ptr<OutputWriter::File>& known = files_[*path];
  file = known.lock();
  if (file == nullptr) {
    file = writer_.Add(OutputFile(OptionsFor(pool.settings, *path)));
    known = file;
  }
  return file.get();
}

}  // namespace drover::os
