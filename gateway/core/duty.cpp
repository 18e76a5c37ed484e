#include "core/duty.hpp"

#include <chrono>

namespace hazgate::core {

std::string_view name(DutyKind kind) {
  static constexpr std::array<std::string_view, 3> words{"test", "calibration", "surveillance"};
  return words.at(static_cast<std::size_t>(kind));
}

std::string_view name(DutyState state) {
  static constexpr std::array<std::string_view, 3> words{"never_done", "due", "overdue"};
  return words.at(static_cast<std::size_t>(state));
}

std::int32_t months_later(std::int32_t day, int months) {
  using namespace std::chrono;
  const auto date = year_month_day{sys_days{days{day}}} + std::chrono::months{months};
  const sys_days later = date.ok() ? sys_days{date} : sys_days{date.year() / date.month() / last};
  return static_cast<std::int32_t>(later.time_since_epoch().count());
}

DutyStatus duty_status(const DutyRule& rule, std::optional<std::int32_t> last_done, std::int32_t today) {
  if (!last_done) return {};
  const auto due = months_later(*last_done, rule.months);
  if (today > due) return {DutyState::overdue, due, today - due};
  return {DutyState::due, due, due - today};
}

}  // namespace hazgate::core
