#include "core/minute_means.hpp"

#include <chrono>
#include <cmath>
#include <utility>

namespace hazgate::core {

MinuteMeans::MinuteMeans(const Site& site) : site_(&site) {}

void MinuteMeans::add(const Frame& frame, const Sample* samples) {
  if (!minute_started_) {
    minute_started_ = true;
    sums_.resize(site_->points.size());
    minute_end_ = std::chrono::floor<std::chrono::minutes>(frame.at) + std::chrono::minutes(1);
  }
  const auto first = at(site_->devices[at(frame.device)].first_point);
  for (std::uint32_t i = 0; i < frame.count; ++i) {
    auto& sum = sums_[first + i];
    sum.seen = true;
    sum.last = samples[i].flag;
    sum.over_range |= sum.last == Flag::over_range;
    if (!enters_averages(samples[i].flag)) continue;
    sum.sum += is_level(site_->points[first + i].unit) ? std::pow(10.0, samples[i].value / 10) : samples[i].value;
    ++sum.count;
  }
}

bool MinuteMeans::due(Timestamp now) const {
  // Where the clock was set back meanwhile, the minute would last until it comes there again.
  return minute_started_ && (now >= minute_end_ || minute_end_ - now > std::chrono::minutes(2));
}

std::vector<Reading> MinuteMeans::take() {
  std::vector<Reading> out;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto& sum = sums_[i];
    if (!sum.seen) continue;
    const PointIndex point{static_cast<std::uint32_t>(i)};
    if (sum.count == 0) {
      out.push_back({point, minute_end_, no_value, sum.last});
      continue;
    }
    const double mean = sum.sum / sum.count;
    const double value = is_level(site_->points[i].unit) ? 10 * std::log10(mean) : mean;
    out.push_back({point, minute_end_, value, sum.over_range ? Flag::over_range : Flag::normal});
  }
  std::exchange(sums_, {});  // mostly the outbox is not full, and nothing need be kept for it
  minute_started_ = false;
  return out;
}

}  // namespace hazgate::core
