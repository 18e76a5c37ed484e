// A set point: from the figures of a point to "active since". Pure: a reading brings its time, a delay is a comparison
// of timestamps, there is nothing to cancel.
#pragma once

#include "core/alarm.hpp"

namespace hazgate::core {

/// One set point of a point. A value equal to `raise_above` complies.
struct LevelRule {
  Level level = Level::warning;
  Basis basis = Basis::reading;
  double raise_above{};  ///< raw on:  v > raise_above
  double clear_at{};     ///< raw off: v <= clear_at (set point minus dead-band); in between nothing changes
  Duration on_delay{}, off_delay{};
  int on_samples = 1;  ///< so many raw-on samples running, at least (MAC: two)
  Limit limit;         ///< what is exceeded, for the explanation
  friend bool operator==(const LevelRule&, const LevelRule&) = default;
};

/// The part of a LevelRule that each sample is compared with.
struct SetPoint {
  double raise_above{}, clear_at{};
  Duration on_delay{}, off_delay{};
  int on_samples = 1;
  friend bool operator==(const SetPoint&, const SetPoint&) = default;
};

/// Where one set point stands. `since` is the first of the samples that run towards a change; it counts only while
/// `samples` is not 0.
struct RuleState {
  Timestamp since{};
  Timestamp active_since{};  ///< first raw-on sample of the present activation
  std::uint16_t samples = 0;
  bool active = false;
  friend bool operator==(const RuleState&, const RuleState&) = default;
};

/// One valid sample against one set point.
/// Becomes active at the first sample for which v > raise_above has held without interruption for on_delay (counted
/// from the first such sample) and on_samples samples; clears likewise with v <= clear_at and off_delay. In between
/// nothing changes and a running delay starts anew. Decisions are made on samples only.
RuleState judge(RuleState state, const SetPoint& rule, Timestamp at, double value);
/// No delay runs and this sample begins none: judge() would change nothing, as nearly always.
constexpr bool rests(const RuleState& state, const SetPoint& rule, double value) {
  return state.samples == 0 && !(state.active ? value <= rule.clear_at : value > rule.raise_above);
}
/// After a gap longer than three periods a running delay starts anew; an active set point stays active.
RuleState interrupted(RuleState state);

}  // namespace hazgate::core
