#include "app/ingest.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::app {

using core::Flag;

namespace {

constexpr core::Duration checkpoint_interval = std::chrono::minutes(1);

/// A refusal or a wrong identity is the device's fault; everything else is the way to it.
Flag failure_flag(boost::system::error_code error) {
  const bool gateway_refused =
      error == modbus::modbus_errc::gateway_path || error == modbus::modbus_errc::gateway_no_answer;
  const bool device =
      (modbus::is_exception(error) && !gateway_refused) || error == modbus::modbus_errc::identity_mismatch;
  return device ? Flag::device_fault : Flag::link_lost;
}

Flag state_flag(const modbus::StateRegister& state, double raw) {
  if (!std::isfinite(raw) || raw < 0 || raw > std::numeric_limits<std::uint32_t>::max()) return Flag::device_fault;
  const auto value = static_cast<std::uint32_t>(raw) & state.mask.value_or(0xFFFFFFFFU);
  const auto found = state.map.find(value);
  return core::flag_from(found == state.map.end() ? state.otherwise : found->second).value_or(Flag::device_fault);
}

}  // namespace

std::vector<core::PointWatch> watches(const settings::Settings& settings) {
  std::vector<core::PointWatch> out;
  out.reserve(settings.points.size());
  for (std::size_t i = 0; i < settings.points.size(); ++i) {
    const auto& point = settings.site.points[i];
    const bool level = point.unit == core::Unit::db_a || point.unit == core::Unit::db_c;
    const auto& workplace = settings.site.workplaces[core::at(point.workplace)];
    core::PointWatch watch{.period = settings.site.devices[core::at(point.device)].period,
                           .levels = settings.points[i].levels,
                           .energy_mean = level,
                           .workplace = point.workplace};
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
    : settings_(settings), monitor_(std::move(monitor)), devices_(settings.devices.size()) {
  points_.reserve(settings.points.size());
  for (const auto& p : settings.points) {
    points_.push_back({.scale = p.scale,
                       .offset = p.offset,
                       .rule = {p.min, p.max, p.loq, p.max_rate, p.stuck_after},
                       .quality = {},
                       .error_values = error_values_number(p.error_values)});
  }
}

std::uint32_t Ingest::error_values_number(const std::vector<double>& values) {
  auto found = std::find(error_values_.begin(), error_values_.end(), values);
  if (found == error_values_.end()) found = error_values_.insert(found, values);
  return static_cast<std::uint32_t>(found - error_values_.begin());
}

Flag Ingest::device_flag(std::size_t device, const modbus::Outcome& outcome, core::Timestamp at) {
  const auto& rules = settings_.devices[device];
  auto& state = devices_[device];
  if (outcome.first_after_loss) {
    // A lost telegram is no power cut: only who was away for several periods has to warm up again.
    if (at - state.last_answer > 3 * settings_.site.devices[device].period) state.warm_until = at + rules.warm_up;
    state.heartbeat_moved = at;
  }
  state.last_answer = at;
  const auto& points = settings_.site.devices[device];
  auto next = points.point_count - points.derived_count;  // states, then heartbeat, follow the measures
  for (const auto& rule : rules.states) {
    const Flag flag = state_flag(rule, outcome.values[next++]);
    if (flag != Flag::normal) return flag;
  }
  if (rules.heartbeat_within) {
    const double beat = outcome.values[next];
    if (std::isfinite(beat) && beat != state.heartbeat) state.heartbeat_moved = at;
    state.heartbeat = beat;
    if (at - state.heartbeat_moved > *rules.heartbeat_within) return Flag::device_fault;
  }
  return at < state.warm_until ? Flag::stopped : Flag::normal;
}

core::Sample Ingest::sample(std::size_t point, double raw, Flag device_flag, core::Timestamp at) {
  auto& state = points_[point];
  const auto& codes = error_values_[state.error_values];
  const auto is_raw = [raw](double code) {
    return raw == code || raw == static_cast<double>(static_cast<float>(code));
  };
  if (std::any_of(codes.begin(), codes.end(), is_raw)) return {core::no_value, Flag::device_fault};
  auto sample = core::judge_quality(state.quality, state.rule, at, raw * state.scale + state.offset);
  if (device_flag != Flag::normal) sample.flag = device_flag;
  return sample;
}

/// Behind the measures that begin at `first`: TVOC and OFP. Where none of the compounds counts, the device's flag says
/// why.
void Ingest::derive(std::size_t device, Flag flag, std::size_t first, std::vector<core::Sample>& samples) const {
  const auto& voc = settings_.devices[device].voc;
  if (voc.derived.empty()) return;
  const auto scan = core::scan(std::span(samples).subspan(first), voc.channels);
  for (const auto figure : voc.derived)
    samples.push_back(core::figure_of(scan, figure, flag == Flag::normal ? Flag::device_fault : flag));
}

void Ingest::on_outcome(const modbus::Outcome& outcome, core::Timestamp at, core::Batch& batch) {
  const auto& device = settings_.site.devices[outcome.device];
  const bool answered = !outcome.error;
  const Flag flag = answered ? device_flag(outcome.device, outcome, at) : failure_flag(outcome.error);
  const auto first = batch.samples.size();
  for (std::uint32_t i = 0; i < device.point_count - device.derived_count; ++i) {
    const auto point = core::at(device.first_point) + i;
    batch.samples.push_back(answered ? sample(point, outcome.values[i], flag, at) : core::Sample{core::no_value, flag});
  }
  derive(outcome.device, flag, first, batch.samples);
  const auto count = batch.samples.size() - first;
  judge_frame(core::DeviceIndex{outcome.device}, at, first, count, batch);
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
  const auto& device = settings_.site.devices[core::at(number)];
  batch.frames.push_back({.device = number,
                          .at = at,
                          .first = static_cast<std::uint32_t>(first),
                          .count = static_cast<std::uint32_t>(count)});
  bool sound = true;
  for (std::size_t i = 0; i < count; ++i) {
    const auto s = batch.samples[first + i];
    sound &= s.flag != Flag::device_fault && s.flag != Flag::link_lost;
    const core::PointIndex point{static_cast<std::uint32_t>(core::at(device.first_point) + i)};
    if (auto changed = monitor_.on_reading({point, at, s.value, s.flag})) batch.alarms.push_back(std::move(*changed));
  }
  if (auto changed = monitor_.on_link(number, at, sound)) batch.alarms.push_back(std::move(*changed));
  monitor_.exposures().take(device.workplace, at, batch.exposures);
}

void Ingest::save(core::DeviceIndex device, std::vector<std::byte>& to) const {
  const auto& d = settings_.site.devices[core::at(device)];
  core::StateWriter writer(to);
  for (std::uint32_t i = 0; i < d.point_count; ++i) writer.put(points_[core::at(d.first_point) + i].quality);
  monitor_.save(device, d.first_point, d.point_count, to);
}

bool Ingest::load(core::DeviceIndex device, std::span<const std::byte> state) {
  const auto& d = settings_.site.devices[core::at(device)];
  const auto qualities = d.point_count * sizeof(core::QualityState);
  if (state.size() < qualities || !monitor_.load(device, d.first_point, d.point_count, state.subspan(qualities))) {
    return false;
  }
  core::StateReader reader(state);
  for (std::uint32_t i = 0; i < d.point_count; ++i) reader.get(points_[core::at(d.first_point) + i].quality);
  return reader.good();
}

void Ingest::catch_up(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples) {
  const auto& d = settings_.site.devices[core::at(device)];
  for (std::size_t i = 0; i < samples.size(); ++i) {
    auto& quality = points_[core::at(d.first_point) + i].quality;
    if (std::isfinite(samples[i].value)) {
      if (samples[i].value != quality.last) quality.same_since = at;
      quality.last = samples[i].value;
      quality.last_at = at;
    }
  }
  core::Batch stored_already;
  monitor_.catch_up(true);
  on_frame(device, at, samples, stored_already);
  monitor_.catch_up(false);
}

void Ingest::add_checkpoints(core::Timestamp now, core::Batch& batch) {
  const auto count = devices_.size();
  if (count == 0) return;
  const core::Duration pace = checkpoint_interval / static_cast<std::int64_t>(count);
  // After a step of the clock, or a long pause, a new round begins: none is left out, and none comes in a burst.
  if (now < checkpoint_due_ - checkpoint_interval || now > checkpoint_due_ + checkpoint_interval) checkpoint_due_ = now;
  while (checkpoint_due_ <= now) {
    const core::DeviceIndex device{static_cast<std::uint32_t>(next_checkpoint_)};
    batch.checkpoints.push_back({.device = device, .at = now, .state = {}});
    save(device, batch.checkpoints.back().state);
    next_checkpoint_ = (next_checkpoint_ + 1) % count;
    checkpoint_due_ += std::max(pace, core::Duration{1});
  }
}

}  // namespace hazgate::app
