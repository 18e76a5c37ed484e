#include "core/evaluation.hpp"

#include <algorithm>
#include <cmath>

#include "core/evaluation_short_time.hpp"
#include "core/exposure_meter.hpp"

namespace hazgate::core {

namespace {

constexpr double hour_s = 3600;

double limit_of(const Agent& agent, LimitKind kind) {
  const auto* limit = agent.limit(kind);
  return limit == nullptr ? no_value : limit->value;
}
bool over(std::optional<double> value, double limit) { return value && std::isfinite(limit) && exceeds(*value, limit); }

/// Td. What was exposed longer was so, whatever the schedule says.
double hours_of_day(const Schedule& schedule, double exposed_s) {
  const double planned = schedule.hours_per_day.value_or(8);
  const double exposed = exposed_s / hour_s;
  return exposed > planned * (1 + time_noise) ? exposed : planned;
}

ExposureRule rule_of(Agent agent, const Schedule& schedule, double exposed_s) {
  agent.reduced_for_long_shifts = schedule.adjust;
  const double hours = hours_of_day(schedule, exposed_s);
  return exposure_rule(agent, agent.unit, {"", hours, static_cast<int>(std::lround(schedule.days_per_week))});
}

/// What the day sums up to. Doses are value * s, for levels energy * s.
struct Sums {
  double exposed = 0, measured = 0, below = 0;  ///< s
  double dose = 0, over_range = 0;
  double loq = no_value;   ///< greatest quantification limit that was not reached
  double seen = no_value;  ///< greatest value that was
  bool at_least = false;
  bool all_below() const { return measured > 0 && std::isnan(seen) && !at_least; }
};

Sums sum_up(std::span<const Segment> segments, bool levels) {
  Sums s;
  for (const auto& segment : segments) {
    if (!segment.exposed) continue;
    const double time = segment.minutes * 60;
    const bool not_reached = segment.flag == Flag::below_loq;
    s.exposed += time;
    if (segment.flag == Flag::over_range) s.at_least = true;
    if (!segment.judged()) continue;
    auto& greatest = not_reached ? s.loq : s.seen;
    greatest = std::fmax(greatest, *segment.value);
    const double dose = (levels ? to_energy(*segment.value) : *segment.value) * time;
    (segment.averaged() ? s.dose : s.over_range) += dose;
    if (segment.averaged()) s.measured += time;
    if (not_reached) s.below += time;
  }
  return s;
}

double TimeShares::*share_of(const Segment& segment) {
  switch (segment.flag) {
    case Flag::normal:
    case Flag::by_hand:
    case Flag::below_loq:
      return segment.value ? &TimeShares::measured : &TimeShares::missing;
    case Flag::over_range:
      return &TimeShares::over_range;
    case Flag::calibrating:
      return &TimeShares::calibrating;
    case Flag::maintenance:
      return &TimeShares::maintenance;
    case Flag::stopped:
      return &TimeShares::stopped;
    case Flag::link_lost:
      return &TimeShares::link_lost;
    case Flag::device_fault:
      return &TimeShares::fault;
  }
  return &TimeShares::missing;
}

TimeShares share_time(std::span<const Segment> segments, const Sums& s) {
  TimeShares time{.below_loq = s.below};
  for (const auto& segment : segments) {
    if (segment.exposed) time.*share_of(segment) += segment.minutes * 60;
  }
  return time;
}

/// Means by which a value that was not reached counts as the quantification limit itself give no number when nothing
/// else was found. Whether the limit is kept they tell only where even so it is.            GBZ 331-2024 G.1.1.2 b
void withhold(Evaluation& e, double loq) {
  e.below = loq;
  for (auto figure : {&Evaluation::twa, &Evaluation::twa_at_least, &Evaluation::stel_max, &Evaluation::stel_at_least,
                      &Evaluation::max, &Evaluation::laeq, &Evaluation::lex_8h, &Evaluation::lex_8h_at_least,
                      &Evaluation::lex_40h, &Evaluation::ratio})
    (e.*figure).reset();
}

struct Judged {
  bool has_limit = false;
  bool proven = true;  ///< nothing is missing from the proof that all is well
};

void close_verdict(Evaluation& e, Judged judged) {
  const bool proven = judged.proven && enough(e.coverage.value_or(1), 1) && !e.at_least;
  e.verdict = e.breaches.any()    ? Verdict::exceeds
              : !judged.has_limit ? Verdict::no_limit
              : !proven           ? Verdict::insufficient
                                  : Verdict::compliant;
  if (e.verdict == Verdict::insufficient || e.verdict == Verdict::no_limit) e.ratio.reset();
  if (e.ratio) e.exposure_class = exposure_class(*e.ratio);
}

void close_day(Evaluation& e, const Sums& s, Judged judged) {
  if (s.all_below()) {
    withhold(e, s.loq);
    if (e.breaches.any()) {
      e.notes.emplace_back("the quantification limit is too high for the exposure limit: nothing is proved");
      e.breaches = {};
      judged.proven = false;
    }
  }
  close_verdict(e, judged);
}

void set_ratio(Evaluation& e, double ratio) {
  if (std::isfinite(ratio)) e.ratio = ratio;
}

/// Dose / `hours`: with the gaps as the mean of the rest where enough was measured, and what is proved at least.
struct Average {
  std::optional<double> figure;
  double at_least = 0;
};
Average average(const Sums& s, double hours) {
  const double divisor = hours * hour_s;
  Average a{.at_least = (s.dose + s.over_range) / divisor};
  if (s.exposed <= 0) a.figure = 0;
  if (s.measured > 0 && enough(s.measured, s.exposed)) a.figure = s.dose / s.measured * s.exposed / divisor;
  return a;
}

void judge_impulses(std::span<const Segment> segments, bool momentary, Evaluation& e, const Sums& s) {
  e.impulses = static_cast<std::uint64_t>(std::ranges::count_if(
      segments, [&](const Segment& g) { return g.judged() && (!momentary || *g.value > lowest_impulse); }));
  e.impulse_limit = impulse_limit(*e.impulses);
  if (!e.impulse_limit) e.notes.emplace_back("nothing is set above 10,000 impulses a day");
  if (e.impulse_limit && over(e.max, *e.impulse_limit)) e.breaches.add(Breach::peak);
  close_day(e, s, {.has_limit = e.impulse_limit.has_value()});
}

void judge_noise(const Agent& agent, const Schedule& schedule, const Sums& s, Evaluation& e) {
  const double limit = limit_of(agent, LimitKind::lex_8h);
  const bool by_week = schedule.days_per_week != 5;  // GBZ 2.2-2007 11.2.1
  const double week = to_level(schedule.days_per_week / 5);
  const auto day = average(s, 8);
  const double proven = to_level(day.at_least);
  if (s.measured > 0) e.laeq = to_level(s.dose / s.measured);
  if (day.figure && *day.figure > 0) e.lex_8h = to_level(*day.figure);
  if (std::isfinite(proven) && (!e.lex_8h || e.at_least)) e.lex_8h_at_least = proven;
  if (e.lex_8h && by_week) e.lex_40h = *e.lex_8h + week;
  if (by_week) e.notes.emplace_back("every day of the week is taken to be like this one");
  const double figure = std::max(e.lex_8h.value_or(proven), proven) + (by_week ? week : 0);
  if (over(figure, limit)) e.breaches.add(by_week ? Breach::lex_40h : Breach::lex_8h);
  close_day(e, s, {.has_limit = std::isfinite(limit)});
}

/// The law of the meter, for a record that has ended.                                        GBZ 331-2024 Table G.2
void judge_heat(const Agent& agent, const Sums& s, Evaluation& e) {
  Exposure shift{.final = true, .limit = limit_of(agent, LimitKind::wbgt), .at_least = e.at_least, .time = e.time};
  if (e.time.known() > 0) e.wbgt = shift.twa_so_far = (s.dose + s.over_range) / e.time.known();
  judge_mean(shift);
  e.breaches = shift.breaches;
  e.verdict = shift.verdict;
}

/// No averages: the greatest value of all.                                                       GBZ 2.1-2019 6.3.1
void judge_mac(double mac, const Sums& s, Evaluation& e) {
  if (over(e.max, mac)) e.breaches.add(Breach::mac);
  set_ratio(e, e.max.value_or(no_value) / mac);
  close_day(e, s, {.has_limit = true, .proven = !exceeds(s.loq, mac)});
}

void judge_short_time(const ExposureRule& rule, Evaluation& e) {
  const bool twa_exceeds = e.breaches.has(Breach::pc_twa);
  if (over(e.stel_max, rule.pc_stel) || over(e.stel_at_least, rule.pc_stel)) e.breaches.add(Breach::pc_stel);
  if (over(e.max, rule.peak_5x)) e.breaches.add(Breach::pe_5x);
  if (!e.episodes || !e.episodes->broken()) return;
  if (!std::isfinite(rule.pc_stel)) {
    e.breaches.add(Breach::pe_3x);
  } else if (!twa_exceeds) {  // otherwise the case is decided                                    GBZ 2.1-2019 6.3.2
    e.breaches.add(Breach::pc_stel);
  }
}

/// PC-TWA, by the rule for this length of day and week.
void judge_twa(const ExposureRule& rule, const Schedule& schedule, const Sums& s, Evaluation& e) {
  if (rule.rule == TwaRule::none) {
    e.notes.emplace_back("at most 1 h a day: no TWA is judged, the short-time rules alone");
    return;
  }
  e.rule = rule.rule;
  if (schedule.adjust && std::isfinite(rule.limit)) {
    e.reduction_factor = rule.reduction_factor;
    e.pc_twa_adjusted = rule.limit;
  }
  if (rule.rule == TwaRule::week) e.notes.emplace_back("every day of the week is taken to be like this one");
  const auto a = average(s, rule.divisor_hours);
  e.twa = a.figure;
  if (!e.twa || e.at_least || s.measured < s.exposed * (1 - time_noise)) e.twa_at_least = a.at_least;
  if (over(e.twa, rule.limit) || over(a.at_least, rule.limit)) e.breaches.add(Breach::pc_twa);
}

double decisive_ratio(const ExposureRule& rule, const Evaluation& e) {
  const auto part = [](std::optional<double> value, double limit) { return value.value_or(no_value) / limit; };
  const double twa = std::fmax(part(e.twa, rule.limit), part(e.twa_at_least, rule.limit));
  if (e.twa && std::isfinite(twa)) return twa;
  const double stel = std::fmax(part(e.stel_max, rule.pc_stel), part(e.stel_at_least, rule.pc_stel));
  return std::fmax(twa, std::fmax(stel, part(e.stel_max, rule.peak_3x)));
}

void judge_averages(const Agent& agent, const Schedule& schedule, std::span<const Segment> segments, bool momentary,
                    const Sums& s, Evaluation& e) {
  const auto rule = rule_of(agent, schedule, s.exposed);
  const double pc_twa = limit_of(agent, LimitKind::pc_twa);
  const bool has_limit = std::isfinite(pc_twa) || std::isfinite(rule.pc_stel);
  if (schedule.hours_per_day && hours_of_day(schedule, s.exposed) > *schedule.hours_per_day)
    e.notes.emplace_back("the exposed time is longer than hours_per_day: judged by the longer");
  const auto short_time = greatest_short_time(segments);
  e.stel_max = short_time.greatest;
  if (exceeds(short_time.proven, e.stel_max.value_or(0))) e.stel_at_least = short_time.proven;
  bool hidden = false;
  if (std::isfinite(pc_twa)) {
    const double shortest = shortest_stretch(momentary);
    const auto stretches = stretches_above(segments, rule.episode_above, shortest);
    e.episodes = stretches.episodes(shortest);
    hidden = stretches.hidden(shortest);
  }
  judge_twa(rule, schedule, s, e);
  judge_short_time(rule, e);
  set_ratio(e, decisive_ratio(rule, e));
  if (hidden) e.notes.emplace_back("a gap between two high values may be one stretch that is too long");
  close_day(e, s, {.has_limit = has_limit, .proven = !hidden && !over(s.loq, rule.peak_5x)});
}

}  // namespace

Evaluation evaluate_day(const Agent& agent, const Schedule& schedule, std::span<const Segment> segments,
                        bool momentary) {
  Evaluation e;
  const bool levels = is_level(agent.unit);
  const auto s = sum_up(segments, levels);
  e.time = share_time(segments, s);
  e.coverage = s.exposed > 0 ? s.measured / s.exposed : 1;
  e.at_least = s.at_least;
  const double greatest = s.all_below() ? s.loq : s.seen;
  if (!std::isnan(greatest)) e.max = greatest;
  const double mac = limit_of(agent, LimitKind::mac);
  if (agent.id == "noise:peak") {
    judge_impulses(segments, momentary, e, s);
  } else if (levels) {
    judge_noise(agent, schedule, s, e);
  } else if (agent.limit(LimitKind::wbgt) != nullptr) {
    judge_heat(agent, s, e);
  } else if (std::isfinite(mac)) {
    judge_mac(mac, s, e);
  } else {
    judge_averages(agent, schedule, segments, momentary, s, e);
  }
  return e;
}

namespace {

Sums sum_up(std::span<const Day> days, bool levels) {
  Sums s;
  for (const auto& day : days) {
    s.exposed += day.hours * hour_s;
    if (!day.value) continue;
    s.measured += day.hours * hour_s;
    s.dose += (levels ? to_energy(*day.value) : *day.value) * day.hours * hour_s;
  }
  return s;
}

/// sum_d(10^(0.1 L_EX,8h,d)) / 5 is the energy of the week over 40 h.                       GBZ 331-2024 Table G.2
void judge_week_of_noise(const Agent& agent, std::span<const Day> days, const Sums& s, Evaluation& e) {
  const double limit = limit_of(agent, LimitKind::lex_8h);
  for (const auto& day : days) {
    if (!day.value) continue;
    e.days.push_back({day.hours, lex_8h(*day.value, day.hours)});
    e.lex_8h = std::max(e.lex_8h.value_or(e.days.back().figure), e.days.back().figure);
  }
  const auto week = average(s, 40);
  if (week.figure) e.lex_40h = to_level(*week.figure);
  const bool by_week = days.size() != 5;  // GBZ 2.2-2007 11.2.1
  const bool week_exceeds = over(e.lex_40h, limit) || over(to_level(week.at_least), limit);
  if (by_week ? week_exceeds : over(e.lex_8h, limit)) e.breaches.add(by_week ? Breach::lex_40h : Breach::lex_8h);
  close_verdict(e, {.has_limit = std::isfinite(limit)});
}

/// At most 5 days, or at most 40 h: a long day is judged by itself, the worst one decides.  GBZ 331-2024 G.1.1
void judge_long_days(double pc_twa, std::span<const Day> days, Evaluation& e) {
  e.rule = TwaRule::real_time;
  for (const auto& day : days) {
    if (!day.value) continue;
    const double figure = *day.value * std::min(day.hours, 8.0) / 8;
    const double factor = reduction_factor_day(day.hours);
    e.days.push_back({day.hours, figure});
    if (over(figure, pc_twa * factor)) e.breaches.add(Breach::pc_twa);
    const double ratio = figure / (pc_twa * factor);
    if (e.twa && !(ratio > e.ratio.value_or(0))) continue;
    e.twa = figure;
    e.reduction_factor = factor;
    e.pc_twa_adjusted = pc_twa * factor;
    set_ratio(e, ratio);
  }
}

void judge_sum_of_days(TwaRule rule, double pc_twa, bool adjust, std::span<const Day> days, const Sums& s,
                       Evaluation& e) {
  const double hours = s.exposed / hour_s;
  const double factor = rule == TwaRule::week ? reduction_factor_week(hours) : 1;
  const auto a = average(s, rule == TwaRule::week ? hours : 40);
  e.rule = rule;
  e.twa = a.figure;
  if (s.measured < s.exposed) e.twa_at_least = a.at_least;
  if (adjust && std::isfinite(pc_twa)) {
    e.reduction_factor = factor;
    e.pc_twa_adjusted = pc_twa * factor;
  }
  if (over(e.twa, pc_twa * factor) || over(a.at_least, pc_twa * factor)) e.breaches.add(Breach::pc_twa);
  set_ratio(e, e.twa.value_or(a.at_least) / (pc_twa * factor));
  bool a_day_above = false;
  for (const auto& day : days) {
    if (!day.value) continue;
    e.days.push_back({day.hours, *day.value * day.hours / 8});
    a_day_above |= over(e.days.back().figure, pc_twa);
  }
  if (a_day_above && !e.breaches.any())
    e.notes.emplace_back("the week complies, but a day by itself is above PC-TWA over 8 h");
}

}  // namespace

Evaluation evaluate_week(const Agent& agent, const Schedule& schedule, std::span<const Day> days) {
  Evaluation e;
  const bool levels = is_level(agent.unit);
  const auto s = sum_up(days, levels);
  e.coverage = s.exposed > 0 ? s.measured / s.exposed : 1;
  if (levels) {
    judge_week_of_noise(agent, days, s, e);
    return e;
  }
  const double pc_twa = limit_of(agent, LimitKind::pc_twa);
  const auto rule = week_rule(s.exposed / hour_s, static_cast<double>(days.size()), schedule.adjust);
  const bool long_day = std::ranges::any_of(days, [](const Day& day) { return day.hours > 8; });
  if (schedule.adjust && rule != TwaRule::week && long_day && std::isfinite(pc_twa)) {
    judge_long_days(pc_twa, days, e);
  } else {
    judge_sum_of_days(rule, pc_twa, schedule.adjust, days, s, e);
  }
  close_verdict(e, {.has_limit = std::isfinite(pc_twa)});
  return e;
}

namespace {

/// C_i / L_i of one agent, and whether it complies by itself.
Evaluation::PartRatio judge_part(const MixturePart& part, const Schedule& schedule, Evaluation& e) {
  const auto rule = rule_of(part.agent, schedule, 0);
  Evaluation::PartRatio ratio{.agent = part.agent.id};
  if (part.twa && std::isfinite(rule.limit)) ratio.twa = *part.twa / rule.limit;
  if (part.stel_max && std::isfinite(rule.pc_stel)) ratio.stel = *part.stel_max / rule.pc_stel;
  if (over(part.twa, rule.limit)) e.breaches.add(Breach::pc_twa);
  if (over(part.stel_max, rule.pc_stel)) e.breaches.add(Breach::pc_stel);
  if (over(part.stel_max, rule.peak_5x)) e.breaches.add(Breach::pe_5x);
  if (over(part.stel_max, rule.mac)) e.breaches.add(Breach::mac);
  return ratio;
}

/// Why the proof that all is well has a hole, or nothing. Where no part has a short-time figure, that sum is not asked
/// for.
std::string missing_from(const MixturePart& part, const Schedule& schedule, bool stel_asked) {
  const auto rule = rule_of(part.agent, schedule, 0);
  if (std::isfinite(rule.mac) && !part.stel_max)
    return part.agent.id + " has a MAC, and no stel_max to hold against it";
  if (std::isfinite(rule.limit) && !part.twa) return part.agent.id + " has a PC-TWA, and no twa to hold against it";
  if (stel_asked && std::isfinite(rule.pc_stel) && !part.stel_max)
    return part.agent.id + " has a PC-STEL, and no stel_max to hold against it";
  return {};
}

}  // namespace

Evaluation evaluate_mixture(std::span<const MixturePart> parts, const Schedule& schedule) {
  Evaluation e;
  Judged judged{.has_limit = true};
  const bool stel_asked = std::ranges::any_of(parts, [](const MixturePart& p) {
    return p.stel_max.has_value() && p.agent.limit(LimitKind::pc_stel) != nullptr;
  });
  for (const auto& part : parts) {
    const auto& ratio = e.parts.emplace_back(judge_part(part, schedule, e));
    if (ratio.twa) e.mixture_index_twa = e.mixture_index_twa.value_or(0) + *ratio.twa;
    if (ratio.stel) e.mixture_index_stel = e.mixture_index_stel.value_or(0) + *ratio.stel;
    if (const auto missing = missing_from(part, schedule, stel_asked); !missing.empty()) {
      e.notes.push_back(missing);
      judged.proven = false;
    }
    if (part.agent.limits.empty()) {
      e.notes.push_back(part.agent.id + " has no limit: it is in no sum, and there is no judgement without it");
      judged.has_limit = false;
    } else if (part.agent.limit(LimitKind::mac) != nullptr) {
      e.notes.push_back(part.agent.id + " has a MAC: judged by itself, and in no sum");
    }
  }
  if (e.mixture_index_twa || e.mixture_index_stel)
    e.mixture_index = std::max(e.mixture_index_twa.value_or(0), e.mixture_index_stel.value_or(0));
  if (over(e.mixture_index, 1)) e.breaches.add(Breach::mixture);
  set_ratio(e, e.mixture_index.value_or(no_value));
  close_verdict(e, judged);
  return e;
}

}  // namespace hazgate::core
