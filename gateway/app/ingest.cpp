#include "app/ingest.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::app {

using core::Flag;

namespace {

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
    out.push_back({settings.site.devices[core::at(point.device)].period, settings.points[i].levels, level});
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
  auto next = settings_.site.devices[device].point_count;  // states, then heartbeat, follow the measures
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

void Ingest::on_outcome(const modbus::Outcome& outcome, core::Timestamp at, core::Batch& batch) {
  const auto& device = settings_.site.devices[outcome.device];
  batch.frames.push_back({.device = core::DeviceIndex{outcome.device},
                          .at = at,
                          .first = static_cast<std::uint32_t>(batch.samples.size()),
                          .count = device.point_count});
  const bool answered = !outcome.error;
  bool sound = answered;
  const Flag flag = answered ? device_flag(outcome.device, outcome, at) : failure_flag(outcome.error);
  for (std::uint32_t i = 0; i < device.point_count; ++i) {
    const auto point = core::at(device.first_point) + i;
    const auto s = answered ? sample(point, outcome.values[i], flag, at) : core::Sample{core::no_value, flag};
    batch.samples.push_back(s);
    sound &= s.flag != Flag::device_fault;
    const core::Reading reading{core::PointIndex{static_cast<std::uint32_t>(point)}, at, s.value, s.flag};
    if (auto changed = monitor_.on_reading(reading)) batch.alarms.push_back(std::move(*changed));
  }
  if (auto changed = monitor_.on_link(core::DeviceIndex{outcome.device}, at, sound)) {
    batch.alarms.push_back(std::move(*changed));
  }
}

}  // namespace hazgate::app
