// Which release this is. All programs of one release carry the same.
#ifndef SUPERVISOR_BASE_VERSION_H_
#define SUPERVISOR_BASE_VERSION_H_

namespace drover {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace drover

#endif  // SUPERVISOR_BASE_VERSION_H_
