// Short times in a record of segments: the greatest mean over 15 min, and the stretches above a level.
#pragma once

#include <optional>
#include <span>

#include "core/evaluation.hpp"
#include "core/stretches.hpp"

namespace hazgate::core {

struct ShortTime {
  std::optional<double> greatest;  ///< of the windows with enough coverage
  double proven = 0;               ///< of all of them, gaps as nothing
};
ShortTime greatest_short_time(std::span<const Segment> segments);

/// A low time shorter than this (s) splits no stretch. Segments are averages already, and count as they are.
double shortest_stretch(bool momentary);
Stretches stretches_above(std::span<const Segment> segments, double threshold, double shortest);

}  // namespace hazgate::core
