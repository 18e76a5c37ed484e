// Why a device raises a notice. An alarm carries it in place of a limit, so that store and feed need nothing of their
// own for it: `limit.source` is "<doubt>", "<doubt>:<point>" or "<doubt>:<point>:<other>".
#pragma once

#include <string_view>

#include "core/alarm.hpp"

namespace hazgate::core {

struct Reason {
  Doubt doubt = Doubt::none;
  std::string_view point;   ///< id of the first point in doubt; empty where it is the device as a whole
  std::string_view other;   ///< disagreement: id of the point it is held against
  double value = no_value;  ///< what the point showed; disagreement: its mean
  /// below_range: the least it can measure; rate: the greatest change a second; stuck: seconds; disagreement: the mean
  /// of the other point. 0 where nothing bounds.
  double bound = 0;
  /// Another value at the same point is no other cause.
  bool same_cause(const Reason& as) const { return doubt == as.doubt && point == as.point && other == as.other; }
};

Limit as_limit(const Reason& reason);
/// Doubt none where the alarm carries no reason. Lives as long as the alarm does.
Reason reason_of(const Alarm& alarm);

}  // namespace hazgate::core
