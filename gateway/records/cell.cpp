#include "records/cell.hpp"

#include <algorithm>
#include <array>

#include "core/utf8.hpp"

namespace hazgate::records {

namespace {

/// Nearly all text: nothing to clean.
bool is_plain_ascii(char c) { return c >= 0x20 && c < 0x7F; }

char32_t code_point_of(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  char32_t point = byte(0) & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) point = point << 6 | (byte(i) & 0x3FU);
  return point;
}

bool turns_direction(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}

bool is_line_separator(char32_t c) { return c == 0x2028 || c == 0x2029; }

bool is_unwanted(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || turns_direction(c) || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE;
}

/// Of the front that may stay as it is.
std::size_t clean_length(std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    if (is_plain_ascii(text[done])) {
      ++done;
      continue;
    }
    const auto length = core::utf8_sequence(text.substr(done));
    if (length == 0) break;
    const auto c = code_point_of(text.substr(done, length));
    if (c != '\n' && (is_unwanted(c) || is_line_separator(c))) break;
    done += length;
  }
  return done;
}

void append_cleaned(std::string& out, std::string_view sequence) {
  const auto c = code_point_of(sequence);
  if (c == '\t') {
    out += ' ';
  } else if (c == '\n' || is_line_separator(c)) {
    out += '\n';
  } else if (!is_unwanted(c)) {
    out += sequence;
  }
}

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

bool is_quoted(char c) { return c == ',' || c == ';' || c == '"' || c == '\n' || c == ' '; }

void append_csv_field(std::string& out, std::string_view clean, bool formula) {
  const auto shown = cell_front(clean);
  if (!formula && std::ranges::none_of(shown, is_quoted)) {
    out += shown;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (const char c : shown) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string cell_text(std::string_view text) {
  const auto clean = clean_length(text);
  std::string out(text.substr(0, clean));
  text.remove_prefix(clean);
  while (!text.empty()) {
    const auto length = core::utf8_sequence(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      append_cleaned(out, text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

bool looks_like_formula(std::string_view text) {
  if (text.starts_with('\t') || text.starts_with('\r') || text.starts_with('\n')) return true;
  // Spreadsheets overlook what has no ink before a formula.
  while (text.starts_with(' ') || text.starts_with("\u00A0") || text.starts_with("\u3000"))
    text.remove_prefix(text.front() == ' ' ? 1 : text.starts_with("\u3000") ? 3 : 2);
  static constexpr std::array<std::string_view, 8> begins{"=", "+", "-", "@", "＝", "＋", "－", "＠"};
  return std::ranges::any_of(begins, [&](std::string_view begin) { return text.starts_with(begin); });
}

std::string_view cell_front(std::string_view clean) {
  if (clean.size() <= longest_cell) return clean;
  std::size_t units = 0, bytes = 0;
  while (bytes < clean.size()) {
    const auto length = std::max<std::size_t>(core::utf8_sequence(clean.substr(bytes)), 1);
    units += length == 4 ? 2 : 1;
    if (units > longest_cell) break;
    bytes += length;
  }
  return clean.substr(0, bytes);
}

void append_csv_text(std::string& out, std::string_view text) {
  if (clean_length(text) == text.size()) return append_csv_field(out, text, looks_like_formula(text));
  const auto clean = cell_text(text);
  append_csv_field(out, clean, looks_like_formula(text) || looks_like_formula(clean));
}

void append_markup_text(std::string& out, std::string_view text) {
  if (clean_length(text) != text.size()) return append_markup_text(out, cell_text(text));
  while (!text.empty()) {
    const auto* const special = std::ranges::find_if(text, [](char c) { return !entity(c).empty(); });
    out.append(text.begin(), special);
    if (special == text.end()) return;
    out += entity(*special);
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()) + 1);
  }
}

}  // namespace hazgate::records
