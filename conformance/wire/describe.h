// Frames in one line each, as the log of a case shows them.
#ifndef CONFORMANCE_WIRE_DESCRIBE_H_
#define CONFORMANCE_WIRE_DESCRIBE_H_

#include <string>

#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

// "Start{deadline_ms: 500} op 1", "STARTED re 1 text \"ready\"".
std::string Describe(const worker::v1::ToWorker& frame);
std::string Describe(const worker::v1::ToSupervisor& frame);

// "STARTED"; the number of an unknown one.
std::string StateName(int state);

// "STARTED(3)", as SPEC.md writes it.
std::string StateAnswer(int state, uint64_t op);

// "INVALID_STATE"; the number of an unknown one.
std::string ResultName(int code);

// "FRAME_SIZE"; the number of an unknown one.
std::string ErrorName(int code);

}  // namespace drover::conformance

#endif  // CONFORMANCE_WIRE_DESCRIBE_H_
