#include "settings/level_rules.hpp"

#include <cmath>

namespace hazgate::settings {

using namespace std::chrono_literals;
using core::Agent;
using core::Basis;
using core::Duration;
using core::Level;
using core::LevelRule;
using core::Limit;
using core::LimitKind;
using core::Unit;

namespace {

constexpr Duration off_delay = 60s;
constexpr double most_impulse_peak = 140;  // dB(A), up to 100 impulses a day

double dead_band(double set_point, Unit unit) {
  if (core::is_level(unit)) return 1;
  if (unit == Unit::degree_celsius) return 0.5;  // a part of a temperature means nothing
  return 0.05 * std::abs(set_point);
}

Duration on_delay(Level level) {
  if (level == Level::notice) return 60s;
  return level == Level::warning ? Duration{30s} : Duration{0};
}

LevelRule rule(Level level, Basis basis, double set_point, Limit limit) {
  LevelRule r{.level = level, .basis = basis, .raise_above = set_point, .limit = std::move(limit)};
  r.clear_at = set_point - dead_band(set_point, r.limit.unit);
  r.on_delay = on_delay(level);
  r.off_delay = off_delay;
  // A single sample above a limit that holds at any moment may be a disturbance; two running are not.
  r.on_samples = level == Level::exceed && basis == Basis::reading ? 2 : 1;
  return r;
}

Limit half_of(const Limit& limit) {
  return {LimitKind::action, limit.value / 2, limit.unit, "GBZ 2.1-2019 3.9, half of " + limit.source};
}

void add_legal(std::vector<LevelRule>& rules, const Limit& limit, Basis basis) {
  const Limit half = half_of(limit);
  rules.push_back(rule(Level::warning, basis, half.value, half));
  rules.push_back(rule(Level::exceed, basis, limit.value, limit));
  rules.push_back(rule(Level::danger, basis, 2 * limit.value, limit));
}

/// The shift's figure: a forecast is a notice, half of the limit a warning, the limit an exceedance. Averages filter by
/// themselves, so that only the forecast has a delay.
void add_shift(std::vector<LevelRule>& rules, const Limit& limit, const Limit& action) {
  rules.push_back(rule(Level::notice, Basis::twa_projected, limit.value, limit));
  rules.push_back(rule(Level::warning, Basis::twa, action.value, action));
  rules.back().on_delay = Duration{0};
  rules.push_back(rule(Level::exceed, Basis::twa, limit.value, limit));
}

/// Short stretches are counted; too many, too long or too close is the breach.        GBZ 2.1-2019 6.3.2, 6.3.3
void add_short_time(std::vector<LevelRule>& rules, const Limit& above) {
  rules.push_back(rule(Level::exceed, Basis::short_time, 0.5, above));
  rules.back().clear_at = 0.5;
}

void add_pc_twa(std::vector<LevelRule>& rules, const Limit& pc_twa, bool has_stel) {
  add_shift(rules, pc_twa, half_of(pc_twa));
  if (has_stel) {
    add_short_time(rules, {LimitKind::pc_twa, pc_twa.value, pc_twa.unit, "GBZ 2.1-2019 6.3.2, " + pc_twa.source});
    return;
  }
  const auto times = [&](double n) {
    return Limit{LimitKind::pe, n * pc_twa.value, pc_twa.unit, "GBZ 2.1-2019 6.3.3, " + pc_twa.source};
  };
  rules.push_back(rule(Level::warning, Basis::reading, times(3).value, times(3)));
  add_short_time(rules, times(3));
  rules.push_back(rule(Level::danger, Basis::reading, times(5).value, times(5)));
}

void add_noise(std::vector<LevelRule>& rules, const Agent& agent) {
  const Limit* lex = agent.limit(LimitKind::lex_8h);
  const Limit* action = agent.limit(LimitKind::action);
  if (lex != nullptr && action != nullptr) add_shift(rules, *lex, *action);
  // No single level: what is allowed falls with the number of impulses.
  if (agent.id == "noise:peak")
    add_short_time(rules, {LimitKind::pe, most_impulse_peak, Unit::db_a, "GBZ 2.2-2007 11.2.2, Table 10"});
}

/// Half of a temperature means nothing: the warning is a reading above the limit, which judges the mean alone. The
/// first hot minutes of a shift are not yet a mean.
void add_heat(std::vector<LevelRule>& rules, const Limit& wbgt) {
  rules.push_back(rule(Level::notice, Basis::twa_projected, wbgt.value, wbgt));
  rules.push_back(rule(Level::warning, Basis::reading, wbgt.value, wbgt));
  rules.back().on_delay = 60s;
  rules.push_back(rule(Level::exceed, Basis::twa, wbgt.value, wbgt));
  rules.back().on_delay = 15min;
}

/// The site's delays and dead-band of a level. An average above its limit has waited long enough; a count has no part.
void retime(LevelRule& rule, const LevelTimings& timings) {
  const auto& timing = timings[static_cast<std::size_t>(rule.level)];
  const bool waits = rule.level < Level::exceed || rule.basis == Basis::reading;
  if (timing.on_delay && waits) rule.on_delay = *timing.on_delay;
  if (timing.off_delay) rule.off_delay = *timing.off_delay;
  const auto unit = rule.limit.unit;
  const bool part = unit != Unit::db_a && unit != Unit::db_c && unit != Unit::degree_celsius;
  if (timing.dead_band_percent && part && rule.basis != Basis::short_time)
    rule.clear_at = rule.raise_above - *timing.dead_band_percent / 100 * std::abs(rule.raise_above);
}

}  // namespace

core::AlarmPolicy usual_alarm_policy() {
  core::AlarmPolicy policy;
  auto& of = policy.levels;
  of[static_cast<std::size_t>(Level::warning)] = {.confirm_within = 30min, .dispose_within = 24h};
  of[static_cast<std::size_t>(Level::exceed)] = {.confirm_within = 10min, .dispose_within = 4h};
  of[static_cast<std::size_t>(Level::danger)] = {.confirm_within = 2min, .dispose_within = 30min};
  return policy;
}

std::vector<LevelRule> legal_levels(const core::Agent& agent, const LevelTimings& timings) {
  std::vector<LevelRule> rules;
  if (const Limit* mac = agent.limit(LimitKind::mac)) add_legal(rules, *mac, Basis::reading);
  if (const Limit* stel = agent.limit(LimitKind::pc_stel)) add_legal(rules, *stel, Basis::c_ste);
  if (const Limit* twa = agent.limit(LimitKind::pc_twa)) {
    add_pc_twa(rules, *twa, agent.limit(LimitKind::pc_stel) != nullptr);
  }
  add_noise(rules, agent);
  if (const Limit* wbgt = agent.limit(LimitKind::wbgt)) add_heat(rules, *wbgt);
  for (auto& one : rules) retime(one, timings);
  return rules;
}

std::vector<core::LevelRule> mixture_levels(const LevelTimings& timings) {
  const Limit index{LimitKind::mixture, 1, Unit::one, "GBZ 2.1-2019 A.3.2.2"};
  auto half = half_of(index);
  auto warning = rule(Level::warning, Basis::mixture, half.value, half);
  warning.on_delay = Duration{0};
  auto exceed = rule(Level::exceed, Basis::mixture, index.value, index);
  retime(warning, timings);
  retime(exceed, timings);
  return {warning, exceed};
}

bool needs_shift(const LevelRule& rule) {
  return rule.basis == Basis::twa || rule.basis == Basis::twa_projected || rule.basis == Basis::short_time;
}

LevelRule level_rule(const SiteLevel& level, const LevelTimings& timings) {
  LevelRule r = rule(level.level, level.basis, level.value, {LimitKind::site, level.value, level.unit, "site"});
  retime(r, timings);
  if (level.dead_band) r.clear_at = level.value - *level.dead_band;
  if (level.on_delay) {
    r.on_delay = *level.on_delay;
    r.on_samples = 1;  // the site said how long, so nothing is added
  }
  if (level.off_delay) r.off_delay = *level.off_delay;
  return r;
}

}  // namespace hazgate::settings
