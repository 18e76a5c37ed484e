#include "drivers/simulator_polls.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "drivers/simulator_device.hpp"

namespace hazgate::modbus {
namespace {

/// What is read from a register in which `raw` was put: whole numbers where the type has no others.
double held(double raw, const Channel& channel) {
  if (std::isnan(raw)) return raw;
  std::array<std::uint16_t, 4> words{};
  encode(raw, channel.type, channel.order, words);
  return decode(words, channel.type, channel.order);
}

}  // namespace

SimulatedPolls::SimulatedPolls(const DevicePlan& plan, const SimulatedDevice& device) {
  for (const auto& channel : plan.channels) {
    Source source{.channel = channel, .heartbeat = device.heartbeat == channel};
    const auto track = std::ranges::find(device.tracks, channel, &Track::channel);
    if (track != device.tracks.end()) source.track = &*track;
    const auto constant = std::ranges::find(device.constants, channel, [](const auto& entry) { return entry.first; });
    if (constant != device.constants.end()) source.constant = held(constant->second, channel);
    sources_.push_back(source);
  }
  values_.resize(sources_.size());
  if (device.tracks.empty()) return;
  begin_ = std::ranges::min(device.tracks, {}, &Track::from).from;
  for (const auto& track : device.tracks) end_ = std::max(end_, track.from + length(track));
}

std::span<const double> SimulatedPolls::at(double seconds) {
  bool recorded = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const auto& [channel, track, constant, heartbeat] = sources_[i];
    values_[i] = heartbeat ? held(std::fmod(std::floor(seconds), 65536), channel) : constant;
    if (track == nullptr) continue;
    values_[i] = held((value_at(*track, seconds) - track->offset) / track->scale, channel);
    recorded = recorded || !std::isnan(values_[i]);
  }
  return recorded ? std::span<const double>(values_) : std::span<const double>();
}

}  // namespace hazgate::modbus
