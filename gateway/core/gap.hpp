// A gap: time in which a workplace was not measured, or of which subscribers got minute means only, and why.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/reading.hpp"

namespace hazgate::core {

enum class GapReason : std::uint8_t {
  power,      ///< the gateway was off, or was killed
  sensor,     ///< an instrument, or the way to it
  clock,      ///< the clock stepped: times are missing, or come twice
  operator_,  ///< a person: calibration, maintenance, the plant stopped, the gateway stopped
  size        ///< what waits for a subscriber or for the disk reached its bound
};
inline constexpr std::array all_gap_reasons{GapReason::power, GapReason::sensor, GapReason::clock, GapReason::operator_,
                                            GapReason::size};
std::string_view name(GapReason reason);  ///< "power", "sensor", "clock", "operator", "size"

enum class GapKind : std::uint8_t { lost, thinned };
inline constexpr std::array all_gap_kinds{GapKind::lost, GapKind::thinned};
std::string_view name(GapKind kind);  ///< the enumerators' own words

/// Told when it begins, where that is known, and when it is over.
struct Gap {
  std::optional<WorkplaceIndex> workplace;  ///< none: every one of the site
  std::optional<DeviceIndex> device;        ///< none: all of the workplace
  GapReason reason{};
  GapKind kind = GapKind::lost;
  Timestamp from;
  std::optional<Timestamp> to;  ///< none: it lasts
  std::string detail;           ///< for people, in English; may be empty
  std::string left;             ///< id of a device that the site no longer has; then `device` is none
  friend bool operator==(const Gap&, const Gap&) = default;
};

}  // namespace hazgate::core
