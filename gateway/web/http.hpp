// What comes in and goes out of the web room, as values: no socket and no library's type.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hazgate::web {

enum class Method { get, head, post, put, patch, delete_ };
std::string_view name(Method method);  ///< "GET", …

/// Shared: two hundred browsers get the same bytes.
using Bytes = std::shared_ptr<const std::string>;
inline Bytes bytes(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

/// What a request asks for: percent-decoded, valid UTF-8, without control characters.
struct Target {
  std::string path;  ///< as it was decoded: "/api/v1/points/dust-1.pm_a"
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};
/// None for what is no path of ours: not of that form, a broken escape, dots that climb, an encoded slash, bytes that
/// are no UTF-8.
std::optional<Target> target_from(std::string_view text);

struct Request {
  Method method = Method::get;
  Target target;
  std::string body, content_type;
  std::string session;       ///< the token out of the cookie; empty without one
  std::string csrf;          ///< X-CSRF-Token
  std::string host, origin;  ///< as sent; empty without one
  std::string if_none_match;
  std::string address;  ///< whom it came from
  bool gzip = false;    ///< the browser takes it
  bool secure = false;  ///< over TLS
};

struct Response {
  unsigned status = 200;
  std::string content_type;
  Bytes body;  ///< may be none
  bool gzipped = false;
  std::string etag;  ///< quoted; empty without one
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The name of the session's cookie. Over TLS the browser itself guards it by its prefix.
constexpr std::string_view cookie_name(bool secure) { return secure ? "__Host-hazgate" : "hazgate"; }
/// The value of that cookie in a Cookie header; empty where it is not there.
std::string session_of(std::string_view cookies, bool secure);

/// "application/json; charset=utf-8" is JSON.
bool is_json(std::string_view content_type);
/// Does the list of an Accept-Encoding header take gzip? What it says of gzip itself goes before what it says of all.
bool takes_gzip(std::string_view accept_encoding);
/// Other bytes have another tag: "abc" is "abc-gz" where it is packed.                                      RFC
/// 9110 8.8.3
std::string packed_tag(std::string_view tag);
/// Of either form, that of the document itself.
std::string plain_tag(std::string_view tag);

/// What of a request's head decides whether we know whom it is for and where it ends.
struct Head {
  bool http_1_1 = true;
  std::size_t hosts = 0;               ///< Host fields
  std::size_t transfer_encodings = 0;  ///< Transfer-Encoding fields
  std::string transfer_encoding, expect;
};
enum class HeadFault { none, host, transfer_encoding, expectation };
/// The only encoding is "chunked", the only expectation "100-continue"; in HTTP/1.1 there is one Host.          RFC
/// 9112
HeadFault fault_of(const Head& head);

/// A page of ours, or none of another: the origin that a browser names is the host that it asked. Without an Origin it
/// was no browser's cross-site request.                                                              RFC 6454, 6455
bool same_origin(std::string_view origin, std::string_view host, bool secure);

}  // namespace hazgate::web
