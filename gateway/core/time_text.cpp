#include "core/time_text.hpp"

#include <algorithm>

namespace hazgate::core {

namespace {

/// Digits and nothing else: no sign, no blank.
bool digits(std::string_view text, int& value) {
  value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = 10 * value + (c - '0');
  }
  return !text.empty();
}

std::optional<Timestamp> seconds_from(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool shaped = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't' || text[10] == ' ') &&
                      text[13] == ':' && text[16] == ':';
  if (!shaped || !digits(text.substr(0, 4), year) || !digits(text.substr(5, 2), month) ||
      !digits(text.substr(8, 2), day) || !digits(text.substr(11, 2), hour) || !digits(text.substr(14, 2), minute) ||
      !digits(text.substr(17, 2), second))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

/// What follows the decimal point, cut to microseconds.
std::optional<Duration> fraction_from(std::string_view text) {
  int value = 0;
  if (!digits(text.substr(0, 6), value)) return std::nullopt;
  for (auto i = text.size(); i < 6; ++i) value *= 10;
  return Duration(value);
}

std::optional<Duration> offset_from(std::string_view text) {
  if (text == "Z" || text == "z") return Duration{0};
  int hours = 0, minutes = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !digits(text.substr(1, 2), hours) ||
      !digits(text.substr(4, 2), minutes) || hours > 23 || minutes > 59)
    return std::nullopt;
  const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return text[0] == '+' ? offset : -offset;
}

}  // namespace

std::optional<Timestamp> time_from(std::string_view text) {
  constexpr std::size_t to_the_second = 19;
  if (text.size() <= to_the_second) return std::nullopt;
  auto at = seconds_from(text);
  text.remove_prefix(to_the_second);
  if (at && text.front() == '.') {
    const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    const auto fraction = fraction_from(text.substr(1, end - 1));
    if (!fraction) return std::nullopt;
    *at += *fraction;
    text.remove_prefix(end);
  }
  const auto offset = offset_from(text);
  return at && offset ? std::optional(*at - *offset) : std::nullopt;
}

}  // namespace hazgate::core
