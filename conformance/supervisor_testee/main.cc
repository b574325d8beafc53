// The suite's own supervisor, and its mutants.
#include <signal.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "conformance/supervisor_testee/control.h"
#include "conformance/supervisor_testee/faults.h"
#include "conformance/supervisor_testee/settings.h"
#include "conformance/supervisor_testee/supervisor.h"

namespace drover::conformance {
namespace {

constexpr char kUsage[] =
    "usage: supervisor_testee [--fault=NAME]\n"
    "       supervisor_testee --list-faults\n"
    "       supervisor_testee --control ORDER...\n";

int ListFaults() {
  for (const Fault& each : SupervisorFaults()) {
    std::cout << each.name << " " << each.case_id << " " << each.what << "\n";
  }
  return 0;
}

int Control(int argc, char** argv) {
  std::string order;
  for (int i = 2; i < argc; ++i) {
    absl::StrAppend(&order, order.empty() ? "" : " ", argv[i]);
  }
  return GiveOrder(ReadSettings("").control_path(), order);
}

int Main(int argc, char** argv) {
  absl::string_view option = argc > 1 ? argv[1] : "";
  if (option == "--list-faults") return ListFaults();
  if (option == "--control") return Control(argc, argv);
  bool named = absl::ConsumePrefix(&option, "--fault=");
  if (argc > 2 || (argc == 2 && !(named && IsSupervisorFault(option)))) {
    std::cerr << kUsage;
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  Settings settings = ReadSettings(option);
  return Supervisor(settings).Run();
}

}  // namespace
}  // namespace drover::conformance

int main(int argc, char** argv) {
  return drover::conformance::Main(argc, argv);
}
