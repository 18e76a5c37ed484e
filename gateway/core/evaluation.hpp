// Evaluation: a shift, a week or a mixture that somebody else has measured, judged as the law does. Pure and exact;
// what runs all day is core/exposure_meter, and the tests hold the two against each other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/exposure.hpp"
#include "core/limit.hpp"

namespace hazgate::core {

/// A stretch of time with one value, in the agent's unit. Without a value it is a gap, or what `flag` says it was.
struct Segment {
  double minutes = 0;  ///< 0 for a value that stands for no time: it counts among the greatest, and in no average
  std::optional<double> value;
  Flag flag = Flag::normal;  ///< L: the value is the quantification limit; T: the instrument's end
  bool exposed = true;  ///< false: time without exposure, which counts as 0 and not as a gap; of heat it counts nowhere
  bool averaged() const { return exposed && value && enters_averages(flag); }
  bool judged() const { return exposed && value && judges_alarms(flag); }
};

struct Schedule {
  /// Td. Not given it is 8, or the exposed time of the record where that is longer; it is never less than that.
  std::optional<double> hours_per_day;
  double days_per_week = 5;
  bool adjust = false;  ///< apply the reduction factor to the PC-TWA of this agent
};

/// One day of a week that was averaged before.
struct Day {
  double hours = 0;
  std::optional<double> value;  ///< mean over `hours`: C_TWA,d, or L_Aeq; without it the day is a gap
};

struct MixturePart {
  Agent agent;
  std::optional<double> twa, stel_max;
};

/// Figures in the agent's unit; absent where they do not apply.
struct Evaluation {
  std::optional<double> twa;           ///< by `rule`; gaps taken as the mean of what was measured
  std::optional<double> twa_at_least;  ///< gaps as nothing, over range with its value: given where twa is not exact
  std::optional<TwaRule> rule;
  std::optional<double> pc_twa_adjusted, reduction_factor;
  std::optional<double> stel_max;       ///< greatest mean over 15 min, of windows with 75 % coverage
  std::optional<double> stel_at_least;  ///< the same of all windows, gaps as nothing: given where it proves more
  std::optional<double> max;
  std::optional<Episodes> episodes;
  std::optional<double> laeq, lex_8h, lex_8h_at_least, lex_40h;
  std::optional<double> wbgt;  ///< mean over the measured time; over range with its value
  std::optional<std::uint64_t> impulses;
  std::optional<double> impulse_limit;  ///< for so many of them
  std::optional<double> mixture_index, mixture_index_twa, mixture_index_stel;
  struct PartRatio {
    std::string agent;
    std::optional<double> twa, stel;
  };
  std::vector<PartRatio> parts;
  struct DayFigure {
    double hours = 0;
    double figure = 0;  ///< of this day alone: C_TWA,8h, C_TWA,d above 8 h under "real_time", or L_EX,8h
  };
  std::vector<DayFigure> days;
  std::optional<double> ratio;  ///< of the TWA where there is one, else the greatest of the short-time figures
  std::optional<ExposureClass> exposure_class;
  std::optional<double> below;  ///< all of it lay below this quantification limit; then there are no figures
  std::optional<double> coverage;
  TimeShares time;
  bool at_least = false;  ///< over range: the true figures are not below these
  Breaches breaches;
  Verdict verdict = Verdict::no_limit;
  std::vector<std::string> notes;  ///< what a reader of the verdict has to know
};

/// One working day. `momentary`: the values are readings, so that a flicker below 60 s neither splits a stretch nor
/// makes one; segments are averages already and count as they are. A gap ends a stretch as a low value does. Under the
/// rule "week", and for noise on other than 5 days, every day of the week is taken to be like this one.
/// noise:peak: each segment is an impulse; of readings those above 120 dB are. Heat: the contact time rate stands in
/// the agent, so that hours and days change nothing.
Evaluation evaluate_day(const Agent& agent, const Schedule& schedule, std::span<const Segment> segments,
                        bool momentary = false);

/// A week, which brings its own hours and days. The agent has a PC-TWA, no limit, or is noise; a MAC is held against no
/// average.                                                                       GBZ 331-2024 G.1.1, G.2, Table G.2
Evaluation evaluate_week(const Agent& agent, const Schedule& schedule, std::span<const Day> days);

/// Additive agents: sum of C_i / L_i, with PC-TWA and with PC-STEL; each must comply by itself first. An agent with a
/// MAC is judged by its stel_max alone and adds to no sum.                                     GBZ 2.1-2019 A.3.2.2
Evaluation evaluate_mixture(std::span<const MixturePart> parts, const Schedule& schedule = {});

}  // namespace hazgate::core
