#include "examples/http_cpp/site.h"

#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace http_worker {
namespace {

namespace http = boost::beast::http;

constexpr absl::string_view kSlow = "/slow?ms=";

Reply Make(const Request& request, http::status status, std::string body) {
  Reply reply{.response = Response(status, request.version())};
  reply.response.set(http::field::content_type, "text/plain; charset=utf-8");
  reply.response.set("X-Worker-Pid", std::to_string(getpid()));
  reply.response.body() = std::move(body);
  return reply;
}

}  // namespace

Reply ReplyTo(const Request& request, const std::string& greeting) {
  const absl::string_view target(request.target().data(),
                                 request.target().size());
  if (request.method() != http::verb::get) {
    Reply reply =
        Make(request, http::status::method_not_allowed, "GET alone\n");
    reply.response.set(http::field::allow, "GET");
    return reply;
  }
  if (target == "/") return Make(request, http::status::ok, greeting);
  if (!absl::StartsWith(target, "/slow")) {
    return Make(request, http::status::not_found, "try / or /slow?ms=300\n");
  }
  int ms = 0;
  if (!absl::StartsWith(target, kSlow) ||
      !absl::SimpleAtoi(absl::StripPrefix(target, kSlow), &ms) || ms < 0 ||
      ms > kMaxDelay.count()) {
    return Make(request, http::status::bad_request,
                "ms is a number from 0 to 60000: /slow?ms=300\n");
  }
  Reply reply = Make(request, http::status::ok, greeting);
  reply.delay = std::chrono::milliseconds(ms);
  return reply;
}

}  // namespace http_worker
