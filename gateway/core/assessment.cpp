#include "core/assessment.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::core {

std::string_view name(SubjectKind kind) { return kind == SubjectKind::person ? "person" : "fixed"; }

std::string_view name(AssessmentNote note) {
  static constexpr std::array<std::string_view, all_assessment_notes.size()> words{
      "stel_not_measured", "peak_not_measured", "sampled_too_little", "too_few_short", "short_exposure",
      "loq_too_high",      "peaks_counted",     "stretches_broken",   "week_assumed"};
  return words.at(static_cast<std::size_t>(note));
}

namespace {

bool is_short(const LabSample& sample) { return sample.minutes() <= longest_short_sample; }
bool is_long(const LabSample& sample) { return !is_short(sample); }

double limit_of(const Agent& agent, LimitKind kind) {
  const auto* limit = agent.limit(kind);
  return limit == nullptr ? no_value : limit->value;
}

Segment segment_of(const LabSample& sample, double minutes) {
  return {.minutes = minutes,
          .value = sample.value,
          .flag = sample.below_loq ? Flag::below_loq : Flag::by_hand,
          .exposed = true};
}

/// Two of them at least, and 1 h between the end of one and the begin of another.      GBZ 331-2024 5.2.6.2.3 c
bool apart(const std::vector<LabSample>& samples) {
  return std::ranges::any_of(samples, [&](const LabSample& later) {
    return std::ranges::any_of(samples,
                               [&](const LabSample& early) { return later.begin_minute - early.end_minute >= 60; });
  });
}

/// The samples that an average is made of.
struct Averaged {
  std::vector<LabSample> samples;
  double share = 0;  ///< of the exposure
  std::optional<AssessmentNote> lacking;
};

Averaged averaged(const Assessment& a) {
  Averaged chosen;
  std::ranges::copy_if(a.samples, std::back_inserter(chosen.samples), is_long);
  const bool only_short = chosen.samples.empty();
  if (only_short) chosen.samples = a.samples;
  double minutes = 0;
  for (const auto& sample : chosen.samples) minutes += sample.stands_for_minutes.value_or(sample.minutes());
  chosen.share = std::min(1.0, minutes / (a.exposed_hours() * 60));
  const double needed = a.subject_kind == SubjectKind::person ? 0.5 : 0.25;
  if (only_short) {
    if (!apart(chosen.samples)) chosen.lacking = AssessmentNote::too_few_short;
  } else if (chosen.share < needed * (1 - time_noise)) {
    chosen.lacking = AssessmentNote::sampled_too_little;
  }
  return chosen;
}

/// Those that say how long they stand for do; the others share the rest of the exposure by their length. Where too
/// little was sampled each stands for itself, and the rest is a gap: what is proved then is proved.
std::vector<Segment> whole_exposure(const Assessment& a, const Averaged& chosen) {
  const double exposure = a.exposed_hours() * 60;
  double told = 0, untold = 0;
  for (const auto& sample : chosen.samples)
    (sample.stands_for_minutes ? told : untold) += sample.stands_for_minutes.value_or(sample.minutes());
  const double rest = std::max(0.0, exposure - told);
  const double stretch = chosen.lacking || untold <= 0 ? 1 : std::max(1.0, rest / untold);
  std::vector<Segment> segments;
  for (const auto& sample : chosen.samples)
    segments.push_back(segment_of(sample, sample.stands_for_minutes.value_or(sample.minutes() * stretch)));
  const double left = exposure - told - untold * stretch;
  if (left > time_noise * exposure) segments.push_back({.minutes = left});
  return segments;
}

/// As it was, hour by hour. An exposure shorter than 15 min is averaged over 15 min as what was measured of it.
std::vector<Segment> as_sampled(const std::vector<LabSample>& samples) {
  std::vector<Segment> segments;
  double known = samples.empty() ? 0 : samples.front().begin_minute;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& sample = samples[i];
    if (sample.begin_minute > known) segments.push_back({.minutes = sample.begin_minute - known});
    double end = std::max(sample.end_minute, sample.begin_minute + longest_short_sample);
    if (i + 1 < samples.size()) end = std::min<double>(end, samples[i + 1].begin_minute);
    end = std::max<double>(end, sample.end_minute);
    segments.push_back(segment_of(sample, end - sample.begin_minute));
    known = end;
  }
  return segments;
}

Schedule schedule_of(const Assessment& a, const Agent& agent) {
  return {
      .hours_per_day = a.exposed_hours(), .days_per_week = a.days_per_week, .adjust = agent.reduced_for_long_shifts};
}

/// What is found of the limits, one line each.
class Judge {
 public:
  Judge(const Assessment& a, const Agent& agent) : a_(a), agent_(agent) {}

  AssessmentJudgement take() {
    if (a_.samples.empty()) return result_;
    if (agent_.limit(LimitKind::mac) != nullptr) {
      ceiling();
    } else {
      average();
      if (!is_level(agent_.unit) && agent_.limit(LimitKind::wbgt) == nullptr) short_time();
    }
    close();
    return std::move(result_);
  }

 private:
  LimitLine line(LimitKind kind, std::string_view figure, std::string_view clause) const {
    LimitLine made{.kind = kind, .figure_name = figure, .clause = clause};
    if (const auto* limit = agent_.limit(kind)) {
      made.limit = made.printed_limit = limit->value;
      made.source = limit->source;
    }
    return made;
  }
  void note(AssessmentNote note) { result_.notes.push_back(note); }
  void take_breaches(const Evaluation& e, std::initializer_list<Breach> which) {
    for (const auto breach : which)
      if (e.breaches.has(breach)) result_.breaches.add(breach);
  }

  /// MAC: the greatest of all samples, however long.                                             GBZ 2.1-2019 6.3.1
  void ceiling() {
    std::vector<Segment> segments;
    for (const auto& sample : a_.samples) segments.push_back(segment_of(sample, sample.minutes()));
    const auto e = evaluate_day(agent_, schedule_of(a_, agent_), segments);
    auto mac = line(LimitKind::mac, "C_ME", "GBZ 2.1-2019 6.3.1");
    set_figure(mac, e, e.max);
    mac.verdict = e.verdict;
    mac.at_least = std::ranges::any_of(a_.samples, is_long);
    result_.short_time = mac.below_loq ? no_value : mac.figure;
    result_.sampled_share = averaged(a_).share;
    take_breaches(e, {Breach::mac});
    if (e.below && e.verdict == Verdict::insufficient) note(AssessmentNote::loq_too_high);
    result_.lines.push_back(std::move(mac));
  }

  static void set_figure(LimitLine& line, const Evaluation& e, std::optional<double> figure) {
    line.below_loq = e.below.has_value();
    line.figure = e.below ? *e.below : figure.value_or(no_value);
  }

  void average() {
    const auto chosen = averaged(a_);
    result_.sampled_share = chosen.share;
    const auto e = evaluate_day(agent_, schedule_of(a_, agent_), whole_exposure(a_, chosen));
    if (e.rule) result_.rule = *e.rule;
    if (is_level(agent_.unit)) {
      level(e, chosen);
    } else if (agent_.limit(LimitKind::wbgt) != nullptr) {
      heat(e, chosen);
    } else {
      twa(e, chosen);
    }
  }

  void finish_average(LimitLine line, const Evaluation& e, const Averaged& chosen, bool exceeds) {
    if (std::isfinite(line.limit)) {
      const bool proven = !chosen.lacking && std::isfinite(line.figure) && !(line.below_loq && loq_too_high(line));
      line.verdict = exceeds ? Verdict::exceeds : proven ? Verdict::compliant : Verdict::insufficient;
      if (line.below_loq && loq_too_high(line)) note(AssessmentNote::loq_too_high);
    } else {
      line.verdict = Verdict::no_limit;
    }
    if (chosen.lacking) note(*chosen.lacking);
    line.at_least = chosen.lacking.has_value();
    result_.average = line.below_loq ? no_value : line.figure;
    result_.average_loq = line.below_loq ? line.figure : no_value;
    result_.reduction_factor = e.reduction_factor.value_or(1);
    if (std::isfinite(line.limit)) result_.lines.push_back(std::move(line));
  }
  static bool loq_too_high(const LimitLine& line) { return exceeds(line.figure, line.limit); }

  void level(const Evaluation& e, const Averaged& chosen) {
    const bool by_week = e.lex_40h.has_value() || a_.days_per_week != 5;
    auto lex = line(LimitKind::lex_8h, by_week ? "L_EX,40h" : "L_EX,8h", "GBZ 2.2-2007 11.2.1, GBZ 331-2024 Table G.2");
    set_figure(lex, e, by_week ? e.lex_40h : e.lex_8h ? e.lex_8h : e.lex_8h_at_least);
    take_breaches(e, {Breach::lex_8h, Breach::lex_40h});
    if (by_week) note(AssessmentNote::week_assumed);
    finish_average(std::move(lex), e, chosen, e.breaches.any());
  }

  void heat(const Evaluation& e, const Averaged& chosen) {
    auto wbgt = line(LimitKind::wbgt, "WBGT", "GBZ 2.2-2007 10.2.2, GBZ 331-2024 Table G.2");
    set_figure(wbgt, e, e.wbgt);
    take_breaches(e, {Breach::wbgt});
    finish_average(std::move(wbgt), e, chosen, e.breaches.has(Breach::wbgt));
  }

  void twa(const Evaluation& e, const Averaged& chosen) {
    if (!e.rule) {
      note(AssessmentNote::short_exposure);
      return;
    }
    auto twa = line(LimitKind::pc_twa, "C_TWA", "GBZ 2.1-2019 6.3.2, GBZ 331-2024 G.1");
    if (e.pc_twa_adjusted) twa.limit = *e.pc_twa_adjusted;
    set_figure(twa, e, e.twa ? e.twa : e.twa_at_least);
    take_breaches(e, {Breach::pc_twa});
    if (*e.rule == TwaRule::week) note(AssessmentNote::week_assumed);
    finish_average(std::move(twa), e, chosen, e.breaches.has(Breach::pc_twa));
  }

  void short_time() {
    const double pc_twa = limit_of(agent_, LimitKind::pc_twa);
    const auto* pc_stel = agent_.limit(LimitKind::pc_stel);
    if (!std::isfinite(pc_twa) && pc_stel == nullptr) return;
    const bool measured = std::ranges::any_of(a_.samples, is_short);
    const auto e = evaluate_day(agent_, schedule_of(a_, agent_), as_sampled(a_.samples));
    auto judged = pc_stel != nullptr ? line(LimitKind::pc_stel, "C_STE", "GBZ 2.1-2019 6.3.2, A.2.3.2")
                                     : line(LimitKind::pe, "C_PE", "GBZ 2.1-2019 6.3.3, A.2.4");
    if (pc_stel == nullptr) {
      judged.limit = 3 * pc_twa;
      judged.printed_limit = pc_twa;
      judged.source = agent_.limit(LimitKind::pc_twa)->source;
    }
    set_figure(judged, e, e.stel_at_least ? e.stel_at_least : e.stel_max);  // the greater, where both are
    judged.at_least = !measured;
    const double height = judged.below_loq ? core::no_value : judged.figure;
    const bool too_high = e.breaches.has(Breach::pe_5x) || (pc_stel != nullptr && exceeds(height, pc_stel->value));
    const bool stretches = !too_high && (e.breaches.has(Breach::pc_stel) || e.breaches.has(Breach::pe_3x));
    // Where the average exceeds the case is decided, and short times above PC-TWA add nothing.    GBZ 2.1-2019 6.3.2
    const bool decided = stretches && pc_stel != nullptr && result_.breaches.has(Breach::pc_twa);
    const bool broken = too_high || (stretches && !decided);
    if (broken) take_breaches(e, {Breach::pc_stel, Breach::pe_3x, Breach::pe_5x});
    if (broken && stretches) note(AssessmentNote::stretches_broken);
    judge_short(judged, broken, measured);
    if (measured && !judged.below_loq) result_.short_time = judged.figure;
    result_.lines.push_back(std::move(judged));
  }

  void judge_short(LimitLine& line, bool broken, bool measured) {
    const bool of_stel = line.kind == LimitKind::pc_stel;
    if (broken) {
      line.verdict = Verdict::exceeds;
    } else if (!measured) {
      note(of_stel ? AssessmentNote::stel_not_measured : AssessmentNote::peak_not_measured);
    } else if (line.below_loq && loq_too_high(line)) {
      note(AssessmentNote::loq_too_high);
    } else {
      line.verdict = Verdict::compliant;
      if (!of_stel && exceeds(line.figure, line.limit)) note(AssessmentNote::peaks_counted);
    }
  }

  /// A short-time figure that was not measured leaves the verdict to the others, and is told; an average that was not
  /// does not. At most 1 h a day there is no other.
  void close() {
    const auto has = [&](Verdict verdict, auto which) {
      return std::ranges::any_of(result_.lines,
                                 [&](const LimitLine& line) { return line.verdict == verdict && which(line); });
    };
    const auto any = [](const LimitLine&) { return true; };
    const auto decisive = [](const LimitLine& line) {
      return !line.at_least || (line.kind != LimitKind::pc_stel && line.kind != LimitKind::pe);
    };
    result_.verdict = result_.breaches.any()                 ? Verdict::exceeds
                      : result_.lines.empty()                ? Verdict::no_limit
                      : has(Verdict::insufficient, decisive) ? Verdict::insufficient
                      : has(Verdict::compliant, any)         ? Verdict::compliant
                                                             : Verdict::insufficient;
    if (is_level(agent_.unit) || agent_.limit(LimitKind::wbgt) != nullptr) return;
    for (const auto& line : result_.lines) result_.ratio = std::fmax(result_.ratio, line.ratio());
    const bool judged = result_.verdict == Verdict::compliant || result_.verdict == Verdict::exceeds;
    if (judged && !std::isnan(result_.ratio)) result_.exposure_class = exposure_class(result_.ratio);
  }

  const Assessment& a_;
  const Agent& agent_;
  AssessmentJudgement result_;
};

}  // namespace

AssessmentJudgement judge(const Assessment& assessment, const Agent& agent) { return Judge(assessment, agent).take(); }

}  // namespace hazgate::core
