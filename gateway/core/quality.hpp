// Quality: how far a number may be trusted, from itself and the ones before it.
#pragma once

#include <optional>

#include "core/reading.hpp"

namespace hazgate::core {

/// What makes a value doubtful; all in the point's canonical unit. Where a server goes on serving what it once read,
/// values stop moving: that is `stuck_after`, or the heartbeat of the profile.
struct QualityRule {
  std::optional<double> min;  ///< below: D, the instrument cannot measure that
  std::optional<double> max;  ///< at or above: T, the instrument is at its end
  std::optional<double> loq;  ///< below: L, and the value becomes the quantification limit (GBZ 331 G.1.1.2 b)
  /// Unit per second, up or down. D where a value is reached so fast neither from the last good value nor from the one
  /// before it: a single jump costs one reading, and so does a true step, whose second reading confirms the first.
  std::optional<double> max_rate;
  /// The very same value for so long: D. An interval between two readings proves at most a fifth of it, so that neither
  /// a gap nor a slow poll makes two equal readings a fault. Below `loq` an instrument may well stand still.
  std::optional<Duration> stuck_after;
  friend bool operator==(const QualityRule&, const QualityRule&) = default;
};

/// What must be remembered of a point between two readings.
struct QualityState {
  double last = no_value, good = no_value;
  Timestamp last_at{}, good_at{};
  Duration same_for{};
};

/// Judges one value that the instrument itself calls good. NaN and infinities are D without a value.
Sample judge_quality(QualityState& state, const QualityRule& rule, Timestamp at, double value);

/// The rule's figure that a doubt is about (see Reason::bound).
double bound_of(const QualityRule& rule, Doubt doubt);

}  // namespace hazgate::core
