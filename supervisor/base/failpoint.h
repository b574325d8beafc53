// Named places at which a test lets the program fail: by an abort, by hanging,
// by SIGKILL. They exist only where DROVER_FAILPOINTS is defined; elsewhere a
// place is nothing.
#ifndef SUPERVISOR_BASE_FAILPOINT_H_
#define SUPERVISOR_BASE_FAILPOINT_H_

#ifdef DROVER_FAILPOINTS

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace drover {

// Fails where the variable DROVER_FAILPOINT says "NAME=abort" (or hang, kill,
// segv) of this place.
inline void Failpoint(const std::string& name) {
  const char* wanted = ::getenv("DROVER_FAILPOINT");
  if (wanted == nullptr) return;
  const std::string text = wanted;
  if (text == name + "=abort") ::abort();
  if (text == name + "=kill") ::kill(::getpid(), SIGKILL);
  if (text == name + "=segv") ::raise(SIGSEGV);
  while (text == name + "=hang") ::pause();
}

}  // namespace drover

#define DROVER_FAILPOINT(name) ::drover::Failpoint(name)
#else
#define DROVER_FAILPOINT(name) \
  do {                         \
  } while (false)
#endif

#endif  // SUPERVISOR_BASE_FAILPOINT_H_
