#include "ledger/canonical_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace hazgate::ledger {

namespace json = boost::json;

namespace {

/// UTF-8 sorts like UTF-16 but for one thing: what UTF-16 writes as a pair of surrogates stands before U+E000 there.
int rank(unsigned char byte) {
  if (byte == 0xEE || byte == 0xEF) return 0x100;  // U+E000 to U+FFFF
  return byte;
}

}  // namespace

bool canonical_before(std::string_view a, std::string_view b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_b == b.end()) return false;
  if (at_a == a.end()) return true;
  const auto first = static_cast<unsigned char>(*at_a), second = static_cast<unsigned char>(*at_b);
  const int ranked = rank(first) - rank(second);
  return ranked != 0 ? ranked < 0 : first < second;
}

void append_canonical_text(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto stays = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  out += '"';
  for (auto at = text.begin(); at != text.end();) {
    const auto special = std::find_if_not(at, text.end(), stays);
    out.append(at, special);
    at = special;
    if (at == text.end()) break;
    const char c = *at++;
    const auto byte = static_cast<unsigned char>(c);
    out += '\\';
    if (byte >= 0x20) {
      out += c;
    } else if (const auto place = std::string_view("\b\t\n\f\r").find(c); place != std::string_view::npos) {
      out += "btnfr"[place];
    } else {
      out += "u00";
      out += hex[byte >> 4U];
      out += hex[byte & 15U];
    }
  }
  out += '"';
}

namespace {

using Member = const json::key_value_pair*;

std::vector<Member> sorted(const json::object& object) {
  std::vector<Member> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  const auto before = [](Member a, Member b) { return canonical_before(a->key(), b->key()); };
  if (!std::ranges::is_sorted(members, before)) std::ranges::sort(members, before);
  return members;
}

void append_member(std::string& out, const json::key_value_pair& member) {
  if (out.back() != '{') out += ',';
  append_canonical_text(out, member.key());
  out += ':';
  append_canonical(out, member.value());
}

}  // namespace

void append_es_number(std::string& out, double value) {
  if (value == 0) {  // also the negative one
    out += '0';
    return;
  }
  std::array<char, 32> text{};
  const auto* end =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(value), std::chars_format::scientific).ptr;
  const std::string_view all(text.data(), static_cast<std::size_t>(end - text.data()));
  const auto e = all.find('e');
  std::string digits(all.substr(0, e));
  std::erase(digits, '.');
  int exponent = 0;
  const auto power = all.substr(all[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  const int count = static_cast<int>(digits.size()), point = exponent + 1;  // k and n of ECMA-262, Number::toString
  if (value < 0) out += '-';
  if (point > 21 || point <= -6) {
    out += digits[0];
    if (count > 1) (out += '.') += digits.substr(1);
    ((out += 'e') += exponent < 0 ? '-' : '+') += std::to_string(std::abs(exponent));
  } else if (point <= 0) {
    ((out += "0.") += std::string(static_cast<std::size_t>(-point), '0')) += digits;
  } else if (count <= point) {
    (out += digits) += std::string(static_cast<std::size_t>(point - count), '0');
  } else {
    ((out += digits.substr(0, static_cast<std::size_t>(point))) += '.') +=
        digits.substr(static_cast<std::size_t>(point));
  }
}

void append_canonical(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::string:
      append_canonical_text(out, value.get_string());
      return;
    case json::kind::array:
      out += '[';
      for (const auto& item : value.get_array()) {
        if (out.back() != '[') out += ',';
        append_canonical(out, item);
      }
      out += ']';
      return;
    case json::kind::object:
      out += '{';
      for (const auto* member : sorted(value.get_object())) append_member(out, *member);
      out += '}';
      return;
    default:
      append_es_number(out, value.to_number<double>());
  }
}

std::string canonical(const json::value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

std::size_t append_canonical_without(std::string& out, const json::object& object, std::string_view left_out) {
  out += '{';
  std::size_t place = out.size();
  for (const auto* member : sorted(object)) {
    if (member->key() == left_out) continue;
    append_member(out, *member);
    if (canonical_before(member->key(), left_out)) place = out.size();
  }
  out += '}';
  return place;
}

}  // namespace hazgate::ledger
