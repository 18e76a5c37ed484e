#include "settings/level_rules.hpp"

#include <cmath>

namespace hazgate::settings {

using namespace std::chrono_literals;
using core::Basis;
using core::Duration;
using core::Level;
using core::LevelRule;
using core::Limit;
using core::LimitKind;

namespace {

constexpr Duration off_delay = 60s;

double dead_band(double set_point, core::Unit unit) {
  const bool decibel = unit == core::Unit::db_a || unit == core::Unit::db_c;
  return decibel ? 1.0 : 0.05 * std::abs(set_point);
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

void add_legal(std::vector<LevelRule>& rules, const Limit& limit, Basis basis) {
  const Limit half{LimitKind::action, limit.value / 2, limit.unit, "GBZ 2.1-2019 3.9, half of " + limit.source};
  rules.push_back(rule(Level::warning, basis, half.value, half));
  rules.push_back(rule(Level::exceed, basis, limit.value, limit));
  rules.push_back(rule(Level::danger, basis, 2 * limit.value, limit));
}

}  // namespace

std::vector<LevelRule> legal_levels(const core::Agent& agent) {
  std::vector<LevelRule> rules;
  if (const Limit* mac = agent.limit(LimitKind::mac)) add_legal(rules, *mac, Basis::reading);
  if (const Limit* stel = agent.limit(LimitKind::pc_stel)) add_legal(rules, *stel, Basis::c_ste);
  return rules;
}

LevelRule level_rule(const SiteLevel& level) {
  LevelRule r = rule(level.level, level.basis, level.value, {LimitKind::site, level.value, level.unit, "site"});
  if (level.dead_band) r.clear_at = level.value - *level.dead_band;
  if (level.on_delay) {
    r.on_delay = *level.on_delay;
    r.on_samples = 1;  // the site said how long, so nothing is added
  }
  if (level.off_delay) r.off_delay = *level.off_delay;
  return r;
}

}  // namespace hazgate::settings
