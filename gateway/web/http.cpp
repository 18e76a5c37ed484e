#include "web/http.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>

#include "core/utf8.hpp"

namespace hazgate::web {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view packed_end = "-gz\"";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The parts of a list, trimmed.
std::vector<std::string_view> parts(std::string_view list, char between) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(between, at), list.size());
    all.push_back(trimmed(list.substr(at, end - at)));
    at = end + 1;
  }
  return all;
}

bool alike(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

bool readable(std::string_view text) {
  return core::is_utf8(text) && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool good_segment(std::string_view segment) {
  return readable(segment) && segment != "." && segment != ".." && segment.find_first_of("/\\") == std::string::npos;
}

}  // namespace

std::string_view name(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
  }
  return {};
}

std::optional<Target> target_from(std::string_view text) {
  const auto parsed = boost::urls::parse_origin_form({text.data(), text.size()});
  if (!parsed || !text.starts_with('/') || text.starts_with("//")) return std::nullopt;
  Target target;
  for (const auto segment : parsed->segments()) {
    if (!good_segment(segment)) return std::nullopt;
    target.path += '/' + segment;
    target.segments.push_back(segment);
  }
  if (target.path.empty()) target.path = "/";
  for (const auto& param : parsed->params()) {
    if (!readable(param.key) || !readable(param.value)) return std::nullopt;
    target.query.emplace_back(param.key, param.value);
  }
  return target;
}

std::string session_of(std::string_view cookies, bool secure) {
  for (const auto cookie : parts(cookies, ';')) {
    const auto equal = cookie.find('=');
    if (equal != std::string_view::npos && cookie.substr(0, equal) == cookie_name(secure))
      return std::string(cookie.substr(equal + 1));
  }
  return {};
}

bool is_json(std::string_view content_type) { return alike(parts(content_type, ';').front(), "application/json"); }

bool takes_gzip(std::string_view accept_encoding) {
  std::optional<bool> gzip, any;
  for (const auto coding : parts(accept_encoding, ',')) {
    const auto said = parts(coding, ';');
    const bool takes = said.size() < 2 || said[1].find_first_of("123456789") != std::string_view::npos;
    if (alike(said.front(), "gzip")) gzip = takes;
    if (said.front() == "*") any = takes;
  }
  return gzip.value_or(any.value_or(false));
}

std::string packed_tag(std::string_view tag) {
  std::string packed(tag.substr(0, tag.size() - std::min<std::size_t>(tag.size(), 1)));
  return packed.append(packed_end);
}

std::string plain_tag(std::string_view tag) {
  if (!tag.ends_with(packed_end)) return std::string(tag);
  std::string plain(tag.substr(0, tag.size() - packed_end.size()));
  return plain.append(1, '"');
}

HeadFault fault_of(const Head& head) {
  if (head.hosts > 1 || (head.http_1_1 && head.hosts == 0)) return HeadFault::host;
  const bool chunked = head.transfer_encodings == 1 && alike(trimmed(head.transfer_encoding), "chunked");
  if (head.transfer_encodings > 0 && (!chunked || !head.http_1_1)) return HeadFault::transfer_encoding;
  // Who speaks HTTP/1.0 expects nothing, whatever he says.
  if (head.http_1_1 && !head.expect.empty() && !alike(trimmed(head.expect), "100-continue"))
    return HeadFault::expectation;
  return HeadFault::none;
}

bool same_origin(std::string_view origin, std::string_view host, bool secure) {
  if (origin.empty()) return true;
  const std::string_view scheme = secure ? "https://" : "http://";
  return origin.starts_with(scheme) && alike(origin.substr(scheme.size()), host);
}

}  // namespace hazgate::web
