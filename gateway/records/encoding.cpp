#include "records/encoding.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "core/utf8.hpp"

namespace hazgate::records {

namespace {

struct Converted {
  std::string text;
  bool whole = false;  ///< otherwise it ends where the bytes make no sense
};

Converted convert(std::string_view bytes, const char* from) {
  Converted converted;
  const auto converter = iconv_open("UTF-8", from);
  if (converter == reinterpret_cast<iconv_t>(-1)) return converted;
  converted.text.resize(bytes.size() + bytes.size() / 2 + 8);  // two bytes become at most three
  char* in = const_cast<char*>(bytes.data());
  char* out = converted.text.data();
  std::size_t in_left = bytes.size(), out_left = converted.text.size();
  converted.whole = iconv(converter, &in, &in_left, &out, &out_left) != static_cast<std::size_t>(-1);
  iconv_close(converter);
  converted.text.resize(converted.text.size() - out_left);
  return converted;
}

std::variant<std::string, NotText> converted_or_not(std::string_view bytes, const char* from, const Text& why) {
  auto [text, whole] = convert(bytes, from);
  if (whole) return std::move(text);
  return NotText{line_at(text, text.size()), why};
}

/// Where UTF-8 ends to be UTF-8, in a file of which most characters are: a damaged one, not one in another encoding.
std::optional<std::size_t> damage_in_utf8(std::string_view bytes) {
  std::optional<std::size_t> first;
  std::size_t characters = 0, broken = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto length = core::utf8_sequence(bytes.substr(at));
    if (length == 0) ++broken;
    if (length == 0 && !first) first = at;
    if (length > 1) ++characters;
    at += std::max<std::size_t>(length, 1);
  }
  const bool mostly_utf8 = characters >= 8 && characters > 4 * broken;
  return mostly_utf8 ? first : std::nullopt;
}

const Text damaged_utf8{
    "此行有字节不符合 UTF-8 编码，文件可能已损坏；请在表格软件中重新另存为“CSV UTF-8”或 .xlsx。",
    "The line has bytes that are not UTF-8, the file may be damaged; save it again as \"CSV UTF-8\" or as .xlsx."};
const Text damaged_utf16{
    "此行有字节不符合 UTF-16 编码，文件可能已损坏；请在表格软件中重新另存为“CSV UTF-8”或 .xlsx。",
    "The line has bytes that are not UTF-16, the file may be damaged; save it again as \"CSV UTF-8\" or as .xlsx."};
const Text unknown_encoding{
    "此行的文字既不是 UTF-8 也不是 GB18030（GBK）编码；请在表格软件中另存为“CSV UTF-8”或 .xlsx。",
    "The text of the line is neither UTF-8 nor GB18030 (GBK); save the file as \"CSV UTF-8\" or as .xlsx."};

template <class... Format>
std::string decimal(double value, Format... format) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value, format...).ptr};
}

/// A format without what it only prints: quoted and escaped text, colours, places, and the sections after the first.
/// [h] stays as "h".
std::string letters_of(std::string_view code, bool& elapsed) {
  std::string letters;
  for (std::size_t at = 0; at < code.size() && code[at] != ';'; ++at) {
    const char c = code[at];
    if (c == '\\' || c == '_' || c == '*') {
      ++at;
    } else if (c == '"' || c == '[') {
      const auto end = std::min(code.find(c == '"' ? '"' : ']', at + 1), code.size());
      const auto within = code.substr(at + 1, end - at - 1);
      if (c == '[' && !within.empty() && within.find_first_not_of("hHmMsS") == std::string_view::npos) {
        elapsed = true;
        letters += within;
      }
      at = end;
    } else {
      letters += c;
    }
  }
  return letters;
}

std::string clock_text(std::int64_t seconds, TimeFormat format) {
  auto text = fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  if (format.seconds && seconds % 60 != 0) text += fmt::format(":{:02}", seconds % 60);
  return text;
}

}  // namespace

std::variant<std::string, NotText> to_utf8(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return converted_or_not(bytes.substr(2), "UTF-16LE", damaged_utf16);
  if (bytes.starts_with("\xFE\xFF")) return converted_or_not(bytes.substr(2), "UTF-16BE", damaged_utf16);
  const bool marked = bytes.starts_with("\xEF\xBB\xBF");
  if (marked) bytes.remove_prefix(3);
  if (core::is_utf8(bytes)) return std::string{bytes};
  if (const auto damage = damage_in_utf8(bytes)) return NotText{line_at(bytes, *damage), damaged_utf8};
  return converted_or_not(bytes, "GB18030", unknown_encoding);
}

std::uint32_t line_at(std::string_view text, std::size_t end) {
  std::uint32_t line = 1;
  for (std::size_t at = 0; at < std::min(end, text.size()); ++at) {
    const bool within_crlf = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    line += text[at] == '\n' || (text[at] == '\r' && !within_crlf);
  }
  return line;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::array<std::string_view, 8> blanks{" ", "\t", "\r", "\n", "\u00A0", "\u3000", "\u200B", "\uFEFF"};
  const auto front = [&](std::string_view blank) { return text.starts_with(blank); };
  const auto back = [&](std::string_view blank) { return text.ends_with(blank); };
  for (auto at = blanks.begin(); (at = std::ranges::find_if(blanks, front)) != blanks.end();)
    text.remove_prefix(at->size());
  for (auto at = blanks.begin(); (at = std::ranges::find_if(blanks, back)) != blanks.end();)
    text.remove_suffix(at->size());
  return text;
}

std::optional<std::string> unwanted_character(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto byte = static_cast<unsigned char>(utf8[at]);
    const bool may_be_control = byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xE2;  // all others begin none
    if (!may_be_control || byte == '\t' || byte == '\n' || byte == '\r') continue;
    const auto length = std::max<std::size_t>(core::utf8_sequence(utf8.substr(at)), 1);
    const auto character = utf8.substr(at, length);
    if (core::is_one_line(character)) continue;
    std::uint32_t code = length == 1 ? byte : byte & (0x7F >> length);
    for (const char next : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(next) & 0x3F);
    return fmt::format("U+{:04X}", code);
  }
  return {};
}

std::string number_text(double value) {
  if (value == 0) return "0";
  constexpr double exact = 9007199254740992;  // 2^53
  const bool whole = std::abs(value) <= exact && std::trunc(value) == value;
  if (!whole) {
    const auto shown = decimal(value, std::chars_format::scientific, 14);
    std::from_chars(shown.data(), shown.data() + shown.size(), value);
  }
  const double size = std::abs(value);
  return size >= 1e-9 && size < 1e21 ? decimal(value, std::chars_format::fixed) : decimal(value);
}

TimeFormat time_format(std::string_view code) {
  TimeFormat format;
  const auto letters = letters_of(code, format.elapsed);
  const auto has = [&](const char* any) { return letters.find_first_of(any) != std::string::npos; };
  format.seconds = has("sS");
  format.clock = has("hHsS") || (format.elapsed && has("mM"));
  format.date = has("yYdD") || (!format.clock && has("mM"));
  return format;
}

TimeFormat builtin_time_format(std::uint32_t id) {
  const auto within = [&](std::uint32_t first, std::uint32_t last) { return id >= first && id <= last; };
  if (id == 22) return {.date = true, .clock = true};
  if (within(14, 17) || within(27, 31) || id == 36 || within(50, 54) || within(57, 58)) return {.date = true};
  if (id == 46) return {.clock = true, .seconds = true, .elapsed = true};
  if (id == 19 || id == 21 || id == 33 || id == 35 || id == 45 || id == 47) return {.clock = true, .seconds = true};
  if (id == 18 || id == 20 || id == 32 || id == 34 || within(55, 56)) return {.clock = true};
  return {};
}

std::optional<std::string> time_text(double serial, TimeFormat format, DateSystem system) {
  using namespace std::chrono;
  constexpr double end_of_9999 = 2958466;
  if (!(serial >= 0 && serial < end_of_9999)) return {};
  const std::int64_t seconds = std::llround(serial * 86400);
  const std::int64_t day = seconds / 86400;
  const auto clock = clock_text(format.elapsed ? seconds : seconds % 86400, format);
  if (!format.date) return clock;
  if (system == DateSystem::from_1900 && (day == 0 || day == 60)) return {};
  const sys_days start = system == DateSystem::from_1904 ? sys_days{year{1904} / 1 / 1}
                         : day < 60                      ? sys_days{year{1899} / 12 / 31}
                                                         : sys_days{year{1899} / 12 / 30};
  const year_month_day date{start + days{day}};
  if (date.year() > year{9999}) return {};
  const auto text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()));
  return format.clock ? text + " " + clock : text;
}

}  // namespace hazgate::records
