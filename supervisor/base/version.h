// Which release this is. All programs of one release carry the same.
#ifndef SUPERVISOR_BASE_VERSION_H_
#define SUPERVISOR_BASE_VERSION_H_

namespace drover {

#ifdef DROVER_VERSION  // of a test that needs another release
inline constexpr char kVersion[] = DROVER_VERSION;
#else
inline constexpr char kVersion[] = "0.1.0";
#endif

}  // namespace drover

#endif  // SUPERVISOR_BASE_VERSION_H_
