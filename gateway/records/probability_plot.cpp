#include "records/probability_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

namespace hazgate::records {

namespace {

/// Where the paper lies in the picture.
struct Frame {
  static constexpr double left = 72, right = 624, top = 58, bottom = 360;
};

/// The look is in attributes, so that it holds where a server forbids styles; only the dark one is a style.
constexpr std::string_view svg_head =
    R"(<svg xmlns="http://www.w3.org/2000/svg" width="640" height="420" viewBox="0 0 640 420" role="img" )"
    R"(font-family="sans-serif" font-size="12" fill="#1a1a1a">
<style>@media (prefers-color-scheme: dark) {{
.paper {{ fill: #16191d }} text {{ fill: #e8e8e8 }} .grid {{ stroke: #3a4048 }} .frame {{ stroke: #9aa4ae }}
.point {{ fill: #7db4ff }} .below {{ stroke: #ffb454; fill: #16191d }} .line {{ stroke: #7db4ff }}
.limit {{ stroke: #ff7b72 }} .p95 {{ stroke: #c9d1d9 }}
}}</style>
<title>{title}</title>
<rect class="paper" width="640" height="420" fill="#ffffff"/>
)";

/// Characters that XML has a use for are written as references; control characters, which it forbids, are Frame::left
/// out.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
  return out;
}

/// 1-2-5 over up to four decades, powers of ten over more, and of many only every second, third, …
std::vector<double> logarithmic_ticks(double from, double to) {
  const int first = static_cast<int>(std::floor(std::log10(from)));
  const int last = static_cast<int>(std::ceil(std::log10(to)));
  const int stride = 1 + (last - first) / 10;
  const std::vector<int> digits = last - first <= 4 ? std::vector{1, 2, 5} : std::vector{1};
  std::vector<double> ticks;
  for (int decade = first; decade <= last; decade += stride) {
    for (const int digit : digits) {
      const double value = digit * std::pow(10.0, decade);
      if (value >= from && value <= to) ticks.push_back(value);
    }
  }
  return ticks;
}

/// Steps of 1, 2 or 5 times a power of ten, four to ten of them.
std::vector<double> linear_ticks(double from, double to) {
  const double power = std::pow(10.0, std::floor(std::log10((to - from) / 4)));
  double step = power;
  for (const int digit : {2, 5}) {
    if ((to - from) / (digit * power) >= 4) step = digit * power;
  }
  std::vector<double> ticks;
  for (double k = std::ceil(from / step); k * step <= to; ++k) ticks.push_back(k * step + 0.0);
  return ticks;
}

struct Stroke {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

/// From data to the picture.
class Paper {
 public:
  explicit Paper(const ProbabilityPlot& plot) : logarithmic_(plot.logarithmic) {
    std::vector<double> shown;
    for (const PlotPoint& point : plot.points) {
      shown.push_back(scale(point.value));
      widest_ = std::max(widest_, std::abs(point.z) + 0.1);
    }
    if (plot.limit) shown.push_back(scale(*plot.limit));
    if (plot.p95) shown.push_back(scale(*plot.p95));
    if (shown.empty()) shown.push_back(0);
    const auto [least, greatest] = std::ranges::minmax(shown);
    // Some air, and at least half a decade or 2 dB where all is the same.
    const double air = std::max(0.08 * (greatest - least), logarithmic_ ? 0.6 : 1.0);
    from_ = least - air;
    to_ = greatest + air;
  }

  double widest() const { return widest_; }
  double x(double z) const { return Frame::left + (z + widest_) / (2 * widest_) * (Frame::right - Frame::left); }
  double y(double value) const { return y_scaled(scale(value)); }
  std::vector<double> ticks() const {
    return logarithmic_ ? logarithmic_ticks(std::exp(from_), std::exp(to_)) : linear_ticks(from_, to_);
  }

  /// The part of the line that is on the paper; empty where none is.
  std::optional<Stroke> on_paper(const ProbabilityPlot::Line& line) const {
    double first = -widest_;
    double last = widest_;
    if (line.slope > 0) {
      first = std::max(first, (from_ - line.location) / line.slope);
      last = std::min(last, (to_ - line.location) / line.slope);
    }
    if (first >= last) return {};
    return Stroke{x(first), y_scaled(line.location + first * line.slope), x(last),
                  y_scaled(line.location + last * line.slope)};
  }

 private:
  double scale(double value) const { return logarithmic_ ? std::log(value) : value; }
  double y_scaled(double scaled) const {
    return Frame::bottom - (scaled - from_) / (to_ - from_) * (Frame::bottom - Frame::top);
  }

  bool logarithmic_ = true;
  double widest_ = 2.5;  ///< z from minus to plus this: 0.6 to 99.4 %
  double from_ = 0, to_ = 1;
};

std::string stroke(const Stroke& s, std::string_view look) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", s.x1, s.y1, s.x2, s.y2,
                     look);
}

std::string text(double x, double y, std::string_view look, std::string_view written) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, look, escaped(written));
}

constexpr std::string_view grid_look = R"(class="grid" stroke="#dddddd")";

std::string value_axis(const Paper& paper, const PlotWords& words) {
  std::string svg;
  for (const double tick : paper.ticks()) {
    const double y = paper.y(tick);
    svg += stroke({Frame::left, y, Frame::right, y}, grid_look);
    svg += text(Frame::left - 6, y + 4, R"(text-anchor="end")", fmt::format("{:.6g}", tick));
  }
  constexpr double middle = (Frame::top + Frame::bottom) / 2;
  const std::string turned = fmt::format(R"look(text-anchor="middle" transform="rotate(-90 16 {:.0f})")look", middle);
  return svg + text(16, middle, turned, words.value_axis);
}

std::string probability_axis(const Paper& paper, const PlotWords& words) {
  struct Mark {
    double percent, z;
  };
  static constexpr std::array<Mark, 11> marks{{{0.1, -3.0902},
                                               {1, -2.3263},
                                               {5, -1.6449},
                                               {10, -1.2816},
                                               {25, -0.6745},
                                               {50, 0},
                                               {75, 0.6745},
                                               {90, 1.2816},
                                               {95, 1.6449},
                                               {99, 2.3263},
                                               {99.9, 3.0902}}};
  std::string svg;
  for (const auto& [percent, z] : marks) {
    if (std::abs(z) > paper.widest()) continue;
    svg += stroke({paper.x(z), Frame::top, paper.x(z), Frame::bottom}, grid_look);
    svg += text(paper.x(z), Frame::bottom + 18, R"(text-anchor="middle")", fmt::format("{:g}", percent));
  }
  return svg +
         text((Frame::left + Frame::right) / 2, Frame::bottom + 40, R"(text-anchor="middle")", words.probability_axis);
}

/// A horizontal line with its name and figure above it.
std::string limit_line(const Paper& paper, double value, std::string_view words) {
  const double y = paper.y(value);
  return stroke({Frame::left, y, Frame::right, y}, R"(class="limit" stroke="#b3261e" stroke-width="2")") +
         text(Frame::right - 4, y - 5, R"(text-anchor="end" font-weight="bold")",
              fmt::format("{} {:.6g}", words, value));
}

std::string p95_line(const Paper& paper, double value, std::string_view words) {
  const double y = paper.y(value);
  return stroke({Frame::left, y, Frame::right, y}, R"(class="p95" stroke="#444444" stroke-dasharray="2 4")") +
         text(Frame::left + 4, y - 5, "", fmt::format("{} {:.3g}", words, value));
}

std::string mark(const Paper& paper, const PlotPoint& point) {
  const double x = paper.x(point.z);
  const double y = paper.y(point.value);
  if (!point.below_loq) {
    return fmt::format(R"(<circle class="point" cx="{:.1f}" cy="{:.1f}" r="3.5" fill="#0b4f9e"/>)", x, y) + "\n";
  }
  return fmt::format(
             R"(<path class="below" d="M{:.1f} {:.1f}h9l-4.5 8z" fill="#ffffff" stroke="#8a4b00" stroke-width="1.5"/>)",
             x - 4.5, y - 4) +
         "\n";
}

/// One line of text, so that it fits whatever the words are.
std::string legend(const ProbabilityPlot& plot, const PlotWords& words) {
  const bool censored = std::ranges::any_of(plot.points, &PlotPoint::below_loq);
  std::string keys;
  const auto add = [&keys](std::string_view sign, std::string_view word) {
    keys += fmt::format("{}{} {}", keys.empty() ? "" : "\u2003", sign, word);
  };
  if (!plot.points.empty()) add("\u25cf", words.detected);
  if (censored) add("\u25bd", words.below_loq);
  if (plot.line) add("\u2501", words.line);
  return text((Frame::left + Frame::right) / 2, 44, R"(text-anchor="middle")", keys);
}

}  // namespace

std::string probability_plot_svg(const ProbabilityPlot& plot, const PlotWords& words) {
  const Paper paper(plot);
  std::string svg = fmt::format(svg_head, fmt::arg("title", escaped(words.title)));
  svg += text(320, 24, R"(text-anchor="middle" font-size="15" font-weight="bold")", words.title);
  svg += legend(plot, words);
  svg += value_axis(paper, words);
  svg += probability_axis(paper, words);
  svg += fmt::format(R"(<rect class="frame" x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#555555"/>)"
                     "\n",
                     Frame::left, Frame::top, Frame::right - Frame::left, Frame::bottom - Frame::top);
  if (const auto line = plot.line ? paper.on_paper(*plot.line) : std::nullopt) {
    svg += stroke(*line, R"(class="line" stroke="#0b4f9e" stroke-width="1.5")");
  }
  if (plot.p95) svg += p95_line(paper, *plot.p95, words.p95);
  if (plot.limit) svg += limit_line(paper, *plot.limit, words.limit);
  for (const PlotPoint& point : plot.points) svg += mark(paper, point);
  return svg + "</svg>\n";
}

}  // namespace hazgate::records
