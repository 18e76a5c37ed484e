#include "core/evaluation_short_time.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hazgate::core {

namespace {

constexpr double ste_s = 900;
constexpr double flicker_s = 60;

/// What lies between two moments.
struct Amount {
  double dose = 0, covered = 0;
  double proven = 0;  ///< dose, and that of over range with its value
  Amount operator-(const Amount& o) const { return {dose - o.dose, covered - o.covered, proven - o.proven}; }
};

/// What has been met from the beginning of the record to a moment that only moves on.
class Walk {
 public:
  explicit Walk(std::span<const Segment> segments) : left_(segments) {}
  Amount up_to(double at) {
    while (!left_.empty() && begin_ + left_.front().minutes * 60 <= at) {
      const double time = left_.front().minutes * 60;
      met_ = with(time);
      begin_ += time;
      left_ = left_.subspan(1);
    }
    return left_.empty() ? met_ : with(at - begin_);
  }

 private:
  Amount with(double time) const {
    const Segment& s = left_.front();
    const double dose = s.averaged() ? *s.value * time : 0;
    const bool known = s.averaged() || !s.exposed;
    return {met_.dose + dose, met_.covered + (known ? time : 0), met_.proven + (s.judged() ? *s.value * time : 0)};
  }
  std::span<const Segment> left_;
  double begin_ = 0;
  Amount met_;
};

void look(ShortTime& so_far, const Amount& window) {
  so_far.proven = std::max(so_far.proven, window.proven / ste_s);
  if (enough(window.covered, ste_s))
    so_far.greatest = std::max(so_far.greatest.value_or(0), window.dose / window.covered);
}

/// Where a window of 15 min begins when a stretch begins or ends at one of its ends, in order.
std::vector<double> window_begins(std::span<const Segment> segments) {
  std::vector<double> changes{0}, begins;
  changes.reserve(segments.size() + 1);
  for (const auto& segment : segments) changes.push_back(changes.back() + segment.minutes * 60);
  begins.reserve(2 * changes.size());
  const double last = changes.back() - ste_s;
  auto head = std::ranges::lower_bound(changes, ste_s);
  for (const double tail : changes) {
    for (; head != changes.end() && *head - ste_s <= tail; ++head) begins.push_back(*head - ste_s);
    if (tail <= last) begins.push_back(tail);
  }
  return begins;
}

}  // namespace

/// Over a window that slides on, the mean goes one way between two changes, so that its greatest value lies at one of
/// them, or where the coverage becomes or ceases to be enough.
ShortTime greatest_short_time(std::span<const Segment> segments) {
  ShortTime result;
  const Amount all = Walk(segments).up_to(std::numeric_limits<double>::infinity());
  double length = 0;
  for (const auto& segment : segments) length += segment.minutes * 60;
  if (length < ste_s) {  // what is not in the record was no exposure
    if (length > 0) look(result, {all.dose, all.covered + ste_s - length, all.proven});
    return result;
  }
  constexpr double needed = least_coverage * ste_s;
  Walk tail(segments), head(segments);
  Amount before;
  bool first = true;
  for (const double begin : window_begins(segments)) {
    const Amount window = head.up_to(begin + ste_s) - tail.up_to(begin);
    if (!first && (before.covered < needed) != (window.covered < needed)) {
      const double part = (needed - before.covered) / (window.covered - before.covered);
      look(result, {std::lerp(before.dose, window.dose, part), needed, std::lerp(before.proven, window.proven, part)});
    }
    look(result, window);
    before = window;
    first = false;
  }
  return result;
}

double shortest_stretch(bool momentary) {
  return momentary ? flicker_s * (1 - time_noise) : std::numeric_limits<double>::min();
}

Stretches stretches_above(std::span<const Segment> segments, double threshold, double shortest) {
  Stretches stretches;
  double now = 0;
  for (const auto& segment : segments) {
    const double end = now + segment.minutes * 60;
    const bool high = segment.judged() && segment.flag != Flag::below_loq && exceeds(*segment.value, threshold);
    const bool unknown = segment.exposed && !segment.judged();
    stretches.add(now, end, high ? Seen::high : unknown ? Seen::gap : Seen::low, shortest);
    now = end;
  }
  return stretches;
}

}  // namespace hazgate::core
