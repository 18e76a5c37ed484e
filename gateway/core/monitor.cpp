#include "core/monitor.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fingerprint.hpp"

namespace hazgate::core {

namespace {

constexpr std::size_t most_sets_compared = 64;  // where every point is different, nothing is gained by looking further
constexpr int longest_cover_periods = 3;        // a reading stands for the time since the one before, at most so long

const LevelRule link_rule{.level = Level::notice,
                          .basis = Basis::link,
                          .raise_above = 0.5,
                          .clear_at = 0.5,
                          .on_delay = Duration{0},
                          .off_delay = Duration{0},
                          .on_samples = 2,
                          .limit = {LimitKind::site, 0, Unit::one, "device link"}};
constexpr double dead_band = 0.05;                             // of high_z
constexpr Duration usual_off_delay = std::chrono::minutes(1);  // or a scan, where it takes longer

/// Two scans raise it (Baseline::add), and it takes as many below the dead-band to end it. The limit's value is that of
/// the moment, see judge_baseline().
LevelRule baseline_rule(const BaselineWatch& watch) {
  return {.level = watch.rule.level,
          .basis = Basis::baseline,
          .raise_above = watch.rule.high_z,
          .clear_at = (1 - dead_band) * watch.rule.high_z,
          .off_delay = std::max(usual_off_delay, watch.rule.scan_interval),
          .limit = {LimitKind::site, 0, watch.unit, ""}};
}

constexpr std::uint32_t link_place = 0, cross_check_place = 1;  // among the rules of a device
const LevelRule cross_check_rule{.level = Level::notice,
                                 .basis = Basis::cross_check,
                                 .raise_above = 0.5,
                                 .clear_at = 0.5,
                                 .limit = {LimitKind::site, 0, Unit::one, "device cross-check"}};

}  // namespace

Monitor::Monitor(std::span<const PointWatch> points, std::size_t devices, std::uint64_t last_alarm_number,
                 Calendar calendar, LocalClock clock)
    : exposures_(std::move(calendar)), clock_(std::move(clock)), last_number_(last_alarm_number) {
  points_.reserve(points.size() + devices);
  auto states = 2 * devices;
  for (const auto& point : points) states += point.levels.size() + (point.baseline ? 1 : 0);
  states_.reserve(states);
  for (const auto& point : points) watch(point);
  const PointWatch link{.levels = {link_rule, cross_check_rule}};
  for (std::size_t i = 0; i < devices; ++i) watch(link);
  devices_.assign(points_.begin() + static_cast<std::ptrdiff_t>(points.size()), points_.end());
  points_.resize(points.size());
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
    baselines_.push_back({.watch = *point.baseline});
  }
  if (point.c_ste || std::ranges::any_of(point.levels, [](const auto& rule) { return rule.basis == Basis::c_ste; })) {
    subject.window = static_cast<std::int32_t>(windows_.size());
    windows_.emplace_back(ste_window, point.period);
  }
  points_.push_back(subject);
  exposures_.watch(point.shifts, point.period);
}

/// A site has thousands of points and few kinds of them: equal levels are kept once, and stay in the cache.
std::uint32_t Monitor::first_rule_of(const std::vector<LevelRule>& levels) {
  std::vector<WatchedRule> wanted;
  wanted.reserve(levels.size());
  for (const auto& rule : levels) {
    wanted.push_back({.set_point = {rule.raise_above, rule.clear_at, rule.on_delay, rule.off_delay, rule.on_samples},
                      .limit = limit_number(rule.limit),
                      .level = rule.level,
                      .basis = rule.basis});
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

void Monitor::restore(const Alarm& alarm) {
  last_number_ = std::max(last_number_, alarm.number);
  auto& subjects = alarm.subject == AlarmSubject::point ? points_ : devices_;
  if (alarm.index >= subjects.size() || ended(alarm)) return;
  auto& subject = subjects[alarm.index];
  if (subject.alarm < 0) subject.alarm = new_alarm(alarm.subject, alarm.index);
  auto& standing = alarms_[static_cast<std::size_t>(subject.alarm)];
  standing = alarm;
  // The record is as old as the alarm's last change; what was higher since then is in the state.
  if (alarm.subject == AlarmSubject::point && subject.peak > alarm.peak) standing.peak = subject.peak;
  if (subject.loaded) return;
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];  // shared with other points, the state is not
    auto& state = states_[subject.first_state + i];
    // Not only the rule that gave the level: whatever lies below it stood as well, and must clear by itself.
    const bool covered = rule.basis == alarm.basis || (alarm.at_least && rule.basis != Basis::baseline);
    state.active = rule.level <= alarm.level && covered;
    state.active_since = alarm.detected_at;
  }
  if (subject.baseline < 0 || alarm.basis != Basis::baseline) return;
  auto& baseline = baselines_[static_cast<std::size_t>(subject.baseline)];
  baseline.usual = alarm.usual.value_or(Usual{});
  baseline.bound = alarm.limit.value;
}

/// What the state means: another set of rules, another period or window makes it worthless.
std::uint64_t Monitor::fingerprint(const Subject& subject) const {
  Fingerprint print;
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];
    print.add(rule.set_point.raise_above).add(rule.set_point.clear_at).add(rule.set_point.on_samples);
    print.add(rule.set_point.on_delay.count()).add(rule.set_point.off_delay.count()).add(rule.level).add(rule.basis);
  }
  if (subject.baseline >= 0) {
    const auto& watch = baselines_[static_cast<std::size_t>(subject.baseline)].watch;
    print.add(watch.identity).add(watch.unit).add(sizeof(Baseline));
  }
  return print.add(subject.period.count()).add(subject.energy_mean).value();
}

void Monitor::save(const Subject& subject, StateWriter& to) const {
  to.put(subject.last);
  to.put(subject.last_judged);
  to.put(subject.last_over_range);
  to.put(subject.peak);
  to.put(std::span(states_).subspan(subject.first_state, subject.rule_count));
  if (subject.window >= 0) windows_[static_cast<std::size_t>(subject.window)].save(to);
  if (subject.baseline < 0) return;
  const auto& baseline = baselines_[static_cast<std::size_t>(subject.baseline)];
  to.put(baseline.history.bytes());
  to.put(baseline.usual);
  to.put(baseline.bound);
}

void Monitor::load(Subject& subject, StateReader& from) {
  from.get(subject.last);
  from.get(subject.last_judged);
  from.get(subject.last_over_range);
  from.get(subject.peak);
  from.get(states_of(subject));
  if (subject.window >= 0) windows_[static_cast<std::size_t>(subject.window)].load(from);
  if (subject.baseline < 0) return;
  auto& baseline = baselines_[static_cast<std::size_t>(subject.baseline)];
  std::array<std::byte, sizeof(Baseline)> history{};
  from.get(std::span<std::byte>(history));
  baseline.history = Baseline::from_bytes(history).value_or(Baseline{});  // what cannot be read is learnt anew
  from.get(baseline.usual);
  from.get(baseline.bound);
}

void Monitor::save(DeviceIndex device, PointIndex first, std::uint32_t points, std::vector<std::byte>& to) const {
  StateWriter writer(to);
  // The fingerprints come first, so that load() can look before it changes anything.
  for (std::uint32_t i = 0; i < points; ++i) {
    const PointIndex point{static_cast<std::uint32_t>(core::at(first) + i)};
    writer.put(fingerprint(points_[core::at(point)]) ^ exposures_.fingerprint(point));
  }
  save(devices_[core::at(device)], writer);
  for (std::uint32_t i = 0; i < points; ++i) {
    const PointIndex point{static_cast<std::uint32_t>(core::at(first) + i)};
    save(points_[core::at(point)], writer);
    exposures_.save(point, writer);
  }
}

bool Monitor::load_all(DeviceIndex device, PointIndex first, std::uint32_t points, std::span<const std::byte> from) {
  StateReader reader(from.subspan(points * sizeof(std::uint64_t)));
  load(devices_[core::at(device)], reader);
  for (std::uint32_t i = 0; i < points; ++i) {
    const PointIndex point{static_cast<std::uint32_t>(core::at(first) + i)};
    load(points_[core::at(point)], reader);
    exposures_.load(point, reader);
  }
  return reader.complete();
}

bool Monitor::load(DeviceIndex device, PointIndex first, std::uint32_t points, std::span<const std::byte> from) {
  std::vector<std::byte> mine;
  save(device, first, points, mine);
  const auto prints = points * sizeof(std::uint64_t);
  if (from.size() < prints ||
      !std::equal(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(prints), mine.begin()))
    return false;
  if (!load_all(device, first, points, from)) {
    load_all(device, first, points, mine);
    return false;
  }
  begin(device, first, points);
  return true;
}

void Monitor::begin(DeviceIndex device, PointIndex first, std::uint32_t points) {
  devices_[core::at(device)].loaded = true;
  for (std::uint32_t i = 0; i < points; ++i) points_[core::at(first) + i].loaded = true;
}

std::int32_t Monitor::new_alarm(AlarmSubject kind, std::uint32_t index) {
  std::int32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::int32_t>(alarms_.size());
    alarms_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  alarms_[static_cast<std::size_t>(slot)] = Alarm{.subject = kind, .index = index};
  ++open_count_;
  return slot;
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

/// The mean over what was measured from 75 % coverage on; below it, or where over range proves more, what the dose
/// proves by itself.
std::optional<Monitor::ShortTime> Monitor::c_ste(const Subject& subject, const WindowMean& quarter) {
  if (std::isnan(quarter.lower)) return std::nullopt;
  const bool at_least = quarter.coverage < least_coverage;
  const bool by_dose = at_least || clearly_above(quarter.lower, std::max(quarter.mean, 0.0));
  const double figure = by_dose ? quarter.lower : quarter.mean;
  return ShortTime{subject.energy_mean ? to_level(figure) : figure, at_least};
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
  const auto& ste = figures.ste;
  double value = no_value;
  switch (rule.basis) {
    case Basis::reading:
      value = reading.value;
      break;
    case Basis::c_ste:
      if (ste && !(ste->at_least && ste->value <= rule.set_point.raise_above)) value = ste->value;
      break;
    case Basis::twa:
      value = figures.shift.so_far;
      break;
    case Basis::twa_projected:
      value = figures.shift.projected;
      break;
    case Basis::short_time:
      value = figures.shift.short_time_broken ? 1 : 0;
      break;
    case Basis::mixture:
      value = figures.mixture;
      break;
    case Basis::baseline:
      value = figures.z;
      break;
    case Basis::link:
    case Basis::cross_check:
      break;
  }
  if (std::isnan(value) || rests(state, rule.set_point, value)) return;
  const bool stood = state.active;
  state = judge(state, rule.set_point, reading.at, value);
  if (rule.basis == Basis::baseline && state.active && !stood) state.active_since = figures.unusual_since;
}

LocalHour Monitor::local_hour_at(Timestamp at) {
  if (at != clock_read_at_) {
    local_ = clock_ ? clock_(at) : local_hour(at, Duration{0});
    clock_read_at_ = at;
  }
  return local_;
}

/// A reading is held against the days before its own, then it is learnt, also while the alarm stands: an episode of
/// some days does not move a median of 14, and what lasts longer than half of them has become usual. Without that, one
/// lasting change of the works would be an alarm for ever.
void Monitor::judge_baseline(const Subject& subject, const Reading& reading, Figures& figures) {
  if (subject.baseline < 0) return;
  auto& baseline = baselines_[static_cast<std::size_t>(subject.baseline)];
  const auto& rule = baseline.watch.rule;
  const auto local = local_hour_at(reading.at);
  std::optional<BaselineSign> sign;
  if (reading.flag == Flag::over_range) {
    sign = baseline.history.add_at_least(rule, reading.at, local, reading.value);
    if (!sign) return;  // holds what stands
  } else {
    // A non-detect counts as 0 here as it does in TVOC and OFP: its quantification limit is no concentration.
    const bool not_detected = reading.flag == Flag::below_loq && !subject.energy_mean;
    sign = baseline.history.add(rule, reading.at, local, not_detected ? 0 : reading.value);
  }
  figures.z = 0;  // where nothing is known of this hour, nothing is unusual
  if (!sign) return;
  figures.z = sign->early ? sign->z : std::min(sign->z, rule.high_z);
  figures.unusual_since = sign->since;
  baseline.usual = {.median = sign->median, .z = sign->z};
  baseline.bound = sign->value_at(rule.high_z);
}

std::optional<Alarm> Monitor::on_reading(const Reading& reading) {
  auto& subject = points_[core::at(reading.point)];
  const bool first = subject.last == Timestamp{};
  const auto from =
      std::max(first ? reading.at - subject.period : subject.last, reading.at - longest_cover_periods * subject.period);
  const auto quarter = last_quarter(subject, from, reading);
  Figures figures{.ste = c_ste(subject, quarter)};
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
  judge_baseline(subject, reading, figures);
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    judge_rule(rules_[subject.first_rule + i], states_[subject.first_state + i], reading, figures);
  }
  // As nearly always: nothing stands.
  if (subject.alarm < 0 && std::ranges::none_of(states_of(subject), &RuleState::active)) {
    subject.peak = no_value;
    return std::nullopt;
  }
  auto found = finding(subject, reading, figures);
  Limit bound;
  if (found.level != Level::none && found.basis == Basis::baseline) {
    const auto& baseline = baselines_[static_cast<std::size_t>(subject.baseline)];
    bound = *found.limit;
    bound.value = baseline.bound;
    found.limit = &bound;
    found.usual = baseline.usual;
  }
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
    if (rule.basis == Basis::mixture) judge_rule(rule, states_[subject.first_state + i], reading, figures);
  }
  const auto found = finding(subject, reading, figures);
  if (found.basis != Basis::mixture) return std::nullopt;
  return settle(subject, found, reading.at, AlarmSubject::point, static_cast<std::uint32_t>(*leader));
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
  return *standing;
}

/// The figure behind the level that was found.
void Monitor::explain(Finding& found, const Reading& reading, const Figures& figures) {
  const bool over_range = reading.flag == Flag::over_range;
  found.value = reading.value;
  found.at_least = over_range;
  const auto& shift = figures.shift;
  if (found.basis == Basis::twa || found.basis == Basis::twa_projected) {
    const double figure = (found.basis == Basis::twa ? shift.so_far : shift.projected) * shift.reduction_factor;
    found.value = std::isfinite(figure) ? figure : no_value;  // between two shifts there is none
    found.at_least = shift.at_least;
    found.reduction_factor = shift.reduction_factor;
  } else if (found.basis == Basis::mixture) {
    found.value = figures.mixture;
  } else if (found.basis == Basis::c_ste && over_range) {
    found.basis = Basis::reading;  // it is the reading that proves it, not the mean
  } else if (found.basis == Basis::c_ste && figures.ste) {
    found.value = figures.ste->value;
    found.at_least = figures.ste->at_least;
  }
}

/// An alarm that returns tells the figure it was about: a reading beside the peak of an average would mislead. Between
/// two shifts there is no such figure, and the reading stands.
void Monitor::explain_return(Finding& found, Basis basis, const Reading& reading, const Figures& figures) {
  const bool averaged =
      basis == Basis::c_ste || basis == Basis::twa || basis == Basis::twa_projected || basis == Basis::mixture;
  if (!averaged) return;
  Finding told = found;
  told.basis = basis;
  explain(told, reading, figures);
  if (std::isfinite(told.value)) found = told;
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
  if (catching_up_) return std::nullopt;
  if (subject.alarm < 0) {
    if (finding.level == Level::none) return std::nullopt;
    subject.alarm = new_alarm(kind, index);
    alarms_[static_cast<std::size_t>(subject.alarm)].number = ++last_number_;
  }
  const auto slot = static_cast<std::size_t>(subject.alarm);
  if (!apply(alarms_[slot], finding, at)) return std::nullopt;
  if (!ended(alarms_[slot])) return alarms_[slot];
  free_.push_back(subject.alarm);
  subject.alarm = -1;
  --open_count_;
  return std::move(alarms_[slot]);
}

}  // namespace hazgate::core
