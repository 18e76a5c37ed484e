#include "app/ingest.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/fingerprint.hpp"

namespace hazgate::app {

using core::Doubt;
using core::Flag;

namespace {

constexpr std::size_t contributors_told = 3;

/// A channel that becomes another compound, or a point that moves, begins its history anew.
core::BaselineWatch baseline_of(const settings::Settings& settings, std::size_t i) {
  const auto& point = settings.site.points[i];
  const auto& voc = settings.devices[core::at(point.device)].voc;
  const auto place = i - core::at(settings.site.devices[core::at(point.device)].first_point);
  core::Fingerprint print;
  print.add(std::string_view(point.id));
  for (std::size_t c = 0; c < voc.compounds.size(); ++c)
    if (voc.channels[c].place == place) print.add(std::string_view(settings::cas_text(voc.compounds[c])));
  return {.rule = *settings.points[i].baseline, .unit = point.unit, .identity = print.value()};
}

std::uint64_t identity_of(const settings::CrossCheckSettings& check, const core::Site& site) {
  core::Fingerprint print;
  for (const auto point : check.points) {
    print.add(std::string_view(site.points[core::at(point)].id)).add(site.points[core::at(point)].unit);
    print.add(site.device_of(point).period.count());
  }
  const auto& rule = check.rule;
  for (const auto& bound : {rule.ratio, rule.difference, rule.above}) print.add(bound.value_or(-1));
  return print.add(rule.window.count()).add(rule.energy_mean).value();
}

std::uint64_t identity_of(const settings::SuppressSettings& suppress, const core::Site& site) {
  core::Fingerprint print;
  print.add(std::string_view(site.points[core::at(suppress.condition)].id));
  return print.add(suppress.below.has_value()).add(suppress.below.value_or(suppress.above.value_or(0))).value();
}

/// The place of an equal one among the last few, or of a new one at the end. Where every point is different, nothing is
/// gained by looking further.
template <class T>
std::uint32_t number_of(std::vector<T>& all, const T& wanted) {
  constexpr std::size_t most_compared = 64;
  const auto looked = static_cast<std::ptrdiff_t>(std::min(all.size(), most_compared));
  auto found = std::find(all.end() - looked, all.end(), wanted);
  if (found == all.end()) found = all.insert(found, wanted);
  return static_cast<std::uint32_t>(found - all.begin());
}

}  // namespace

std::vector<core::PointWatch> watches(const settings::Settings& settings) {
  std::vector<core::PointWatch> out;
  out.reserve(settings.points.size());
  for (std::size_t i = 0; i < settings.points.size(); ++i) {
    const auto& point = settings.site.points[i];
    const bool level = core::is_level(point.unit);
    const auto& workplace = settings.site.workplaces[core::at(point.workplace)];
    core::PointWatch watch{.period = settings.site.devices[core::at(point.device)].period,
                           .levels = settings.points[i].levels,
                           .energy_mean = level,
                           .place = {point.workplace, point.device, point.agent}};
    if (settings.points[i].baseline) watch.baseline = baseline_of(settings, i);
    if (point.agent) {
      const auto& agent = settings.site.agents[core::at(*point.agent)];
      watch.c_ste = !workplace.shifts.empty() && agent.limit(core::LimitKind::pc_twa) != nullptr;
      for (const auto shift : workplace.shifts) {
        watch.shifts.push_back({shift, core::exposure_rule(agent, point.unit, settings.site.shifts[core::at(shift)])});
      }
    }
    out.push_back(std::move(watch));
  }
  return out;
}

Ingest::Ingest(const settings::Settings& settings, core::Monitor monitor)
    : settings_(settings),
      monitor_(std::move(monitor)),
      gaps_(settings.devices.size()),
      devices_(settings.devices.size()),
      checks_of_(settings.devices.size()) {
  points_.reserve(settings.points.size());
  for (const auto& p : settings.points) {
    points_.push_back({.scale = p.scale,
                       .offset = p.offset,
                       .quality = {},
                       .rule = number_of(rules_, {p.min, p.max, p.loq, p.max_rate, p.stuck_after}),
                       .error_values = number_of(error_values_, p.error_values)});
  }
  for (const auto& check : settings.cross_checks) {
    const auto number = static_cast<std::uint32_t>(checks_.size());
    const auto device = [&](std::size_t side) { return settings.site.points[core::at(check.points[side])].device; };
    const auto period = [&](std::size_t side) { return settings.site.devices[core::at(device(side))].period; };
    checks_.push_back({.points = check.points,
                       .identity = identity_of(check, settings.site),
                       .state = {check.rule, {period(0), period(1)}}});
    checks_of_[core::at(device(0))].push_back(number);
    if (device(1) != device(0)) checks_of_[core::at(device(1))].push_back(number);
  }
  devices_on_.resize(settings.buses.size());
  for (std::uint32_t i = 0; i < settings.site.devices.size(); ++i)
    devices_on_[core::at(settings.site.devices[i].bus)].push_back(core::DeviceIndex{i});
  for (const auto& suppress : settings.suppress) {
    const auto device = settings.site.points[core::at(suppress.condition)].device;
    const auto first = settings.site.devices[core::at(device)].first_point;
    suppressions_.push_back({.device = device,
                             .place = core::at(suppress.condition) - core::at(first),
                             .identity = identity_of(suppress, settings.site)});
  }
  take_turns();
}

/// A refusal or a wrong identity is the device's fault; everything else is the way to it.
Ingest::Standing Ingest::failure(boost::system::error_code error) {
  using modbus::modbus_errc;
  if (error == modbus_errc::identity_mismatch) return {Flag::device_fault, Doubt::wrong_identity};
  if (error == modbus_errc::gateway_path || error == modbus_errc::gateway_no_answer)
    return {Flag::link_lost, Doubt::no_answer};
  if (modbus::is_exception(error)) return {Flag::device_fault, Doubt::refused};
  if (error == modbus_errc::foreign_answer || error == modbus_errc::broken_frame)
    return {Flag::link_lost, Doubt::garbled};
  if (error == modbus_errc::no_answer) return {Flag::link_lost, Doubt::no_answer};
  return {Flag::link_lost, Doubt::no_connection};
}

Ingest::Standing Ingest::state(const modbus::StateRegister& state, double raw) {
  const Standing fault{Flag::device_fault, Doubt::device_state};
  if (!std::isfinite(raw) || raw < 0 || raw > std::numeric_limits<std::uint32_t>::max()) return fault;
  const auto value = static_cast<std::uint32_t>(raw) & state.mask.value_or(0xFFFFFFFFU);
  const auto found = state.map.find(value);
  const auto flag = core::flag_from(found == state.map.end() ? state.otherwise : found->second);
  if (!flag) return fault;
  return {*flag, *flag == Flag::normal ? Doubt::none : Doubt::device_state};
}

/// A lost telegram is no power cut: only who was away for several periods has to warm up again.
void Ingest::on_answer(std::size_t device, bool first_after_loss, core::Timestamp at) {
  auto& now = devices_[device];
  if (first_after_loss && at - now.last_answer > 3 * settings_.site.devices[device].period)
    now.warm_until = at + settings_.devices[device].warm_up;
  now.last_answer = at;
}

/// A counter that shows the same after a loss as before it has not moved: neither a lost telegram nor a restart of the
/// gateway brings it back to life.
void Ingest::follow_heartbeat(DeviceState& now, double beat, core::Timestamp at) {
  const bool moved = std::isfinite(beat) && beat != now.heartbeat;
  if (moved || at < now.heartbeat_moved) now.heartbeat_moved = at;
  now.heartbeat = beat;
}

Ingest::Standing Ingest::standing(std::size_t device, const modbus::Outcome& outcome, core::Timestamp at) {
  on_answer(device, outcome.first_after_loss, at);
  const auto& rules = settings_.devices[device];
  auto& now = devices_[device];
  const auto& points = settings_.site.devices[device];
  auto next = points.point_count - points.derived_count;  // states, then heartbeat, follow the measures
  for (const auto& rule : rules.states) {
    const auto said = state(rule, outcome.values[next++]);
    if (said.flag != Flag::normal) return said;
  }
  std::optional<double> heartbeat;
  if (rules.heartbeat_within) {
    heartbeat = outcome.values[next];
    follow_heartbeat(now, *heartbeat, at);
    if (at - now.heartbeat_moved > *rules.heartbeat_within) return {Flag::device_fault, Doubt::heartbeat, heartbeat};
  }
  now.warm_until = std::min(now.warm_until, at + rules.warm_up);  // a clock set back makes it no longer
  if (at < now.warm_until) return {Flag::stopped, Doubt::warm_up, heartbeat};
  return {.heartbeat = heartbeat};
}

core::Sample Ingest::sample(std::size_t point, double raw, Standing device, core::Timestamp at) {
  auto& state = points_[point];
  const auto& codes = error_values_[state.error_values];
  const auto is_raw = [raw](double code) {
    return raw == code || raw == static_cast<double>(static_cast<float>(code));
  };
  const bool is_code = std::any_of(codes.begin(), codes.end(), is_raw);
  const double value = raw * state.scale + state.offset;
  if (device.flag != Flag::normal) {
    // What the device says of itself comes first; and what it shows then is nothing to compare the next value with.
    state.quality = {};
    return {is_code || !std::isfinite(value) ? core::no_value : value, device.flag, device.doubt};
  }
  if (is_code) return {core::no_value, Flag::device_fault, Doubt::error_value};
  return core::judge_quality(state.quality, rules_[state.rule], at, value);
}

/// Behind the measures that begin at `first`: TVOC and OFP. Where none of the compounds counts, the device's flag says
/// why.
void Ingest::derive(std::size_t device, Standing now, std::size_t first, std::vector<core::Sample>& samples) const {
  const auto& voc = settings_.devices[device].voc;
  if (voc.derived.empty()) return;
  const auto scan = core::scan(std::span(samples).subspan(first), voc.channels);
  const Flag otherwise = now.flag == Flag::normal ? Flag::device_fault : now.flag;
  for (const auto figure : voc.derived) {
    samples.push_back(core::figure_of(scan, figure, otherwise));
    samples.back().doubt = now.doubt;
  }
}

void Ingest::on_outcome(const modbus::Outcome& outcome, core::Timestamp at, core::Batch& batch) {
  const auto& device = settings_.site.devices[outcome.device];
  const bool answered = !outcome.error;
  const auto now = answered ? standing(outcome.device, outcome, at) : failure(outcome.error);
  const auto first = batch.samples.size();
  for (std::uint32_t i = 0; i < device.point_count - device.derived_count; ++i) {
    const auto point = core::at(device.first_point) + i;
    batch.samples.push_back(answered ? sample(point, outcome.values[i], now, at)
                                     : core::Sample{core::no_value, now.flag, now.doubt});
  }
  derive(outcome.device, now, first, batch.samples);
  const auto count = batch.samples.size() - first;
  judge_frame(core::DeviceIndex{outcome.device}, at, first, count, batch);
  batch.frames.back().heartbeat = now.heartbeat;
}

void Ingest::on_frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                      core::Batch& batch) {
  const auto first = batch.samples.size();
  batch.samples.insert(batch.samples.end(), samples.begin(), samples.end());
  judge_frame(device, at, first, samples.size(), batch);
}

/// Judged by the samples alone, so that what was stored gives the same alarms again.
void Ingest::judge_frame(core::DeviceIndex number, core::Timestamp at, std::size_t first, std::size_t count,
                         core::Batch& batch) {
  on_time(at, batch);
  const auto& device = settings_.site.devices[core::at(number)];
  if (devices_[core::at(number)].seen_since == core::Timestamp{}) devices_[core::at(number)].seen_since = at;
  batch.frames.push_back({.device = number,
                          .at = at,
                          .first = static_cast<std::uint32_t>(first),
                          .count = static_cast<std::uint32_t>(count)});
  for (std::size_t i = 0; i < count; ++i) {
    const auto s = batch.samples[first + i];
    const core::PointIndex point{static_cast<std::uint32_t>(core::at(device.first_point) + i)};
    auto changed = monitor_.on_reading({point, at, s.value, s.flag});
    if (!changed) continue;
    if (i >= count - device.derived_count && changed->level != core::Level::none)
      monitor_.attribute(*changed, contributors(number, i, std::span(batch.samples).subspan(first, count)));
    batch.alarms.push_back(std::move(*changed));
  }
  const auto samples = std::span(batch.samples).subspan(first);
  gaps_.on_frame(number, device.workplace, device.period, at, samples, batch.gaps);
  judge_link(number, at, samples, batch);
  cross_check(number, at, samples, batch);
  if (!suppressions_.empty()) judge_suppression(number, at, samples, batch);
  monitor_.take_exceedances(batch.exceedances);
  const auto records = batch.exposures.size();
  monitor_.exposures().take(device.first_point, device.point_count, at, batch.exposures);
  if (batch.exposures.size() > records) judge_coverage(number, at, records, batch);
}

/// Of the derived point at `place`, out of the same scan.
std::vector<core::Contributor> Ingest::contributors(core::DeviceIndex device, std::size_t place,
                                                    std::span<const core::Sample> samples) const {
  const auto& voc = settings_.devices[core::at(device)].voc;
  const auto figure = voc.derived[place - (samples.size() - voc.derived.size())];
  std::vector<core::Contributor> out;
  for (const auto& part : core::top(samples, voc.channels, figure, contributors_told))
    out.push_back({settings::cas_text(voc.compounds[part.channel]), part.ug_m3 / samples[place].value});
  return out;
}

void Ingest::judge_link(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                        core::Batch& batch) {
  const auto bad = std::ranges::find_if(samples, [](const auto& s) { return !core::sound(s.flag); });
  const bool sound = bad == samples.end();
  if (is_of_bus(device, at, sound ? nullptr : &*bad, batch)) return;
  core::Reason why;
  if (sound) {
    devices_[core::at(device)].last = devices_[core::at(device)].told = {};
  } else {
    why = reason(device, samples);
  }
  // The first poll of a silence waits for what the others on the line do; now it counts.
  auto& mine = devices_[core::at(device)];
  if (!sound && mine.silent_polls >= 2 && !std::exchange(mine.alone, true))
    monitor_.on_link(device, mine.silent_since, false, why);
  if (auto changed = monitor_.on_link(device, at, sound, why)) batch.alarms.push_back(std::move(*changed));
}

/// Of a poll that is not sound. Another cause than the one told counts from the second time running, as the first does.
core::Reason Ingest::reason(core::DeviceIndex device, std::span<const core::Sample> samples) {
  auto& state = devices_[core::at(device)];
  const auto bad = std::ranges::find_if(samples, [](const auto& s) { return !core::sound(s.flag); });
  const Cause cause{bad->doubt,
                    core::of_whole_device(bad->doubt) ? 0 : static_cast<std::uint32_t>(bad - samples.begin())};
  if (state.told.doubt == Doubt::none || cause == state.last) state.told = cause;
  state.last = cause;
  if (core::of_whole_device(state.told.doubt)) return {.doubt = state.told.doubt};
  const auto point = core::at(settings_.site.devices[core::at(device)].first_point) + state.told.place;
  return {.doubt = state.told.doubt,
          .point = settings_.site.points[point].id,
          .value = samples[state.told.place].value,
          .bound = core::bound_of(rules_[points_[point].rule], state.told.doubt)};
}

/// The notice comes from the device of the second point; it is asked with each of its polls.
void Ingest::cross_check(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                         core::Batch& batch) {
  bool judged = false;
  for (const auto number : checks_of_[core::at(device)]) {
    auto& check = checks_[number];
    for (std::size_t side = 0; side < check.points.size(); ++side) {
      const auto& point = settings_.site.points[core::at(check.points[side])];
      const auto place =
          core::at(check.points[side]) - core::at(settings_.site.device_of(check.points[side]).first_point);
      if (point.device == device) check.state.add(side, at, samples[place]);
    }
    if (judges(device, check)) judged |= check.state.judge(at);
  }
  const auto why = disagreement(device);
  // Nothing new is known; but what stood before may come to light again, now that the device gives valid data.
  if (!judged && why.doubt == Doubt::none) return;
  if (auto changed = monitor_.on_cross_check(device, at, why.doubt != Doubt::none, why))
    batch.alarms.push_back(std::move(*changed));
}

/// The first that stands; doubt none where all agree.
core::Reason Ingest::disagreement(core::DeviceIndex device) const {
  const auto& points = settings_.site.points;
  for (const auto number : checks_of_[core::at(device)]) {
    const auto& check = checks_[number];
    if (!judges(device, check) || !check.state.disagree()) continue;
    return {.doubt = Doubt::disagreement,
            .point = points[core::at(check.points[1])].id,
            .other = points[core::at(check.points[0])].id,
            .value = check.state.mean(1),
            .bound = check.state.mean(0)};
  }
  return {};
}

}  // namespace hazgate::app
