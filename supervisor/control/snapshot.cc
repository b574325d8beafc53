#include "supervisor/control/snapshot.h"

#include <utility>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/control/answers.h"

namespace drover::control {
namespace {

using admin::v1::Snapshot;

class Parts {
 public:
  Parts(const std::string& token, size_t part_bytes)
      : token_(token), part_bytes_(part_bytes) {
    Begin();
  }

  Snapshot& current() { return *response_.mutable_snapshot(); }

  template <typename Entry>
  void Add(google::protobuf::RepeatedPtrField<Entry>* (Snapshot::*list)(),
           Entry entry) {
    const size_t size = entry.ByteSizeLong();
    if (bytes_ > 0 && bytes_ + size > part_bytes_) {
      current().set_more(true);
      Close();
      Begin();
    }
    bytes_ += size;
    *(current().*list)()->Add() = std::move(entry);
  }

  std::deque<std::string> Finish() {
    Close();
    return std::move(parts_);
  }

 private:
  void Begin() {
    response_.Clear();
    current().set_token(token_);
    bytes_ = 0;
  }
  void Close() { parts_.push_back(response_.SerializeAsString()); }

  std::string token_;
  size_t part_bytes_;
  admin::v1::WatchEventsResponse response_;
  size_t bytes_ = 0;
  std::deque<std::string> parts_;
};

}  // namespace

std::deque<std::string> SnapshotParts(const Backend& backend,
                                      const std::string& pool,
                                      const std::string& token,
                                      size_t part_bytes) {
  Parts parts(token, part_bytes);
  *parts.current().mutable_supervisor() = Info(backend);
  for (admin::v1::Pool& entry : AllPools(backend, pool)) {
    parts.Add(&Snapshot::mutable_pools, std::move(entry));
  }
  for (admin::v1::Operation& entry :
       AllOperations(backend, pool, /*running_only=*/true)) {
    parts.Add(&Snapshot::mutable_operations, std::move(entry));
  }
  for (admin::v1::Worker& entry : AllWorkers(backend, pool)) {
    parts.Add(&Snapshot::mutable_workers, std::move(entry));
  }
  return parts.Finish();
}

}  // namespace drover::control
