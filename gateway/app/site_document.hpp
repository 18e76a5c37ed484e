// The site as the page needs to know it: places, instruments, points, agents with their limits, and what each point is
// judged by. It stays the same as long as the configuration does.
#pragma once

#include <optional>
#include <string>

#include "core/role.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

/// For who sees all, or (`only`) one enterprise's. A regulator gets names and limits, and not how the site watches.
/// `revision`: of the configuration, as snapshots of the live connection name it: its numbers are those of no other.
std::string site_document(const settings::Settings& settings, core::Role role,
                          std::optional<core::EnterpriseIndex> only, std::string_view revision);
/// One point of it, as a JSON object.
std::string point_document(const settings::Settings& settings, core::PointIndex point, bool with_set_points);

}  // namespace hazgate::app
