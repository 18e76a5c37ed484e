// The site's time zone: when its shifts begin and end, and what its clocks show.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/shift.hpp"
#include "settings/settings.hpp"

namespace hazgate::settings {

/// Windows of the shifts, numbered as in `shifts`; each has at least one day, as load() has seen to.
/// A window begins when the local clock first reaches the start time on one of the shift's days: an hour that is left
/// out begins at the first moment after it, an hour that comes twice at the first. It lasts `hours` of elapsed time,
/// cut where the next one begins (24 h on the day of 23), and belongs to the day of its start time also after midnight.
/// Throws std::runtime_error for a zone that is not in the time zone database.
core::Calendar make_calendar(const std::vector<ShiftSettings>& shifts, const std::string& timezone);

/// Local time minus UTC. Throws as make_calendar does.
std::function<std::chrono::seconds(core::Timestamp)> utc_offset(const std::string& timezone);

}  // namespace hazgate::settings
