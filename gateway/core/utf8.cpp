#include "core/utf8.hpp"

#include <algorithm>

namespace hazgate::core {

namespace {

/// Length that the first byte of a UTF-8 sequence announces; 0 when none begins with it.
std::size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  std::size_t length = announced_length(first);
  if (length < 2 || text.size() < length) return length < 2 ? length : 0;
  unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_seen(std::string_view utf8) {
  while (!utf8.empty()) {
    const auto character = utf8.substr(0, std::max<std::size_t>(utf8_sequence(utf8), 1));
    utf8.remove_prefix(character.size());
    // Spaces of every width, and the joiners and marks of direction among them (U+2000 to U+200F).
    const bool blank = character == " " || character == "\u00A0" || character == "\u3000" || character == "\u2060" ||
                       character == "\u00AD" || character == "\uFEFF" ||
                       (character >= "\u2000" && character <= "\u200F");
    if (!blank && is_one_line(character)) return true;
  }
  return false;
}

bool is_one_line(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    const auto rest = utf8.substr(i);
    if (byte == 0xC2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0) return false;
    const auto within = [&](std::string_view first, std::string_view last) {
      return rest.substr(0, 3) >= first && rest.substr(0, 3) <= last;
    };
    if (within("\u2028", "\u202E") || within("\u2066", "\u2069")) return false;
  }
  return true;
}

}  // namespace hazgate::core
