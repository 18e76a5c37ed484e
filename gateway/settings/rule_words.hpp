// What points are judged by, in words that a person can compare: for the record of changes.
#pragma once

#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace hazgate::settings {

struct RuleWords {
  std::string enterprise;  ///< whose point it is; "" where it holds for all
  std::string subject;     ///< a point's id, "alarm", or "shift <id>"
  std::string rule;        ///< "reading exceed", "warning targets"
  std::string text;        ///< "above 100 mg/m3, clears at 95, after 30 s, off after 60 s, 2 samples (GBZ …)"
};
/// Of every point what it is judged as and every set point; what [alarm] decided for each level; the hours of each
/// shift.
std::vector<RuleWords> rule_words(const Settings& settings);

/// Who answers for the rules: [alarm] decided_by, or the owner of the file.
std::string decided_by(const Settings& settings, const std::string& file_owner);

}  // namespace hazgate::settings
