// An exceedance: a legal limit was passed, and valid data prove it. Told when it begins and when it is over; what
// becomes of it (an immutable record) is not decided here.
#pragma once

#include "core/alarm.hpp"
#include "core/limit.hpp"
#include "core/reading.hpp"

namespace hazgate::core {

/// One limit of one point. A point can pass several at once (PC-STEL in the morning, PC-TWA by noon): each is told by
/// itself, while its alarm is one.
struct Exceedance {
  PointIndex point{};
  Basis basis = Basis::reading;  ///< which figure passed it
  Level level = Level::exceed;
  Limit limit;                 ///< as it applies (after a reduction for long shifts)
  bool over = false;           ///< false: it begins
  Timestamp since;             ///< the first sample above the limit
  Timestamp at;                ///< of the sample that proves it, or that it is over
  double value = no_value;     ///< the figure at `at`; once over, the greatest there was
  bool at_least = false;       ///< over range, or too little measured: the true figure is not below `value`
  double coverage = no_value;  ///< 0..1 of the shift so far, at `at`; NaN between two shifts
};

/// Law, and not a level of the site's own, nor a part or a multiple of a limit.
constexpr bool is_legal(LimitKind kind) { return kind != LimitKind::site && kind != LimitKind::action; }

}  // namespace hazgate::core
