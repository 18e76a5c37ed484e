#include "core/window.hpp"

#include <algorithm>

namespace hazgate::core {

namespace {
constexpr Duration narrowest = std::chrono::seconds(5);
double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
}  // namespace

SlidingMean::SlidingMean(Duration length, Duration period) : length_(length) {
  const auto count = std::max<std::int64_t>(1, length / std::max(period, narrowest));
  width_ = length / count;
  buckets_.resize(static_cast<std::size_t>(count) + 1);
}

void SlidingMean::advance(std::int64_t bucket) {
  const auto size = static_cast<std::int64_t>(buckets_.size());
  if (newest_ < 0 || bucket < newest_ || bucket - newest_ >= size) {
    std::fill(buckets_.begin(), buckets_.end(), Bucket{});
  } else {
    for (auto b = newest_ + 1; b <= bucket; ++b) slot(b) = Bucket{};
  }
  newest_ = bucket;
}

void SlidingMean::add(Timestamp from, Timestamp to, double value) {
  from = std::max(from, to - length_);
  if (from >= to) return;
  auto time = from.time_since_epoch();
  const auto end = to.time_since_epoch();
  while (time < end) {
    const std::int64_t bucket = time / width_;
    if (bucket != newest_) advance(bucket);
    const Duration border = std::min<Duration>(end, (bucket + 1) * width_);
    auto& b = slot(bucket);
    b.dose += static_cast<float>(value * seconds(border - time));
    b.seconds += static_cast<float>(seconds(border - time));
    time = border;
  }
}

WindowMean SlidingMean::at(Timestamp now) const {
  if (newest_ < 0) return {};
  const auto start = now.time_since_epoch() - length_;
  const std::int64_t oldest = start / width_;
  double dose = 0, covered = 0;
  const auto size = static_cast<std::int64_t>(buckets_.size());
  for (auto b = std::max(oldest, newest_ - size + 1); b <= newest_; ++b) {
    const double part = b == oldest ? seconds((oldest + 1) * width_ - start) / seconds(width_) : 1.0;
    dose += slot(b).dose * part;
    covered += slot(b).seconds * part;
  }
  if (covered <= 0) return {};
  return {
      .mean = dose / covered, .lower = dose / seconds(length_), .coverage = std::min(1.0, covered / seconds(length_))};
}

}  // namespace hazgate::core
