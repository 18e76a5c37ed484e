#include "core/exposure_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace hazgate::core {

std::string_view name(TwaRule rule) {
  static constexpr std::array<std::string_view, 6> words{"none", "8h", "real_time", "40h", "week", "mean"};
  return words.at(static_cast<std::size_t>(rule));
}

std::string_view name(ExposureClass c) {
  static constexpr std::array<std::string_view, 5> words{"0", "I", "II", "III", "IV"};
  return words.at(static_cast<std::size_t>(c));
}

TwaRule twa_rule(double hours_per_day, double days_per_week, bool adjusted) {
  if (hours_per_day <= 1) return TwaRule::none;
  if (!adjusted) return TwaRule::h8;
  if (days_per_week > 5 && exceeds(hours_per_day * days_per_week, 40)) return TwaRule::week;
  return hours_per_day > 8 ? TwaRule::real_time : TwaRule::h8;
}

TwaRule week_rule(double hours_per_week, double days_per_week, bool adjusted) {
  return adjusted && days_per_week > 5 && exceeds(hours_per_week, 40) ? TwaRule::week : TwaRule::h40;
}

double reduction_factor_day(double hours) { return hours <= 8 ? 1 : std::max(0.0, 8 * (24 - hours) / (hours * 16)); }

double reduction_factor_week(double hours) {
  return hours <= 40 ? 1 : std::max(0.0, 40 * (168 - hours) / (hours * 128));
}

ExposureClass exposure_class(double ratio) {
  if (exceeds(ratio, 1)) return ExposureClass::class_4;
  if (exceeds(ratio, 0.5)) return ExposureClass::class_3;
  if (exceeds(ratio, 0.1)) return ExposureClass::class_2;
  return exceeds(ratio, 0.01) ? ExposureClass::class_1 : ExposureClass::class_0;
}

double to_energy(double level_db) { return std::pow(10.0, 0.1 * level_db); }

double to_level(double energy) { return 10 * std::log10(energy); }

double lex_8h(double laeq, double hours) { return laeq + to_level(hours / 8); }

double lex_40h(std::span<const double> lex_8h_of_days) {
  double energy = 0;
  for (const double level : lex_8h_of_days) energy += to_energy(level);
  return to_level(energy / 5);
}

std::optional<double> impulse_limit(std::uint64_t impulses) {
  if (impulses <= 100) return 140;
  if (impulses <= 1000) return 130;
  if (impulses <= 10000) return 120;
  return {};
}

namespace {

/// Decimal halves are rarely halves in binary, and sums carry noise: closer than this to a half is a half.
constexpr double half_width = 1e-12;

double nearest_even(double scaled) {
  const double below = std::floor(scaled);
  const double past = scaled - below;
  if (std::abs(past - 0.5) > half_width * std::max(1.0, std::abs(scaled))) return past < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

}  // namespace

double round_half_even(double value, int decimals) {
  const double power = std::pow(10.0, decimals);
  const double scaled = value * power;
  // From here on a double has no digit left to round.
  constexpr double no_fraction = 1e15;
  if (!(std::abs(scaled) < no_fraction)) return value;
  return nearest_even(scaled) / power + 0.0;  // no negative zero
}

int reported_decimals(double limit) {
  constexpr int most = 12;
  int decimals = 0;
  for (double scaled = std::abs(limit); decimals < most; ++decimals, scaled *= 10) {
    if (std::abs(scaled - std::round(scaled)) <= half_width * std::max(1.0, scaled)) break;
  }
  return decimals + 1;
}

std::optional<std::string_view> silica_row(double sio2_percent) {
  if (!(sio2_percent >= 10)) return {};
  if (sio2_percent <= 50) return "40-1";
  return sio2_percent <= 80 ? "40-2" : "40-3";
}

double wbgt_indoor(double natural_wet_bulb, double globe) { return 0.7 * natural_wet_bulb + 0.3 * globe; }

double wbgt_outdoor(double natural_wet_bulb, double globe, double air) {
  return 0.7 * natural_wet_bulb + 0.2 * globe + 0.1 * air;
}

double wbgt_limit_rise(double outdoor_ventilation) { return outdoor_ventilation >= 30 ? 1 : 0; }

}  // namespace hazgate::core
