// Where workers' lines go, written down for another program and taken over from
// one.
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "supervisor/os/output_file.h"
#include "supervisor/os/output_router.h"

namespace drover::os {
namespace {

// The loop waits for it.
constexpr absl::Duration kRestPatience = absl::Seconds(1);

}  // namespace

void OutputFile::Write(state::v1::OutputFile* to) const {
  to->set_path(options_.path);
  to->set_max_bytes(options_.max_bytes);
  to->set_keep(options_.keep);
  to->set_fd(-1);
  to->set_warned(warned_);
  to->set_dropped(dropped_);
  to->set_dropped_in_all(dropped_in_all_);
  if (torn_) to->set_torn(true);
}

OutputFile::OutputFile(const state::v1::OutputFile& from, FdIntake* fds)
    : options_{.path = from.path(),
               .max_bytes = from.max_bytes(),
               .keep = from.keep()},
      warned_(from.warned()),
      torn_(from.torn()),
      dropped_(from.dropped()),
      dropped_in_all_(from.dropped_in_all()) {
  // Another release's, which had it open.
  fds->Take(from.fd());
}

absl::Status OutputRouter::Write(state::v1::Shell* to, FdLedger* fds) {
  auto rest = writer_.Rest(kRestPatience);
  if (!rest.ok()) return rest.status();
  // Until it is known whether another program goes on with the files.
  fds->Hold(*std::move(rest));
  std::map<const OutputWriter::File*, uint32_t> indices;
  for (const auto& [name, pool] : pools_) {
    state::v1::PoolOutput* output = to->add_outputs();
    output->set_pool(name);
    *output->mutable_settings() = pool.settings;
    for (const auto& [slot, file] : pool.files) {
      if (file == nullptr) continue;
      auto [known, is_new] =
          indices.emplace(file.get(), static_cast<uint32_t>(indices.size()));
      if (is_new) OutputWriter::Write(*file, to->add_files());
      state::v1::SlotFile* written = output->add_files();
      written->set_slot(slot);
      written->set_file(known->second);
    }
  }
  return absl::OkStatus();
}

void OutputRouter::Read(const state::v1::Shell& from, FdIntake* fds) {
  std::vector<std::shared_ptr<OutputWriter::File>> files;
  for (const state::v1::OutputFile& file : from.files()) {
    files.push_back(writer_.Read(file, fds));
    files_[file.path()] = files.back();
  }
  for (const state::v1::PoolOutput& output : from.outputs()) {
    Pool& pool = pools_[output.pool()];
    pool.settings = output.settings();
    for (const state::v1::SlotFile& file : output.files()) {
      pool.files[file.slot()] = files[file.file()];
    }
  }
}

}  // namespace drover::os
