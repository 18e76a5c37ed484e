// What Ingest sees of more than one point: buses, coverage, the plant's state; and what is no reading.
#include <algorithm>

#include "app/ingest.hpp"

namespace hazgate::app {

namespace {

/// Nothing came back: it may be the instrument's fault, or that of the line which it shares with others.
bool unheard(core::Doubt doubt) {
  return doubt == core::Doubt::no_answer || doubt == core::Doubt::no_connection || doubt == core::Doubt::garbled;
}

constexpr std::uint32_t silent_polls_running =
    3;  // of one device, with no word of any other: longer need not be waited

/// A verdict needs 75 % of the shift: with more than a quarter lost there can be none.
bool lost_for_good(const core::Exposure& record, core::Timestamp seen_since) {
  const auto before = std::max(core::Duration{0}, seen_since - record.window.begin);
  const auto lost = record.time.elapsed() - record.time.known() - core::in_seconds(before);
  return lost > (1 - core::least_coverage) * core::in_seconds(record.window.end - record.window.begin);
}

}  // namespace

/// At this poll of the device, of which nothing came back. A device that is silent while others on its line answer is
/// in trouble itself; where nobody answers, it is the line.
bool Ingest::bus_is_silent(core::DeviceIndex device, core::Doubt doubt) const {
  const auto& mine = devices_[core::at(device)];
  const auto& all = devices_on_[core::at(settings_.site.devices[core::at(device)].bus)];
  if (all.size() == 1) return doubt == core::Doubt::no_connection && mine.silent_polls >= 2;
  const auto silent = [this](core::DeviceIndex d) { return devices_[core::at(d)].silent_polls > 0; };
  if (mine.silent_polls < 2) return false;  // one lost telegram is none
  return std::ranges::all_of(all, silent) || mine.silent_polls >= silent_polls_running ||
         doubt == core::Doubt::no_connection;
}

/// Follows the bus; true where the poll says nothing of the device by itself. `bad`: the first sample in doubt.
bool Ingest::is_of_bus(core::DeviceIndex device, core::Timestamp at, const core::Sample* bad, core::Batch& batch) {
  auto& mine = devices_[core::at(device)];
  const auto bus = settings_.site.devices[core::at(device)].bus;
  const auto tell = [&](bool down, const core::Reason& why) {
    if (!down && !monitor_.stands(bus)) return;
    if (auto changed = monitor_.on_bus(bus, at, down, silent_since(bus), why))
      batch.alarms.push_back(std::move(*changed));
  };
  if (bad == nullptr || !unheard(bad->doubt)) {
    mine.heard = at;
    mine.silent_polls = 0;
    mine.alone = false;
    tell(false, {});
    return false;
  }
  if (mine.silent_polls++ == 0) mine.silent_since = at;
  const auto& all = devices_on_[core::at(bus)];
  const auto answered = [&](core::DeviceIndex d) { return devices_[core::at(d)].heard > mine.silent_since; };
  if (all.size() > 1 && std::ranges::any_of(all, answered)) return false;
  if (all.size() == 1 && bad->doubt != core::Doubt::no_connection) {
    tell(false, {});  // the line is there; it is the instrument
    mine.alone = true;
    return false;
  }
  if (bus_is_silent(device, bad->doubt)) tell(true, {.doubt = bad->doubt});
  return true;
}

/// Since the first of those that are silent now.
core::Timestamp Ingest::silent_since(core::BusIndex bus) const {
  auto first = core::Timestamp::max();
  for (const auto device : devices_on_[core::at(bus)]) {
    const auto& state = devices_[core::at(device)];
    if (state.silent_polls > 0) first = std::min(first, state.silent_since);
  }
  return first;
}

/// One alarm for all of them: whatever the cause is, it has its own.
void Ingest::judge_coverage(core::DeviceIndex device, core::Timestamp at, std::size_t first_record,
                            core::Batch& batch) {
  const auto records = std::span(batch.exposures).subspan(first_record);
  const auto before = low_coverage_;
  for (const auto& record : records) {
    auto& low = points_[core::at(record.point)].low_coverage;
    low_coverage_ -= low ? 1 : 0;
    low = false;
  }
  for (const auto& record : records) {
    auto& low = points_[core::at(record.point)].low_coverage;
    if (low || record.final || !lost_for_good(record, devices_[core::at(device)].seen_since)) continue;
    low = true;
    ++low_coverage_;
  }
  if (low_coverage_ != before) tell_coverage(at, batch);
}

void Ingest::tell_coverage(core::Timestamp at, core::Batch& batch) {
  static const core::Limit limit{core::LimitKind::site, 0, core::Unit::one, "coverage"};
  core::Finding finding{.value = static_cast<double>(low_coverage_), .basis = core::Basis::coverage, .since = at};
  if (low_coverage_ > 0) {
    finding.level = core::Level::notice;
    finding.limit = &limit;
  }
  if (auto changed = monitor_.on_part(core::GatewayPart::coverage, finding, at))
    batch.alarms.push_back(std::move(*changed));
}

void Ingest::judge_suppression(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                               core::Batch& batch) {
  for (std::size_t i = 0; i < suppressions_.size(); ++i) {
    auto& suppression = suppressions_[i];
    if (suppression.device != device) continue;
    const auto& sample = samples[suppression.place];
    if (!core::enters_averages(sample.flag)) continue;  // nobody knows the plant's state: it stays as it was
    const auto& rule = settings_.suppress[i];
    const bool holds = rule.below ? sample.value < *rule.below : sample.value > *rule.above;
    if (holds == suppression.holds) continue;
    suppression.holds = holds;
    for (const auto point : rule.points)
      if (auto changed = monitor_.suppress(point, is_suppressed(point), at))
        batch.alarms.push_back(std::move(*changed));
  }
}

/// By any of them.
bool Ingest::is_suppressed(core::PointIndex point) const {
  for (std::size_t i = 0; i < suppressions_.size(); ++i) {
    const auto& points = settings_.suppress[i].points;
    if (suppressions_[i].holds && std::ranges::find(points, point) != points.end()) return true;
  }
  return false;
}

void Ingest::settle_restored(std::span<const core::Alarm> alarms, core::Timestamp now, core::Batch& batch) {
  for (const auto& alarm : alarms) {
    const core::PointIndex point{alarm.index};
    if (alarm.subject != core::AlarmSubject::point || alarm.suppressed == is_suppressed(point)) continue;
    if (auto changed = monitor_.suppress(point, is_suppressed(point), now)) batch.alarms.push_back(std::move(*changed));
  }
  if (low_coverage_ == 0) tell_coverage(now, batch);
}

void Ingest::on_time(core::Timestamp now, core::Batch& batch) {
  monitor_.on_time(now, batch.alarms);
  gaps_.on_time(now);
}

core::Monitor::Answer Ingest::on_input(core::AlarmInput input, core::Batch& batch) {
  on_time(input.at, batch);
  input.after_frames = static_cast<std::uint32_t>(batch.frames.size());
  core::Monitor::Answer answer;
  if (auto* person = std::get_if<core::PersonInput>(&input.what)) {
    answer = person->number != 0 ? monitor_.act(person->number, person->action, input.at)
                                 : monitor_.act(person->subject, person->index, person->action, input.at);
    person->refusal = answer.refusal;
  } else {
    const auto& condition = std::get<core::ConditionInput>(input.what);
    const core::Limit limit{core::LimitKind::site, 0, core::Unit::one, condition.why};
    const core::Finding finding{.level = condition.level,
                                .value = condition.value,
                                .basis = condition.basis,
                                .limit = &limit,
                                .since = condition.since};
    answer.alarm = condition.subject == core::AlarmSubject::output
                       ? monitor_.on_output(condition.index, finding, input.at)
                       : monitor_.on_part(core::GatewayPart{condition.index}, finding, input.at);
    answer.changed = answer.alarm.has_value();
  }
  if (answer.changed) batch.alarms.push_back(*answer.alarm);
  batch.inputs.push_back(std::move(input));
  return answer;
}

}  // namespace hazgate::app
