// Pure: an alarm in words that a person understands at once, in Chinese and in English.
#pragma once

#include <string>

#include "core/alarm.hpp"
#include "core/site.hpp"

namespace hazgate::feed {

/// The same in both languages; they are built side by side so that neither forgets what the other says.
struct Phrase {
  std::string zh, en;
};
/// What, how much against which limit, where, since when on the site's clocks. Figures have three significant digits,
/// and more where fewer would let an exceeding figure read as its limit: a value equal to its limit complies (GBZ
/// 2.1-2019 6.3).
Phrase alarm_text(const core::Site& site, const core::Alarm& alarm);

/// The agent by its name, capital first; the point's own where it has none.
Phrase quantity_name(const core::Site& site, const core::Point& point);

/// As people write it: mg/m³, µg/m³.
std::string pretty_unit(core::Unit unit);

/// `value` for reading, plain decimals; it lies on the same side of `limit` as the exact figure does.
std::string rounded(double value, double limit = core::no_value);

}  // namespace hazgate::feed
