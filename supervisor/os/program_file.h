// A program that is to be executed in this one's place.
#ifndef SUPERVISOR_OS_PROGRAM_FILE_H_
#define SUPERVISOR_OS_PROGRAM_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Opens the program once: what is checked and what is executed is the same
// file, whatever the path names later. It must be a regular, executable file of
// root's or of this process' user that nobody else can write. The message says
// what it is not, and what to do.
absl::StatusOr<UniqueFd> OpenProgram(const std::string& path);

// The program that this process runs, also where its path names another now.
absl::StatusOr<UniqueFd> OpenOwnProgram();

// The path that this process' program was executed by, absolute; empty where
// it was executed by a descriptor.
std::string OwnProgramPath();

}  // namespace drover::os

#endif  // SUPERVISOR_OS_PROGRAM_FILE_H_
