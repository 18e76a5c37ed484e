// The alarms that Monitor keeps: slots, deadlines, neighbours, and what persons do.
#include <algorithm>
#include <tuple>
#include <utility>

#include "core/monitor.hpp"

namespace hazgate::core {

namespace {
constexpr std::size_t most_nearby = 5, most_just_ended = 1000;
constexpr Duration longest_slew = std::chrono::minutes(1);    // back by more is a step, which draws deadlines near
constexpr Duration remembered_for = std::chrono::minutes(1);  // as far as chattering looks back

std::uint64_t key_of(AlarmSubject kind, std::uint32_t index) {
  return std::uint64_t{index} << 8U | std::uint64_t(kind);
}
}  // namespace

std::int32_t Monitor::new_alarm(AlarmSubject kind, std::uint32_t index) {
  std::int32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::int32_t>(alarms_.size());
    alarms_.emplace_back();
    due_of_.push_back(Timestamp::max());
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  auto& alarm = alarms_[static_cast<std::size_t>(slot)];
  alarm = Alarm{.subject = kind, .index = index};
  alarm.acknowledged = true;  // there is nothing to acknowledge yet
  if (const auto before = just_ended_.find(key_of(kind, index)); before != just_ended_.end())
    std::tie(alarm.activated_at, alarm.activated_before_at) = before->second;
  if (kind == AlarmSubject::point) {
    alarm.suppressed = suppressed_[index];
    standing_at_[at(places_[index].workplace)].push_back(slot);
  }
  ++open_count_;
  return slot;
}

/// The next alarm of the subject has another number; whether it chatters is a matter of both.
void Monitor::remember(const Alarm& over) {
  if (just_ended_.size() >= most_just_ended)
    std::erase_if(just_ended_, [&](const auto& one) { return one.second.first < over.changed_at - remembered_for; });
  just_ended_[key_of(over.subject, over.index)] = {over.activated_at, over.activated_before_at};
}

void Monitor::schedule(std::int32_t slot) {
  auto& known = due_of_[static_cast<std::size_t>(slot)];
  const auto next = due(alarms_[static_cast<std::size_t>(slot)]).value_or(Timestamp::max());
  if (next == known) return;
  if (known != Timestamp::max()) due_.erase({known, slot});
  if (next != Timestamp::max()) due_.emplace(next, slot);
  known = next;
}

std::int32_t* Monitor::slot_of(AlarmSubject kind, std::uint32_t index) {
  const auto in = [index](auto& all) { return index < all.size() ? &all[index] : nullptr; };
  switch (kind) {
    case AlarmSubject::point:
      return index < points_.size() ? &points_[index].alarm : nullptr;
    case AlarmSubject::device:
      return index < devices_.size() ? &devices_[index].alarm : nullptr;
    case AlarmSubject::bus:
      return in(bus_alarms_);
    case AlarmSubject::output:
      return in(output_alarms_);
    case AlarmSubject::gateway:
      return in(part_alarms_);
  }
  return nullptr;
}

void Monitor::look_around(Alarm& alarm) const {
  alarm.nearby.clear();
  if (alarm.subject != AlarmSubject::point || alarm.level == Level::none) return;
  for (const auto slot : standing_at_[at(places_[alarm.index].workplace)]) {
    const auto& other = alarms_[static_cast<std::size_t>(slot)];
    if (other.index == alarm.index || other.level == Level::none) continue;
    const auto lower = std::ranges::find_if(alarm.nearby, [&](const Nearby& n) { return n.level < other.level; });
    if (lower == alarm.nearby.end() && alarm.nearby.size() >= most_nearby) continue;
    alarm.nearby.insert(lower, {other.index, other.level});
    if (alarm.nearby.size() > most_nearby) alarm.nearby.pop_back();
  }
}

Alarm Monitor::changed(std::int32_t& slot) {
  auto& alarm = alarms_[static_cast<std::size_t>(slot)];
  look_around(alarm);
  schedule(slot);
  if (!ended(alarm)) return alarm;
  remember(alarm);
  if (alarm.subject == AlarmSubject::point) std::erase(standing_at_[at(places_[alarm.index].workplace)], slot);
  --open_count_;
  free_.push_back(slot);
  return std::move(alarms_[static_cast<std::size_t>(std::exchange(slot, -1))]);
}

/// Over range proves no height; where another instrument that measures and is in use shows it, too, the event is
/// believed.
bool Monitor::confirm_by_partner(Alarm& alarm, Timestamp at) const {
  if (alarm.subject != AlarmSubject::point || alarm.confirmed_at || alarm.level < Level::warning) return false;
  const auto& here = places_[alarm.index];
  if (!here.agent) return false;
  const Alarm* partner = nullptr;  // the first in the order of the configuration
  for (const auto slot : standing_at_[core::at(here.workplace)]) {
    const auto& other = alarms_[static_cast<std::size_t>(slot)];
    const auto& there = places_[other.index];
    const auto& subject = points_[other.index];
    if (there.agent != here.agent || there.device == here.device || other.level < Level::warning || set_aside(other) ||
        at - subject.last_judged > longest_cover_periods * subject.period)
      continue;
    if (partner == nullptr || other.index < partner->index) partner = &other;
  }
  return partner != nullptr && confirm_by_instrument(alarm, name_of_(PointIndex{partner->index}), at);
}

std::optional<Alarm> Monitor::settle_alarm(std::int32_t& slot, const Finding& finding, Timestamp at, AlarmSubject kind,
                                           std::uint32_t index) {
  if (catching_up_) return std::nullopt;
  if (slot < 0) {
    if (finding.level == Level::none) return std::nullopt;
    slot = new_alarm(kind, index);
    alarms_[static_cast<std::size_t>(slot)].number = ++last_number_;
  }
  auto& alarm = alarms_[static_cast<std::size_t>(slot)];
  const bool quiet = alarm.quiet_since.has_value();
  if (!apply(alarm, finding, at, policy_) && !confirm_by_partner(alarm, at)) {
    if (quiet != alarm.quiet_since.has_value()) schedule(slot);
    return std::nullopt;
  }
  return changed(slot);
}

std::optional<Alarm> Monitor::on_output(std::uint32_t output, const Finding& finding, Timestamp at) {
  return settle_alarm(output_alarms_[output], finding, at, AlarmSubject::output, output);
}

std::optional<Alarm> Monitor::on_part(GatewayPart part, const Finding& finding, Timestamp at) {
  const auto index = static_cast<std::uint32_t>(part);
  auto& slot = part_alarms_[index];
  if (slot >= 0 && finding.level != Level::none && !catching_up_) {
    auto& standing = alarms_[static_cast<std::size_t>(slot)];
    const bool same = standing.level == finding.level;
    if (same && std::exchange(standing.quiet_since, std::nullopt)) schedule(slot);  // it chatters, and is back
    if (same && !(finding.value >= 2 * standing.value)) return std::nullopt;
    if (same) {
      auto grown = finding;
      grown.since = standing.detected_at;
      retell(standing, grown, at);
      return changed(slot);
    }
  }
  return settle_alarm(part_alarms_[index], finding, at, AlarmSubject::gateway, index);
}

std::optional<Alarm> Monitor::on_bus(BusIndex bus, Timestamp at, bool down, Timestamp since, const Reason& why) {
  const Limit limit = as_limit(why);
  Finding finding{.value = no_value, .basis = Basis::bus, .since = since};
  if (down) {
    finding.level = Level::notice;
    finding.limit = &limit;
  }
  return settle_alarm(bus_alarms_[core::at(bus)], finding, at, AlarmSubject::bus, static_cast<std::uint32_t>(bus));
}

std::optional<Alarm> Monitor::suppress(PointIndex point, bool on, Timestamp at) {
  suppressed_[core::at(point)] = on;
  auto& slot = points_[core::at(point)].alarm;
  if (catching_up_ || slot < 0) return std::nullopt;
  if (!core::suppress(alarms_[static_cast<std::size_t>(slot)], on, at, policy_)) return std::nullopt;
  return changed(slot);
}

Monitor::Answer Monitor::act(std::int32_t& slot, const Action& action, Timestamp at) {
  auto& alarm = alarms_[static_cast<std::size_t>(slot)];
  const auto revision = alarm.revision;
  const auto refusal = core::act(alarm, action, at, policy_);
  if (alarm.revision == revision) return {.refusal = refusal, .alarm = alarm};
  return {.refusal = refusal, .alarm = changed(slot), .changed = true};
}

const Alarm* Monitor::standing(std::uint64_t number) {
  for (const auto& alarm : alarms_) {
    if (alarm.number != number || number == 0) continue;
    const auto* slot = slot_of(alarm.subject, alarm.index);
    // A free slot still holds what it held.
    if (slot != nullptr && *slot >= 0 && &alarms_[static_cast<std::size_t>(*slot)] == &alarm) return &alarm;
  }
  return nullptr;
}

Monitor::Answer Monitor::act(std::uint64_t number, const Action& action, Timestamp at) {
  const auto* alarm = standing(number);
  if (alarm == nullptr) return {.refusal = Refusal::no_such_alarm, .alarm = {}};
  return act(*slot_of(alarm->subject, alarm->index), action, at);
}

Monitor::Answer Monitor::act(AlarmSubject subject, std::uint32_t index, const Action& action, Timestamp at) {
  auto* slot = slot_of(subject, index);
  if (slot == nullptr) return {.refusal = Refusal::no_such_alarm, .alarm = {}};
  if (*slot >= 0) return act(*slot, action, at);
  if (action.kind != ActionKind::out_of_service) return {.refusal = Refusal::no_such_alarm, .alarm = {}};
  *slot = new_alarm(subject, index);
  alarms_[static_cast<std::size_t>(*slot)].detected_at = at;
  auto answer = act(*slot, action, at);
  if (!answer.changed) {
    changed(*slot);  // refused: it has ended before it began
    answer.alarm.reset();
    return answer;
  }
  alarms_[static_cast<std::size_t>(*slot)].number = answer.alarm->number = ++last_number_;
  return answer;
}

void Monitor::on_time(Timestamp now, std::vector<Alarm>& out) {
  if (now < looked_at_ - longest_slew) {
    for (std::size_t slot = 0; slot < alarms_.size(); ++slot) {
      draw_near(alarms_[slot], now, policy_);
      schedule(static_cast<std::int32_t>(slot));
    }
  }
  looked_at_ = now;
  while (!due_.empty() && due_.begin()->first <= now) {
    auto slot = due_.begin()->second;
    auto& alarm = alarms_[static_cast<std::size_t>(slot)];
    if (skip_missed(alarm, now, policy_)) {
      schedule(slot);
      continue;
    }
    core::on_time(alarm, policy_, now);
    out.push_back(changed(*slot_of(alarm.subject, alarm.index)));
  }
}

}  // namespace hazgate::core
