#include "examples/http_cpp/site.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace http_worker {
namespace {

namespace http = boost::beast::http;

Reply Get(const char* target) {
  return ReplyTo(Request(http::verb::get, target, 11), "hello\n");
}

TEST(SiteTest, GreetsAtOnceAndNamesItsProcess) {
  const Reply reply = Get("/");
  EXPECT_EQ(reply.response.result(), http::status::ok);
  EXPECT_EQ(reply.response.body(), "hello\n");
  EXPECT_EQ(reply.response["X-Worker-Pid"], std::to_string(getpid()));
  EXPECT_EQ(reply.delay.count(), 0);
}

TEST(SiteTest, SlowTakesAsLongAsAsked) {
  EXPECT_EQ(Get("/slow?ms=300").delay.count(), 300);
  EXPECT_EQ(Get("/slow?ms=300").response.result(), http::status::ok);
  EXPECT_EQ(Get("/slow?ms=60000").delay, kMaxDelay);
}

TEST(SiteTest, RefusesTimesThatAreNone) {
  for (const char* target :
       {"/slow", "/slow?ms=", "/slow?ms=-1", "/slow?ms=60001", "/slow?ms=x",
        "/slow?ms=99999999999999999999"}) {
    EXPECT_EQ(Get(target).response.result(), http::status::bad_request)
        << target;
    EXPECT_EQ(Get(target).delay.count(), 0) << target;
  }
}

TEST(SiteTest, RefusesWhatItDoesNotServe) {
  EXPECT_EQ(Get("/other").response.result(), http::status::not_found);
  const Reply reply = ReplyTo(Request(http::verb::post, "/", 11), "");
  EXPECT_EQ(reply.response.result(), http::status::method_not_allowed);
  EXPECT_EQ(reply.response[http::field::allow], "GET");
}

}  // namespace
}  // namespace http_worker
