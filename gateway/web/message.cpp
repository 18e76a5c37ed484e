#include "web/message.hpp"

#include <array>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <utility>

namespace hazgate::web {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

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

}  // namespace

Head head_of(const Message& message) {
  return {.http_1_1 = message.version() >= 11,
          .hosts = message.count(http::field::host),
          .transfer_encodings = message.count(http::field::transfer_encoding),
          .transfer_encoding = field(message, http::field::transfer_encoding),
          .expect = field(message, http::field::expect)};
}

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

void set_tag(Response& response, const Message& asked) {
  if (response.gzipped) {
    response.etag = packed_tag(response.etag);
  } else if (response.status == 304) {
    response.etag = field(asked, http::field::if_none_match);
  }
}

void set_head(http::response_header<>& head, const Response& response, bool secure) {
  head.result(response.status);
  for (const auto& [name, value] : security_headers) head.set(name, value);
  if (secure) head.set("Strict-Transport-Security", "max-age=31536000");
  if (!response.content_type.empty()) head.set(http::field::content_type, response.content_type);
  // Files are asked for again with their ETag; figures and names stay in no cache.
  head.set(http::field::cache_control, response.etag.empty() ? "no-store" : "private, no-cache");
  if (!response.etag.empty()) head.set(http::field::etag, response.etag);
  if (!response.etag.empty()) head.set(http::field::vary, "Accept-Encoding, Cookie");
  if (response.gzipped) head.set(http::field::content_encoding, "gzip");
  for (const auto& [name, value] : response.headers) head.set(name, value);
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

}  // namespace hazgate::web
