// [[device.point]]: a measure with what the site says about it, and the point that comes of both.
#pragma once

#include "settings/loading.hpp"

namespace hazgate::settings {

/// What a point has beside its measure: its name, and the table that speaks of it, if any.
struct PointText {
  std::string name;
  std::optional<TomlReader> reader;
  std::optional<double> sio2_percent;  ///< free SiO2 of the dust
};

/// Overrides the measures; one text a measure. Reports what the profile leaves open and nobody stated.
std::vector<PointText> apply_points(TomlReader& device, const ProfileFile& file, modbus::Profile& profile);

/// Appends the point of the last device: canonical unit, conversion, legal levels.
void add_point(const TomlReader& device, Loading& loading, const modbus::Measure& measure, const PointText& text);

/// After the points of the last device: which of its measures are compounds, the derived points, and who has a
/// baseline.
VocStation load_voc(const TomlReader& device, Loading& loading, const modbus::Profile& profile,
                    const std::vector<PointText>& texts);

}  // namespace hazgate::settings
