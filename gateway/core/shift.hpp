// Shifts: the hours over which exposure is counted. Zones, days and daylight saving are known outside
// (settings/calendar); here a shift is a row of windows in UTC.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/reading.hpp"

namespace hazgate::core {

enum class ShiftIndex : std::uint32_t {};

struct Shift {
  std::string id;
  double hours = 8;       ///< Td, the length of the working day                        GBZ 331-2024 G.1.1
  int days_per_week = 5;  ///< Tw = hours * days_per_week
};

/// One working day of one shift: [begin, end). Windows of one shift never overlap; those of two shifts may.
struct ShiftWindow {
  Timestamp begin{}, end{};
  std::int32_t day = 0;   ///< local date on which it begins, in days since 1970-01-01: names the record
  std::int32_t week = 0;  ///< Monday of that date's week, counted alike: names the week
  friend bool operator==(const ShiftWindow&, const ShiftWindow&) = default;
};

/// The window of the shift that holds `at`, or the first one after it. A pure function of its arguments.
using Calendar = std::function<ShiftWindow(ShiftIndex shift, Timestamp at)>;

}  // namespace hazgate::core
