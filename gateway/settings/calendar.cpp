#include "settings/calendar.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>

namespace hazgate::settings {

namespace {

constexpr date::days one_day{1};

struct Plan {
  std::chrono::minutes start{};
  core::Duration length{};
  std::array<bool, 8> on{};  ///< by ISO weekday, 1 Monday … 7 Sunday
};

Plan plan_of(const ShiftSettings& shift) {
  const std::chrono::duration<double, std::ratio<3600>> hours{shift.hours};
  Plan plan{.start = std::chrono::minutes{shift.start_minute},
            .length = std::max(core::Duration{1}, std::chrono::round<core::Duration>(hours))};
  for (const int day : shift.days) plan.on.at(static_cast<std::size_t>(day)) = true;
  return plan;
}

unsigned weekday(date::local_days day) { return date::weekday{day}.iso_encoding(); }

std::int32_t number(date::local_days day) { return static_cast<std::int32_t>(day.time_since_epoch().count()); }

core::Timestamp begin_on(date::local_days day, const Plan& plan, const date::time_zone& zone) {
  return zone.to_sys(day + plan.start, date::choose::earliest);
}

core::ShiftWindow window_on(date::local_days day, const Plan& plan, const date::time_zone& zone) {
  const core::Timestamp begin = begin_on(day, plan, zone);
  core::Timestamp end = begin + plan.length;
  if (plan.on[weekday(day + one_day)]) end = std::min(end, begin_on(day + one_day, plan, zone));
  const auto since_monday = static_cast<std::int32_t>(weekday(day)) - 1;
  return {.begin = begin, .end = end, .day = number(day), .week = number(day) - since_monday};
}

core::ShiftWindow window_at(core::Timestamp at, const Plan& plan, const date::time_zone& zone) {
  // 24 h that begin shortly before midnight reach into the second date after it, where the clocks go forward meanwhile.
  for (auto day = date::floor<date::days>(zone.to_local(at)) - 2 * one_day;; day += one_day) {
    if (!plan.on[weekday(day)]) continue;
    const core::ShiftWindow window = window_on(day, plan, zone);
    const bool empty = window.begin == window.end;  // a zone that changed its side of the date line left out a date
    if (at < window.end && !empty) return window;
  }
}

}  // namespace

core::Calendar make_calendar(const std::vector<ShiftSettings>& shifts, const std::string& timezone) {
  std::vector<Plan> plans;
  std::ranges::transform(shifts, std::back_inserter(plans), plan_of);
  return [plans = std::move(plans), zone = date::locate_zone(timezone)](core::ShiftIndex shift, core::Timestamp at) {
    return window_at(at, plans.at(core::at(shift)), *zone);
  };
}

std::function<std::chrono::seconds(core::Timestamp)> utc_offset(const std::string& timezone) {
  return [zone = date::locate_zone(timezone)](core::Timestamp at) { return zone->get_info(at).offset; };
}

}  // namespace hazgate::settings
