// The worker's life as the server's: what each command means to it.
#ifndef EXAMPLES_HTTP_CPP_LIFECYCLE_H_
#define EXAMPLES_HTTP_CPP_LIFECYCLE_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "drover/worker.h"
#include "examples/http_cpp/options.h"
#include "examples/http_cpp/server.h"

namespace http_worker {

class Lifecycle {
 public:
  // All are borrowed; the worker is supervised.
  Lifecycle(boost::asio::io_context& io, drover::Worker& worker, Server& server,
            const Options& options);
  ~Lifecycle();

  // Runs the loop until the worker has to go; what to exit with.
  int Run();

 private:
  void Listen();
  absl::StatusOr<drover::Answer> OnStart();
  drover::Answer OnStop(const drover::Event& stop);
  drover::Answer OnLeave(const drover::Event& quit_or_loss);
  void Begin();
  void ReportProgress();
  std::string Greeting() const;

  boost::asio::io_context& io_;
  drover::Worker& worker_;
  Server& server_;
  const Options& options_;
  boost::asio::posix::stream_descriptor channel_;
  boost::asio::steady_timer start_delay_;
  drover::Handlers handlers_;
  int exit_code_ = 0;
};

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_LIFECYCLE_H_
