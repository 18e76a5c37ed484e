// Quality: how far a number may be trusted, from itself and the ones before it.
#pragma once

#include <optional>

#include "core/reading.hpp"

namespace hazgate::core {

/// What makes a value doubtful; all in the point's canonical unit.
struct QualityRule {
  std::optional<double> min;       ///< below: D, the instrument cannot measure that
  std::optional<double> max;       ///< at or above: T, the instrument is at its end
  std::optional<double> loq;       ///< below: L, and the value becomes the quantification limit (GBZ 331 G.1.1.2 b)
  std::optional<double> max_rate;  ///< unit per second, up or down; faster: D
  std::optional<Duration> stuck_after;  ///< the very same value for so long: D
};

/// What must be remembered of a point between two readings.
struct QualityState {
  double last = no_value;
  Timestamp last_at{}, same_since{};
};

/// Judges one value that the instrument itself calls good. NaN and infinities are D without a value.
Sample judge_quality(QualityState& state, const QualityRule& rule, Timestamp at, double value);

}  // namespace hazgate::core
