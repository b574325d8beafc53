#include "examples/load/client.h"

#include <time.h>

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <utility>

namespace load {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// One connection, with what is needed to tell whose it was.
struct Connection {
  explicit Connection(asio::any_io_executor executor)
      : stream(std::move(executor)) {}

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  std::string address;
  uint16_t port = 0;
  int64_t opened_ns = 0;
};

class Client {
 public:
  Client(ClientOptions options, Tally& tally)
      : options_(std::move(options)), tally_(tally), random_(options_.seed) {}

  asio::awaitable<void> Run(const bool& stop) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    Clock::time_point next = Clock::now() + options_.delay;
    while (!stop) {
      timer.expires_at(next);
      boost::system::error_code error;
      co_await timer.async_wait(
          asio::redirect_error(asio::use_awaitable, error));
      if (stop) break;
      next = std::max(next + options_.pace, Clock::now() - options_.pace);
      co_await Request();
    }
    connection_.reset();
  }

 private:
  asio::awaitable<void> Request() {
    const bool slow =
        std::uniform_real_distribution<>(0, 1)(random_) < options_.slow_part;
    const int64_t began = NowNs();
    tally_.Sent();
    const char* doing = "connect";
    try {
      if (connection_ == nullptr) co_await Connect();
      doing = "request";
      connection_->stream.expires_after(options_.timeout);
      const bool keep = co_await Exchange(slow);
      tally_.Answered(!slow, NowNs() - began);
      if (!keep) connection_.reset();
    } catch (const boost::system::system_error& error) {
      Fail(doing, error.code());
      connection_.reset();
    }
  }

  asio::awaitable<void> Connect() {
    connection_ =
        std::make_unique<Connection>(co_await asio::this_coro::executor);
    connection_->opened_ns = NowNs();
    connection_->stream.expires_after(options_.timeout);
    tcp::socket& socket = connection_->stream.socket();
    socket.open(tcp::v4());
    socket.bind({asio::ip::make_address_v4(0x7f000002u + options_.source), 0});
    co_await connection_->stream.async_connect(options_.server,
                                               asio::use_awaitable);
    tcp::endpoint local = socket.local_endpoint();
    connection_->address = local.address().to_string();
    connection_->port = local.port();
  }

  // True if the connection may be used again.
  asio::awaitable<bool> Exchange(bool slow) {
    http::request<http::empty_body> request(
        http::verb::get,
        slow ? "/slow?ms=" + std::to_string(options_.slow_ms) : "/", 11);
    request.set(http::field::host, "localhost");
    request.keep_alive(!options_.new_connections);
    co_await http::async_write(connection_->stream, request,
                               asio::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(connection_->stream, connection_->buffer,
                              response, asio::use_awaitable);
    if (response.result() != http::status::ok) {
      throw boost::system::system_error(
          make_error_code(http::error::bad_status));
    }
    co_return response.keep_alive() && !options_.new_connections;
  }

  void Fail(const char* doing, const boost::system::error_code& error) {
    Failure failure;
    failure.cause = std::string(doing) + ": " + error.message();
    failure.failed_ns = NowNs();
    if (connection_ != nullptr) {
      failure.address = connection_->address;
      failure.port = connection_->port;
      failure.opened_ns = connection_->opened_ns;
    }
    tally_.Failed(std::move(failure));
  }

  ClientOptions options_;
  Tally& tally_;
  std::minstd_rand random_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

int64_t NowNs() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

asio::awaitable<void> RunClient(ClientOptions options, Tally& tally,
                                const bool& stop) {
  Client client(std::move(options), tally);
  co_await client.Run(stop);
}

}  // namespace load
