#include "core/monitor.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace hazgate::core {

namespace {

constexpr std::size_t most_sets_compared = 64;  // where every point is different, nothing is gained by looking further

const LevelRule link_rule{.level = Level::notice,
                          .basis = Basis::link,
                          .raise_above = 0.5,
                          .clear_at = 0.5,
                          .on_delay = Duration{0},
                          .off_delay = Duration{0},
                          .on_samples = 2,
                          .limit = {LimitKind::site, 0, Unit::one, "device link"}};
constexpr std::uint32_t link_place = 0, cross_check_place = 1;  // among the rules of a device
const LevelRule cross_check_rule{.level = Level::notice,
                                 .basis = Basis::cross_check,
                                 .raise_above = 0.5,
                                 .clear_at = 0.5,
                                 .limit = {LimitKind::site, 0, Unit::one, "device cross-check"}};

}  // namespace

Monitor::Monitor(std::span<const PointWatch> points, std::size_t devices, std::uint64_t last_alarm_number,
                 Calendar calendar, LocalClock clock)
    : exposures_(std::move(calendar)), hour_of_day_(std::move(clock)), last_number_(last_alarm_number) {
  points_.reserve(points.size() + devices);
  auto states = 2 * devices;
  std::size_t shifts = 0;
  for (const auto& point : points) {
    states += point.levels.size() + (point.baseline ? 1 : 0);
    shifts += point.shifts.size();
  }
  states_.reserve(states);
  exposures_.reserve(points.size() + devices, shifts);
  for (const auto& point : points) watch(point);
  const PointWatch link{.levels = {link_rule, cross_check_rule}};
  for (std::size_t i = 0; i < devices; ++i) watch(link);
  part_alarms_.assign(gateway_parts, -1);
  devices_.assign(points_.begin() + static_cast<std::ptrdiff_t>(points.size()), points_.end());
  points_.resize(points.size());
  suppressed_.resize(points.size());
}

void Monitor::watch(const PointWatch& point) {
  auto levels = point.levels;
  if (point.baseline) levels.push_back(baseline_rule(*point.baseline));
  Subject subject{.first_rule = first_rule_of(levels),
                  .first_state = static_cast<std::uint32_t>(states_.size()),
                  .rule_count = static_cast<std::uint16_t>(levels.size()),
                  .energy_mean = point.energy_mean,
                  .window = -1,
                  .alarm = -1,
                  .period = point.period,
                  .last = {}};
  states_.resize(states_.size() + levels.size());
  if (point.baseline) {
    subject.baseline = static_cast<std::int32_t>(baselines_.size());
    baselines_.emplace_back(*point.baseline);
  }
  if (point.c_ste || std::ranges::any_of(point.levels, [](const auto& rule) { return rule.basis == Basis::c_ste; })) {
    subject.window = static_cast<std::int32_t>(windows_.add(ste_window, point.period));
  }
  points_.push_back(subject);
  places_.push_back(point.place);
  if (standing_at_.size() <= at(point.place.workplace)) standing_at_.resize(at(point.place.workplace) + 1);
  exposures_.watch(point.shifts, point.period);
}

void Monitor::govern(AlarmPolicy policy, std::size_t buses, std::size_t outputs, PointName name_of) {
  policy_ = policy;
  name_of_ = std::move(name_of);
  bus_alarms_.assign(buses, -1);
  output_alarms_.assign(outputs, -1);
}

namespace {
/// The limit itself, and no part or multiple of it; a count of stretches stands for the limit that they are above.
bool is_exceedance(const LevelRule& rule) {
  const bool itself = rule.basis == Basis::short_time || rule.raise_above == rule.limit.value;
  return rule.level >= Level::exceed && is_legal(rule.limit.kind) && itself;
}
}  // namespace

/// A site has thousands of points and few kinds of them: equal levels are kept once, and stay in the cache.
std::uint32_t Monitor::first_rule_of(const std::vector<LevelRule>& levels) {
  std::vector<WatchedRule> wanted;
  wanted.reserve(levels.size());
  for (const auto& rule : levels) {
    wanted.push_back({.set_point = {rule.raise_above, rule.clear_at, rule.on_delay, rule.off_delay, rule.on_samples},
                      .limit = limit_number(rule.limit),
                      .level = rule.level,
                      .basis = rule.basis,
                      .legal = is_exceedance(rule)});
  }
  const auto looked = std::min(rule_sets_.size(), most_sets_compared);
  for (auto set = rule_sets_.end() - static_cast<std::ptrdiff_t>(looked); set != rule_sets_.end(); ++set) {
    const auto there = std::span(rules_).subspan(*set);
    if (there.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), there.begin())) return *set;
  }
  rule_sets_.push_back(static_cast<std::uint32_t>(rules_.size()));
  rules_.insert(rules_.end(), wanted.begin(), wanted.end());
  return rule_sets_.back();
}

std::uint32_t Monitor::limit_number(const Limit& limit) {
  auto found = std::find(limits_.begin(), limits_.end(), limit);
  if (found == limits_.end()) found = limits_.insert(limits_.end(), limit);
  return static_cast<std::uint32_t>(found - limits_.begin());
}

WindowMean Monitor::last_quarter(Subject& subject, Timestamp from, const Reading& reading) {
  if (subject.window < 0) return {};
  auto& window = windows_[static_cast<std::size_t>(subject.window)];
  const double value = subject.energy_mean ? to_energy(reading.value) : reading.value;
  if (enters_averages(reading.flag)) {
    window.add(from, reading.at, value);
  } else if (reading.flag == Flag::over_range && std::isfinite(value)) {
    window.add_at_least(from, reading.at, value);
  }
  return window.at(reading.at);
}

/// The true value is not below the instrument's end. That proves an exceedance, but a danger level only where the end
/// of the range lies above it; an active set point never clears on it.
void Monitor::judge_over_range(const WatchedRule& rule, RuleState& state, const Reading& reading) {
  const bool proves = rule.level <= Level::exceed || reading.value > rule.set_point.raise_above;
  const double infinite = std::numeric_limits<double>::infinity();
  state = proves ? judge(state, rule.set_point, reading.at, infinite) : interrupted(state);
}

void Monitor::judge_rule(const WatchedRule& rule, RuleState& state, const Reading& reading, const Figures& figures) {
  const auto of_moment = rule.basis == Basis::reading || rule.basis == Basis::c_ste;
  if (of_moment && reading.flag == Flag::over_range) return judge_over_range(rule, state, reading);
  // A quantification limit above a set point: what is below it says nothing.
  const bool blind = reading.flag == Flag::below_loq && reading.value > rule.set_point.raise_above;
  if (blind && rule.basis == Basis::reading) {
    state = interrupted(state);
    return;
  }
  const double value = judged(figures, rule.basis, reading.value, rule.set_point.raise_above);
  if (std::isnan(value) || rests(state, rule.set_point, value)) return;
  const bool stood = state.active;
  state = judge(state, rule.set_point, reading.at, value);
  if (rule.basis == Basis::baseline && state.active && !stood) state.active_since = figures.unusual_since;
}

std::optional<Alarm> Monitor::on_reading(const Reading& reading) {
  auto& subject = points_[core::at(reading.point)];
  const bool first = subject.last == Timestamp{};
  const auto from =
      std::max(first ? reading.at - subject.period : subject.last, reading.at - longest_cover_periods * subject.period);
  const auto quarter = last_quarter(subject, from, reading);
  Figures figures{.ste = short_time_mean(quarter, subject.energy_mean)};
  figures.shift = exposures_.on_reading(from, reading, quarter);
  subject.last = reading.at;
  // Lost or invalid signals hold the state: silence never clears an alarm.
  if (!judges_alarms(reading.flag)) return std::nullopt;
  std::optional<Alarm> changed;
  if (subject.rule_count > 0) changed = judge_point(subject, reading, figures);
  return changed ? changed : judge_mixture_of_silent_leader(reading);
}

std::optional<Alarm> Monitor::judge_point(Subject& subject, const Reading& reading, Figures& figures) {
  const auto since_judged = reading.at - subject.last_judged;
  if (since_judged > longest_cover_periods * subject.period || since_judged < Duration{0}) {
    for (auto& state : states_of(subject)) state = interrupted(state);
  }
  subject.last_judged = reading.at;
  if (reading.flag == Flag::over_range) subject.last_over_range = reading.at;
  // What was over range is missing from the mean: as long as that lies in the window, the mean is "at least".
  if (figures.ste && reading.at - subject.last_over_range < ste_window) figures.ste->at_least = true;
  if (exposures_.leader_of(reading.point) == reading.point)
    figures.mixture = exposures_.mixture_index(reading.point, reading.at);
  if (subject.baseline >= 0) {
    auto& baseline = baselines_[static_cast<std::size_t>(subject.baseline)];
    if (const auto unusual = baseline.judge(reading, hour_of_day_.at(reading.at), subject.energy_mean)) {
      figures.z = unusual->z;
      figures.unusual_since = unusual->since;
    }
  }
  bool any_active = false;
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    auto& state = states_[subject.first_state + i];
    const auto& rule = rules_[subject.first_rule + i];
    const bool stood = state.active;
    judge_rule(rule, state, reading, figures);
    any_active |= state.active;
    if (rule.legal && (stood || state.active)) follow_limit(reading.point, i, stood, reading, figures);
  }
  // As nearly always: nothing stands.
  if (subject.alarm < 0 && !any_active) {
    subject.peak = no_value;
    return std::nullopt;
  }
  auto found = finding(subject, reading, figures);
  Limit bound;
  if (found.level != Level::none && found.basis == Basis::baseline)
    baselines_[static_cast<std::size_t>(subject.baseline)].tell(found, bound);
  return settle(subject, found, reading.at, AlarmSubject::point, static_cast<std::uint32_t>(reading.point));
}

/// Its other set points hold what they said last; the index is told by whoever still measures.
std::optional<Alarm> Monitor::judge_mixture_of_silent_leader(const Reading& reading) {
  const auto leader = exposures_.leader_of(reading.point);
  if (!leader || *leader == reading.point) return std::nullopt;
  auto& subject = points_[core::at(*leader)];
  if (reading.at - subject.last_judged <= longest_cover_periods * subject.period) return std::nullopt;
  const Figures figures{.mixture = exposures_.mixture_index(reading.point, reading.at)};
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];
    if (rule.basis != Basis::mixture) continue;
    auto& state = states_[subject.first_state + i];
    const bool stood = state.active;
    judge_rule(rule, state, reading, figures);
    if (rule.legal && (stood || state.active)) follow_limit(*leader, i, stood, reading, figures);
  }
  const auto found = finding(subject, reading, figures);
  if (found.basis != Basis::mixture) return std::nullopt;
  return settle(subject, found, reading.at, AlarmSubject::point, static_cast<std::uint32_t>(*leader));
}

/// A limit that is passed, or was until this reading.
void Monitor::follow_limit(PointIndex point, std::uint32_t place, bool stood, const Reading& reading,
                           const Figures& figures) {
  const auto& subject = points_[core::at(point)];
  const auto& rule = rules_[subject.first_rule + place];
  const auto number = subject.first_state + place;
  const auto& state = states_[number];
  auto& greatest = greatest_[number];
  if (!stood) greatest = {};
  Finding found{.level = rule.level, .basis = rule.basis};
  explain(found, reading, figures);
  if (std::isnan(greatest.value) || found.value > greatest.value) greatest = {found.value, found.at_least};
  if (state.active != stood && !catching_up_) {
    auto limit = limits_[rule.limit];
    limit.value *= found.reduction_factor;
    exceedances_.push_back({.point = point,
                            .basis = rule.basis,
                            .level = rule.level,
                            .limit = std::move(limit),
                            .over = stood,
                            .since = state.active_since,
                            .at = reading.at,
                            .value = stood ? greatest.value : found.value,
                            .at_least = stood ? greatest.at_least : found.at_least,
                            .coverage = exposures_.coverage(point, reading.at)});
  }
  if (!state.active) greatest_.erase(number);
}

void Monitor::take_exceedances(std::vector<Exceedance>& out) {
  std::ranges::move(exceedances_, std::back_inserter(out));
  exceedances_.clear();
}

bool Monitor::passes(PointIndex point, Basis basis, LimitKind limit, Level level) const {
  const auto& subject = points_[core::at(point)];
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];
    if (rule.legal && rule.basis == basis && rule.level == level && limits_[rule.limit].kind == limit &&
        states_[subject.first_state + i].active)
      return true;
  }
  return false;
}

void Monitor::attribute(Alarm& changed, std::vector<Contributor> contributors) {
  const auto& subject = points_[changed.index];
  if (subject.alarm >= 0) alarms_[static_cast<std::size_t>(subject.alarm)].contributors = contributors;
  changed.contributors = std::move(contributors);
}

std::optional<Alarm> Monitor::on_link(DeviceIndex device, Timestamp at, bool sound, const Reason& why) {
  return on_device(device, Basis::link, at, !sound, why);
}

std::optional<Alarm> Monitor::on_cross_check(DeviceIndex device, Timestamp at, bool disagree, const Reason& why) {
  return on_device(device, Basis::cross_check, at, disagree, why);
}

std::optional<Alarm> Monitor::end_cross_check(DeviceIndex device, Timestamp at) {
  auto& subject = devices_[core::at(device)];
  states_[subject.first_state + cross_check_place] = {};
  const auto found = finding(subject, {.point = {}, .at = at, .value = 0, .flag = Flag::normal}, {});
  if (found.level != Level::none) return std::nullopt;  // the link's notice stands
  return settle(subject, found, at, AlarmSubject::device, static_cast<std::uint32_t>(device));
}

/// A device has one notice. Its cause may change while it stands: then it is told anew.
std::optional<Alarm> Monitor::on_device(DeviceIndex device, Basis basis, Timestamp at, bool raised, const Reason& why) {
  auto& subject = devices_[core::at(device)];
  const std::uint32_t place = basis == Basis::link ? link_place : cross_check_place;
  const auto& rule = rules_[subject.first_rule + place];
  auto& state = states_[subject.first_state + place];
  const Reading verdict{.point = {}, .at = at, .value = raised ? 1.0 : 0.0, .flag = Flag::normal};
  state = judge(state, rule.set_point, at, verdict.value);
  auto found = finding(subject, verdict, {});
  const auto index = static_cast<std::uint32_t>(device);
  auto* standing = subject.alarm < 0 ? nullptr : &alarms_[static_cast<std::size_t>(subject.alarm)];
  const bool told = standing != nullptr && standing->basis == basis && reason_of(*standing).same_cause(why);
  // The verdict of a poll is no figure: those of a standing notice stay as they were told.
  if (standing != nullptr && found.level != Level::none) found.value = no_value;
  if (found.level == Level::none || found.basis != basis || !raised || why.doubt == Doubt::none || told)
    return settle(subject, found, at, AlarmSubject::device, index);
  const Limit limit = as_limit(why);
  found.limit = &limit;
  found.value = why.value;
  found.since = standing != nullptr && standing->basis == basis ? standing->detected_at : state.active_since;
  if (standing == nullptr || catching_up_) return settle(subject, found, at, AlarmSubject::device, index);
  retell(*standing, found, at);
  return changed(subject.alarm);
}

Finding Monitor::finding(const Subject& subject, const Reading& reading, const Figures& figures) const {
  Finding found{.level = Level::none, .value = reading.value, .at_least = false, .since = reading.at};
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];
    const auto& state = states_[subject.first_state + i];
    if (!state.active) continue;
    found.since = std::min(found.since, state.active_since);
    if (rule.level <= found.level) continue;
    found.level = rule.level;
    found.basis = rule.basis;
    found.limit = &limits_[rule.limit];
  }
  if (found.level != Level::none) {
    explain(found, reading, figures);
  } else if (subject.alarm >= 0) {
    explain_return(found, alarms_[static_cast<std::size_t>(subject.alarm)].basis, reading, figures);
  }
  return found;
}

void Monitor::follow_peak(Subject& subject, const Finding& finding) {
  if (finding.level == Level::none)
    subject.peak = no_value;
  else if (std::isnan(subject.peak) || finding.value > subject.peak)
    subject.peak = finding.value;
}

std::optional<Alarm> Monitor::settle(Subject& subject, const Finding& finding, Timestamp at, AlarmSubject kind,
                                     std::uint32_t index) {
  follow_peak(subject, finding);
  return settle_alarm(subject.alarm, finding, at, kind, index);
}

}  // namespace hazgate::core
