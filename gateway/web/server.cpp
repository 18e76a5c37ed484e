#include "web/server.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <utility>

#include "web/message.hpp"
#include "web/places.hpp"
#include "web/problem.hpp"
#include "web/rate.hpp"
#include "web/stream.hpp"

namespace hazgate::web {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto sweep_interval = std::chrono::milliseconds(250);
/// Of who has not signed in: a page is thirty files, and a school of browsers behind one address loads it at once.
constexpr double strangers_per_second = 50, strangers_burst = 400;
constexpr std::size_t read_piece = 4096;
constexpr std::size_t slowest_bytes_a_ms = 64;  // a report has megabytes, and a park slow lines

using WebSocket = beast::websocket::stream<Stream&, false>;  // what is sent is small, and packing it costs more

void listen_at(tcp::acceptor& acceptor, const ServerOptions& options) {
  try {
    const tcp::endpoint endpoint(asio::ip::make_address(options.host), options.port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error(fmt::format(
        "[http] listen: {}:{} cannot be used: {}; stop what uses it (ss -ltnp 'sport = :{}'), or name another one",
        options.host, options.port, e.code().message(), options.port));
  }
}

}  // namespace

void Server::check(const ServerOptions& options, bool address_too) {
  if (!options.cert.empty()) static_cast<void>(tls_with(options.cert, options.key));
  if (!address_too) return;
  asio::io_context io;
  tcp::acceptor acceptor(io);
  listen_at(acceptor, options);
}

struct Server::Impl {
  using Trouble = std::function<void(const std::string&)>;
  Impl(asio::io_context& context, const ServerOptions& options, const Routes& the_routes, Live& the_live,
       const Api& the_api, const Bounds& the_bounds, const Trouble& whom_to_tell)
      : io(context),
        routes(the_routes),
        live(the_live),
        api(the_api),
        bounds(the_bounds),
        on_trouble(whom_to_tell),
        acceptor(context),
        sweep(context),
        places(bounds.connections, bounds.strangers_of_a_household) {
    if (!options.cert.empty()) tls.emplace(tls_with(options.cert, options.key));
    listen_at(acceptor, options);
  }

  /// The group's task. Connections are none of it: they end with their sockets, whatever they wait for. It ends with
  /// the group alone, and tells the first of several troubles running.
  Later<void> accept() {
    for (bool listens = true, in_trouble = false; listens;) {
      std::exception_ptr trouble;
      try {
        if (in_trouble) co_await pause();  // no descriptor left: those that end give theirs back
        auto socket = co_await acceptor.async_accept(use_awaitable);
        admit(std::move(socket));
      } catch (const boost::system::system_error& e) {
        listens = e.code() != asio::error::operation_aborted;
        trouble = std::current_exception();
      } catch (...) {
        trouble = std::current_exception();
      }
      if (!in_trouble) tell(trouble);
      in_trouble = trouble != nullptr;
    }
    acceptor.close();
    places.end_all();
    sweep.cancel();
  }

  Later<void> pause() {
    asio::steady_timer timer(io, std::chrono::milliseconds(100));
    co_await timer.async_wait(use_awaitable);
  }

  /// An end that was wanted is no trouble.
  void tell(const std::exception_ptr& trouble) const {
    if (!trouble || !on_trouble) return;
    try {
      std::rethrow_exception(trouble);
    } catch (const boost::system::system_error& e) {
      if (e.code() != asio::error::operation_aborted) on_trouble(e.what());
    } catch (const std::exception& e) {
      on_trouble(e.what());
    } catch (...) {
      on_trouble("an exception that is none of the library's");
    }
  }

  void admit(tcp::socket socket) {
    ++counters.connections;
    error_code error;
    const auto from = socket.remote_endpoint(error);
    if (error) return;
    const auto address = one_form(from.address().to_string());
    const auto whose = household(address);
    const bool room = (!tls || handshakes.allow(address, Clock::now())) && places.make_room_for(whose);
    counters.crowded_out = places.crowded_out();
    if (!room) {
      ++counters.refused;
      return;  // the socket closes
    }
    socket.set_option(tcp::no_delay(true), error);
    const auto place = places.take(std::move(socket), address, whose);
    place->wait(bounds.handshake);
    try {
      asio::co_spawn(io, begin(*place), [this, place](const std::exception_ptr& trouble) {
        places.leave(place);
        tell(trouble);
      });
    } catch (...) {
      places.leave(place);
      throw;
    }
    if (places.size() == 1) look();
  }

  /// Deadlines are looked at together, while there is anybody.
  void look() {
    sweep.expires_after(sweep_interval);
    sweep.async_wait([this](error_code error) {
      if (error || places.size() == 0) return;
      counters.refused += places.end_late(Clock::now());
      look();
    });
  }

  Later<void> begin(Connection& connection) {
    const auto stream = tls ? tls_stream(connection.socket, *tls) : plain_stream(connection.socket);
    const bool opened = co_await stream->open();
    if (!opened) {
      ++counters.refused;
      co_return;
    }
    co_await serve(*stream, connection);
    connection.wait(bounds.write);
    co_await stream->close();
  }

  Later<void> serve(Stream& stream, Connection& connection) {
    beast::flat_buffer buffer(bounds.header_bytes + bounds.body_bytes + read_piece);
    bool goes_on = true;
    while (goes_on) {
      error_code error;
      connection.wait(bounds.idle);
      if (buffer.size() == 0) {
        const auto read =
            co_await stream.async_read_some(buffer.prepare(read_piece), redirect_error(use_awaitable, error));
        if (error) co_return;
        buffer.commit(read);
      }
      connection.wait(bounds.request);
      Message message;
      const bool whole = co_await read(stream, connection, buffer, message);
      if (!whole) co_return;
      goes_on = co_await answer(stream, connection, message, buffer);
    }
  }

  /// A file is taken from who has signed in, where one is expected.
  Weight weight_of(const Message& message) const {
    Message head{http::request_header<>(message.base())};
    auto request = request_of(head, {}, tls.has_value());
    if (!request) return Weight::ordinary;
    const auto session = api.session(request->session);
    return Routes::weight(request->method, request->target,
                          session ? std::optional(session->viewer.role) : std::nullopt);
  }

  static Refusal crowded() {
    return {.status = 503,
            .code = "busy",
            .zh = "正在上传的文件过多，请稍后再试",
            .en = "too many files come in; try again in a moment",
            .retry_after_s = 5};
  }

  /// One of the files that are coming in.
  struct Coming {
    explicit Coming(std::size_t& their_count) : count(their_count) { ++count; }
    ~Coming() { --count; }
    Coming(const Coming&) = delete;
    Coming& operator=(const Coming&) = delete;
    std::size_t& count;
  };

  /// False when the connection is over. What is no request, or is none that we could read, is told so before.
  Later<bool> read(Stream& stream, Connection& connection, beast::flat_buffer& buffer, Message& message) {
    error_code error;
    std::optional<Coming> upload;
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(bounds.header_bytes));
    parser.body_limit(bounds.upload_bytes);
    co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, error));
    if (!error) {
      const auto head = head_of(parser.get());
      const auto fault = fault_of(head);
      if (fault != HeadFault::none) {
        co_await refuse(stream, connection, refusal_of(fault));
        co_return false;
      }
      const auto weight = weight_of(parser.get());
      const auto most = weight == Weight::upload ? bounds.upload_bytes : bounds.body_bytes;
      parser.body_limit(most);
      if (parser.content_length().value_or(0) > most) error = http::error::body_limit;
      if (weight == Weight::upload) {
        connection.wait(bounds.upload);
        upload.emplace(uploads);
        if (uploads > bounds.uploads) {
          co_await refuse(stream, connection, crowded());
          co_return false;
        }
      }
      if (!error && head.http_1_1 && !head.expect.empty() && !parser.is_done()) error = co_await say_go_on(stream);
    }
    if (!error && !parser.is_done())
      co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, error));
    if (error) {
      // There is an answer where there is still somebody to read it.
      const bool heard =
          is_http_error(error) && error != http::error::end_of_stream && error != http::error::partial_message;
      if (heard) co_await refuse(stream, connection, refusal_of(error));
      co_return false;
    }
    message = parser.release();
    co_return true;
  }

  /// To who waits for it before he sends the body.
  Later<error_code> say_go_on(Stream& stream) {
    error_code error;
    http::response<http::empty_body> message(http::status::continue_, 11);
    co_await http::async_write(stream, message, redirect_error(use_awaitable, error));
    co_return error;
  }

  struct How {
    bool keep_alive;
    unsigned version;
    bool body;
  };
  static constexpr How last_words{.keep_alive = false, .version = 11, .body = true};

  Later<void> refuse(Stream& stream, Connection& connection, const Refusal& why) {
    ++counters.refused;
    const auto response = problem(why);
    co_await write(stream, connection, response, last_words);
  }

  /// What becomes of a request.
  struct Outcome {
    Response response;
    std::optional<Session> watcher;  ///< no response: it becomes his live connection
    std::string token;               ///< of that session
  };

  /// False when the connection is over. Nothing of the request is kept while its answer, or what is live, is sent.
  Later<bool> answer(Stream& stream, Connection& connection, Message& message, beast::flat_buffer& buffer) {
    ++counters.requests;
    const How how{.keep_alive = message.keep_alive() && acceptor.is_open(),
                  .version = message.version(),
                  .body = message.method() != http::verb::head};
    connection.work(bounds.request + bounds.write);
    if (weight_of(message) == Weight::report) connection.work(bounds.report);
    const auto outcome = co_await outcome_of(connection, message);
    if (outcome.watcher) {
      buffer.clear();
      buffer.shrink_to_fit();
      co_await watch(stream, connection, message, *outcome.watcher, outcome.token);
      co_return false;
    }
    message = Message();
    buffer.shrink_to_fit();
    co_return co_await write(stream, connection, outcome.response, how) && how.keep_alive;
  }

  Later<Outcome> outcome_of(Connection& connection, Message& message) {
    Outcome outcome;
    auto request = request_of(message, connection.address, tls.has_value());
    if (!request) {
      ++counters.refused;
      outcome.response = problem(request.error());
      co_return outcome;
    }
    connection.known = api.session(request->session).has_value();
    if (!connection.known && !strangers.allow(connection.address, Clock::now())) {
      ++counters.refused;
      outcome.response = problem({.status = 429,
                                  .code = "too_many",
                                  .zh = "请求过于频繁，请稍后再试",
                                  .en = "too many requests; try again in a second",
                                  .retry_after_s = 1});
    } else if (beast::websocket::is_upgrade(message) && request->target.path == live_path) {
      auto session = routes.may_watch(*request);
      if (session) {
        outcome.watcher = std::move(*session);
        outcome.token = std::move(request->session);
      } else {
        outcome.response = std::move(session.error());
      }
    } else {
      outcome.response = co_await routes.handle(*request);
      set_tag(outcome.response, message);
    }
    co_return outcome;
  }

  /// False when it did not arrive.
  Later<bool> write(Stream& stream, Connection& connection, const Response& response, How how) {
    const auto size = response.body ? response.body->size() : 0;
    connection.work(bounds.write + std::chrono::milliseconds(size / slowest_bytes_a_ms));
    error_code error;
    if (how.body && response.body) {
      http::response<http::span_body<const char>> message;
      message.version(how.version);
      set_head(message, response, tls.has_value());
      message.keep_alive(how.keep_alive);
      message.body() = {response.body->data(), size};
      message.content_length(size);
      co_await http::async_write(stream, message, redirect_error(use_awaitable, error));
    } else {
      http::response<http::empty_body> message;
      message.version(how.version);
      set_head(message, response, tls.has_value());
      message.keep_alive(how.keep_alive);
      if (response.status != 204 && response.status != 304) message.content_length(size);
      co_await http::async_write(stream, message, redirect_error(use_awaitable, error));
    }
    co_return !error;
  }

  /// Two sides of one connection: this coroutine hears when the browser goes, the other one sends.
  Later<void> watch(Stream& stream, Connection& connection, Message& upgrade, const Session& session,
                    const std::string& token) {
    auto seat = live.join(io.get_executor(), session.viewer);
    if (!seat) {
      const Refusal full{.status = 503,
                         .code = "busy",
                         .zh = "观看人数已满，请稍后再试",
                         .en = "too many watch; try again later",
                         .retry_after_s = 10};
      co_await refuse(stream, connection, full);
      co_return;
    }
    WebSocket socket(stream);
    socket.read_message_max(1024);
    error_code error;
    co_await socket.async_accept(upgrade, redirect_error(use_awaitable, error));
    if (error) co_return;
    upgrade = Message();
    connection.deadline = Clock::time_point::max();
    async::Event sent_all(io.get_executor());
    bool gone = false;
    asio::co_spawn(io, send_frames(socket, connection, *seat, token, gone),
                   [this, &sent_all](const std::exception_ptr& trouble) {
                     tell(trouble);
                     sent_all.notify();
                   });
    std::exception_ptr trouble;
    try {
      co_await hear(socket);
    } catch (...) {  // not out of here: the other side still uses what lives here
      trouble = std::current_exception();
      connection.end();
    }
    gone = true;
    seat->woken().notify();
    co_await sent_all.wait();
    if (trouble) std::rethrow_exception(trouble);
  }

  /// What a browser says is no concern of ours; its close and its pings are.
  Later<void> hear(WebSocket& socket) {
    error_code error;
    beast::flat_buffer heard;
    while (!error) {
      co_await socket.async_read(heard, redirect_error(use_awaitable, error));
      heard.clear();
    }
  }

  /// However it ends, the connection ends with it. By no destructor: when the whole loop goes, the connection is gone
  /// before this coroutine.
  Later<void> send_frames(WebSocket& socket, Connection& connection, Seat& seat, const std::string& token,
                          const bool& gone) {
    try {
      co_await send_until(socket, connection, seat, token, gone);
    } catch (...) {
      connection.end();
      throw;
    }
    if (!gone) connection.end();
  }

  Later<void> send_until(WebSocket& socket, Connection& connection, Seat& seat, const std::string& token,
                         const bool& gone) {
    error_code error;
    while (!gone && !error) {
      const auto frame = seat.take();
      if (!frame) {
        co_await seat.woken().wait();
        continue;
      }
      connection.work(bounds.write);
      if (!api.session(token)) {
        const beast::websocket::close_reason signed_out(static_cast<beast::websocket::close_code>(4401), "signed out");
        co_await socket.async_close(signed_out, redirect_error(use_awaitable, error));
        break;
      }
      co_await socket.async_write(asio::buffer(*frame), redirect_error(use_awaitable, error));
      connection.deadline = Clock::time_point::max();
    }
  }

  asio::io_context& io;
  const Routes& routes;
  Live& live;
  const Api& api;
  const Bounds bounds;
  const Trouble& on_trouble;
  std::optional<asio::ssl::context> tls;
  tcp::acceptor acceptor;
  asio::steady_timer sweep;
  Places places;
  RateLimit strangers{strangers_per_second, strangers_burst};
  RateLimit handshakes{bounds.handshakes_per_second, bounds.handshakes_burst};
  ServerCounters counters;
  std::size_t uploads = 0;  ///< that come in now
};

Server::Server(asio::io_context& io, const ServerOptions& options, const Routes& routes, Live& live, const Api& api,
               const Bounds& bounds)
    : impl_(std::make_unique<Impl>(io, options, routes, live, api, bounds, on_trouble)) {}

Server::~Server() = default;

void Server::start(async::TaskGroup& group) { group.start("web", impl_->accept()); }
std::uint16_t Server::port() const { return impl_->acceptor.local_endpoint().port(); }
std::size_t Server::connections() const { return impl_->places.size(); }
const ServerCounters& Server::counters() const { return impl_->counters; }

}  // namespace hazgate::web
