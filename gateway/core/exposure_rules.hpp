// The law's arithmetic, one formula a function. Concentrations in mg/m3, levels in dB(A), times in hours unless said.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hazgate::core {

/// How a day's or week's average is formed and what it is held against.        GBZ 2.1-2019 A.7, GBZ 331-2024 G.1.1,
/// Table G.2
enum class TwaRule : std::uint8_t {
  none,       ///< Td <= 1 h: no TWA judgement, the short-time rules alone
  h8,         ///< sum(C T) / 8 against PC-TWA
  real_time,  ///< Td > 8 h, at most 5 days: sum(C T) / Td against PC-TWA * RF_d
  h40,        ///< a week without adjustment: sum(C_d T_d) / 40 against PC-TWA
  week,       ///< more than 5 days and Tw > 40 h: sum(C_d T_d) / Tw against PC-TWA * RF_w
  mean        ///< heat: sum(WBGT t) / sum(t) over the measured time; unlike a dose it also falls
};
std::string_view name(TwaRule rule);  ///< "none", "8h", "real_time", "40h", "week", "mean"

/// The rule for one day of a week of like days: none, h8, real_time or week. `adjusted`: the agent is one whose PC-TWA
/// is reduced for long shifts (never by default). Without adjustment a day is always h8, however long.
TwaRule twa_rule(double hours_per_day, double days_per_week, bool adjusted);
/// The rule for a week whose days are known: week, else h40.
TwaRule week_rule(double hours_per_week, double days_per_week, bool adjusted);

/// Brief and Scala, a day of `h` hours: (8/h) (24-h)/16; 1 up to 8 h, 0 from 24 h.      GBZ 2.1-2019 A.5, GBZ 331 G.6
double reduction_factor_day(double hours);
/// Brief and Scala, a week of `h` hours: (40/h) (168-h)/128; 1 up to 40 h, 0 from 168 h.         GBZ 2.1-2019 A.6, G.8
double reduction_factor_week(double hours);

/// A figure formed by sums carries rounding noise; a value equal to its limit complies.      GBZ 2.1-2019 6.3
constexpr bool exceeds(double value, double limit) { return value > limit * (1 + 1e-9); }

/// By r = C / L; a bound belongs to the class below it.                                    GBZ 2.1-2019 Table 5
enum class ExposureClass : std::uint8_t { class_0, class_1, class_2, class_3, class_4 };
ExposureClass exposure_class(double ratio);
std::string_view name(ExposureClass c);  ///< "0", "I", "II", "III", "IV"

/// Sound energy relative to the reference pressure, and back; nothing gives -infinity.
double to_energy(double level_db);
double to_level(double energy);
/// L_EX,8h = L_Aeq,Te + 10 lg(Te / 8).                                                    GBZ 331-2024 Table G.2
double lex_8h(double laeq, double hours);
/// L_EX,40h = 10 lg(1/5 sum 10^(0.1 L_EX,8h,d)) over the days worked.                     GBZ 331-2024 Table G.2
double lex_40h(std::span<const double> lex_8h_of_days);
/// Greatest permitted peak for n impulses a working day, dB(A); empty above 10,000.       GBZ 2.2-2007 Table 10
std::optional<double> impulse_limit(std::uint64_t impulses);

/// Half to even, as GB/T 8170 rounds: the decimal half as it is written, 2.675 to 2.68. `decimals` 0..22.
double round_half_even(double value, int decimals);
/// Decimals of a result that is held against this limit: one more than the limit has.     GBZ 331-2024 G.1.2, G.2.2
int reported_decimals(double limit);

/// Row of the silica bands for a free SiO2 content in percent: "40-1" 10..50, "40-2" above 50..80, "40-3" above 80;
/// empty below 10.                                                                        GBZ 2.1-2019 Table 2
std::optional<std::string_view> silica_row(double sio2_percent);

/// Wet bulb globe temperature, degC.                                                       GBZ 331-2024 Table G.2
double wbgt_indoor(double natural_wet_bulb, double globe);
double wbgt_outdoor(double natural_wet_bulb, double globe, double air);
/// What the limits of Table 8 rise by, for the outdoor ventilation design temperature of the place, degC.
///                                                                                         GBZ 2.2-2007 10.2.2
double wbgt_limit_rise(double outdoor_ventilation);

}  // namespace hazgate::core
