#include "core/evaluation.hpp"

#include <algorithm>
#include <cmath>

#include "core/exposure_meter.hpp"

namespace hazgate::core {

namespace {

constexpr double ste_s = 900;
constexpr double needed = least_coverage * ste_s;
constexpr double flicker_s = 60;

std::optional<double> limit_of(const Agent& agent, LimitKind kind) {
  const auto* limit = agent.limit(kind);
  return limit == nullptr ? std::nullopt : std::optional(limit->value);
}
bool over(std::optional<double> value, double limit) { return value && std::isfinite(limit) && exceeds(*value, limit); }

ExposureRule rule_of(Agent agent, const Schedule& schedule) {
  agent.reduced_for_long_shifts = schedule.adjust;
  return exposure_rule(agent, agent.unit,
                       {"", schedule.hours_per_day, static_cast<int>(std::lround(schedule.days_per_week))});
}

/// What the day sums up to. Doses are value * s, for levels energy * s.
struct Sums {
  double exposed = 0, measured = 0, dose = 0, over_range = 0, below = 0, loq = 0, span = 0;
};

Sums sum_up(std::span<const Segment> segments, bool levels, Evaluation& e) {
  Sums s;
  for (const auto& segment : segments) {
    const double time = segment.minutes * 60;
    s.span += time;
    if (!segment.exposed) continue;
    s.exposed += time;
    const bool counts = segment.value && enters_averages(segment.flag);
    const double x = segment.value ? (levels ? to_energy(*segment.value) : *segment.value) : 0;
    if (counts) {
      s.measured += time;
      s.dose += x * time;
    }
    if (counts && segment.flag == Flag::below_loq) {
      s.below += time;
      s.loq = std::max(s.loq, *segment.value);
    }
    if (segment.value && segment.flag == Flag::over_range) {
      s.over_range += x * time;
      e.at_least = true;
    }
    if (segment.value && judges_alarms(segment.flag)) e.max = std::max(e.max.value_or(*segment.value), *segment.value);
  }
  return s;
}

void share_time(std::span<const Segment> segments, TimeShares& time) {
  for (const auto& segment : segments) {
    const double s = segment.minutes * 60;
    if (!segment.exposed) continue;
    if (enters_averages(segment.flag)) {
      (segment.value ? time.measured : time.missing) += s;
      if (segment.flag == Flag::below_loq) time.below_loq += s;
      continue;
    }
    switch (segment.flag) {
      case Flag::over_range:
        time.over_range += s;
        break;
      case Flag::calibrating:
        time.calibrating += s;
        break;
      case Flag::maintenance:
        time.maintenance += s;
        break;
      case Flag::stopped:
        time.stopped += s;
        break;
      case Flag::link_lost:
        time.link_lost += s;
        break;
      default:
        time.fault += s;
    }
  }
}

/// Dose and covered time up to any moment of a day of constant stretches.
class Course {
 public:
  explicit Course(std::span<const Segment> segments) {
    for (const auto& segment : segments) {
      const double time = segment.minutes * 60;
      const bool counts = segment.exposed && segment.value && enters_averages(segment.flag);
      const double value = counts ? *segment.value : 0;
      const bool known = counts || !segment.exposed;
      const auto& before = points_.back();
      points_.back().value = value;
      points_.back().covers = known ? 1 : 0;
      points_.push_back({before.at + time, before.dose + value * time, before.covered + (known ? time : 0), 0, 0});
    }
  }
  /// Greatest mean over 15 min; the mean changes linearly, so that its greatest value lies where a stretch begins or
  /// ends at one end of the window.
  std::optional<double> greatest_mean() const {
    const double end = points_.back().at;
    if (end <= 0) return std::nullopt;
    if (end < ste_s) {  // what is not in the record was no exposure
      const double covered = points_.back().covered + ste_s - end;
      return covered < needed ? std::nullopt : std::optional(points_.back().dose / covered);
    }
    std::vector<double> ends;
    for (const auto& point : points_) {
      for (const double at : {point.at, point.at + ste_s}) {
        if (at >= ste_s && at <= end) ends.push_back(at);
      }
    }
    std::ranges::sort(ends);
    std::optional<double> greatest;
    const auto look = [&](double at) {
      const auto [dose, covered] = between(at - ste_s, at);
      // Where the coverage is just enough, rounding must not lose the window.
      if (covered >= needed - 1e-9 * ste_s) greatest = std::max(greatest.value_or(0), dose / covered);
      return covered;
    };
    double last = 0, covered_last = 0;
    for (const double at : ends) {
      const double covered = look(at);
      // In between the mean goes one way, but it begins or ends to exist where the coverage passes what is needed.
      const bool crosses = last > 0 && (covered_last < needed) != (covered < needed);
      if (crosses) look(last + (at - last) * (needed - covered_last) / (covered - covered_last));
      last = at;
      covered_last = covered;
    }
    return greatest;
  }

 private:
  struct Point {
    double at = 0, dose = 0, covered = 0;
    double value = 0, covers = 0;  ///< of the stretch that begins here
  };
  std::pair<double, double> up_to(double at) const {
    auto point = std::ranges::upper_bound(points_, at, {}, &Point::at);
    if (point != points_.begin()) --point;
    const double rest = at - point->at;
    return {point->dose + point->value * rest, point->covered + point->covers * rest};
  }
  std::pair<double, double> between(double from, double to) const {
    const auto [dose_to, covered_to] = up_to(to);
    const auto [dose_from, covered_from] = up_to(from);
    return {dose_to - dose_from, covered_to - covered_from};
  }
  std::vector<Point> points_{Point{}};
};

Episodes count_episodes(std::span<const Segment> segments, double above, bool momentary) {
  struct Stretch {
    double begin, end;
  };
  std::vector<Stretch> stretches;
  double now = 0;
  for (const auto& segment : segments) {
    const double end = now + segment.minutes * 60;
    const bool high = segment.exposed && segment.value && judges_alarms(segment.flag) && exceeds(*segment.value, above);
    const bool joins = high && !stretches.empty() &&
                       now - stretches.back().end < (momentary ? flicker_s : std::numeric_limits<double>::min());
    if (joins) {
      stretches.back().end = end;
    } else if (high) {
      stretches.push_back({now, end});
    }
    now = end;
  }
  if (momentary) std::erase_if(stretches, [](const Stretch& s) { return s.end - s.begin < flicker_s; });
  Episodes episodes{.count = static_cast<std::uint32_t>(stretches.size())};
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    episodes.longest_minutes = std::max(episodes.longest_minutes, (stretches[i].end - stretches[i].begin) / 60);
    if (i == 0) continue;
    const double apart = (stretches[i].begin - stretches[i - 1].end) / 60;
    episodes.closest_minutes = i == 1 ? apart : std::min(episodes.closest_minutes, apart);
  }
  return episodes;
}

void close_verdict(Evaluation& e, bool has_limit) {
  const bool enough = e.coverage.value_or(1) >= least_coverage && !e.at_least;
  e.verdict = e.breaches.any() ? Verdict::exceeds
              : !has_limit     ? Verdict::no_limit
              : !enough        ? Verdict::insufficient
                               : Verdict::compliant;
}

void set_ratio(Evaluation& e, double ratio) {
  if (!std::isfinite(ratio)) return;
  e.ratio = ratio;
  e.exposure_class = exposure_class(ratio);
}

/// The lower bound and, where enough was measured, the figure itself; `hours` divide both.
struct Average {
  std::optional<double> figure;
  double at_least = 0;
};
Average average(const Sums& s, double hours, double days) {
  const double divisor = hours * 3600 / days;
  Average a{.at_least = (s.dose + s.over_range) / divisor};
  if (s.exposed <= 0) a.figure = 0;
  if (s.measured > 0 && s.measured >= least_coverage * s.exposed) a.figure = s.dose / s.measured * s.exposed / divisor;
  return a;
}

void judge_noise(const Agent& agent, const Schedule& schedule, const Sums& s, std::span<const Segment> segments,
                 Evaluation& e) {
  if (agent.id == "noise:peak") {
    const auto impulses = std::ranges::count_if(
        segments, [](const Segment& g) { return g.value && judges_alarms(g.flag) && *g.value > 120; });
    const auto allowed = impulse_limit(static_cast<std::uint64_t>(impulses));
    if (e.max && allowed && *e.max > *allowed) e.breaches.add(Breach::peak);
    return close_verdict(e, allowed.has_value());
  }
  const auto limit = limit_of(agent, LimitKind::lex_8h);
  if (s.measured > 0) e.laeq = to_level(s.dose / s.measured);
  const auto day = average(s, 8, 1);
  const bool by_week = schedule.days_per_week != 5;
  const double week = 10 * std::log10(schedule.days_per_week / 5);
  const double bound = to_level(day.at_least);
  if (day.figure && *day.figure > 0) e.lex_8h = to_level(*day.figure);
  if (e.lex_8h && by_week) e.lex_40h = *e.lex_8h + week;
  if (!e.lex_8h || e.at_least) e.twa_at_least = bound;
  const double judged = std::max(e.lex_8h.value_or(bound), bound) + (by_week ? week : 0);
  if (limit && exceeds(judged, *limit)) e.breaches.add(by_week ? Breach::lex_40h : Breach::lex_8h);
  close_verdict(e, limit.has_value());
}

void judge_short_time(const ExposureRule& rule, Evaluation& e, bool twa_exceeds) {
  if (over(e.stel_max, rule.pc_stel)) e.breaches.add(Breach::pc_stel);
  if (over(e.max, rule.mac)) e.breaches.add(Breach::mac);
  if (over(e.max, rule.peak_5x)) e.breaches.add(Breach::pe_5x);
  if (!e.episodes || !e.episodes->broken()) return;
  if (!std::isfinite(rule.pc_stel)) {
    e.breaches.add(Breach::pe_3x);
  } else if (!twa_exceeds) {  // otherwise the case is decided                                    GBZ 2.1-2019 6.3.2
    e.breaches.add(Breach::pc_stel);
  }
}

/// PC-TWA, by the rule for this length of day and week; true when it is passed.
bool judge_twa(const ExposureRule& rule, const Schedule& schedule, const Sums& s, Evaluation& e) {
  e.rule = rule.rule;
  if (rule.reduction_factor != 1 || schedule.adjust) {
    e.reduction_factor = rule.reduction_factor;
    e.pc_twa_adjusted = rule.limit;
  }
  // A week of days like this one: C_TWA,40h = days * dose / 40; in the real time the days cancel.
  const bool by_40 = rule.rule == TwaRule::h40;
  const auto a = average(s, by_40 ? 40 : rule.divisor_hours, by_40 ? schedule.days_per_week : 1);
  const bool all_below = s.measured > 0 && s.below >= s.measured;
  if (all_below) {
    e.below = s.loq;
  } else {
    e.twa = a.figure;
  }
  if ((!all_below && !e.twa) || e.at_least || s.measured < s.exposed) e.twa_at_least = a.at_least;
  const bool exceeds_limit = over(e.twa, rule.limit) || over(a.at_least, rule.limit);
  if (exceeds_limit) e.breaches.add(Breach::pc_twa);
  set_ratio(e, (e.twa ? *e.twa : e.below ? *e.below : a.at_least) / rule.limit);
  return exceeds_limit;
}

}  // namespace

Evaluation evaluate_day(const Agent& agent, const Schedule& schedule, std::span<const Segment> segments,
                        bool momentary) {
  Evaluation e;
  const bool levels = agent.unit == Unit::db_a || agent.unit == Unit::db_c;
  const auto s = sum_up(segments, levels, e);
  share_time(segments, e.time);
  e.coverage = s.exposed > 0 ? s.measured / s.exposed : 1;
  if (levels) {
    judge_noise(agent, schedule, s, segments, e);
    return e;
  }
  const auto rule = rule_of(agent, schedule);
  e.stel_max = Course(segments).greatest_mean();
  const bool has_twa = limit_of(agent, LimitKind::pc_twa).has_value();
  bool twa_exceeds = false;
  if (has_twa) {
    e.episodes = count_episodes(segments, rule.episode_above, momentary);
    e.rule = rule.rule;
    if (rule.rule != TwaRule::none) twa_exceeds = judge_twa(rule, schedule, s, e);
  } else if (!std::isfinite(rule.mac)) {
    e.rule = TwaRule::h8;
    e.twa = average(s, 8, 1).figure;  // shown, and judged by nothing
  }
  judge_short_time(rule, e, twa_exceeds);
  const auto part = [](std::optional<double> value, double limit) { return value.value_or(no_value) / limit; };
  if (!e.ratio) set_ratio(e, std::fmax(part(e.stel_max, rule.pc_stel), part(e.max, rule.mac)));
  if (!e.ratio && has_twa) set_ratio(e, part(e.stel_max, rule.peak_3x));
  close_verdict(e, has_twa || std::isfinite(rule.mac) || std::isfinite(rule.pc_stel));
  return e;
}

Evaluation evaluate_week(const Agent& agent, const Schedule& schedule, std::span<const Day> days) {
  Evaluation e;
  const bool levels = agent.unit == Unit::db_a || agent.unit == Unit::db_c;
  double hours = 0, dose = 0, greatest = 0;
  std::vector<double> lex;
  for (const auto& day : days) {
    hours += day.hours;
    dose += day.value * day.hours;
    greatest = std::max(greatest, day.hours);
    if (levels) lex.push_back(lex_8h(day.value, day.hours));
  }
  if (levels) {
    const auto limit = limit_of(agent, LimitKind::lex_8h);
    e.lex_40h = lex_40h(lex);
    e.lex_8h = *std::ranges::max_element(lex);
    const bool by_week = days.size() != 5;
    if (limit && exceeds(by_week ? *e.lex_40h : *e.lex_8h, *limit)) {
      e.breaches.add(by_week ? Breach::lex_40h : Breach::lex_8h);
    }
    close_verdict(e, limit.has_value());
    return e;
  }
  const auto pc_twa = limit_of(agent, LimitKind::pc_twa);
  const bool long_week = schedule.adjust && days.size() > 5 && hours > 40;
  e.rule = long_week ? TwaRule::week : TwaRule::h40;
  e.twa = dose / (long_week ? hours : 40);
  const double factor = long_week ? reduction_factor_week(hours) : 1;
  if (pc_twa && schedule.adjust) {
    e.reduction_factor = factor;
    e.pc_twa_adjusted = *pc_twa * factor;
  }
  if (pc_twa) {
    if (over(e.twa, *pc_twa * factor)) e.breaches.add(Breach::pc_twa);
    set_ratio(e, *e.twa / (*pc_twa * factor));
  }
  close_verdict(e, pc_twa.has_value());
  return e;
}

Evaluation evaluate_mixture(std::span<const MixturePart> parts) {
  Evaluation e;
  double by_twa = 0, by_stel = 0;
  for (const auto& part : parts) {
    const auto pc_twa = limit_of(part.agent, LimitKind::pc_twa);
    const auto pc_stel = limit_of(part.agent, LimitKind::pc_stel);
    if (pc_twa && part.twa) by_twa += *part.twa / *pc_twa;
    if (pc_stel && part.stel_max) by_stel += *part.stel_max / *pc_stel;
    if (pc_twa && over(part.twa, *pc_twa)) e.breaches.add(Breach::pc_twa);
    if (pc_stel && over(part.stel_max, *pc_stel)) e.breaches.add(Breach::pc_stel);
  }
  e.mixture_index_twa = by_twa;
  e.mixture_index_stel = by_stel;
  e.mixture_index = std::max(by_twa, by_stel);
  if (exceeds(*e.mixture_index, 1)) e.breaches.add(Breach::mixture);
  set_ratio(e, *e.mixture_index);
  close_verdict(e, true);
  return e;
}

}  // namespace hazgate::core
