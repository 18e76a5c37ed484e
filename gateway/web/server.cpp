#include "web/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
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
#include <utility>
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

using Message = http::request<http::string_body>;

/// What a connection is at, for who looks for one to end.
struct Connection {
  tcp::socket socket;
  std::string address, household;
  Clock::time_point deadline = Clock::time_point::max();
  Clock::time_point waiting_since = Clock::time_point::min();  ///< for its handshake, a request, or its end
  bool at_work = true;                                         ///< a request is being answered
  bool known = false;                                          ///< its last request had a session

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

std::string field(const Message& message, http::field name) {
  const auto value = message[name];
  return {value.data(), value.size()};
}

Head head_of(const Message& message) {
  return {.http_1_1 = message.version() >= 11,
          .hosts = message.count(http::field::host),
          .transfer_encodings = message.count(http::field::transfer_encoding),
          .transfer_encoding = field(message, http::field::transfer_encoding),
          .expect = field(message, http::field::expect)};
}

/// Its body goes along; the head stays.
boost::system::result<Request, Refusal> request_of(Message& message, std::string address, bool secure) {
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
                 .if_none_match = plain_tag(field(message, http::field::if_none_match)),
                 .address = std::move(address),
                 .gzip = takes_gzip(field(message, http::field::accept_encoding)),
                 .secure = secure};
}

/// Who has either form need not get it again, and hears of the one that he has.
void set_tag(Response& response, std::string asked) {
  if (response.gzipped) {
    response.etag = packed_tag(response.etag);
  } else if (response.status == 304) {
    response.etag = std::move(asked);
  }
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

Refusal refusal_of(HeadFault fault) {
  if (fault == HeadFault::transfer_encoding)
    return {
        .status = 501, .code = "unknown_encoding", .zh = "不支持的传输编码", .en = "the body's encoding is unknown"};
  if (fault == HeadFault::expectation)
    return {.status = 417, .code = "unknown_expectation", .zh = "不支持的 Expect 请求头", .en = "it expects too much"};
  return {.status = 400, .code = "bad_host", .zh = "Host 请求头应有且仅有一个", .en = "there must be one Host header"};
}

bool is_http_error(const error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

ssl::context tls_of(const ServerOptions& options) {
  ssl::context tls(ssl::context::tls_server);
  tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::single_dh_use);
  error_code error;
  // A key behind a password must not ask for it at a terminal while nothing is polled.
  tls.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
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
        sweep(context) {
    if (!options.cert.empty()) tls.emplace(tls_of(options));
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
    for (auto& connection : connections) connection.end();
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
    if ((tls && !handshakes.allow(address, Clock::now())) || !has_place(whose)) {
      ++counters.refused;
      return;  // the socket closes
    }
    socket.set_option(tcp::no_delay(true), error);
    const auto place = connections.emplace(connections.end(), Connection{std::move(socket), address, whose});
    place->wait(bounds.handshake);
    try {
      asio::co_spawn(io, begin(*place), [this, place](const std::exception_ptr& trouble) {
        connections.erase(place);
        tell(trouble);
      });
    } catch (...) {
      connections.erase(place);
      throw;
    }
    if (connections.size() == 1) look();
  }

  bool has_place(const std::string& household) {
    const auto same = [&](const Connection& c) { return !c.known && c.household == household && c.socket.is_open(); };
    const auto have = static_cast<std::size_t>(std::ranges::count_if(connections, same));
    if (have >= bounds.strangers_of_a_household) return make_room(same);
    return connections.size() < bounds.connections || make_room([](const Connection&) { return true; });
  }

  template <class Which>
  bool make_room(Which may_go) {
    const auto sooner = [](const Connection& a, const Connection& b) {
      return std::pair(a.known, a.waiting_since) < std::pair(b.known, b.waiting_since);
    };
    Connection* first = nullptr;
    for (auto& connection : connections) {
      if (connection.at_work || !connection.socket.is_open() || !may_go(connection)) continue;
      if (first == nullptr || sooner(connection, *first)) first = &connection;
    }
    if (first == nullptr) return false;
    ++counters.crowded_out;
    first->end();
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

  /// False when the connection is over. What is no request, or is none that we could read, is told so before.
  Later<bool> read(Stream& stream, Connection& connection, beast::flat_buffer& buffer, Message& message) {
    error_code error;
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(bounds.header_bytes));
    parser.body_limit(bounds.body_bytes);
    co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, error));
    if (!error) {
      const auto head = head_of(parser.get());
      const auto fault = fault_of(head);
      if (fault != HeadFault::none) {
        co_await refuse(stream, connection, refusal_of(fault));
        co_return false;
      }
      if (head.http_1_1 && !head.expect.empty() && !parser.is_done()) error = co_await say_go_on(stream);
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
      set_tag(outcome.response, field(message, http::field::if_none_match));
    }
    co_return outcome;
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
  std::optional<ssl::context> tls;
  tcp::acceptor acceptor;
  asio::steady_timer sweep;
  std::list<Connection> connections;
  RateLimit strangers{strangers_per_second, strangers_burst};
  RateLimit handshakes{bounds.handshakes_per_second, bounds.handshakes_burst};
  ServerCounters counters;
};

Server::Server(asio::io_context& io, const ServerOptions& options, const Routes& routes, Live& live, const Api& api,
               const Bounds& bounds)
    : impl_(std::make_unique<Impl>(io, options, routes, live, api, bounds, on_trouble)) {}

Server::~Server() = default;

void Server::start(async::TaskGroup& group) { group.start("web", impl_->accept()); }
std::uint16_t Server::port() const { return impl_->acceptor.local_endpoint().port(); }
std::size_t Server::connections() const { return impl_->connections.size(); }
const ServerCounters& Server::counters() const { return impl_->counters; }

}  // namespace hazgate::web
