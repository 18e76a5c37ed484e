#include "core/figures.hpp"

#include <algorithm>
#include <cmath>

namespace hazgate::core {

/// The mean over what was measured from 75 % coverage on; below it, or where over range proves more, what the dose
/// proves by itself.
std::optional<ShortTimeMean> short_time_mean(const WindowMean& quarter, bool levels) {
  if (std::isnan(quarter.lower)) return std::nullopt;
  const bool at_least = quarter.coverage < least_coverage;
  const bool by_dose = at_least || clearly_above(quarter.lower, std::max(quarter.mean, 0.0));
  const double figure = by_dose ? quarter.lower : quarter.mean;
  return ShortTimeMean{levels ? to_level(figure) : figure, at_least};
}

double judged(const Figures& figures, Basis basis, double reading, double raise_above) {
  const auto& ste = figures.ste;
  switch (basis) {
    case Basis::reading:
      return reading;
    case Basis::c_ste:
      return ste && !(ste->at_least && ste->value <= raise_above) ? ste->value : no_value;
    case Basis::twa:
      return figures.shift.so_far;
    case Basis::twa_projected:
      return figures.shift.projected;
    case Basis::short_time:
      return figures.shift.short_time_broken ? 1 : 0;
    case Basis::mixture:
      return figures.mixture;
    case Basis::baseline:
      return figures.z;
    default:
      break;  // of a device, a bus, an output or the gateway
  }
  return no_value;
}

void explain(Finding& found, const Reading& reading, const Figures& figures) {
  const bool over_range = reading.flag == Flag::over_range;
  found.value = reading.value;
  found.at_least = over_range;
  const auto& shift = figures.shift;
  if (found.basis == Basis::twa || found.basis == Basis::twa_projected) {
    const double figure = (found.basis == Basis::twa ? shift.so_far : shift.projected) * shift.reduction_factor;
    found.value = std::isfinite(figure) ? figure : no_value;  // between two shifts there is none
    found.at_least = shift.at_least;
    found.reduction_factor = shift.reduction_factor;
  } else if (found.basis == Basis::mixture) {
    found.value = figures.mixture;
  } else if (found.basis == Basis::c_ste && over_range) {
    found.basis = Basis::reading;  // it is the reading that proves it, not the mean
  } else if (found.basis == Basis::c_ste && figures.ste) {
    found.value = figures.ste->value;
    found.at_least = figures.ste->at_least;
  }
}

void explain_return(Finding& found, Basis basis, const Reading& reading, const Figures& figures) {
  const bool averaged =
      basis == Basis::c_ste || basis == Basis::twa || basis == Basis::twa_projected || basis == Basis::mixture;
  if (!averaged) return;
  Finding told = found;
  told.basis = basis;
  explain(told, reading, figures);
  if (std::isfinite(told.value)) found = told;
}

}  // namespace hazgate::core
