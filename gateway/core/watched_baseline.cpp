#include "core/watched_baseline.hpp"

#include <algorithm>
#include <array>

namespace hazgate::core {

namespace {
constexpr double dead_band = 0.05;                             // of high_z
constexpr Duration usual_off_delay = std::chrono::minutes(1);  // or a scan, where it takes longer
}  // namespace

/// Two scans raise it (Baseline::add), and it takes as many below the dead-band to end it. The limit's value is that of
/// the moment, see tell().
LevelRule baseline_rule(const BaselineWatch& watch) {
  return {.level = watch.rule.level,
          .basis = Basis::baseline,
          .raise_above = watch.rule.high_z,
          .clear_at = (1 - dead_band) * watch.rule.high_z,
          .off_delay = std::max(usual_off_delay, watch.rule.scan_interval),
          .limit = {LimitKind::site, 0, watch.unit, ""}};
}

LocalHour HourOfDay::at(Timestamp at) {
  if (at != read_at_) {
    hour_ = clock_ ? clock_(at) : local_hour(at, Duration{0});
    read_at_ = at;
  }
  return hour_;
}

/// A reading is held against the days before its own, then it is learnt, also while the alarm stands: an episode of
/// some days does not move a median of 14, and what lasts longer than half of them has become usual. Without that, one
/// lasting change of the works would be an alarm for ever.
std::optional<WatchedBaseline::Judged> WatchedBaseline::judge(const Reading& reading, LocalHour local, bool levels) {
  const auto& rule = watch_.rule;
  std::optional<BaselineSign> sign;
  if (reading.flag == Flag::over_range) {
    sign = history_.add_at_least(rule, reading.at, local, reading.value);
    if (!sign) return {};
  } else {
    // A non-detect counts as 0 here as it does in TVOC and OFP: its quantification limit is no concentration.
    const bool not_detected = reading.flag == Flag::below_loq && !levels;
    sign = history_.add(rule, reading.at, local, not_detected ? 0 : reading.value);
  }
  if (!sign) return Judged{};  // where nothing is known of this hour, nothing is unusual
  usual_ = {.median = sign->median, .z = sign->z};
  bound_ = sign->value_at(rule.high_z);
  return Judged{.z = sign->early ? sign->z : std::min(sign->z, rule.high_z), .since = sign->since};
}

void WatchedBaseline::tell(Finding& found, Limit& bound) const {
  bound = *found.limit;
  bound.value = bound_;
  found.limit = &bound;
  found.usual = usual_;
}

void WatchedBaseline::restore(const Alarm& alarm) {
  usual_ = alarm.usual.value_or(Usual{});
  bound_ = alarm.limit.value;
}

void WatchedBaseline::identify(Fingerprint& print) const {
  print.add(watch_.identity).add(watch_.unit).add(sizeof(Baseline));
}

void WatchedBaseline::save(StateWriter& to) const {
  to.put(history_.bytes());
  to.put(usual_);
  to.put(bound_);
}

void WatchedBaseline::load(StateReader& from) {
  std::array<std::byte, sizeof(Baseline)> history{};
  from.get(std::span<std::byte>(history));
  history_ = Baseline::from_bytes(history).value_or(Baseline{});  // what cannot be read is learnt anew
  from.get(usual_);
  from.get(bound_);
}

}  // namespace hazgate::core
