#include "core/set_point.hpp"

namespace hazgate::core {

RuleState judge(RuleState state, const SetPoint& rule, Timestamp at, double value) {
  const bool raw_on = value > rule.raise_above;
  const bool raw_off = value <= rule.clear_at;
  const bool towards_change = state.active ? raw_off : raw_on;
  if (!towards_change) {
    state.samples = 0;
    return state;
  }
  if (state.samples == 0) state.since = at;
  if (state.samples < std::numeric_limits<std::uint16_t>::max()) ++state.samples;
  const Duration delay = state.active ? rule.off_delay : rule.on_delay;
  const int samples = state.active ? 1 : rule.on_samples;
  if (state.samples >= samples && at - state.since >= delay) {
    state.active = !state.active;
    state.samples = 0;
    if (state.active) state.active_since = state.since;
  }
  return state;
}

RuleState interrupted(RuleState state) {
  state.samples = 0;
  return state;
}

}  // namespace hazgate::core
