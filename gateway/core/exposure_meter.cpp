#include "core/exposure_meter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hazgate::core {

namespace {

constexpr double hour = 3600;
constexpr double split_s = 60 * (1 - 1e-9);      // readings are momentary: a flicker splits no stretch and makes none
constexpr double projection_coverage = 1.0 / 3;  // of the last half hour

double in_dose(const ExposureRule& rule, double value) { return rule.levels ? to_energy(value) : value; }
double from_dose(const ExposureRule& rule, double mean) { return rule.levels ? to_level(mean) : mean; }
bool above(double value, double limit) { return std::isfinite(limit) && exceeds(value, limit); }
bool has_limit(const ExposureRule& rule) {
  return std::isfinite(rule.limit) || std::isfinite(rule.mac) || std::isfinite(rule.pc_stel) ||
         std::isfinite(rule.peak_5x) || rule.impulses;
}

double value_of(const Limit* limit) { return limit == nullptr ? no_value : limit->value; }

ExposureRule noise_rule(const Agent& agent, const Shift& shift) {
  ExposureRule rule{.levels = true, .rule = shift.days_per_week == 5 ? TwaRule::h8 : TwaRule::h40};
  rule.hours = shift.hours;
  rule.limit = value_of(agent.limit(LimitKind::lex_8h));
  rule.impulses = agent.id == "noise:peak";
  return rule;
}

ExposureRule heat_rule(const Limit& wbgt, const Shift& shift) {
  return {.rule = TwaRule::mean, .hours = shift.hours, .limit = wbgt.value};
}

Breach breach_of_average(const ExposureRule& rule) {
  if (!rule.levels) return Breach::pc_twa;
  return rule.by_week() ? Breach::lex_40h : Breach::lex_8h;
}

}  // namespace

ExposureRule exposure_rule(const Agent& agent, Unit unit, const Shift& shift) {
  if (is_level(unit)) return noise_rule(agent, shift);
  if (const auto* wbgt = agent.limit(LimitKind::wbgt)) return heat_rule(*wbgt, shift);
  ExposureRule rule{.rule = twa_rule(shift.hours, shift.days_per_week, agent.reduced_for_long_shifts)};
  const double pc_twa = value_of(agent.limit(LimitKind::pc_twa));
  rule.hours = shift.hours;
  rule.mac = value_of(agent.limit(LimitKind::mac));
  rule.pc_stel = value_of(agent.limit(LimitKind::pc_stel));
  if (rule.rule == TwaRule::real_time || rule.rule == TwaRule::week) rule.divisor_hours = shift.hours;
  if (rule.rule == TwaRule::real_time) rule.reduction_factor = reduction_factor_day(shift.hours);
  if (rule.rule == TwaRule::week) {
    rule.week_hours = shift.hours * shift.days_per_week;
    rule.reduction_factor = reduction_factor_week(rule.week_hours);
  }
  if (rule.rule != TwaRule::none) rule.limit = pc_twa * rule.reduction_factor;
  if (!std::isfinite(pc_twa)) return rule;
  const bool has_stel = std::isfinite(rule.pc_stel);
  rule.episode_above = has_stel ? pc_twa : 3 * pc_twa;
  if (!has_stel) {
    rule.peak_3x = 3 * pc_twa;
    rule.peak_5x = 5 * pc_twa;
  }
  return rule;
}

ExposureMeter::ExposureMeter(const ShiftWindow& window, const WeekSoFar& before)
    : window_(window), covered_until_(window.begin), week_dose_(window.week == before.week ? before.dose : 0) {}

void ExposureMeter::count_time(Flag flag, double s) {
  switch (flag) {
    case Flag::below_loq:
      time_.below_loq += s;
      [[fallthrough]];
    case Flag::normal:
    case Flag::by_hand:
      time_.measured += s;
      return;
    case Flag::over_range:
      time_.over_range += s;
      return;
    case Flag::device_fault:
      time_.fault += s;
      return;
    case Flag::link_lost:
      time_.link_lost += s;
      return;
    case Flag::calibrating:
      time_.calibrating += s;
      return;
    case Flag::maintenance:
      time_.maintenance += s;
      return;
    case Flag::stopped:
      time_.stopped += s;
      return;
  }
}

double ExposureMeter::since_begin(Timestamp at) const { return in_seconds(at - window_.begin); }

void ExposureMeter::count_value(const ExposureRule& rule, const Stay& stay, Timestamp from, Timestamp to) {
  const auto [value, flag] = std::pair(stay.value, stay.flag);
  (flag == Flag::over_range ? over_range_dose_ : dose_) += stay.rate * in_seconds(to - from);
  if (flag == Flag::below_loq) {
    blind_ |= above(value, rule.mac) || above(value, rule.peak_5x);
  } else if (!(value <= max_)) {
    max_ = value;
    max_at_ = to;
  }
  if (rule.impulses && value > lowest_impulse) ++impulses_;
  const bool high = flag != Flag::below_loq && above(value, rule.episode_above);
  stretches_.add(since_begin(from), since_begin(to), high ? Seen::high : Seen::low, split_s);
}

/// A shift is judged by its own minutes, as evaluate does it: of a window that begins before the shift counts what the
/// shift has met so far, over 15 min. The alarm of the place looks back all the same.
void ExposureMeter::count_short_time(Timestamp to, const WindowMean& c_ste) {
  if (to > window_.end || std::isnan(c_ste.lower)) return;
  const bool within = to - window_.begin >= ste_window;
  const double proven = within ? c_ste.lower : met().sum / in_seconds(ste_window);
  if (!(proven <= stel_proven_)) stel_proven_ = proven;
  if (!within || c_ste.coverage < least_coverage || c_ste.mean <= stel_max_) return;
  stel_max_ = c_ste.mean;
  stel_max_at_ = to;
}

/// NaN where the greatest mean says as much.
double ExposureMeter::stel_at_least() const {
  const double greatest = std::fmax(stel_max_, 0);
  return clearly_above(stel_proven_, greatest) ? stel_proven_ : no_value;
}

void ExposureMeter::add(const ExposureRule& rule, const Stay& stay) {
  const Timestamp begin = std::max({stay.from, window_.begin, covered_until_});
  const Timestamp end = std::min(stay.to, window_.end);
  if (end <= begin) return;
  if (begin > covered_until_) stretches_.add(since_begin(covered_until_), since_begin(begin), Seen::gap, split_s);
  covered_until_ = end;
  count_time(stay.flag, in_seconds(end - begin));
  if (judges_alarms(stay.flag) && std::isfinite(stay.value)) {
    count_value(rule, stay, begin, end);
  } else {
    stretches_.add(since_begin(begin), since_begin(end), Seen::gap, split_s);
  }
  count_short_time(stay.to, stay.quarter);
  so_far_ = judged(rule, met());  // also where nothing is known of this day: its week may have passed the limit
  if (passed_at_ == Timestamp{} && !rule.is_mean() && above(so_far_, rule.limit) && !all_below()) passed_at_ = end;
}

/// What was measured, over range with its value.
ExposureMeter::Dose ExposureMeter::met() const { return {dose_ + over_range_dose_, time_.known()}; }

/// Of what was measured nothing was found.
bool ExposureMeter::all_below() const { return time_.below_loq > 0 && time_.below_loq >= time_.known(); }

/// The same had the unmeasured time been like the measured.
ExposureMeter::Dose ExposureMeter::filled(Timestamp now) const {
  const double elapsed = in_seconds(std::clamp(now, window_.begin, window_.end) - window_.begin);
  const double mean = time_.measured > 0 ? dose_ / time_.measured : 0;
  const double unmeasured = std::max(0.0, elapsed - time_.known());
  return {met().sum + mean * unmeasured, time_.known() + unmeasured};
}

/// The figure of this day alone.
double ExposureMeter::daily(const ExposureRule& rule, const Dose& dose) {
  return from_dose(rule, dose.sum / (rule.is_mean() ? dose.seconds : rule.divisor_hours * hour));
}

double ExposureMeter::judged(const ExposureRule& rule, const Dose& dose) const {
  if (!rule.by_week()) return daily(rule, dose);
  return from_dose(rule, (week_dose_ + dose.sum) / (rule.judged_hours() * hour));
}

ShiftFigure ExposureMeter::figure(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const {
  ShiftFigure figure{.at_least = time_.over_range > 0};
  if (time_.known() <= 0 || all_below()) return figure;
  figure.so_far = so_far_;
  if (half_hour.coverage < projection_coverage) return figure;
  const double rest = in_seconds(window_.end - std::clamp(now, window_.begin, window_.end));
  const auto so_far = filled(now);
  figure.projected = judged(rule, {so_far.sum + half_hour.mean * rest, so_far.seconds + rest});
  return figure;
}

ExposureMeter::Part ExposureMeter::part(const ExposureRule& rule, Timestamp now) const {
  const auto e = as_if_reached(rule, now, {});
  const double figure = rule.by_week() ? e.week : std::fmax(e.twa_so_far, e.twa);
  Part part{.proven = e.time.coverage() >= least_coverage && !e.at_least};
  if (std::isfinite(figure) && std::isfinite(rule.limit)) part.ratio = figure / rule.limit;
  return part;
}

bool ExposureMeter::short_time_broken(const ExposureRule& rule) const {
  if (rule.impulses) return max_ > impulse_limit(impulses_).value_or(no_value);
  // Nothing to copy and close as long as nothing was above.
  return stretches_.any() && stretches_.episodes(split_s).broken();
}

void ExposureMeter::judge(const ExposureRule& rule, Exposure& e) const {
  if (rule.is_mean()) return judge_mean(e);
  const double judged_figure = rule.by_week() ? e.week : std::fmax(e.twa_so_far, e.twa);
  const bool twa_exceeds = above(judged_figure, rule.limit);
  if (twa_exceeds) e.breaches.add(breach_of_average(rule));
  if (above(max_, rule.mac)) e.breaches.add(Breach::mac);
  if (clearly_above(std::fmax(stel_max_, stel_proven_), rule.pc_stel)) e.breaches.add(Breach::pc_stel);
  if (above(max_, rule.peak_5x)) e.breaches.add(Breach::pe_5x);
  if (short_time_broken(rule)) {
    const bool by_stel = std::isfinite(rule.pc_stel);
    if (rule.impulses) {
      e.breaches.add(Breach::peak);
    } else if (!by_stel) {
      e.breaches.add(Breach::pe_3x);
    } else if (!twa_exceeds) {  // otherwise the case is decided, and the short-time test adds nothing
      e.breaches.add(Breach::pc_stel);
    }
  }
  // A gap between two high values may be one stretch that is too long.
  const bool hidden = stretches_.any() && stretches_.hidden(split_s);
  const bool proven = e.time.coverage() >= least_coverage && time_.over_range <= 0 && !hidden && !blind_;
  e.verdict = e.breaches.any()   ? Verdict::exceeds
              : !has_limit(rule) ? Verdict::no_limit
              : !proven          ? Verdict::insufficient
                                 : Verdict::compliant;
}

/// Passing the limit is final but for a mean, which may fall again.
std::optional<Timestamp> ExposureMeter::limit_at(const ExposureRule& rule, Timestamp now,
                                                 const WindowMean& half_hour) const {
  if (rule.is_mean()) return {};
  if (passed_at_ != Timestamp{}) return passed_at_;
  if (now >= window_.end || !above(figure(rule, now, half_hour).projected, rule.limit)) return {};
  const double wanted = in_dose(rule, rule.limit) * rule.judged_hours() * hour - (rule.by_week() ? week_dose_ : 0);
  const double needed = (wanted - filled(now).sum) / half_hour.mean;
  return now + std::chrono::microseconds(static_cast<std::int64_t>(std::max(0.0, needed) * 1e6));
}

namespace {
/// Means by which a value that was not reached counts as the quantification limit itself give no number when nothing
/// else was found. Whether the limit is kept they tell only where even so it is.            GBZ 331-2024 G.1.1.2 b
void withhold(Exposure& e) {
  for (auto figure : {&Exposure::twa_so_far, &Exposure::twa_projected, &Exposure::twa, &Exposure::mean,
                      &Exposure::stel_max, &Exposure::stel_at_least, &Exposure::week, &Exposure::ratio})
    e.*figure = no_value;
  e.limit_at.reset();
  e.exposure_class = {};
  if (e.breaches.any()) e.verdict = Verdict::insufficient;
  e.breaches = {};
}
}  // namespace

Exposure ExposureMeter::record(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const {
  auto e = as_if_reached(rule, now, half_hour);
  if (all_below()) withhold(e);
  return e;
}

/// Every value below the quantification limit as that limit.
Exposure ExposureMeter::as_if_reached(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const {
  const double elapsed = in_seconds(std::clamp(now, window_.begin, window_.end) - window_.begin);
  Exposure e{.window = window_, .at = now, .final = now >= window_.end, .rule = rule.rule, .limit = rule.limit};
  e.reduction_factor = rule.reduction_factor;
  e.time = time_;
  e.time.missing = 0;
  e.time.missing = std::max(0.0, elapsed - e.time.elapsed());
  e.at_least = time_.over_range > 0;
  if (time_.known() > 0) {
    e.twa_so_far = daily(rule, met());
    if (rule.by_week()) e.week = judged(rule, met());
  }
  if (time_.measured > 0) e.mean = from_dose(rule, dose_ / time_.measured);
  if (e.final && !e.at_least && e.time.coverage() >= least_coverage) {
    e.twa = daily(rule, filled(now));
    if (rule.by_week()) e.week = judged(rule, filled(now));
  }
  if (!rule.levels && !rule.is_mean()) {
    e.stel_max = stel_max_;
    e.stel_at_least = stel_at_least();
  }
  e.stel_max_at = stel_max_at_;
  e.max = max_;
  e.max_at = max_at_;
  e.episodes = stretches_.episodes(split_s);
  e.impulses = impulses_;
  if (!e.final) e.twa_projected = figure(rule, now, half_hour).projected;
  e.limit_at = limit_at(rule, now, half_hour);
  judge(rule, e);
  if (!rule.levels && !rule.is_mean()) {
    const double twa_ratio = (rule.by_week() ? e.week : std::fmax(e.twa_so_far, e.twa)) / rule.limit;
    e.ratio = std::isfinite(twa_ratio) ? twa_ratio : std::fmax(e.greatest_stel() / rule.pc_stel, e.max / rule.mac);
    if (std::isfinite(e.ratio)) e.exposure_class = exposure_class(e.ratio);
  }
  return e;
}

WeekSoFar ExposureMeter::week_after(const ExposureRule& rule) const {
  const auto e = as_if_reached(rule, window_.end, {});
  const double day = (std::isfinite(e.twa) ? filled(window_.end) : met()).sum;
  return {.week = window_.week, .dose = week_dose_ + day};
}

}  // namespace hazgate::core
