// The exposure meter: one point over one shift, as readings come. Constant memory, constant time a reading; what it
// holds is plain bytes, so that it survives a restart as it stands.
#pragma once

#include <limits>
#include <type_traits>

#include "core/exposure.hpp"
#include "core/limit.hpp"
#include "core/window.hpp"

namespace hazgate::core {

inline constexpr double lowest_impulse = 120;  ///< dB, GBZ 2.2-2007 Table 10

/// How the law judges one point over one shift; fixed at start. Limits in the point's unit, NaN where there is none.
struct ExposureRule {
  bool levels = false;  ///< dB: averaged by energy, L_EX instead of C_TWA
  TwaRule rule = TwaRule::h8;
  double hours = 8;             ///< Td
  double divisor_hours = 8;     ///< of the daily figure: 8, or Td where the real time counts
  double week_hours = 40;       ///< of the weekly figure: 40, or Tw
  double reduction_factor = 1;  ///< applied to `limit`
  double limit = no_value;      ///< PC-TWA * RF, L_EX,8h or WBGT
  double mac = no_value, pc_stel = no_value, peak_3x = no_value, peak_5x = no_value;
  double episode_above = std::numeric_limits<double>::infinity();  ///< 3 PC-TWA, or PC-TWA where there is a PC-STEL
  bool impulses = false;                                           ///< noise:peak: limit by number
  bool by_week() const { return rule == TwaRule::h40 || rule == TwaRule::week; }
  double judged_hours() const { return by_week() ? week_hours : divisor_hours; }
  bool is_mean() const { return rule == TwaRule::mean; }
};

/// `unit`: of the point, whose dB are levels.
ExposureRule exposure_rule(const Agent& agent, Unit unit, const Shift& shift);

/// What alarms are judged by: the figure that the rule holds against its limit, so far and projected.
struct ShiftFigure {
  double so_far = no_value;
  double projected = no_value;  ///< NaN until a third of the last half hour is measured
  bool at_least = false;
};

/// What the days of a week before today add to its figure.
struct WeekSoFar {
  std::int32_t week = std::numeric_limits<std::int32_t>::min();  ///< its Monday, as ShiftWindow has it
  double dose = 0;                                               ///< sum of value * s, or of energy * s
};

/// A reading that stands for (from, to].
struct Stay {
  /// `c_ste`: the last 15 min as of `to`; nothing in it where C_STE is not wanted.
  Stay(bool levels, Timestamp begin, Timestamp end, double reading, Flag its_flag, const WindowMean& c_ste = {})
      : from(begin),
        to(end),
        value(reading),
        rate(levels ? to_energy(reading) : reading),
        flag(its_flag),
        quarter(c_ste) {}
  Timestamp from, to;
  double value;
  double rate;  ///< what each second adds to a dose: the value, of a level its energy
  Flag flag;
  WindowMean quarter;
};

class ExposureMeter {
 public:
  ExposureMeter() = default;
  /// A new shift. The week's figures go on while the window lies in the same week.
  ExposureMeter(const ShiftWindow& window, const WeekSoFar& before);
  const ShiftWindow& window() const { return window_; }

  /// The part of the stay within the window counts, and of it what is not covered already.
  void add(const ExposureRule& rule, const Stay& stay);

  ShiftFigure figure(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const;
  /// The short-time rule of the day (number, length, spacing; impulses by number) is broken.
  bool short_time_broken(const ExposureRule& rule) const;
  /// Part of a mixture: the judged figure / its limit; 0 where there is no average to judge, or nothing measured.
  struct Part {
    double ratio = 0;
    bool proven = false;  ///< it is not greater: enough was measured, nothing over range
  };
  Part part(const ExposureRule& rule, Timestamp now) const;
  /// The whole record. `half_hour` is the mean of the last 30 min.
  Exposure record(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const;
  /// After the shift: the day has joined its week.
  WeekSoFar week_after(const ExposureRule& rule) const;

 private:
  /// Sum of value * s, or of energy * s, and the time it stands for.
  struct Dose {
    double sum = 0, seconds = 0;
  };
  Dose met() const;
  bool all_below() const;
  Exposure as_if_reached(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const;
  Dose filled(Timestamp now) const;
  static double daily(const ExposureRule& rule, const Dose& dose);
  double judged(const ExposureRule& rule, const Dose& dose) const;
  std::optional<Timestamp> limit_at(const ExposureRule& rule, Timestamp now, const WindowMean& half_hour) const;
  void count_time(Flag flag, double seconds);
  void count_value(const ExposureRule& rule, const Stay& stay, Timestamp from, Timestamp to);
  void count_short_time(Timestamp to, const WindowMean& c_ste);
  double stel_at_least() const;
  double since_begin(Timestamp at) const;
  void judge(const ExposureRule& rule, Exposure& e) const;

  // What each reading touches comes first: with thousands of points every cache line counts.
  ShiftWindow window_;
  Timestamp covered_until_{};
  double dose_ = 0;             ///< of valid readings: sum of value * s, or of energy * s
  double over_range_dose_ = 0;  ///< the same of readings at the instrument's end
  double week_dose_ = 0;        ///< of the days before
  double so_far_ = no_value;    ///< what is judged, of the dose so far
  double max_ = no_value, stel_max_ = no_value;
  double stel_proven_ = no_value;  ///< greatest lower bound of C_STE
  Timestamp passed_at_{};
  TimeShares time_;      ///< missing is what is left
  Stretches stretches_;  ///< in seconds since the shift began
  Timestamp max_at_{}, stel_max_at_{};
  std::uint32_t impulses_ = 0;
  bool blind_ = false;  ///< a quantification limit was above the limit of a moment: what is below it proves nothing
};
static_assert(std::is_trivially_copyable_v<ExposureMeter>);

}  // namespace hazgate::core
