// The site that this example serves: what to answer to a request.
#ifndef EXAMPLES_HTTP_CPP_SITE_H_
#define EXAMPLES_HTTP_CPP_SITE_H_

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <string>

namespace http_worker {

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

// The slowest answer that a client may ask for.
constexpr std::chrono::milliseconds kMaxDelay{60'000};

struct Reply {
  Response response;
  // How long the work on it takes.
  std::chrono::milliseconds delay{0};
};

// GET / is `greeting`, GET /slow?ms=N the same after N milliseconds (0 to
// kMaxDelay). Everything else is an error that says what is right.
// Whether the connection is kept is left to the caller.
Reply ReplyTo(const Request& request, const std::string& greeting);

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_SITE_H_
