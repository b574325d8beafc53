#include "examples/http_cpp/connection.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <string>

namespace http_worker {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

// From the first byte of a request to its last, and for an answer to be taken.
constexpr std::chrono::seconds kTransferTime{10};

constexpr uint32_t kMaxHeader = 8 * 1024;
constexpr uint64_t kMaxBody = 64 * 1024;

}  // namespace

Connection::Connection(Socket socket, const Manner& manner)
    : stream_(std::move(socket)),
      buffer_(kMaxHeader + kMaxBody),
      work_(stream_.get_executor()),
      manner_(manner) {}

asio::awaitable<void> Connection::Serve() {
  try {
    co_await Converse();
  } catch (const boost::system::system_error&) {
    // The client left, was too slow, or the connection was aborted.
  }
}

asio::awaitable<void> Connection::Converse() {
  while (co_await RequestComes()) {
    const bool keep = co_await AnswerOne();
    if (!keep) break;
  }
  co_await Leave();
}

// Waits for the first byte of a request. Nothing is read while waiting, so that
// the wait can be given up without losing any.
asio::awaitable<bool> Connection::RequestComes() {
  state_ = State::kIdle;
  if (buffer_.size() == 0 && !close_idle_) {
    error_code cancelled;
    co_await stream_.socket().async_wait(
        Socket::wait_read,
        asio::redirect_error(asio::use_awaitable, cancelled));
  }
  const bool comes =
      !close_idle_ || buffer_.size() > 0 || stream_.socket().available() > 0;
  if (comes) state_ = State::kBusy;
  co_return comes;
}

// False: it was the last one.
asio::awaitable<bool> Connection::AnswerOne() {
  http::request_parser<http::string_body> parser;
  parser.header_limit(kMaxHeader);
  parser.body_limit(kMaxBody);
  stream_.expires_after(kTransferTime);
  co_await http::async_read(stream_, buffer_, parser, asio::use_awaitable);

  Reply reply = ReplyTo(parser.get(), manner_.greeting);
  if (reply.delay.count() > 0 && !aborted_) {
    stream_.expires_never();
    work_.expires_after(reply.delay);
    co_await work_.async_wait(asio::use_awaitable);
  }

  // Decided last: a Stop may have come during the work.
  reply.response.keep_alive(parser.get().keep_alive() && !manner_.farewell);
  reply.response.prepare_payload();
  stream_.expires_after(kTransferTime);
  co_await http::async_write(stream_, reply.response, asio::use_awaitable);
  co_return reply.response.keep_alive();
}

asio::awaitable<void> Connection::Leave() {
  state_ = State::kLeaving;
  stream_.socket().shutdown(Socket::shutdown_send);
  stream_.expires_after(linger_);
  char dropped[4096];
  error_code end;
  while (!end) {
    co_await stream_.async_read_some(
        asio::buffer(dropped), asio::redirect_error(asio::use_awaitable, end));
  }
}

void Connection::CloseIfIdle(std::chrono::milliseconds linger) {
  linger_ = linger;
  close_idle_ = true;
  if (state_ == State::kIdle) stream_.socket().cancel();
}

void Connection::Abort() {
  aborted_ = true;
  work_.cancel();
  stream_.close();
}

}  // namespace http_worker
