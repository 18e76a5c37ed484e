#include "web/server.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <functional>
#include <list>
#include <vector>

#include "web/problem.hpp"
#include "web/rate.hpp"

namespace hazgate::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

namespace {

constexpr auto sweep_interval = std::chrono::milliseconds(250);
/// Of who has not signed in: a page is thirty files, and a school of browsers behind one address loads it at once.
constexpr double strangers_per_second = 50, strangers_burst = 400;
constexpr std::size_t read_piece = 4096;

/// In one place, for every answer. Scripts and styles are files of ours: nothing that somebody typed can become one.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> security_headers{
    {{"Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
      "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
     {"X-Content-Type-Options", "nosniff"},
     {"X-Frame-Options", "DENY"},
     {"Referrer-Policy", "no-referrer"},
     {"Cross-Origin-Opener-Policy", "same-origin"},
     {"Cross-Origin-Resource-Policy", "same-origin"},
     {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"}}};

/// What a connection is at, for who looks for one to end.
struct Connection {
  tcp::socket socket;
  std::string address;
  Clock::time_point deadline = Clock::time_point::max();
  Clock::time_point waiting_since = Clock::time_point::min();  ///< for a request; while it is answered it is at work
  bool at_work = false;

  void wait(std::chrono::milliseconds most) {
    const auto now = Clock::now();
    deadline = now + most;
    if (at_work) waiting_since = now;
    at_work = false;
  }
  void work(std::chrono::milliseconds most) {
    deadline = Clock::now() + most;
    at_work = true;
  }
  /// Whatever it waits for ends with an error, and its coroutine with that.
  void end() {
    error_code ignored;
    socket.close(ignored);
  }
};

/// A socket, plain or in TLS, behind one type: what Beast makes of a stream is made once. It takes minutes to compile.
class Stream {
 public:
  using executor_type = asio::any_io_executor;
  using Done = std::function<void(error_code, std::size_t)>;
  explicit Stream(tcp::socket& socket) : socket_(socket) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    asio::mutable_buffer first;
    for (auto at = asio::buffer_sequence_begin(buffers); first.size() == 0 && at != asio::buffer_sequence_end(buffers);)
      first = *at++;
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer into) { read(into, done(std::move(handler))); }, token, first);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    std::vector<asio::const_buffer> all(asio::buffer_sequence_begin(buffers), asio::buffer_sequence_end(buffers));
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, std::vector<asio::const_buffer> from) {
          write(std::move(from), done(std::move(handler)));
        },
        token, std::move(all));
  }
  virtual Later<bool> open() = 0;   ///< false where the other side does not speak it
  virtual Later<void> close() = 0;  ///< its last words

 protected:
  virtual void read(asio::mutable_buffer into, Done done) = 0;
  virtual void write(std::vector<asio::const_buffer> from, Done done) = 0;
  tcp::socket& socket_;

 private:
  template <class Handler>
  Done done(Handler handler) {
    auto waiting = std::make_shared<Handler>(std::move(handler));
    return [waiting, executor = asio::get_associated_executor(*waiting, get_executor())](error_code error,
                                                                                         std::size_t bytes) {
      asio::dispatch(executor, [waiting, error, bytes] { std::move (*waiting)(error, bytes); });
    };
  }
};

// What a WebSocket ends its stream with: whoever owns the connection closes it.
template <class Handler>
void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {
  asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler)]() mutable { handler(error_code()); });
}
void beast_close_socket(Stream&) {}

class Plain final : public Stream {
 public:
  using Stream::Stream;
  Later<bool> open() override { co_return true; }
  Later<void> close() override { co_return; }

 private:
  void read(asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
  void write(std::vector<asio::const_buffer> from, Done done) override {
    socket_.async_write_some(from, std::move(done));
  }
};

class Tls final : public Stream {
 public:
  Tls(tcp::socket& socket, ssl::context& context) : Stream(socket), stream_(socket, context) {}
  Later<bool> open() override {
    error_code error;
    co_await stream_.async_handshake(ssl::stream_base::server, redirect_error(use_awaitable, error));
    co_return !error;
  }
  Later<void> close() override {
    error_code error;
    co_await stream_.async_shutdown(redirect_error(use_awaitable, error));
  }

 private:
  void read(asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
  void write(std::vector<asio::const_buffer> from, Done done) override {
    stream_.async_write_some(from, std::move(done));
  }
  ssl::stream<tcp::socket&> stream_;
};

using WebSocket = beast::websocket::stream<Stream&, false>;  // what is sent is small, and packing it costs more

std::optional<Method> method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::delete_;
    default:
      return std::nullopt;
  }
}

std::string field(const http::request<http::string_body>& message, http::field name) {
  const auto value = message[name];
  return {value.data(), value.size()};
}

boost::system::result<Request, Refusal> request_of(http::request<http::string_body>& message, std::string address,
                                                   bool secure) {
  const auto method = method_of(message.method());
  if (!method)
    return Refusal{.status = 501, .code = "unknown_method", .zh = "不支持的请求方法", .en = "unknown method"};
  auto target = target_from({message.target().data(), message.target().size()});
  if (!target)
    return Refusal{
        .status = 400, .code = "bad_target", .zh = "请求地址有误", .en = "the request's target is malformed"};
  const auto csrf = message["X-CSRF-Token"];
  return Request{.method = *method,
                 .target = std::move(*target),
                 .body = std::move(message.body()),
                 .content_type = field(message, http::field::content_type),
                 .session = session_of(field(message, http::field::cookie), secure),
                 .csrf = {csrf.data(), csrf.size()},
                 .host = field(message, http::field::host),
                 .origin = field(message, http::field::origin),
                 .if_none_match = field(message, http::field::if_none_match),
                 .address = std::move(address),
                 .gzip = takes_gzip(field(message, http::field::accept_encoding)),
                 .secure = secure};
}

template <class Body>
void set_headers(http::response<Body>& message, const Response& response, bool keep_alive, bool secure) {
  message.result(response.status);
  for (const auto& [name, value] : security_headers) message.set(name, value);
  if (secure) message.set("Strict-Transport-Security", "max-age=31536000");
  if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
  // Files are asked for again with their ETag; figures and names stay in no cache.
  message.set(http::field::cache_control, response.etag.empty() ? "no-store" : "private, no-cache");
  if (!response.etag.empty()) message.set(http::field::etag, response.etag);
  if (!response.etag.empty()) message.set(http::field::vary, "Accept-Encoding, Cookie");
  if (response.gzipped) message.set(http::field::content_encoding, "gzip");
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
}

Refusal refusal_of(const error_code& error) {
  if (error == http::error::header_limit)
    return {.status = 431, .code = "header_too_large", .zh = "请求头过大", .en = "the header is too large"};
  if (error == http::error::body_limit)
    return {.status = 413, .code = "body_too_large", .zh = "请求体过大", .en = "the body is too large"};
  return {.status = 400, .code = "bad_request", .zh = "不是有效的 HTTP 请求", .en = "this is no HTTP request"};
}

bool is_http_error(const error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

ssl::context tls_of(const ServerOptions& options) {
  ssl::context tls(ssl::context::tls_server);
  tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::single_dh_use);
  error_code error;
  tls.use_certificate_chain_file(options.cert.string(), error);
  if (error)
    throw std::runtime_error(fmt::format("[http] cert: {} cannot be used: {}", options.cert.string(), error.message()));
  tls.use_private_key_file(options.key.string(), ssl::context::pem, error);
  if (error)
    throw std::runtime_error(fmt::format("[http] key: {} cannot be used: {}", options.key.string(), error.message()));
  return tls;
}

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
  if (!options.cert.empty()) static_cast<void>(tls_of(options));
  if (!address_too) return;
  asio::io_context io;
  tcp::acceptor acceptor(io);
  listen_at(acceptor, options);
}

struct Server::Impl {
  Impl(asio::io_context& context, const ServerOptions& options, const Routes& the_routes, Live& the_live,
       const Api& the_api, const Bounds& the_bounds)
      : io(context),
        routes(the_routes),
        live(the_live),
        api(the_api),
        bounds(the_bounds),
        acceptor(context),
        sweep(context) {
    if (!options.cert.empty()) tls.emplace(tls_of(options));
    listen_at(acceptor, options);
  }

  /// The group's task. Connections are none of it: they end with their sockets, whatever they wait for.
  Later<void> accept() {
    try {
      for (;;) {
        error_code error;
        auto socket = co_await acceptor.async_accept(redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted) break;
        if (error) {  // no descriptor left: those that end give theirs back
          co_await pause();
          continue;
        }
        admit(std::move(socket));
      }
    } catch (const boost::system::system_error& e) {
      if (e.code() != asio::error::operation_aborted) throw;
    }
    acceptor.close();
    for (auto& connection : connections) connection.end();
    sweep.cancel();
  }

  Later<void> pause() {
    asio::steady_timer timer(io, std::chrono::milliseconds(100));
    co_await timer.async_wait(use_awaitable);
  }

  void admit(tcp::socket socket) {
    ++counters.connections;
    if (connections.size() >= bounds.connections && !make_room()) {
      ++counters.refused;
      return;  // the socket closes
    }
    error_code error;
    const auto from = socket.remote_endpoint(error);
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    const auto place =
        connections.emplace(connections.end(), Connection{std::move(socket), from.address().to_string()});
    place->at_work = true;
    asio::co_spawn(io, begin(*place), [this, place](const std::exception_ptr&) { connections.erase(place); });
    if (connections.size() == 1) look();
  }

  bool make_room() {
    Connection* longest = nullptr;
    for (auto& connection : connections)
      if (!connection.at_work && (longest == nullptr || connection.waiting_since < longest->waiting_since))
        longest = &connection;
    if (longest == nullptr) return false;
    ++counters.crowded_out;
    longest->at_work = true;  // chosen once
    longest->end();
    return true;
  }

  /// Deadlines are looked at together, while there is anybody.
  void look() {
    sweep.expires_after(sweep_interval);
    sweep.async_wait([this](error_code error) {
      if (error || connections.empty()) return;
      const auto now = Clock::now();
      for (auto& connection : connections)
        if (connection.deadline < now && connection.socket.is_open()) {
          ++counters.refused;
          connection.end();
        }
      look();
    });
  }

  Later<void> begin(Connection& connection) {
    std::unique_ptr<Stream> stream;
    if (tls) {
      stream = std::make_unique<Tls>(connection.socket, *tls);
    } else {
      stream = std::make_unique<Plain>(connection.socket);
    }
    connection.work(bounds.handshake);
    if (!co_await stream->open()) {
      ++counters.refused;
      co_return;
    }
    co_await serve(*stream, connection);
    connection.work(bounds.write);
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
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(bounds.header_bytes));
      parser.body_limit(bounds.body_bytes);
      co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, error));
      if (error) {
        co_await refuse(stream, connection, error);
        co_return;
      }
      goes_on = co_await answer(stream, connection, parser, buffer);
    }
  }

  struct How {
    bool keep_alive;
    unsigned version;
    bool body;
  };
  static constexpr How last_words{.keep_alive = false, .version = 11, .body = true};

  /// What is no request gets an answer where there is still somebody to read it.
  Later<void> refuse(Stream& stream, Connection& connection, error_code error) {
    if (!is_http_error(error) || error == http::error::end_of_stream || error == http::error::partial_message)
      co_return;
    ++counters.refused;
    const auto response = problem(refusal_of(error));
    co_await write(stream, connection, response, last_words);
  }

  /// False when the connection is over.
  Later<bool> answer(Stream& stream, Connection& connection, http::request_parser<http::string_body>& parser,
                     beast::flat_buffer& buffer) {
    ++counters.requests;
    auto& message = parser.get();
    const How how{.keep_alive = message.keep_alive() && acceptor.is_open(),
                  .version = message.version(),
                  .body = message.method() != http::verb::head};
    connection.work(bounds.request + bounds.write);
    const bool upgrade = beast::websocket::is_upgrade(message);
    const bool secure = tls.has_value();
    const auto raw = upgrade ? std::optional(message) : std::nullopt;
    const auto request = request_of(message, connection.address, secure);
    Response response;
    if (!request) {
      ++counters.refused;
      response = problem(request.error());
    } else if (!api.session(request->session) && !strangers.allow(connection.address, Clock::now())) {
      ++counters.refused;
      response = problem({.status = 429,
                          .code = "too_many",
                          .zh = "请求过于频繁，请稍后再试",
                          .en = "too many requests; try again in a second",
                          .retry_after_s = 1});
    } else if (upgrade && request->target.path == live_path) {
      auto session = routes.may_watch(*request);
      if (session) {
        co_await watch(stream, connection, *raw, *session, request->session);
        co_return false;
      }
      response = std::move(session.error());
    } else {
      response = co_await routes.handle(*request);
    }
    buffer.shrink_to_fit();
    co_return co_await write(stream, connection, response, how) && how.keep_alive;
  }

  /// False when it did not arrive.
  Later<bool> write(Stream& stream, Connection& connection, const Response& response, How how) {
    connection.work(bounds.write);
    error_code error;
    const auto size = response.body ? response.body->size() : 0;
    if (how.body && response.body) {
      http::response<http::span_body<const char>> message;
      message.version(how.version);
      set_headers(message, response, how.keep_alive, tls.has_value());
      message.body() = {response.body->data(), size};
      message.content_length(size);
      co_await http::async_write(stream, message, redirect_error(use_awaitable, error));
    } else {
      http::response<http::empty_body> message;
      message.version(how.version);
      set_headers(message, response, how.keep_alive, tls.has_value());
      if (response.status != 204 && response.status != 304) message.content_length(size);
      co_await http::async_write(stream, message, redirect_error(use_awaitable, error));
    }
    co_return !error;
  }

  /// Two sides of one connection: this coroutine hears when the browser goes, the other one sends.
  Later<void> watch(Stream& stream, Connection& connection, const http::request<http::string_body>& upgrade,
                    const Session& session, const std::string& token) {
    auto seat = live.join(io.get_executor(), session.viewer);
    if (!seat) {
      ++counters.refused;
      const auto response = problem({.status = 503,
                                     .code = "busy",
                                     .zh = "观看人数已满，请稍后再试",
                                     .en = "too many watch; try again later",
                                     .retry_after_s = 10});
      co_await write(stream, connection, response, last_words);
      co_return;
    }
    WebSocket socket(stream);
    socket.read_message_max(1024);
    error_code error;
    co_await socket.async_accept(upgrade, redirect_error(use_awaitable, error));
    if (error) co_return;
    connection.deadline = Clock::time_point::max();
    async::Event sent_all(io.get_executor());
    bool gone = false;
    asio::co_spawn(io, send_frames(socket, connection, *seat, token, gone),
                   [&sent_all](const std::exception_ptr&) { sent_all.notify(); });
    beast::flat_buffer heard;
    while (!error) {  // what a browser says is no concern of ours; its close and its pings are
      co_await socket.async_read(heard, redirect_error(use_awaitable, error));
      heard.clear();
    }
    gone = true;
    seat->woken().notify();
    co_await sent_all.wait();
  }

  Later<void> send_frames(WebSocket& socket, Connection& connection, Seat& seat, const std::string& token,
                          const bool& gone) {
    error_code error;
    while (!gone && !error) {
      const auto frame = seat.take();
      if (!frame) {
        co_await seat.woken().wait();
        continue;
      }
      if (!api.session(token)) {
        connection.work(bounds.write);
        const beast::websocket::close_reason signed_out(static_cast<beast::websocket::close_code>(4401), "signed out");
        co_await socket.async_close(signed_out, redirect_error(use_awaitable, error));
        break;
      }
      connection.work(bounds.write);
      co_await socket.async_write(asio::buffer(*frame), redirect_error(use_awaitable, error));
      connection.deadline = Clock::time_point::max();
    }
    if (!gone) connection.end();
  }

  asio::io_context& io;
  const Routes& routes;
  Live& live;
  const Api& api;
  const Bounds bounds;
  std::optional<ssl::context> tls;
  tcp::acceptor acceptor;
  asio::steady_timer sweep;
  std::list<Connection> connections;
  RateLimit strangers{strangers_per_second, strangers_burst};
  ServerCounters counters;
};

Server::Server(asio::io_context& io, const ServerOptions& options, const Routes& routes, Live& live, const Api& api,
               const Bounds& bounds)
    : impl_(std::make_unique<Impl>(io, options, routes, live, api, bounds)) {}

Server::~Server() = default;

void Server::start(async::TaskGroup& group) { group.start("web", impl_->accept()); }
std::uint16_t Server::port() const { return impl_->acceptor.local_endpoint().port(); }
std::size_t Server::connections() const { return impl_->connections.size(); }
const ServerCounters& Server::counters() const { return impl_->counters; }

}  // namespace hazgate::web
