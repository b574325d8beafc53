// The supervisor's own diagnostics: one sink, filtered by component.
//
// The variable DROVER_LOG chooses components: "core,os", "*", "*,-wire"; the
// prefix "drover:" is accepted and means nothing ("drover:*"). Without the
// variable nothing below a warning is written. Lines go to standard error, one
// write each, so that threads and processes do not mix within a line.
//
//   DROVER_LOG(kOs, "spawned " , id, " as pid ", pid);
//
// Arguments are evaluated only when the component is on, and must not hold
// secrets: environment values, configuration values and user messages are never
// logged.
#ifndef SUPERVISOR_BASE_LOG_H_
#define SUPERVISOR_BASE_LOG_H_

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drover::log {

enum class Component { kCore, kWire, kOs, kConfig, kControl, kAdmin, kCli };

// The name that DROVER_LOG knows the component by.
absl::string_view Name(Component component);

// Reads a filter; components it does not name are off, unknown names ignored.
// Called once, before threads; InitFromEnvironment() does it with DROVER_LOG.
void SetFilter(absl::string_view filter);
void InitFromEnvironment();

bool Enabled(Component component);

// Writes one line "drover os: text".
void Debug(Component component, absl::string_view text);

// Always written: "drover: warning: text" for what an operator should know and
// nobody asked for.
void Warning(absl::string_view text);

}  // namespace drover::log

#define DROVER_LOG(component, ...)                                \
  do {                                                            \
    using enum ::drover::log::Component;                          \
    if (::drover::log::Enabled(component)) {                      \
      ::drover::log::Debug(component, absl::StrCat(__VA_ARGS__)); \
    }                                                             \
  } while (false)

#endif  // SUPERVISOR_BASE_LOG_H_
