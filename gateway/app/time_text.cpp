#include "app/time_text.hpp"

#include <charconv>

namespace hazgate::app {

namespace {
template <class Number>
bool number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}
}  // namespace

std::optional<core::Timestamp> time_from(std::string_view text) {
  int year = 0;
  unsigned month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
  const bool shaped = text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == ' ') &&
                      text[13] == ':' && text[16] == ':';
  if (!shaped || !number(text.substr(0, 4), year) || !number(text.substr(5, 2), month) ||
      !number(text.substr(8, 2), day) || !number(text.substr(11, 2), hour) || !number(text.substr(14, 2), minute) ||
      !number(text.substr(17, 2), second))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  core::Timestamp at = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                       std::chrono::seconds(second);
  text.remove_prefix(19);
  if (text.front() == '.') {
    std::int64_t scale = 100'000;
    for (text.remove_prefix(1); !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
      at += std::chrono::microseconds((text.front() - '0') * scale);
      scale /= 10;
    }
  }
  if (text == "Z") return at;
  int off_hours = 0, off_minutes = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
      !number(text.substr(1, 2), off_hours) || !number(text.substr(4, 2), off_minutes))
    return std::nullopt;
  const auto offset = std::chrono::hours(off_hours) + std::chrono::minutes(off_minutes);
  return text[0] == '+' ? at - offset : at + offset;
}

}  // namespace hazgate::app
