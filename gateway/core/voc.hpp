// A scan of a VOC station: total mass, ozone formation potential, and which compounds make them up.
// Count, order and names of the channels are data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/reading.hpp"

namespace hazgate::core {

/// One reported channel: a compound, or two that leave the column together (m- and p-xylene).
struct VocChannel {
  std::uint32_t place = 0;  ///< in the device's points
  double ug_per_m3 = 0;     ///< at 25 °C and 101.325 kPa, for 1 of the point's canonical unit
  /// Maximum incremental reactivity, g O3 / g (Carter 2010). None is not zero: carbon tetrachloride is 0, benzaldehyde
  /// negative.
  std::optional<double> mir;
  std::uint8_t family = 0;          ///< into the list's families: PAMS, OVOC, TO15
  std::uint8_t chemical_class = 0;  ///< into the list's classes: alkane, aromatic, …
};

/// What one scan holds. Only N, S, L and T count; anything else is missing: left out, never zero.
/// A non-detect (L, or nothing above 0) counts as 0, the lower bound: its quantification limit would add up to a mass
/// that nobody measured.
struct VocScan {
  double tvoc_ug_m3 = 0;      ///< at 25 °C and 101.325 kPa
  double ofp_ug_m3 = 0;       ///< ug O3 per m3: sum of mass * MIR over the channels that have one
  unsigned counted = 0;       ///< channels in tvoc, non-detects among them
  unsigned without_mir = 0;   ///< of `counted`: left out of ofp
  unsigned not_detected = 0;  ///< of `counted`
  unsigned over_range = 0;    ///< of `counted`: T, so that the sums are lower bounds
  unsigned missing = 0;       ///< the other channels
  friend bool operator==(const VocScan&, const VocScan&) = default;
};

/// `samples` are the device's points of one poll.
VocScan scan(std::span<const Sample> samples, std::span<const VocChannel> channels);

/// ofp_left_out: how many compounds are not in OFP, because they have no reactivity or were missing in this scan.
enum class VocFigure { tvoc, ofp, ofp_left_out };  ///< the first two in ug/m3

/// The figure as a sample of its own: T when a channel was over range and the figure a sum. No value below 75 % of the
/// channels, the coverage that any average here needs: with `otherwise` when no channel counted, else D.
Sample figure_of(const VocScan& scan, VocFigure figure, Flag otherwise);

/// The part of one channel in a scan's tvoc or ofp.
struct VocShare {
  std::uint32_t channel = 0;  ///< into the channels
  double ug_m3 = 0;
  friend bool operator==(const VocShare&, const VocShare&) = default;
};

/// The at most `n` greatest shares above 0, greatest first; equal ones by place. For the text of an alarm.
std::vector<VocShare> top(std::span<const Sample> samples, std::span<const VocChannel> channels, VocFigure figure,
                          std::size_t n);

/// Sums by family or by chemical class: group_sums(samples, channels, VocFigure::ofp, &VocChannel::family). As many as
/// the greatest group number needs; a group without a counted channel is 0.
std::vector<double> group_sums(std::span<const Sample> samples, std::span<const VocChannel> channels, VocFigure figure,
                               std::uint8_t VocChannel::*group);

}  // namespace hazgate::core
