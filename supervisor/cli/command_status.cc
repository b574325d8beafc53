// status: what is there.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "supervisor/cli/command.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/problem.h"
#include "supervisor/cli/render_status.h"
#include "supervisor/cli/session.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kRefreshEvery = absl::Seconds(1);

absl::Status FetchPools(Client* client, const Options& options,
                        admin::v1::Snapshot* snapshot) {
  if (!options.pool.empty()) {
    absl::StatusOr<admin::v1::Pool> pool = client->GetPool(options.pool);
    if (!pool.ok()) return pool.status();
    *snapshot->add_pools() = *std::move(pool);
    return absl::OkStatus();
  }
  absl::StatusOr<admin::v1::ListPoolsResponse> pools = client->ListPools();
  if (!pools.ok()) return pools.status();
  snapshot->mutable_pools()->Swap(pools->mutable_pools());
  return absl::OkStatus();
}

absl::Status FetchWorkers(Client* client, const Options& options,
                          admin::v1::Snapshot* snapshot) {
  admin::v1::ListWorkersRequest request;
  request.set_pool(options.pool);
  do {
    absl::StatusOr<admin::v1::ListWorkersResponse> page =
        client->ListWorkers(request);
    if (!page.ok()) return page.status();
    for (admin::v1::Worker& worker : *page->mutable_workers()) {
      snapshot->add_workers()->Swap(&worker);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status FetchOperations(Client* client, const Options& options,
                             admin::v1::Snapshot* snapshot) {
  admin::v1::ListOperationsRequest request;
  request.set_pool(options.pool);
  request.set_running_only(true);
  absl::StatusOr<admin::v1::ListOperationsResponse> operations =
      client->ListOperations(request);
  if (!operations.ok()) return operations.status();
  snapshot->mutable_operations()->Swap(operations->mutable_operations());
  return absl::OkStatus();
}

absl::StatusOr<admin::v1::Snapshot> Fetch(Client* client,
                                          const Options& options) {
  admin::v1::Snapshot snapshot;
  absl::StatusOr<admin::v1::SupervisorInfo> info = client->GetSupervisor();
  if (!info.ok()) return info.status();
  *snapshot.mutable_supervisor() = *std::move(info);
  absl::Status status = FetchPools(client, options, &snapshot);
  if (status.ok()) status = FetchWorkers(client, options, &snapshot);
  if (status.ok()) status = FetchOperations(client, options, &snapshot);
  if (!status.ok()) return status;
  return snapshot;
}

// As much as fits; the rest is counted.
std::vector<std::string> Screen(const std::string& text, int height) {
  std::vector<std::string> lines =
      absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  size_t room = height > 4 ? static_cast<size_t>(height) - 2 : lines.size();
  if (lines.size() <= room) return lines;
  size_t hidden = lines.size() - room;
  lines.resize(room);
  lines.push_back(absl::StrCat("… ", hidden, " more lines"));
  return lines;
}

void Show(const admin::v1::Snapshot& snapshot, bool repaint, Output* output) {
  if (output->json()) {
    output->Print(ToJson(snapshot));
    return;
  }
  std::string text = RenderStatus(snapshot, absl::Now(), output->style());
  if (repaint) {
    output->Paint(Screen(text, output->height()));
  } else {
    output->Print(text);
  }
}

// Ends when the user has seen enough, or --timeout says so: neither is a
// failure.
Outcome WatchStatus(Session* session, const Options& options, Output* output) {
  for (;;) {
    absl::StatusOr<admin::v1::Snapshot> snapshot =
        Fetch(&session->client(), options);
    if (snapshot.ok()) {
      session->NoteAnswer();
      Show(*snapshot, output->live(), output);
    } else if (snapshot.status().code() != absl::StatusCode::kUnavailable) {
      return IsInterrupted(snapshot.status()) ? Outcome(ExitCode::kInterrupted)
                                              : Outcome(snapshot.status());
    } else if (absl::Status status = session->Reconnect(); !status.ok()) {
      return status;
    }
    absl::Time next = absl::Now() + kRefreshEvery;
    if (session->interrupts().WaitUntil(std::min(next, session->deadline()))) {
      return ExitCode::kInterrupted;
    }
    if (absl::Now() >= session->deadline()) return ExitCode::kOk;
    if (snapshot.ok() && !output->live() && !output->json()) {
      output->Print("\n");
    }
  }
}

}  // namespace

Outcome Status(const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  if (options.watch) return WatchStatus(&session, options, output);
  absl::StatusOr<admin::v1::Snapshot> snapshot =
      Fetch(&session.client(), options);
  if (!snapshot.ok()) return snapshot.status();
  Show(*snapshot, false, output);
  bool bad = options.check && !IsAllReady(*snapshot);
  return bad ? ExitCode::kNotReady : ExitCode::kOk;
}

}  // namespace drover::cli
