#include "core/voc.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::core {

namespace {

constexpr double least_counted = 0.75;

/// ug/m3 at 25 °C; none for a channel that is missing.
std::optional<double> mass(const Sample& sample, const VocChannel& channel) {
  if (!judges_alarms(sample.flag) || !std::isfinite(sample.value)) return {};
  if (sample.flag == Flag::below_loq || sample.value <= 0) return 0;
  return sample.value * channel.ug_per_m3;
}

/// None: missing, or without reactivity where the figure needs one.
std::optional<double> share(std::span<const Sample> samples, const VocChannel& channel, VocFigure figure) {
  if (channel.place >= samples.size()) return {};
  const auto m = mass(samples[channel.place], channel);
  if (figure == VocFigure::ofp_left_out) return {};
  if (!m || figure == VocFigure::tvoc) return m;
  return channel.mir ? std::optional{*m * *channel.mir} : std::nullopt;
}

void count(VocScan& scan, const Sample& sample, const VocChannel& channel) {
  const auto m = mass(sample, channel);
  if (!m) {
    ++scan.missing;
    return;
  }
  ++scan.counted;
  scan.tvoc_ug_m3 += *m;
  scan.ofp_ug_m3 += *m * channel.mir.value_or(0);
  scan.without_mir += channel.mir ? 0 : 1;
  scan.not_detected += *m > 0 ? 0 : 1;
  scan.over_range += sample.flag == Flag::over_range ? 1 : 0;
}

}  // namespace

VocScan scan(std::span<const Sample> samples, std::span<const VocChannel> channels) {
  VocScan result;
  for (const VocChannel& channel : channels)
    count(result, channel.place < samples.size() ? samples[channel.place] : Sample{no_value, Flag::link_lost}, channel);
  return result;
}

Sample figure_of(const VocScan& scan, VocFigure figure, Flag otherwise) {
  if (scan.counted == 0) return {no_value, otherwise};
  if (figure == VocFigure::ofp_left_out) return {static_cast<double>(scan.without_mir + scan.missing), Flag::normal};
  if (scan.counted < least_counted * (scan.counted + scan.missing)) return {no_value, Flag::device_fault};
  const double value = figure == VocFigure::tvoc ? scan.tvoc_ug_m3 : scan.ofp_ug_m3;
  return {value, scan.over_range > 0 ? Flag::over_range : Flag::normal};
}

std::vector<VocShare> top(std::span<const Sample> samples, std::span<const VocChannel> channels, VocFigure figure,
                          std::size_t n) {
  std::vector<VocShare> shares;
  for (std::uint32_t i = 0; i < channels.size(); ++i)
    if (const auto s = share(samples, channels[i], figure); s && *s > 0) shares.push_back({i, *s});
  const auto before = [&](const VocShare& a, const VocShare& b) {
    return a.ug_m3 != b.ug_m3 ? a.ug_m3 > b.ug_m3 : channels[a.channel].place < channels[b.channel].place;
  };
  const auto kept = static_cast<std::ptrdiff_t>(std::min(n, shares.size()));
  std::partial_sort(shares.begin(), shares.begin() + kept, shares.end(), before);
  shares.resize(static_cast<std::size_t>(kept));
  return shares;
}

std::vector<double> group_sums(std::span<const Sample> samples, std::span<const VocChannel> channels, VocFigure figure,
                               std::uint8_t VocChannel::*group) {
  std::vector<double> sums;
  for (const VocChannel& channel : channels) {
    if (sums.size() <= channel.*group) sums.resize(std::size_t{channel.*group} + 1);
    sums[channel.*group] += share(samples, channel, figure).value_or(0);
  }
  return sums;
}

}  // namespace hazgate::core
