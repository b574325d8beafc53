extern "C" {
#include "examples/worker_c/http.h"
}

#include <gtest/gtest.h>

#include <string>

namespace {

http_request Parse(const std::string& text) {
  http_request request = {};
  EXPECT_EQ(http_parse(text.data(), text.size(), &request), text.size());
  return request;
}

TEST(HttpTest, TakesOneRequestAtATime) {
  const std::string one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string two = one + one;
  http_request request = {};
  EXPECT_EQ(http_parse(two.data(), two.size(), &request), one.size());
  for (size_t size = 0; size < one.size(); ++size) {
    EXPECT_EQ(http_parse(one.data(), size, &request), 0u) << size;
  }
}

TEST(HttpTest, KeepsConnectionsAsTheClientWants) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\n\r\n").keep, 1);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nconnection: Close\r\n\r\n").keep, 0);
  EXPECT_EQ(Parse("GET / HTTP/1.0\r\n\r\n").keep, 0);
}

TEST(HttpTest, KnowsItsTargets) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\n\r\n").status, 200);
  const http_request slow = Parse("GET /slow?ms=300 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(slow.status, 200);
  EXPECT_EQ(slow.delay_ms, 300);
  EXPECT_EQ(Parse("GET /other HTTP/1.1\r\n\r\n").status, 404);
  EXPECT_EQ(Parse("PUT / HTTP/1.1\r\n\r\n").status, 405);
  for (const char* ms : {"", "-1", "60001", "3x"}) {
    const std::string target = std::string("/slow?ms=") + ms;
    EXPECT_EQ(Parse("GET " + target + " HTTP/1.1\r\n\r\n").status, 400) << ms;
  }
}

TEST(HttpTest, RefusesWhatItCannotDelimit) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\n").status, 400);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\n").keep, 0);
  EXPECT_EQ(Parse("\r\n\r\n").status, 400);
}

TEST(HttpTest, SaysWhenItCloses) {
  const http_request request = {200, 0, 1};
  char answer[HTTP_ANSWER_MAX];
  std::string text(answer, http_format(&request, "hi\n", 1, answer));
  EXPECT_EQ(text.find("Connection:"), std::string::npos);
  EXPECT_NE(text.find("Content-Length: 3\r\n"), std::string::npos);
  text.assign(answer, http_format(&request, "hi\n", 0, answer));
  EXPECT_NE(text.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(text.substr(text.size() - 7), "\r\n\r\nhi\n");
}

}  // namespace
