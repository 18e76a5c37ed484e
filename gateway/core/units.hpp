// Quantities and units: what physics allows compiles, what it does not needs a conversion by name.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace hazgate::core {

template <class Tag>
struct Quantity {
  double value{};
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
};
using MgPerM3 = Quantity<struct MgPerM3Tag>;
using UgPerM3 = Quantity<struct UgPerM3Tag>;
using Ppm = Quantity<struct PpmTag>;
using Ppb = Quantity<struct PpbTag>;
using DbA = Quantity<struct DbATag>;
using GramPerMol = Quantity<struct GramPerMolTag>;
using LitrePerMol = Quantity<struct LitrePerMolTag>;

/// Molar volume at 20 °C and 101.3 kPa, the state of the workplace limits.              GBZ 2.1-2019 A.2.6
inline constexpr LitrePerMol workplace_molar_volume{24.05};
/// Molar volume at 25 °C and 101.325 kPa, the state of ambient VOC figures (OFP, TVOC). GB 3095-2012 (2018 amendment)
inline constexpr LitrePerMol ambient_molar_volume{24.465};

/// Volume fraction to mass concentration: ppm * M / Vm.                                  GBZ 2.1-2019 formula A.2
constexpr MgPerM3 to_mg_per_m3(Ppm c, GramPerMol molar_mass, LitrePerMol molar_volume = workplace_molar_volume) {
  return {c.value * molar_mass.value / molar_volume.value};
}

constexpr Ppm to_ppm(Ppb c) { return {c.value / 1000}; }
/// Volume fraction to mass concentration of ambient air at 25 °C and 101.325 kPa: ppb * M / 24.465.
/// Held against a workplace limit, the same air is to_mg_per_m3(to_ppm(c), molar_mass): the state differs by 1.7 %.
constexpr UgPerM3 to_ug_per_m3_at_25_degc(Ppb c, GramPerMol molar_mass) {
  return {c.value * molar_mass.value / ambient_molar_volume.value};
}

/// A unit as configuration, feed and store write it.
enum class Unit {
  mg_per_m3,
  ug_per_m3,
  g_per_m3,
  ppm,
  ppb,
  percent_volume,
  percent_lel,
  db_a,
  db_c,
  degree_celsius,
  percent_rh,
  hectopascal,
  pascal,
  metre_per_second,
  degree,
  lux,
  per_cubic_centimetre,
  millivolt,
  one
};
/// A sound level: its mean is that of the energies.
constexpr bool is_level(Unit unit) { return unit == Unit::db_a || unit == Unit::db_c; }
std::string_view symbol(Unit unit);
std::optional<Unit> unit_from(std::string_view symbol);
/// Every symbol that unit_from() knows, for messages.
std::string_view unit_symbols();

/// value_in_to = value_in_from * factor. Empty where no factor exists: another dimension, or a volume fraction
/// to a mass concentration without a molar mass.
std::optional<double> conversion_factor(Unit from, Unit to, std::optional<GramPerMol> molar_mass,
                                        LitrePerMol molar_volume = workplace_molar_volume);

}  // namespace hazgate::core
