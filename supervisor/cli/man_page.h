// drover(1), from the same data as --help.
#ifndef SUPERVISOR_CLI_MAN_PAGE_H_
#define SUPERVISOR_CLI_MAN_PAGE_H_

#include <string>

#include "supervisor/cli/manual.h"

namespace drover::cli {

std::string RenderManPage(const CommandInfo& root);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_MAN_PAGE_H_
