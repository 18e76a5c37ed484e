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

void SlidingMean::save(StateWriter& to) const {
  to.put(std::span<const Bucket>(buckets_));
  to.put(newest_);
  to.put(closed_);
}

void SlidingMean::load(StateReader& from) {
  from.get(std::span(buckets_));
  from.get(newest_);
  from.get(closed_);
}

void SlidingMean::Sum::add(const Bucket& bucket, double part) {
  dose += bucket.dose * part;
  seconds += bucket.seconds * part;
  at_least += bucket.at_least * part;
}

/// The newest bucket joins the closed ones and the oldest leaves them.
void SlidingMean::close_newest() {
  closed_.add(slot(newest_));
  ++newest_;
  closed_.add(slot(newest_), -1);
  slot(newest_) = Bucket{};
  if (&slot(newest_) != buckets_.data()) return;
  // Once a turn the sum is made anew, so that rounding errors live no longer than the window.
  closed_ = {};
  for (const auto& bucket : buckets_) closed_.add(bucket);
}

void SlidingMean::advance(std::int64_t bucket) {
  const auto size = static_cast<std::int64_t>(buckets_.size());
  if (newest_ < 0 || bucket < newest_ || bucket - newest_ >= size) {
    std::fill(buckets_.begin(), buckets_.end(), Bucket{});
    closed_ = {};
    newest_ = bucket;
  }
  while (newest_ < bucket) close_newest();
}

/// Nearly always the one that is expected, and then there is nothing to divide.
std::int64_t SlidingMean::bucket_of(Duration time, std::int64_t expected) const {
  return time >= expected * width_ && time < (expected + 1) * width_ ? expected : time / width_;
}

/// Hands each bucket that (from, to] has a part in to `put`, with the seconds of that part.
template <class Put>
void SlidingMean::spread(Timestamp from, Timestamp to, Put put) {
  from = std::max(from, to - length_);
  if (from >= to) return;
  auto time = from.time_since_epoch();
  const auto end = to.time_since_epoch();
  while (time < end) {
    const std::int64_t bucket = bucket_of(time, newest_);
    if (bucket != newest_) advance(bucket);
    const Duration border = std::min<Duration>(end, (bucket + 1) * width_);
    put(slot(bucket), seconds(border - time));
    time = border;
  }
  // A bucket that is full is closed at once: where readings come at its border, their mean needs no walk.
  if (end == (newest_ + 1) * width_) close_newest();
}

void SlidingMean::add(Timestamp from, Timestamp to, double value) {
  spread(from, to, [value](Bucket& bucket, double s) {
    bucket.dose += static_cast<float>(value * s);
    bucket.seconds += static_cast<float>(s);
  });
}

void SlidingMean::add_at_least(Timestamp from, Timestamp to, double value) {
  spread(from, to, [value](Bucket& bucket, double s) { bucket.at_least += static_cast<float>(value * s); });
}

WindowMean SlidingMean::at(Timestamp now) const {
  if (newest_ < 0) return {};
  const auto start = now.time_since_epoch() - length_;
  const std::int64_t first = newest_ - static_cast<std::int64_t>(buckets_.size()) + 1;
  const std::int64_t oldest = bucket_of(start, first);
  const double outside = seconds(start - oldest * width_) / seconds(width_);  // part of the oldest bucket
  Sum sum;
  if (oldest <= first) {
    sum = closed_;
    sum.add(slot(newest_));
    if (oldest == first) sum.add(slot(first), -outside);
  } else {  // nothing new for a while; summed up, because a difference would leave rounding errors as coverage
    for (auto b = oldest; b <= newest_; ++b) sum.add(slot(b), b == oldest ? 1 - outside : 1);
  }
  if (sum.seconds <= 0 && sum.at_least <= 0) return {};
  const double length = seconds(length_);
  WindowMean window{.lower = (sum.dose + sum.at_least) / length};
  if (sum.seconds <= 0) return window;
  window.mean = sum.dose / sum.seconds;
  window.coverage = std::min(1.0, sum.seconds / length);
  return window;
}

}  // namespace hazgate::core
