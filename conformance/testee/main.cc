// The suite's own worker: testee --fault=NAME is one of its mutants, and
// --list-faults shows them with the case that each is for.
#include <stdlib.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "absl/strings/strip.h"
#include "conformance/testee/adoption.h"
#include "conformance/testee/behaviour.h"
#include "conformance/testee/faults.h"
#include "conformance/testee/testee.h"

int main(int argc, char** argv) {
  using namespace drover::conformance;
  absl::string_view fault = argc > 1 ? argv[1] : "";
  if (fault == "--list-faults") {
    for (const Fault& each : WorkerFaults()) {
      std::cout << each.name << " " << each.case_id << " " << each.what << "\n";
    }
    return 0;
  }
  if (argc > 2 || (argc == 2 && !absl::ConsumePrefix(&fault, "--fault=")) ||
      (argc == 2 && !IsWorkerFault(fault))) {
    std::cerr << "usage: testee [--fault=NAME | --list-faults]\n";
    return 2;
  }
  const char* words = ::getenv("DROVER_TESTEE");
  Behaviour behaviour(words == nullptr ? "" : words, fault);
  Adopted adopted = Adopt(behaviour);
  if (adopted.exit_code >= 0) {
    std::cerr << "testee: " << adopted.complaint << std::endl;
    return adopted.exit_code;
  }
  Testee(behaviour, adopted).Run();
}
