#include "support/slow_exposure.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hazgate::test {

namespace {

constexpr std::int64_t quarter = 900, half_hour = 1800;  // s
constexpr std::size_t flicker = 60;                      // s: shorter, it neither splits a stretch nor makes one
constexpr double enough = 0.75;                          // of the elapsed time, and of a window of 15 min

/// A value equal to its limit complies (GBZ 2.1-2019 6.3); the sums of a day carry noise of the last digits.
bool above(double value, double limit) { return value > limit + 1e-9 * std::abs(limit); }

/// GBZ 2.1-2019 A.7.1 to A.7.3, GBZ 331-2024 G.1.1; noise by GBZ 2.2-2007 11.2.1.
std::string rule_of(const SlowRules& r) {
  if (r.levels) return r.days == 5 ? "8h" : "40h";
  if (r.hours <= 1) return "none";
  if (r.adjusted && r.days > 5 && r.hours * r.days > 40) return "week";
  if (r.adjusted && r.hours > 8) return "real_time";
  return "8h";
}

/// GBZ 2.1-2019 A.5 and A.6 (Brief and Scala).
double factor_of(const std::string& rule, const SlowRules& r) {
  const double week = r.hours * r.days;
  if (rule == "real_time") return 8 / r.hours * (24 - r.hours) / 16;
  if (rule == "week") return 40 / week * (168 - week) / 128;
  return 1;
}

double to_energy(double level) { return std::pow(10, level / 10); }
double to_level(double energy) { return 10 * std::log10(energy); }

/// GBZ 2.1-2019 Table 5.
std::string class_of(double ratio) {
  if (above(ratio, 1)) return "IV";
  if (above(ratio, 0.5)) return "III";
  if (above(ratio, 0.1)) return "II";
  return above(ratio, 0.01) ? "I" : "0";
}

/// A stretch begins and ends with what was seen, and lasts a minute.
SlowStretches measured_stretches(const std::vector<bool>& seen, const std::vector<bool>& painted) {
  SlowStretches all;
  std::size_t last_end = 0;
  for (std::size_t i = 0; i < painted.size(); ++i) {
    if (!painted[i]) continue;
    std::size_t begin = painted.size(), end = 0;
    for (; i < painted.size() && painted[i]; ++i) {
      if (!seen[i]) continue;
      begin = std::min(begin, i);
      end = i + 1;
    }
    if (end < begin + flicker) continue;
    all.longest_minutes = std::max(all.longest_minutes, static_cast<double>(end - begin) / 60);
    if (all.count > 0) all.closest_minutes = std::fmin(all.closest_minutes, static_cast<double>(begin - last_end) / 60);
    ++all.count;
    last_end = end;
  }
  return all;
}

}  // namespace

bool SlowStretches::broken() const {
  return count > 4 || above(longest_minutes, 15) || (count > 1 && above(60, closest_minutes));
}

SlowShift::SlowShift(const std::vector<SlowReading>& readings, std::int64_t period, SlowRules rules, std::int64_t begin,
                     std::int64_t end)
    : rules_(rules),
      rule_(rule_of(rules)),
      factor_(factor_of(rule_, rules)),
      first_(begin - half_hour + 1),
      begin_(begin),
      end_(end),
      seconds_(static_cast<std::size_t>(end - first_ + 1)),
      c_ste_(seconds_.size(), nothing),
      ste_proven_(seconds_.size(), nothing) {
  if (rules_.levels) limit_ = rules_.lex_8h;
  if (!rules_.levels && rule_ != "none") limit_ = rules_.pc_twa * factor_;
  // A reading stands for the time since the one before it, at most 3 periods; the very first for one.
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto& r = readings[i];
    const auto from = i == 0 ? r.at - period : std::max(readings[i - 1].at, r.at - 3 * period);
    for (auto s = std::max(from + 1, first_); s <= std::min(r.at, end_); ++s) seconds_[place(s)] = {r.value, r.flag};
  }
  for (const auto& r : readings) {
    const bool wanted = r.at > begin_ && r.at <= end_ && !std::isnan(rules_.pc_twa);
    if (!wanted) continue;
    if (r.at - quarter >= begin_) c_ste_[place(r.at)] = mean_of(r.at - quarter, r.at, enough);
    double sum = 0;
    for (auto s = std::max(begin_, r.at - quarter) + 1; s <= r.at; ++s) sum += at(s).known() ? at(s).value : 0;
    ste_proven_[place(r.at)] = std::max(0.0, sum / static_cast<double>(quarter));
  }
}

/// What enters the sums.                                                                   GBZ 331-2024 Table G.2
double SlowShift::entered(const Second& second) const { return rules_.levels ? to_energy(second.value) : second.value; }

double SlowShift::mean_of(std::int64_t from, std::int64_t to, double least_coverage) const {
  double sum = 0, measured = 0;
  for (auto s = from + 1; s <= to; ++s) {
    if (!at(s).measured()) continue;
    sum += entered(at(s));
    ++measured;
  }
  return measured > 0 && measured >= least_coverage * static_cast<double>(to - from) ? sum / measured : nothing;
}

double SlowShift::unevenness(std::int64_t from, std::int64_t to, double mean) const {
  double least = nothing, greatest = nothing;
  bool whole = true;
  for (auto s = std::max(from + 1, first_); s <= std::min(to, end_); ++s) {
    whole = whole && at(s).measured();
    if (!at(s).measured()) continue;
    least = std::fmin(least, entered(at(s)));
    greatest = std::fmax(greatest, entered(at(s)));
  }
  if (std::isnan(least)) return 0;
  return whole ? greatest - least : std::max(std::abs(least - mean), std::abs(greatest - mean));
}

double SlowShift::known_span(std::int64_t from, std::int64_t to) const {
  double least = 0, greatest = 0;
  for (auto s = std::max(from + 1, first_); s <= std::min(to, end_); ++s) {
    if (!at(s).known()) continue;
    least = std::min(least, at(s).value);
    greatest = std::max(greatest, at(s).value);
  }
  return greatest - least;
}

void SlowShift::share_time(std::int64_t now, SlowRecord& r) const {
  for (auto s = begin_ + 1; s <= now; ++s) {
    const char flag = at(s).flag;
    r.measured += at(s).measured() ? 1 : 0;
    r.below_loq += flag == 'L' ? 1 : 0;
    r.over_range += flag == 'T' ? 1 : 0;
    r.fault += flag == 'D' ? 1 : 0;
    r.link_lost += flag == 'B' ? 1 : 0;
    r.calibrating += flag == 'C' ? 1 : 0;
    r.maintenance += flag == 'M' ? 1 : 0;
    r.stopped += flag == 'F' ? 1 : 0;
    r.missing += flag == '-' ? 1 : 0;
  }
}

SlowShift::Dose SlowShift::dose(std::int64_t now) const {
  Dose sum;
  for (auto s = begin_ + 1; s <= now; ++s) {
    if (!at(s).known()) continue;
    (at(s).measured() ? sum.measured : sum.over_range) += entered(at(s));
  }
  return sum;
}

/// The dose, had what was not measured been as the rest.
double SlowShift::filled(std::int64_t now) const {
  SlowRecord r;
  share_time(now, r);
  const auto d = dose(now);
  const double rest = static_cast<double>(now - begin_) - r.measured - r.over_range;
  return d.measured + d.over_range + (r.measured > 0 ? d.measured / r.measured * rest : 0);
}

/// The figure that is held against the limit.      GBZ 2.1-2019 A.2.2.2, GBZ 331-2024 G.1 to G.3, Table G.2
double SlowShift::judged(double dose, double week_before) const {
  double hours = 8;
  if (rule_ == "real_time") hours = rules_.hours;
  if (rule_ == "40h") hours = 40;
  if (rule_ == "week") hours = rules_.hours * rules_.days;
  const bool by_week = rule_ == "40h" || rule_ == "week";
  const double mean = (dose + (by_week ? week_before : 0)) / (hours * 3600);
  return rules_.levels ? to_level(mean) : mean;
}

void SlowShift::average(std::int64_t now, double week_before, SlowRecord& r) const {
  const bool by_week = rule_ == "40h" || rule_ == "week";
  const double day_s = 3600 * (rule_ == "real_time" || rule_ == "week" ? rules_.hours : 8);
  const auto shown = [&](double mean) { return rules_.levels ? to_level(mean) : mean; };
  const auto d = dose(now);
  if (r.measured > 0) r.mean = shown(d.measured / r.measured);
  if (r.measured + r.over_range == 0) return;
  r.twa_so_far = shown((d.measured + d.over_range) / day_s);
  if (by_week) r.week = judged(d.measured + d.over_range, week_before);
  const bool proven = r.measured >= enough * static_cast<double>(now - begin_) && !r.at_least;
  if (now < end_ || !proven) return;
  r.twa = shown(filled(now) / day_s);
  if (by_week) r.week = judged(filled(now), week_before);
}

/// The rest of the shift like the last 30 min, of which a third has to be measured; where there is a limit to pass.
void SlowShift::foresee(std::int64_t now, double week_before, SlowRecord& r) const {
  const double recent = mean_of(now - half_hour, now, 1.0 / 3);
  if (now >= end_ || std::isnan(limit_) || std::isnan(recent) || r.measured + r.over_range == 0) return;
  r.twa_projected = judged(filled(now) + recent * static_cast<double>(end_ - now), week_before);
  if (r.limit_at || !above(r.twa_projected, limit_)) return;
  const double so_far = filled(now);
  for (auto s = now; s <= end_; ++s) {
    if (!above(judged(so_far + recent * static_cast<double>(s - now), week_before), limit_)) continue;
    r.limit_at = s;
    r.forecast = true;
    return;
  }
}

void SlowShift::pass(std::int64_t now, double week_before, SlowRecord& r) const {
  double dose = 0;
  for (auto s = begin_ + 1; s <= now; ++s) {
    if (at(s).known()) dose += entered(at(s));
    if (!above(judged(dose, week_before), limit_) || !found(s)) continue;
    r.limit_at = s;
    return;
  }
}

/// Stretches above PC-TWA where there is a PC-STEL, else above 3 PC-TWA: GBZ 2.1-2019 6.3.2, 6.3.3. What was below the
/// quantification limit was not seen above anything. Every second is painted: `seen` high, or high as far as we know.
SlowStretches SlowShift::stretches(std::int64_t now, bool gaps_are_high) const {
  const double level = std::isnan(rules_.pc_stel) ? 3 * rules_.pc_twa : rules_.pc_twa;
  const auto length = static_cast<std::size_t>(now - begin_);
  std::vector<bool> seen(length), painted(length);
  for (std::size_t i = 0; i < length; ++i) {
    const auto& second = at(begin_ + 1 + static_cast<std::int64_t>(i));
    seen[i] = second.known() && second.flag != 'L' && above(second.value, level);
    painted[i] = seen[i] || (gaps_are_high && !second.known());
  }
  // A break of less than a minute between two painted seconds is none.
  const auto high = std::vector<bool>(painted);
  for (std::size_t i = 1; i < length; ++i) {
    if (high[i] || !high[i - 1]) continue;
    const auto next = static_cast<std::size_t>(
        std::find(high.begin() + static_cast<std::ptrdiff_t>(i), high.end(), true) - high.begin());
    if (next < length && next - i < flicker)
      std::fill(painted.begin() + static_cast<std::ptrdiff_t>(i), painted.begin() + static_cast<std::ptrdiff_t>(next),
                true);
  }
  return measured_stretches(seen, painted);
}

/// Was something not seen because the instrument does not see so little, though a moment of it would be a breach?
bool SlowShift::blind(std::int64_t now) const {
  const double level = std::isnan(rules_.pc_stel) ? std::fmin(rules_.mac, 5 * rules_.pc_twa) : rules_.mac;
  for (auto s = begin_ + 1; s <= now; ++s)
    if (at(s).flag == 'L' && above(at(s).value, level)) return true;
  return false;
}

void SlowShift::judge(std::int64_t now, SlowRecord& r) const {
  const bool by_week = rule_ == "40h" || rule_ == "week";
  const double figure = by_week ? r.week : std::fmax(r.twa_so_far, r.twa);
  double stel = nothing;
  for (auto s = begin_ + 1; s <= now; ++s) {
    stel = std::fmax(stel, c_ste_[place(s)]);
    if (ste_proven_[place(s)] > 0) stel = std::fmax(stel, ste_proven_[place(s)]);
  }
  const bool twa_exceeds = above(figure, limit_);
  if (twa_exceeds) r.breaches.insert(!rules_.levels ? "PC-TWA" : by_week ? "LEX_40h" : "LEX_8h");
  if (above(r.max, rules_.mac)) r.breaches.insert("MAC");
  if (above(stel, rules_.pc_stel)) r.breaches.insert("PC-STEL");
  const bool has_stel = !std::isnan(rules_.pc_stel);
  if (!has_stel && above(r.max, 5 * rules_.pc_twa)) r.breaches.insert("PE-5x");
  if (!has_stel && r.stretches.broken()) r.breaches.insert("PE-3x");
  if (has_stel && r.stretches.broken() && !twa_exceeds) r.breaches.insert("PC-STEL");
  const bool hidden = !r.stretches.broken() && stretches(now, true).broken();
  const bool proven = r.measured >= enough * static_cast<double>(now - begin_) && !r.at_least && !hidden && !blind(now);
  const bool limited = !std::isnan(std::fmax(std::fmax(rules_.pc_twa, rules_.mac), rules_.lex_8h));
  r.verdict = !r.breaches.empty() ? "exceeds" : !limited ? "no_limit" : proven ? "compliant" : "insufficient";
  if (rules_.levels) return;
  r.ratio = figure / limit_;
  if (std::isnan(r.ratio)) r.ratio = std::fmax(stel / rules_.pc_stel, r.max / rules_.mac);
  if (!std::isnan(r.ratio)) r.exposure_class = class_of(r.ratio);
}

/// Was anything found, or nothing looked for?
bool SlowShift::found(std::int64_t now) const {
  bool looked = false;
  for (auto s = begin_ + 1; s <= now; ++s) {
    if (at(s).known() && at(s).flag != 'L') return true;
    looked = looked || at(s).flag == 'L';
  }
  return !looked;
}

/// Where nothing was found there is no figure, and what the quantification limit would break proves nothing.
/// GBZ 331-2024 G.1.1.2 b
SlowRecord SlowShift::record(std::int64_t now, double week_before) const {
  auto r = as_if_reached(now, week_before);
  r.found = found(now);
  if (r.found) return r;
  r.twa_so_far = r.twa_projected = r.twa = r.week = r.mean = r.ratio = nothing;
  r.limit_at.reset();
  r.forecast = false;
  r.exposure_class.clear();
  if (!r.breaches.empty()) r.verdict = "insufficient";
  r.breaches.clear();
  return r;
}

/// Each value below the quantification limit as that limit.
SlowRecord SlowShift::as_if_reached(std::int64_t now, double week_before) const {
  SlowRecord r{.rule = rule_, .limit = limit_, .reduction_factor = factor_};
  share_time(now, r);
  r.at_least = r.over_range > 0;
  average(now, week_before, r);
  for (auto s = begin_ + 1; s <= now; ++s) {
    if (!at(s).known() || at(s).flag == 'L' || at(s).value <= r.max) continue;
    r.max = at(s).value;
    r.max_at = s;
  }
  r.stretches = stretches(now, false);
  pass(now, week_before, r);
  foresee(now, week_before, r);
  judge(now, r);
  return r;
}

double SlowShift::of_week() const {
  const auto r = as_if_reached(end_, 0);
  const auto d = dose(end_);
  return std::isnan(r.twa) ? d.measured + d.over_range : filled(end_);
}

}  // namespace hazgate::test
