// Addresses of listeners, as text and in parts.
#ifndef SUPERVISOR_CONFIG_ADDRESS_H_
#define SUPERVISOR_CONFIG_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// The longest path of a unix socket, in bytes: sun_path less its NUL.
inline constexpr size_t kUnixPathMax = 107;

struct Address {
  enum class Kind { kTcp, kUnix };

  Kind kind = Kind::kTcp;
  // kTcp: a numeric IPv4 or IPv6 address in its shortest form, without
  // brackets.
  std::string host;
  // kTcp: 0 = any free port.
  uint16_t port = 0;
  // kUnix: as written; absolute once the configuration is normalized.
  std::string path;

  bool is_ipv6() const { return host.find(':') != std::string::npos; }
  friend bool operator==(const Address&, const Address&) = default;
};

// "tcp://127.0.0.1:8080", "tcp://[::1]:8080" or "unix:///run/app.sock". Hosts
// are numbers: a name could mean several addresses, and another one tomorrow.
//
// InvalidArgument: made of a Problem without field.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// The text of an address. Two addresses are equal if their texts are.
std::string ToText(const Address& address);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_ADDRESS_H_
