#include "supervisor/config/address.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

absl::Status Refuse(absl::string_view text, absl::string_view what,
                    absl::string_view remedy) {
  return ToStatus({.field = "",
                   .found = absl::StrCat(Quote(text), " ", what),
                   .remedy = std::string(remedy)});
}

// The shortest form of a numeric address; nullopt if it is none.
std::optional<std::string> CanonicalHost(int family, const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  char text[INET6_ADDRSTRLEN];
  if (::inet_pton(family, host.c_str(), bytes) != 1 ||
      ::inet_ntop(family, bytes, text, sizeof(text)) == nullptr) {
    return std::nullopt;
  }
  return text;
}

std::optional<uint16_t> ParsePort(absl::string_view text) {
  uint32_t port = 0;
  if (text.empty() || text.size() > 5 ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &port) || port > 65535) {
    return std::nullopt;
  }
  return static_cast<uint16_t>(port);
}

absl::StatusOr<Address> ParseTcp(absl::string_view text,
                                 absl::string_view rest) {
  size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos || absl::EndsWith(rest, "]")) {
    return Refuse(text, "has no port", "write tcp://HOST:PORT");
  }
  absl::string_view host = rest.substr(0, colon);
  std::optional<uint16_t> port = ParsePort(rest.substr(colon + 1));
  if (!port) {
    return Refuse(text, "has no valid port",
                  "give 0..65535 (0 = any free port)");
  }
  bool brackets = absl::ConsumePrefix(&host, "[");
  if (brackets != absl::ConsumeSuffix(&host, "]")) {
    return Refuse(text, "has a bracket without its pair",
                  "write tcp://[IPV6]:PORT");
  }
  if (!brackets && host.find(':') != absl::string_view::npos) {
    return Refuse(text, "has an IPv6 address without brackets",
                  "write tcp://[IPV6]:PORT");
  }
  std::optional<std::string> canonical =
      host.find('\0') == absl::string_view::npos
          ? CanonicalHost(brackets ? AF_INET6 : AF_INET, std::string(host))
          : std::nullopt;
  if (!canonical) {
    return Refuse(text, "has no numeric host",
                  "give an address such as 127.0.0.1, 0.0.0.0 or [::1]");
  }
  return Address{.kind = Address::Kind::kTcp,
                 .host = *std::move(canonical),
                 .port = *port};
}

absl::StatusOr<Address> ParseUnix(absl::string_view text,
                                  absl::string_view path) {
  if (path.empty() || path.find('\0') != absl::string_view::npos) {
    return Refuse(text, "has no path", "write unix:///run/app.sock");
  }
  if (path.size() > kUnixPathMax) {
    return Refuse(text, absl::StrCat("has a path of ", path.size(), " bytes"),
                  absl::StrCat("the kernel takes ", kUnixPathMax,
                               "; choose a shorter directory"));
  }
  return Address{.kind = Address::Kind::kUnix, .path = std::string(path)};
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "tcp://")) return ParseTcp(text, rest);
  if (absl::ConsumePrefix(&rest, "unix://")) return ParseUnix(text, rest);
  return Refuse(text, "is not an address",
                "write tcp://127.0.0.1:8080 or unix:///run/app.sock");
}

std::string ToText(const Address& address) {
  if (address.kind == Address::Kind::kUnix) {
    return absl::StrCat("unix://", address.path);
  }
  bool brackets = address.is_ipv6();
  return absl::StrCat("tcp://", brackets ? "[" : "", address.host,
                      brackets ? "]" : "", ":", address.port);
}

}  // namespace drover::config
