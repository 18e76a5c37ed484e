// The results of a similar exposure group on probability paper, as a picture that stands by itself: no script, no font,
// readable in print and without colour.
#pragma once

#include <string>

#include "records/statistics.hpp"

namespace hazgate::records {

/// What is written in the picture, in the reader's language; UTF-8.
struct PlotWords {
  std::string title;
  std::string probability_axis;           ///< "share of shifts not above, %"
  std::string value_axis;                 ///< with the unit: "benzene, mg/m3"
  std::string limit;                      ///< the figure is added: "limit 6"
  std::string p95;                        ///< likewise
  std::string detected, below_loq, line;  ///< the legend
};

/// An SVG document of 640 x 420: a filled circle for each result, an open triangle pointing down where it is below LOQ,
/// the fitted line, the limit and P95. Logarithmic in the value for log-normal results, else linear.
std::string probability_plot_svg(const ProbabilityPlot& plot, const PlotWords& words);

}  // namespace hazgate::records
