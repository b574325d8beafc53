#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/cli/config_file.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

using Pair = std::pair<std::string, std::string>;

absl::StatusOr<Pair> SplitPair(const std::string& flag, const std::string& text,
                               absl::string_view example) {
  Pair pair = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (pair.first.empty() || !absl::StrContains(text, '=')) {
    return UsageProblem(absl::StrCat(flag, ": \"", text, "\" names nothing"),
                        absl::StrCat("such as ", flag, " ", example));
  }
  return pair;
}

}  // namespace

absl::StatusOr<config::v1::Config> ConfigFromFlags(const PoolFlags& flags) {
  config::v1::Config config;
  config::v1::Pool* pool = config.add_pools();
  pool->set_name(flags.name);
  if (flags.count.has_value()) pool->set_count(*flags.count);
  for (const std::string& word : flags.command) pool->add_command(word);
  for (const std::string& text : flags.listeners) {
    absl::StatusOr<Pair> pair =
        SplitPair("--listen", text, "http=tcp://127.0.0.1:8080");
    if (!pair.ok()) return pair.status();
    config::v1::Listener* listener = pool->add_listeners();
    listener->set_name(pair->first);
    listener->set_address(pair->second);
  }
  for (const std::string& text : flags.environment) {
    absl::StatusOr<Pair> pair = SplitPair("--env", text, "LEVEL=debug");
    if (!pair.ok()) return pair.status();
    (*pool->mutable_environment())[pair->first] = pair->second;
  }
  pool->set_directory(flags.directory);
  pool->set_user(flags.user);
  return config;
}

}  // namespace drover::cli
