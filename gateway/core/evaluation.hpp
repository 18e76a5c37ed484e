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
  double minutes = 0;
  std::optional<double> value;
  Flag flag = Flag::normal;  ///< L: the value is the quantification limit; T: the instrument's end
  bool exposed = true;       ///< false: time without exposure, which counts as 0 and not as a gap
};

struct Schedule {
  double hours_per_day = 8, days_per_week = 5;
  bool adjust = false;  ///< apply the reduction factor to the PC-TWA of this agent
};

/// Figures in the agent's unit; absent where they do not apply.
struct Evaluation {
  std::optional<double> twa;           ///< by `rule`; gaps taken as the mean of what was measured
  std::optional<double> twa_at_least;  ///< gaps as nothing, over range with its value: given where twa is not exact
  std::optional<TwaRule> rule;
  std::optional<double> pc_twa_adjusted, reduction_factor;
  std::optional<double> stel_max, max;
  std::optional<Episodes> episodes;
  std::optional<double> laeq, lex_8h, lex_40h;
  std::optional<double> mixture_index, mixture_index_twa, mixture_index_stel;
  std::optional<double> ratio;
  std::optional<ExposureClass> exposure_class;
  std::optional<double> below;  ///< all of it lay below this quantification limit; then there is no TWA
  std::optional<double> coverage;
  TimeShares time;
  bool at_least = false;  ///< over range: the true figures are not below these
  Breaches breaches;
  Verdict verdict = Verdict::no_limit;
};

/// One working day. `momentary`: the values are readings, so that a flicker below 60 s neither splits a stretch nor
/// makes one; segments are averages already and count as they are. Under the rules "40h" and "week" every day of the
/// week is taken to be like this one.
Evaluation evaluate_day(const Agent& agent, const Schedule& schedule, std::span<const Segment> segments,
                        bool momentary = false);

struct Day {
  double hours = 0;
  double value = 0;  ///< mean over `hours`: C_TWA,d, or L_Aeq
};
/// A week of days that were averaged before.                                   GBZ 331-2024 G.1.1, Table G.2
Evaluation evaluate_week(const Agent& agent, const Schedule& schedule, std::span<const Day> days);

struct MixturePart {
  Agent agent;
  std::optional<double> twa, stel_max;
};
/// Additive agents: sum of C_i / L_i, with PC-TWA and with PC-STEL; each must comply by itself first.
/// GBZ 2.1-2019 A.3.2.2
Evaluation evaluate_mixture(std::span<const MixturePart> parts);

}  // namespace hazgate::core
