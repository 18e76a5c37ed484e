#include "feed/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/utf8.hpp"
#include "feed/payload.hpp"

namespace hazgate::feed {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Calls `piece` with each valid sequence and with the replacement for each byte that belongs to none.
template <class Piece>
void for_each_sequence(std::string_view text, Piece piece) {
  while (!text.empty()) {
    std::size_t length = core::utf8_sequence(text);
    piece(length == 0 ? replacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

/// Stands for itself in JSON text.
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

void append_escaped(std::string& out, std::string_view sequence) {
  constexpr std::string_view hex = "0123456789abcdef";
  auto c = static_cast<unsigned char>(sequence[0]);
  if (c == '"' || c == '\\') {
    out += '\\';
  } else if (c < 0x20 || c == 0x7F) {
    out += "\\u00";
    out += hex[c >> 4];
    out += hex[c & 15];
    return;
  }
  out += sequence;
}

}  // namespace

void append_utf8(std::string& out, std::string_view text) {
  for_each_sequence(text, [&out](std::string_view sequence) { out += sequence; });
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  if (std::ranges::all_of(text, is_plain)) {  // nearly all of it is
    out += text;
  } else {
    for_each_sequence(text, [&out](std::string_view sequence) { append_escaped(out, sequence); });
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char digits[32];
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[24];
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

void JsonWriter::lead_in(std::string_view key) {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[') out_ += ',';
  if (key.empty()) return;
  append_quoted(out_, key);
  out_ += ':';
}

JsonWriter& JsonWriter::begin(std::string_view key, char bracket) {
  lead_in(key);
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view key, std::string_view value) {
  lead_in(key);
  append_quoted(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view key, double value) {
  lead_in(key);
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::count(std::string_view key, std::uint64_t value) {
  lead_in(key);
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::yes_no(std::string_view key, bool value) {
  lead_in(key);
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::json(std::string_view key, std::string_view text) {
  lead_in(key);
  out_ += text;
  return *this;
}

JsonWriter& JsonWriter::null(std::string_view key) {
  lead_in(key);
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::time(std::string_view key, std::optional<core::Timestamp> value) {
  if (!value) return null(key);
  lead_in(key);
  out_ += '"';
  append_time(out_, *value);
  out_ += '"';
  return *this;
}

}  // namespace hazgate::feed
