// The slow oracle: the exposure record of one point and shift, formed second by second out of the clauses alone. It
// knows nothing of the program, and looks at every second again for every question: obviously right, obviously slow.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hazgate::test {

inline constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// At a whole second; in order. Flags are the letters N S L T D B C M F.
struct SlowReading {
  std::int64_t at = 0;
  double value = nothing;
  char flag = 'N';
};

/// Limits in the unit of the values, NaN where there is none.
struct SlowRules {
  bool levels = false;  ///< dB: energies are averaged
  double pc_twa = nothing, pc_stel = nothing, mac = nothing, lex_8h = nothing;
  double hours = 8;  ///< Td
  int days = 5;      ///< worked a week
  bool adjusted = false;
};

struct SlowStretches {
  std::size_t count = 0;
  double longest_minutes = 0, closest_minutes = nothing;
  bool broken() const;
};

struct SlowRecord {
  std::string rule;  ///< "none", "8h", "real_time", "40h", "week"
  double limit = nothing, reduction_factor = 1;
  double twa_so_far = nothing, twa_projected = nothing, twa = nothing, week = nothing;
  double mean = nothing, max = nothing;
  std::int64_t max_at = 0;
  SlowStretches stretches;
  double measured = 0, below_loq = 0, over_range = 0, fault = 0, link_lost = 0, calibrating = 0, maintenance = 0,
         stopped = 0, missing = 0;
  bool at_least = false;
  /// The first second at whose end the limit was passed, or will have been passed by the forecast.
  std::optional<std::int64_t> limit_at;
  bool forecast = false;  ///< of limit_at
  double ratio = nothing;
  std::string exposure_class;  ///< "0", "I" … "IV"; empty without a ratio
  std::set<std::string> breaches;
  std::string verdict;
  bool found = true;  ///< false: of all that was measured nothing reached the quantification limit
};

class SlowShift {
 public:
  /// (begin, end], of readings that come every `period` seconds; those of before `begin` count in the windows.
  SlowShift(const std::vector<SlowReading>& readings, std::int64_t period, SlowRules rules, std::int64_t begin,
            std::int64_t end);

  /// As of `now`, the moment of a reading or the end. `week_before`: what the days before added to the week.
  SlowRecord record(std::int64_t now, double week_before = 0) const;
  /// What this shift adds to its week: value or energy times seconds.
  double of_week() const;

  /// C_STE at the moment of a reading: the mean of the 15 min before, where they lie within the shift and 75 % of them
  /// are measured; else NaN. Of agents with a PC-TWA, for beside a MAC and for noise there is none.
  /// GBZ 2.1-2019 3.5.2, 6.3.1
  double c_ste(std::int64_t at) const { return c_ste_[place(at)]; }
  /// What the 15 min before prove, gaps as nothing and over range with its value, of what this shift has met in them.
  double ste_proven(std::int64_t at) const { return ste_proven_[place(at)]; }
  /// Greatest minus least within (from, to], what is not known as nothing.
  double known_span(std::int64_t from, std::int64_t to) const;
  /// How uneven it is within (from, to], as value or energy: greatest minus least where all of it is measured, else the
  /// greatest distance of what is measured from `mean`.
  double unevenness(std::int64_t from, std::int64_t to, double mean) const;
  /// Of value or energy; NaN where less is measured than `least_coverage`.
  double mean_of(std::int64_t from, std::int64_t to, double least_coverage) const;
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }

 private:
  struct Second {
    double value = nothing;
    char flag = '-';  ///< '-': no reading stands for it
    bool measured() const { return flag == 'N' || flag == 'S' || flag == 'L'; }
    bool known() const { return measured() || (flag == 'T' && value == value); }
  };
  struct Dose {
    double measured = 0, over_range = 0;
  };
  std::size_t place(std::int64_t second) const { return static_cast<std::size_t>(second - first_); }
  const Second& at(std::int64_t second) const { return seconds_[place(second)]; }
  double entered(const Second& second) const;
  Dose dose(std::int64_t now) const;
  void share_time(std::int64_t now, SlowRecord& r) const;
  void average(std::int64_t now, double week_before, SlowRecord& r) const;
  void foresee(std::int64_t now, double week_before, SlowRecord& r) const;
  void pass(std::int64_t now, double week_before, SlowRecord& r) const;
  SlowStretches stretches(std::int64_t now, bool gaps_are_high) const;
  bool blind(std::int64_t now) const;
  bool found(std::int64_t now) const;
  SlowRecord as_if_reached(std::int64_t now, double week_before) const;
  void judge(std::int64_t now, SlowRecord& r) const;
  double judged(double dose, double week_before) const;
  double filled(std::int64_t now) const;

  SlowRules rules_;
  std::string rule_;
  double factor_ = 1, limit_ = nothing;
  std::int64_t first_, begin_, end_;
  std::vector<Second> seconds_;  ///< seconds_[0] is the second that ends at first_
  std::vector<double> c_ste_, ste_proven_;
};

}  // namespace hazgate::test
