// From the limits of an agent and the levels of a site to the set points of an alarm.
#pragma once

#include <optional>
#include <vector>

#include "core/alarm.hpp"
#include "core/limit.hpp"

namespace hazgate::settings {

/// What the law gives for one agent. MAC: each reading, warning at half of it, exceed above it in two samples running,
/// danger above twice. PC-STEL: the same on the sliding 15 min mean, exceed at once because the mean filters already.
/// A PC-TWA or a noise limit needs a whole shift and gives no set point here.  GBZ 2.1-2019 3.9, 6.3; GBZ
/// 1-2010 6.1.6.3
std::vector<core::LevelRule> legal_levels(const core::Agent& agent);

/// One [[limit]] of the site, in the point's unit. What is absent follows the level: on-delay 60 s for a notice, 30 s
/// for a warning, two samples for an exceedance, none for danger; off-delay 60 s; dead-band 5 % of the value, 1 dB for
/// noise.
struct SiteLevel {
  core::Level level = core::Level::warning;
  core::Basis basis = core::Basis::reading;
  double value{};
  core::Unit unit{};
  std::optional<double> dead_band;
  std::optional<core::Duration> on_delay, off_delay;
};
core::LevelRule level_rule(const SiteLevel& level);

}  // namespace hazgate::settings
