#include "core/alarm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace hazgate::core {

namespace {
constexpr std::array<std::string_view, 5> level_names{"none", "notice", "warning", "exceed", "danger"};
constexpr std::array<std::string_view, 9> basis_names{"reading",  "c_ste",   "twa",  "twa_projected", "short_time",
                                                      "baseline", "mixture", "link", "cross_check"};
constexpr std::array<std::string_view, 4> state_names{"NORM", "UNACK", "ACKED", "RTNUN"};

template <class Enum, std::size_t size>
std::optional<Enum> find_name(const std::array<std::string_view, size>& names, std::string_view wanted) {
  auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
}  // namespace

std::string_view name(Level level) { return level_names[static_cast<std::size_t>(level)]; }
std::optional<Level> level_from(std::string_view text) { return find_name<Level>(level_names, text); }
std::string_view name(Basis basis) { return basis_names[static_cast<std::size_t>(basis)]; }
std::optional<Basis> basis_from(std::string_view text) { return find_name<Basis>(basis_names, text); }
std::string_view name(AlarmState state) { return state_names[static_cast<std::size_t>(state)]; }
std::optional<AlarmState> alarm_state_from(std::string_view text) { return find_name<AlarmState>(state_names, text); }

bool operator==(const Alarm& a, const Alarm& b) {
  auto fields = [](const Alarm& x) {
    return std::tie(x.number, x.revision, x.subject, x.index, x.level, x.highest, x.state, x.at_least, x.basis, x.limit,
                    x.usual, x.contributors, x.detected_at, x.warned_at, x.confirmed_at, x.disposed_at, x.returned_at,
                    x.changed_at);
  };
  return fields(a) == fields(b) && same(a.value, b.value) && same(a.peak, b.peak);
}

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

bool ended(const Alarm& alarm) { return alarm.state == AlarmState::normal; }

namespace {
/// An alarm that returned and was not acknowledged may come back under its number; times and peak are then those of the
/// new activation, and the history keeps the ones before.
void begin_activation(Alarm& alarm, const Finding& finding) {
  alarm.detected_at = finding.since;
  alarm.warned_at.reset();
  alarm.confirmed_at.reset();
  alarm.highest = Level::none;
  alarm.peak = finding.value;
}
}  // namespace

bool apply(Alarm& alarm, const Finding& finding, Timestamp at) {
  const bool was_active = alarm.level != Level::none;
  if (was_active && finding.level != Level::none && finding.value > alarm.peak) alarm.peak = finding.value;
  if (finding.level == alarm.level) return false;
  const bool rises = finding.level > alarm.level;
  const bool returns = finding.level == Level::none;
  alarm.level = finding.level;
  alarm.changed_at = at;
  ++alarm.revision;
  if (returns) {
    alarm.returned_at = at;
    alarm.value = finding.value;
    alarm.basis = finding.basis;
    // A notice asks for a look, not for a person's answer: it ends with its cause.
    const bool needs_answer = alarm.highest > Level::notice && alarm.state == AlarmState::unacknowledged;
    alarm.state = needs_answer ? AlarmState::returned_unacknowledged : AlarmState::normal;
    return true;
  }
  if (!was_active) begin_activation(alarm, finding);
  alarm.value = finding.value;
  alarm.at_least = finding.at_least;
  alarm.basis = finding.basis;
  alarm.limit = *finding.limit;
  alarm.limit.value *= finding.reduction_factor;
  alarm.usual = finding.usual;
  alarm.contributors.clear();
  alarm.returned_at.reset();
  if (rises) alarm.state = AlarmState::unacknowledged;
  alarm.highest = std::max(alarm.highest, alarm.level);
  if (alarm.level >= Level::warning) {
    if (!alarm.warned_at) alarm.warned_at = at;
    if (!alarm.confirmed_at && !finding.at_least) alarm.confirmed_at = at;
  }
  return true;
}

}  // namespace hazgate::core
