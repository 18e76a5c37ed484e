// Exposure: the figures of one point over one shift. What is law stands in exposure_rules; here are the records.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/exposure_rules.hpp"
#include "core/reading.hpp"
#include "core/shift.hpp"
#include "core/stretches.hpp"

namespace hazgate::core {

/// What filled a shift so far, in seconds. Only `measured` (N, S and L) enters averages; the rest is told apart, and
/// what no reading covers is missing, never zero.
struct TimeShares {
  double measured = 0, below_loq = 0;  ///< below_loq is a part of measured
  double over_range = 0, fault = 0, link_lost = 0, calibrating = 0, maintenance = 0, stopped = 0, missing = 0;
  double elapsed() const {
    return measured + over_range + fault + link_lost + calibrating + maintenance + stopped + missing;
  }
  double known() const { return measured + over_range; }  ///< over range a lower bound is known
  /// 0..1; 0 of nothing.
  double coverage() const { return elapsed() > 0 ? measured / elapsed() : 0; }
  friend bool operator==(const TimeShares&, const TimeShares&) = default;
};

enum class Breach : std::uint8_t { mac, pc_twa, pc_stel, pe_3x, pe_5x, lex_8h, lex_40h, mixture, peak, wbgt };
inline constexpr std::array all_breaches{Breach::mac,    Breach::pc_twa,  Breach::pc_stel, Breach::pe_3x, Breach::pe_5x,
                                         Breach::lex_8h, Breach::lex_40h, Breach::mixture, Breach::peak,  Breach::wbgt};
/// "MAC", "PC-TWA", "PC-STEL", "PE-3x", "PE-5x", "LEX_8h", "LEX_40h", "MIXTURE", "PEAK" (impulse noise by its number),
/// "WBGT".
std::string_view name(Breach breach);
struct Breaches {
  std::uint16_t bits = 0;
  void add(Breach b) { bits |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(b)); }
  bool has(Breach b) const { return (bits >> static_cast<unsigned>(b) & 1U) != 0; }
  bool any() const { return bits != 0; }
  friend bool operator==(Breaches, Breaches) = default;
};

enum class Verdict : std::uint8_t { compliant, exceeds, insufficient, no_limit };
std::string_view name(Verdict verdict);  ///< "compliant", "exceeds", "insufficient", "no_limit"

/// Below it there is a lower bound only, and no judgement that all is well.
inline constexpr double least_coverage = 0.75;
/// A reading stands for the time since the one before, at most so long.
inline constexpr int longest_cover_periods = 3;
/// Lengths are sums of decimal minutes: just enough, or just long enough, must not be lost to rounding.
inline constexpr double time_noise = 1e-9;
constexpr bool enough(double part, double whole) { return part >= (least_coverage - time_noise) * whole; }

/// The record of one point and shift, as of `at`; the last one of a shift is final. All figures in the point's unit;
/// NaN where there is none. For noise "TWA" is L_EX,8h, for heat the mean WBGT.
struct Exposure {
  PointIndex point{};
  ShiftIndex shift{};
  ShiftWindow window;
  Timestamp at;
  bool final = false;
  TwaRule rule = TwaRule::h8;
  double limit = no_value;  ///< what the TWA is held against: PC-TWA * RF, L_EX,8h or WBGT
  double reduction_factor = 1;
  double twa_so_far = no_value;       ///< dose so far / 8 h (or Td): can only rise; heat: mean so far
  double twa_projected = no_value;    ///< if the rest of the shift stays as the last 30 min
  std::optional<Timestamp> limit_at;  ///< passed at, or will be at this rate within the shift; never for a mean
  double twa = no_value;              ///< final, coverage >= 75 %: gaps taken as the mean of what was measured
  bool at_least = false;              ///< over range: the true figures are not below these
  double mean = no_value;             ///< over the measured time; L_Aeq for noise
  double stel_max = no_value;         ///< greatest C_STE; NaN for noise and heat
  double stel_at_least = no_value;    ///< what any 15 min prove, gaps as nothing: where that is more than `stel_max`
  double max = no_value;              ///< of what was reached: NaN where all of it is below the quantification limit
  Timestamp stel_max_at{}, max_at{};
  Episodes episodes;
  std::uint32_t impulses = 0;  ///< noise:peak: readings above 120 dB
  double week = no_value;      ///< C_TWA of the week so far, or L_EX,40h, where the rule wants it
  double ratio = no_value;     ///< greatest figure / its limit; NaN without a limit, for levels and heat
  ExposureClass exposure_class{};
  double mixture_index = no_value;  ///< sum of C_i / L_i of the agents at its workplace that act alike; NaN alone
  TimeShares time;
  Breaches breaches;
  Verdict verdict = Verdict::no_limit;
  double greatest_stel() const { return std::isnan(stel_at_least) ? stel_max : stel_at_least; }
};

/// Heat: what the mean so far and the time behind it say. Before 75 % of the time is known a mean proves nothing,
/// neither that all is well nor the contrary.                                            GBZ 331-2024 Table G.2
void judge_mean(Exposure& e);

/// The last word on a record that nobody goes on with: what was left of its shift is missing. `levels`: figures in dB.
Exposure ended_with_gap(Exposure e, bool levels);

}  // namespace hazgate::core
