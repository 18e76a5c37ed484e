// What the bytes of a text file, and the numbers of a spreadsheet, say as UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "records/text.hpp"

namespace hazgate::records {

struct NotText {
  std::uint32_t line = 0;  ///< 0: nothing in particular
  Text why;
};

/// UTF-8 with or without a byte order mark, UTF-16 with one; else GB18030, which is what Excel saves in China.
std::variant<std::string, NotText> to_utf8(std::string_view bytes);
/// 1-based line of the byte at `end`; lines end with CRLF, LF or CR.
std::uint32_t line_at(std::string_view text, std::size_t end);
/// Without the white space of ASCII around it, NBSP, U+3000, U+200B and U+FEFF.
std::string_view trimmed(std::string_view text);
/// "U+202E": the first character that no cell has. Tabs and ends of lines are allowed, no other control character,
/// separator of lines, or change of direction.
std::optional<std::string> unwanted_character(std::string_view utf8);

/// As a spreadsheet shows it: whole numbers exactly up to 2^53, else 15 significant digits, so that 0.1 + 0.2 is "0.3";
/// an exponent only below 1e-9 and from 1e21 on.
std::string number_text(double value);

/// Which parts of a time a number format shows.
struct TimeFormat {
  bool date = false, clock = false, seconds = false;
  bool elapsed = false;  ///< [h]: hours go beyond 24
  friend bool operator==(const TimeFormat&, const TimeFormat&) = default;
};
/// Neither date nor clock: it is a format of numbers.                        ECMA-376-1 18.8.30, 18.8.31
TimeFormat time_format(std::string_view code);
/// Of the formats that have a number and no code, with those of East Asia: 31 is yyyy"年"m"月"d"日".
TimeFormat builtin_time_format(std::uint32_t id);

enum class DateSystem { from_1900, from_1904 };
/// Empty: not a time. Day 60 since 1900 is none, a 29 February that Lotus invented and Excel keeps.
std::optional<std::string> time_text(double serial, TimeFormat format, DateSystem system);

}  // namespace hazgate::records
