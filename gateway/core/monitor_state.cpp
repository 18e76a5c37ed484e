// What Monitor holds, as bytes for a checkpoint and back; and the alarms that were open.
#include <algorithm>

#include "core/fingerprint.hpp"
#include "core/monitor.hpp"

namespace hazgate::core {

/// What the state means: another set of rules, another period or window makes it worthless.
std::uint64_t Monitor::fingerprint(const Subject& subject) const {
  Fingerprint print;
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];
    print.add(rule.set_point.raise_above).add(rule.set_point.clear_at).add(rule.set_point.on_samples);
    print.add(rule.set_point.on_delay.count()).add(rule.set_point.off_delay.count()).add(rule.level).add(rule.basis);
  }
  if (subject.baseline >= 0) baselines_[static_cast<std::size_t>(subject.baseline)].identify(print);
  return print.add(subject.period.count()).add(subject.energy_mean).value();
}

void Monitor::save(const Subject& subject, StateWriter& to) const {
  to.put(subject.last);
  to.put(subject.last_judged);
  to.put(subject.last_over_range);
  to.put(subject.peak);
  to.put(std::span(states_).subspan(subject.first_state, subject.rule_count));
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto found = greatest_.find(subject.first_state + i);
    if (is_passed(subject, i)) to.put(found == greatest_.end() ? Greatest{} : found->second);
  }
  if (subject.window >= 0) windows_[static_cast<std::size_t>(subject.window)].save(to);
  if (subject.baseline >= 0) baselines_[static_cast<std::size_t>(subject.baseline)].save(to);
}

void Monitor::load(Subject& subject, StateReader& from) {
  from.get(subject.last);
  from.get(subject.last_judged);
  from.get(subject.last_over_range);
  from.get(subject.peak);
  from.get(states_of(subject));
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    greatest_.erase(subject.first_state + i);
    if (is_passed(subject, i)) from.get(greatest_[subject.first_state + i]);
  }
  if (subject.window >= 0) windows_[static_cast<std::size_t>(subject.window)].load(from);
  if (subject.baseline >= 0) baselines_[static_cast<std::size_t>(subject.baseline)].load(from);
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

void Monitor::restore(const Alarm& alarm) {
  last_number_ = std::max(last_number_, alarm.number);
  if (ended(alarm)) return remember(alarm);
  auto* slot = slot_of(alarm.subject, alarm.index);
  if (slot == nullptr) return;
  if (*slot < 0) *slot = new_alarm(alarm.subject, alarm.index);
  auto& standing = alarms_[static_cast<std::size_t>(*slot)];
  standing = alarm;
  if (alarm.subject == AlarmSubject::point) {
    restore_set_points(points_[alarm.index], standing);
  } else if (alarm.subject == AlarmSubject::device) {
    restore_set_points(devices_[alarm.index], standing);
  }
  schedule(*slot);
}

void Monitor::restore_set_points(Subject& subject, Alarm& standing) {
  // The record is as old as the alarm's last change; what was higher since then is in the state.
  if (standing.subject == AlarmSubject::point && subject.peak > standing.peak) standing.peak = subject.peak;
  if (subject.loaded) return;
  for (std::uint32_t i = 0; i < subject.rule_count; ++i) {
    const auto& rule = rules_[subject.first_rule + i];  // shared with other points, the state is not
    auto& state = states_[subject.first_state + i];
    // Not only the rule that gave the level: whatever lies below it stood as well, and must clear by itself.
    const bool covered = rule.basis == standing.basis || (standing.at_least && rule.basis != Basis::baseline);
    state.active = rule.level <= standing.level && covered;
    state.active_since = standing.detected_at;
  }
  if (subject.baseline < 0 || standing.basis != Basis::baseline) return;
  baselines_[static_cast<std::size_t>(subject.baseline)].restore(standing);
}

}  // namespace hazgate::core
