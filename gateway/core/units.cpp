#include "core/units.hpp"

#include <array>

namespace hazgate::core {

namespace {

enum class Dimension { mass_concentration, volume_fraction, pressure, none };

struct Row {
  Unit unit;
  std::string_view symbol;
  Dimension dimension;
  double in_base;  ///< base units: mg/m3, ppm, hPa
};

// In the order of the enumeration, so that a unit is its own index.
constexpr std::array rows{
    Row{Unit::mg_per_m3, "mg/m3", Dimension::mass_concentration, 1},
    Row{Unit::ug_per_m3, "ug/m3", Dimension::mass_concentration, 1e-3},
    Row{Unit::g_per_m3, "g/m3", Dimension::mass_concentration, 1e3},
    Row{Unit::ppm, "ppm", Dimension::volume_fraction, 1},
    Row{Unit::ppb, "ppb", Dimension::volume_fraction, 1e-3},
    Row{Unit::percent_volume, "%vol", Dimension::volume_fraction, 1e4},
    Row{Unit::percent_lel, "%LEL", Dimension::none, 1},
    Row{Unit::db_a, "dB(A)", Dimension::none, 1},
    Row{Unit::db_c, "dB(C)", Dimension::none, 1},
    Row{Unit::degree_celsius, "degC", Dimension::none, 1},
    Row{Unit::percent_rh, "%RH", Dimension::none, 1},
    Row{Unit::hectopascal, "hPa", Dimension::pressure, 1},
    Row{Unit::pascal, "Pa", Dimension::pressure, 1e-2},
    Row{Unit::metre_per_second, "m/s", Dimension::none, 1},
    Row{Unit::degree, "deg", Dimension::none, 1},
    Row{Unit::lux, "lx", Dimension::none, 1},
    Row{Unit::per_cubic_centimetre, "1/cm3", Dimension::none, 1},
    Row{Unit::millivolt, "mV", Dimension::none, 1},
    Row{Unit::one, "1", Dimension::none, 1},
};

const Row& row(Unit unit) { return rows[static_cast<std::size_t>(unit)]; }

}  // namespace

std::string_view symbol(Unit unit) { return row(unit).symbol; }

std::optional<Unit> unit_from(std::string_view symbol) {
  for (const Row& r : rows)
    if (r.symbol == symbol) return r.unit;
  return {};
}

std::string_view unit_symbols() {
  return "mg/m3, ug/m3, g/m3, ppm, ppb, %vol, %LEL, dB(A), dB(C), degC, %RH, hPa, Pa, m/s, deg, lx, 1/cm3, mV, 1";
}

std::optional<double> conversion_factor(Unit from, Unit to, std::optional<GramPerMol> molar_mass,
                                        LitrePerMol molar_volume) {
  if (from == to) return 1.0;
  const Row& a = row(from);
  const Row& b = row(to);
  if (a.dimension == Dimension::none || b.dimension == Dimension::none) return {};
  const double plain = a.in_base / b.in_base;
  if (a.dimension == b.dimension) return plain;
  if (a.dimension == Dimension::pressure || b.dimension == Dimension::pressure || !molar_mass) return {};
  const double per_ppm = to_mg_per_m3(Ppm{1}, *molar_mass, molar_volume).value;
  return a.dimension == Dimension::volume_fraction ? plain * per_ppm : plain / per_ppm;
}

}  // namespace hazgate::core
