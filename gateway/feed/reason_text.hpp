// Pure: why a device gives no valid data, as a clause of its notice, in Chinese and in English.
#pragma once

#include "core/reason.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"

namespace hazgate::feed {

/// Empty for doubt none and for a disagreement, which is a sentence of its own.
Phrase reason_text(const core::Site& site, const core::Reason& reason);

/// "<name> (<id>)", or the id alone where the point has no name or is not configured any more.
Phrase point_label(const core::Site& site, std::string_view id);
/// A figure of that point with its unit.
std::string figure_of_point(const core::Site& site, std::string_view id, double value);
/// The unit of that point; `one` where it is not configured any more.
core::Unit unit_of_point(const core::Site& site, std::string_view id);

}  // namespace hazgate::feed
