// From the limits of an agent and the levels of a site to the set points of an alarm.
#pragma once

#include <optional>
#include <vector>

#include "core/limit.hpp"
#include "core/set_point.hpp"
#include "settings/settings.hpp"

namespace hazgate::settings {

/// What the law gives for one agent.                                     GBZ 2.1-2019 3.9, 6.3; GBZ 1-2010 6.1.6.3
/// MAC: each reading, warning at half of it, exceed above it in two samples running, danger above twice.
/// PC-STEL: the same on the sliding 15 min mean, exceed at once because the mean filters already.
/// PC-TWA and L_EX: notice when the forecast of the shift passes it, warning at half of it (noise: 80 dB(A)), exceed
/// when the dose so far passes it. Without a PC-STEL besides: warning above 3 PC-TWA, danger above 5 PC-TWA. Stretches
/// that are too many, too long or too close are an exceedance.
/// WBGT: notice when the mean of the shift is forecast above it, warning when readings are for 60 s, exceed when the
/// mean so far is for 15 min.
/// `timings` stand instead of the usual delays and dead-bands; an average that exceeds its limit never waits longer.
std::vector<core::LevelRule> legal_levels(const core::Agent& agent, const LevelTimings& timings = {});
/// Of a mixture: exceed above an index of 1, warning above half of it.               GBZ 2.1-2019 A.3.2.2, 3.9
std::vector<core::LevelRule> mixture_levels(const LevelTimings& timings = {});
/// The rule judges a figure of a shift: of no use where exposure is not counted.
bool needs_shift(const core::LevelRule& rule);

/// One [[limit]] of the site, in the point's unit. What is absent follows the level: on-delay 60 s for a notice, 30 s
/// for a warning, two samples for an exceedance, none for danger; off-delay 60 s; dead-band 5 % of the value, 1 dB for
/// noise, 0.5 degC for a temperature.
struct SiteLevel {
  core::Level level = core::Level::warning;
  core::Basis basis = core::Basis::reading;
  double value{};
  core::Unit unit{};
  std::optional<double> dead_band;
  std::optional<core::Duration> on_delay, off_delay;
};
core::LevelRule level_rule(const SiteLevel& level, const LevelTimings& timings = {});

}  // namespace hazgate::settings
