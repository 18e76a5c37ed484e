#include "core/quality.hpp"

#include <cmath>

namespace hazgate::core {

namespace {
bool too_fast(const QualityState& state, const QualityRule& rule, Timestamp at, double value) {
  if (!rule.max_rate || std::isnan(state.last) || at <= state.last_at) return false;
  const double seconds = std::chrono::duration<double>(at - state.last_at).count();
  return std::abs(value - state.last) > *rule.max_rate * seconds;
}
}  // namespace

Sample judge_quality(QualityState& state, const QualityRule& rule, Timestamp at, double value) {
  if (!std::isfinite(value)) return {no_value, Flag::device_fault};
  const bool jumped = too_fast(state, rule, at, value);
  if (value != state.last || at < state.same_since) state.same_since = at;
  const bool stuck = rule.stuck_after && at - state.same_since >= *rule.stuck_after;
  state.last = value;
  state.last_at = at;
  if (rule.min && value < *rule.min) return {value, Flag::device_fault};
  // The end of the range was converted from the profile's unit, the value from the raw number: they may differ in the
  // last digit, and a saturated instrument must not look well for that.
  if (rule.max && value >= *rule.max - 1e-9 * std::abs(*rule.max)) return {value, Flag::over_range};
  if (jumped || stuck) return {value, Flag::device_fault};
  if (rule.loq && value < *rule.loq) return {*rule.loq, Flag::below_loq};
  return {value, Flag::normal};
}

}  // namespace hazgate::core
