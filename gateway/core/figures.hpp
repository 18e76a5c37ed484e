// What the set points of a point are held against at one moment, and what an alarm tells of it.
#pragma once

#include <optional>

#include "core/alarm_life.hpp"
#include "core/exposures.hpp"
#include "core/set_point.hpp"
#include "core/window.hpp"

namespace hazgate::core {

/// C_STE at one moment; `at_least` where the true one may be greater.
struct ShortTimeMean {
  double value{};
  bool at_least = false;
};
/// Of the last 15 min, which hold energies where `levels`.
std::optional<ShortTimeMean> short_time_mean(const WindowMean& quarter, bool levels);

struct Figures {
  std::optional<ShortTimeMean> ste;
  ShiftState shift;
  double mixture = no_value;  ///< sum of C_i / L_i so far, for the point that leads           GBZ 2.1-2019 A.3.2.2
  double z = no_value;        ///< robust z, at most high_z until it stood above it in two scans running
  Timestamp unusual_since{};  ///< the first scan of those running
};

/// The one that a set point of this basis compares; NaN where it says nothing, and what stands is held.
double judged(const Figures& figures, Basis basis, double reading, double raise_above);

/// The figure behind the level that was found.
void explain(Finding& found, const Reading& reading, const Figures& figures);
/// An alarm of this basis that returns tells the figure it was about: a reading beside the peak of an average would
/// mislead. Between two shifts there is no such figure, and the reading stands.
void explain_return(Finding& found, Basis basis, const Reading& reading, const Figures& figures);

}  // namespace hazgate::core
