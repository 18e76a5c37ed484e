#include "core/quality.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::core {

namespace {
constexpr int least_equal_intervals = 5;

/// Nothing can be said where no time has passed, or the clock was set back.
bool reached(double value, Timestamp at, double from, Timestamp since, double max_rate) {
  return at <= since || std::abs(value - from) <= max_rate * in_seconds(at - since);
}

bool too_fast(const QualityState& state, const QualityRule& rule, Timestamp at, double value) {
  if (!rule.max_rate || std::isnan(state.good)) return false;
  return !reached(value, at, state.good, state.good_at, *rule.max_rate) &&
         !reached(value, at, state.last, state.last_at, *rule.max_rate);
}

bool stands_still(QualityState& state, const QualityRule& rule, Timestamp at, double value) {
  if (!rule.stuck_after) return false;
  if (value != state.last || at < state.last_at) {
    state.same_for = {};
  } else {
    state.same_for += std::min(at - state.last_at, *rule.stuck_after / least_equal_intervals);
  }
  return state.same_for >= *rule.stuck_after;
}
}  // namespace

Sample judge_quality(QualityState& state, const QualityRule& rule, Timestamp at, double value) {
  if (!std::isfinite(value)) return {no_value, Flag::device_fault, Doubt::not_a_number};
  const bool below_range = rule.min && value < *rule.min;
  const bool below_loq = rule.loq && value < *rule.loq;
  const bool jumped = too_fast(state, rule, at, value);
  const bool stuck = stands_still(state, rule, at, value) && !below_loq;
  state.last = value;
  state.last_at = at;
  if (!jumped && !below_range) {
    state.good = value;
    state.good_at = at;
  }
  if (below_range) return {value, Flag::device_fault, Doubt::below_range};
  // The end of the range was converted from the profile's unit, the value from the raw number: they may differ in the
  // last digit, and a saturated instrument must not look well for that.
  if (rule.max && value >= *rule.max - 1e-9 * std::abs(*rule.max)) return {value, Flag::over_range};
  if (jumped) return {value, Flag::device_fault, Doubt::rate};
  if (stuck) return {value, Flag::device_fault, Doubt::stuck};
  if (below_loq) return {*rule.loq, Flag::below_loq};
  return {value, Flag::normal};
}

double bound_of(const QualityRule& rule, Doubt doubt) {
  switch (doubt) {
    case Doubt::below_range:
      return rule.min.value_or(0);
    case Doubt::rate:
      return rule.max_rate.value_or(0);
    case Doubt::stuck:
      return in_seconds(rule.stuck_after.value_or(Duration{}));
    default:
      return 0;
  }
}

}  // namespace hazgate::core
