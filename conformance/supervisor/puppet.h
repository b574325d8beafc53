// The worker command that a supervisor under test is given. It does nothing by
// itself: it hands its channel to the suite over a unix socket, says what it
// found itself to be, and obeys.
#ifndef CONFORMANCE_SUPERVISOR_PUPPET_H_
#define CONFORMANCE_SUPERVISOR_PUPPET_H_

namespace drover::conformance {

// The program drover-conformance --puppet SOCKET.
int PuppetMain(const char* socket);

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_PUPPET_H_
