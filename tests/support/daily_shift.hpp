// A calendar for tests: each day's shift is its first eight hours.
#pragma once

#include "core/shift.hpp"

namespace hazgate::test {

inline core::ShiftWindow daily(core::ShiftIndex, core::Timestamp at) {
  using std::chrono::hours;
  const auto begin = std::chrono::floor<std::chrono::days>(at);
  const auto day = static_cast<std::int32_t>(begin.time_since_epoch().count());
  if (at < begin + hours(8)) return {begin, begin + hours(8), day, 19998};
  return {begin + hours(24), begin + hours(32), day + 1, 19998};
}

}  // namespace hazgate::test
