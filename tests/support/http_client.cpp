#include "support/http_client.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <cctype>
#include <optional>

namespace hazgate::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Starts one asynchronous operation and waits for its end; the stream's own timeout bounds it.
template <class Start>
error_code finished(asio::io_context& io, Start start) {
  std::optional<error_code> result;
  start([&result](error_code error, auto&&...) { result = error; });
  io.restart();
  while (!result && io.run_one() > 0) continue;  // a timer of the stream may go on
  return result.value();
}

void check(error_code error, const std::string& what) {
  if (error) throw boost::system::system_error(error, what);
}

void connect(asio::io_context& io, beast::tcp_stream& stream, std::uint16_t port) {
  stream.expires_after(patience);
  const tcp::endpoint server(asio::ip::make_address("127.0.0.1"), port);
  check(finished(io, [&](auto done) { stream.async_connect(server, done); }), "connect");
}

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

}  // namespace

std::string HttpAnswer::code() const {
  if (type != "application/problem+json") return {};
  return std::string(json().at("code").as_string());
}

HttpAnswer HttpClient::send(const std::string& method, const std::string& target) {
  return send(method, target, std::string(), {});
}

HttpAnswer HttpClient::send(const std::string& method, const std::string& target, const boost::json::value& body) {
  return send(method, target, boost::json::serialize(body), {{"Content-Type", "application/json"}});
}

HttpAnswer HttpClient::send(const std::string& method, const std::string& target, const std::string& body,
                            const Headers& headers) {
  Headers all{{"Host", origin().substr(std::string_view("http://").size())}, {"Cookie", cookie_}};
  if (method != "GET" && method != "HEAD") {
    all["Origin"] = origin();
    all["X-CSRF-Token"] = csrf_;
  }
  for (const auto& [name, value] : headers) all[name] = value;

  http::request<http::string_body> request;
  request.version(11);
  request.method_string(method);
  request.target(target);
  request.keep_alive(false);
  for (const auto& [name, value] : all)
    if (!value.empty()) request.set(name, value);
  request.body() = body;
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") request.content_length(body.size());

  asio::io_context io;
  beast::tcp_stream stream(io);
  connect(io, stream, port_);
  stream.expires_after(patience);
  // Who is told that his request is too large may hear it before he has sent all of it.
  const auto sent = finished(io, [&](auto done) { http::async_write(stream, request, done); });
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::uint64_t{64} << 20U);
  parser.skip(method == "HEAD");
  const auto read = finished(io, [&](auto done) { http::async_read(stream, buffer, parser, done); });
  check(read && sent ? sent : read, method + " " + target);

  HttpAnswer answer{.status = parser.get().result_int(), .type = {}, .headers = {}, .body = parser.get().body()};
  for (const auto& field : parser.get()) answer.headers[lower(field.name_string())] = std::string(field.value());
  const auto& type = answer.headers["content-type"];
  answer.type = type.substr(0, type.find(';'));
  learn(answer);
  return answer;
}

void HttpClient::learn(const HttpAnswer& answer) {
  if (const auto given = answer.headers.find("set-cookie"); given != answer.headers.end()) {
    cookie_ = given->second.substr(0, given->second.find(';'));
    if (given->second.find("Max-Age=0") != std::string::npos) cookie_.clear();
  }
  if (answer.type != "application/json" || answer.body.empty()) return;
  const auto body = answer.json();
  const auto* object = body.if_object();
  const auto* csrf = object == nullptr ? nullptr : object->if_contains("csrf");
  if (csrf != nullptr && csrf->is_string()) csrf_ = std::string(csrf->get_string());
}

struct LiveConnection::Impl {
  asio::io_context io;
  beast::websocket::stream<beast::tcp_stream> socket{io};
  unsigned close_code = 0;
};

LiveConnection::LiveConnection(const HttpClient& client, const std::string& target) : impl_(std::make_unique<Impl>()) {
  auto& socket = impl_->socket;
  connect(impl_->io, beast::get_lowest_layer(socket), client.port());
  // From here on the WebSocket looks to its own time.
  beast::get_lowest_layer(socket).expires_never();
  socket.set_option(beast::websocket::stream_base::timeout{patience, patience, false});
  socket.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
    request.set(http::field::origin, client.origin());
    if (!client.cookie().empty()) request.set(http::field::cookie, client.cookie());
  }));
  const auto host = client.origin().substr(std::string_view("http://").size());
  check(finished(impl_->io, [&](auto done) { socket.async_handshake(host, target, done); }), "upgrade " + target);
}

LiveConnection::~LiveConnection() = default;

std::string LiveConnection::next() {
  beast::flat_buffer buffer;
  const auto error = finished(impl_->io, [&](auto done) { impl_->socket.async_read(buffer, done); });
  if (error == beast::websocket::error::closed) {
    impl_->close_code = impl_->socket.reason().code;
    return {};
  }
  check(error, "next frame");
  return beast::buffers_to_string(buffer.data());
}

unsigned LiveConnection::close_code() const { return impl_->close_code; }

}  // namespace hazgate::test
