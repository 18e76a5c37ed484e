#include "drivers/rtu_link.hpp"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <csignal>

#include <netinet/tcp.h>

#include "async/event.hpp"
#include "async/island.hpp"
#include "drivers/rtu_line.hpp"

namespace hazgate::modbus {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using boost::system::result;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

/// A serial server that has lost its power says nothing; the system must notice by itself.
void notice_dead_peers(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  socket.set_option(UserTimeout(10'000), ignored);
}

/// Name look-up and connection block in libmodbus. Here they wait in the loop, where they can also be cancelled; the
/// line's thread gets a finished descriptor.
asio::awaitable<result<int>> connect(const SerialServer& server, milliseconds limit) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  tcp::socket socket(executor);
  asio::steady_timer timer(executor, limit);
  auto found =
      co_await (resolver.async_resolve(server.host, std::to_string(server.port), tuple) || timer.async_wait(tuple));
  if (found.index() == 1) co_return error_code(asio::error::timed_out);
  auto [unknown, ends] = std::get<0>(std::move(found));
  if (unknown) co_return unknown;
  timer.expires_after(limit);
  const auto connected = co_await (asio::async_connect(socket, ends, tuple) || timer.async_wait(tuple));
  if (connected.index() == 1) co_return error_code(asio::error::timed_out);
  if (const auto refused = std::get<0>(std::get<0>(connected))) co_return refused;
  notice_dead_peers(socket);
  error_code error;
  const int descriptor = socket.release(error);
  if (error) co_return error;
  co_return descriptor;
}

std::string name(const std::variant<SerialPort, SerialServer>& end) {
  if (const auto* port = std::get_if<SerialPort>(&end)) return port->path;
  const auto& server = std::get<SerialServer>(end);
  return server.host + ":" + std::to_string(server.port);
}

class RtuLink final : public Link {
 public:
  RtuLink(asio::io_context& io, RtuLinkOptions options)
      : options_(std::move(options)), lost_(io.get_executor()), line_(options_.timeout), island_("rtu line") {
    // libmodbus writes to sockets with write(), which would end the process when the peer is gone.
    island_.post([] {
      sigset_t broken_pipe;
      sigemptyset(&broken_pipe);
      sigaddset(&broken_pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    });
  }

  asio::awaitable<error_code> transact(Request request, std::span<std::uint16_t> words,
                                       Clock::time_point deadline) override {
    if (!open_) co_return modbus_errc::not_connected;
    auto exchange = [this, request, deadline] { return line_.transact(request, deadline); };
    const auto error = co_await async::on(island_, exchange);
    counters_ = line_.counters();
    if (error == modbus_errc::not_connected) {
      open_ = false;
      trouble_ = name(options_.end) + ": the line is gone";
      lost_.notify();
    }
    if (!error) {
      const auto count = std::min<std::size_t>(request.count, words.size());
      std::copy_n(line_.words().begin(), count, words.begin());
    }
    co_return error;
  }

  asio::awaitable<void> run() override {
    constexpr seconds first_pause{1}, longest_pause{8};
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
      const auto error = co_await open();
      if (error) {
        trouble_ = name(options_.end) + ": " + error.message();
      } else {
        const auto since = Clock::now();
        co_await lost_.wait();
        // A line that goes at once each time backs off too.
        if (Clock::now() - since > 2 * longest_pause) pause = first_pause;
      }
      timer.expires_after(pause);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  void sweep(Clock::time_point) override {}  // the line's thread keeps its own deadlines
  std::size_t max_in_flight() const override { return 1; }
  bool is_open() const override { return open_; }
  std::string trouble() const override { return trouble_; }
  const LinkCounters& counters() const override { return counters_; }

 private:
  asio::awaitable<error_code> open() {
    const error_code error = co_await open_end();
    counters_ = line_.counters();
    open_ = !error;
    if (open_) trouble_.clear();
    co_return error;
  }

  // No choice within a co_await: g++ 12 evaluates both sides of it.
  asio::awaitable<error_code> open_end() {
    if (const auto* port = std::get_if<SerialPort>(&options_.end)) {
      auto open_port = [this, port] { return line_.open(*port); };
      co_return co_await async::on(island_, open_port);
    }
    const auto limit = std::max(options_.timeout, milliseconds(1000));
    const auto socket = co_await connect(std::get<SerialServer>(options_.end), limit);
    if (!socket) co_return socket.error();
    auto adopt = [this, fd = *socket] { return line_.adopt(fd); };
    co_return co_await async::on(island_, adopt);
  }

  RtuLinkOptions options_;
  async::Event lost_;
  bool open_ = false;
  std::string trouble_;
  LinkCounters counters_;  ///< as of the last exchange; the line's own are written on its thread
  RtuLine line_;
  async::Island island_;  ///< last: its thread ends before the line that it works on
};

}  // namespace

std::unique_ptr<Link> make_rtu_link(asio::io_context& io, RtuLinkOptions options) {
  return std::make_unique<RtuLink>(io, std::move(options));
}

}  // namespace hazgate::modbus
