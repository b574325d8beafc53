#include "supervisor/config/address.h"

#include <string>

#include "gtest/gtest.h"

namespace drover::config {
namespace {

std::string Refusal(absl::string_view text) {
  return std::string(ParseAddress(text).status().message());
}

TEST(AddressTest, PartsOfATcpAddress) {
  auto address = ParseAddress("tcp://127.0.0.1:8080");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->kind, Address::Kind::kTcp);
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 8080);
  EXPECT_FALSE(address->is_ipv6());
}

TEST(AddressTest, TheSameAddressHasTheSameText) {
  for (absl::string_view text :
       {"tcp://[::1]:80", "tcp://[0::1]:80", "tcp://[0:0:0:0:0:0:0:1]:0080"}) {
    auto address = ParseAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_TRUE(address->is_ipv6());
    EXPECT_EQ(ToText(*address), "tcp://[::1]:80");
  }
}

TEST(AddressTest, PathOfAUnixAddress) {
  auto address = ParseAddress("unix:///run/app.sock");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->kind, Address::Kind::kUnix);
  EXPECT_EQ(address->path, "/run/app.sock");
  EXPECT_EQ(ToText(*address), "unix:///run/app.sock");
  EXPECT_TRUE(ParseAddress("unix:///" + std::string(106, 'a')).ok());
}

TEST(AddressTest, RefusedWithReasonAndRemedy) {
  EXPECT_EQ(Refusal("8080"),
            "\"8080\" is not an address; write tcp://127.0.0.1:8080 or "
            "unix:///run/app.sock");
  EXPECT_EQ(Refusal("tcp://127.0.0.1"),
            "\"tcp://127.0.0.1\" has no port; write tcp://HOST:PORT");
  EXPECT_EQ(Refusal("tcp://[::1]"),
            "\"tcp://[::1]\" has no port; write tcp://HOST:PORT");
  EXPECT_EQ(Refusal("tcp://0.0.0.0:65536"),
            "\"tcp://0.0.0.0:65536\" has no valid port; give 0..65535 (0 = any "
            "free port)");
  EXPECT_EQ(Refusal("tcp://0.0.0.0:+1"),
            "\"tcp://0.0.0.0:+1\" has no valid port; give 0..65535 (0 = any "
            "free port)");
  EXPECT_EQ(Refusal("tcp://localhost:80"),
            "\"tcp://localhost:80\" has no numeric host; give an address such "
            "as 127.0.0.1, 0.0.0.0 or [::1]");
  EXPECT_EQ(Refusal("tcp://:80"),
            "\"tcp://:80\" has no numeric host; give an address such as "
            "127.0.0.1, 0.0.0.0 or [::1]");
  EXPECT_EQ(Refusal("tcp://::1:80"),
            "\"tcp://::1:80\" has an IPv6 address without brackets; write "
            "tcp://[IPV6]:PORT");
  EXPECT_EQ(Refusal("tcp://[::1:80"),
            "\"tcp://[::1:80\" has a bracket without its pair; write "
            "tcp://[IPV6]:PORT");
  EXPECT_EQ(Refusal("unix://"),
            "\"unix://\" has no path; write unix:///run/app.sock");
  EXPECT_EQ(Refusal("unix:///" + std::string(107, 'a')),
            "\"unix:///" + std::string(52, 'a') +
                "...\" has a path of 108 bytes; the kernel takes 107; choose "
                "a shorter directory");
}

TEST(AddressTest, NulIsNoPartOfAnAddress) {
  EXPECT_FALSE(ParseAddress(absl::string_view("tcp://1.1.1.1\0:80", 17)).ok());
  EXPECT_FALSE(ParseAddress(absl::string_view("unix:///a\0b", 11)).ok());
}

}  // namespace
}  // namespace drover::config
