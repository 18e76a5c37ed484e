// What to do first when an alarm comes: a site's texts by hazard and level, and which of them fits.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/alarm.hpp"

namespace hazgate::core {

/// One text for one word.
struct Advice {
  std::string subject;         ///< an agent's id, "device", "bus", …; "dust:*" for all that begin so; "*" for all
  Level level = Level::none;   ///< from this level on, until another row of the same subject has a higher one
  std::string zh, en, source;  ///< source: the standard that says so; may be empty
  friend bool operator==(const Advice&, const Advice&) = default;
};

/// The row of the most exact subject that has one not above `level`, and of its rows the highest: the whole word, then
/// the longest matching beginning, then "*". nullptr where none fits.
const Advice* advice_for(std::span<const Advice> all, std::string_view subject, Level level);

}  // namespace hazgate::core
