// Pure: the exposure of a point over its shift in words, in Chinese and in English.
#pragma once

#include "core/exposure.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"

namespace hazgate::feed {

/// What the point is judged by: the limit of its average as it applies to the shift, or the MAC of an agent without
/// one. Value NaN where there is neither.
core::Limit limit_of(const core::Exposure& e, const core::Agent* agent);

/// "超标", "Exceeds".
Phrase verdict_text(const core::Exposure& e);

/// The verdict, the figure that was held against the limit and its clause, how much was measured, what was broken.
/// "At least" where the true figure is not known to be no greater: over range, or too little measured.
Phrase exposure_text(const core::Site& site, const core::Exposure& e);

}  // namespace hazgate::feed
