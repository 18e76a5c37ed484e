#include "core/window.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace hazgate::core {

namespace {
constexpr Duration narrowest = std::chrono::seconds(5);
}  // namespace

SlidingMean::Shape::Shape(Duration wanted, Duration period) : length(wanted) {
  const auto count = std::max<std::int64_t>(1, length / std::max(period, narrowest));
  width = length / count;
  buckets = static_cast<std::uint32_t>(count) + 1;
}

SlidingMean::SlidingMean(Duration length, Duration period)
    : SlidingMean(Shape(length, period), std::make_shared<Bucket[]>(Shape(length, period).buckets), 1) {}

SlidingMean::SlidingMean(const Shape& shape, std::shared_ptr<Bucket[]> buckets, std::uint32_t stride)
    : length_(shape.length),
      width_(shape.width),
      count_(shape.buckets),
      stride_(stride),
      buckets_(std::move(buckets)) {}

std::size_t SlidingMeans::add(Duration length, Duration period) {
  const SlidingMean::Shape shape(length, period);
  auto block = std::ranges::find(open_, shape, &Block::shape);
  if (block == open_.end()) block = open_.insert(block, {.shape = shape, .buckets = {}});
  if (block->used % lanes == 0) {
    constexpr std::align_val_t line{lanes * sizeof(SlidingMean::Bucket)};
    const std::size_t count = std::size_t{shape.buckets} * lanes;
    auto* memory = new (line) SlidingMean::Bucket[count];
    block->buckets = {memory, [](SlidingMean::Bucket* buckets) { operator delete[](buckets, line); }};
    block->used = 0;
  }
  // Shares the block's life, and begins at its own lane.
  windows_.push_back({shape, {block->buckets, block->buckets.get() + block->used++}, lanes});
  return windows_.size() - 1;
}

void SlidingMean::save(StateWriter& to) const {
  for (std::size_t i = 0; i < count_; ++i) to.put(at_place(i));
  to.put(newest_);
  to.put(closed_);
  to.put(at_least_ != nullptr);
  if (at_least_) to.put(std::span<const float>(at_least_.get(), count_));
}

void SlidingMean::load(StateReader& from) {
  for (std::size_t i = 0; i < count_; ++i) from.get(at_place(i));
  from.get(newest_);
  from.get(closed_);
  std::uint8_t has_at_least = 0;
  from.get(has_at_least);
  at_least_ = has_at_least != 0 ? std::make_unique<float[]>(count_) : nullptr;
  if (at_least_) from.get(std::span(at_least_.get(), count_));
}

void SlidingMean::add_to(Sum& sum, std::size_t place, double part) const {
  const auto& bucket = at_place(place);
  sum.dose += bucket.dose * part;
  sum.seconds += bucket.seconds * part;
  if (at_least_) sum.at_least += at_least_[place] * part;
}

/// The newest bucket joins the closed ones and the oldest leaves them.
void SlidingMean::close_newest() {
  add_to(closed_, place(newest_));
  const auto next = place(++newest_);
  add_to(closed_, next, -1);
  at_place(next) = {};
  if (at_least_) at_least_[next] = 0;
  if (next != 0) return;
  // Once a turn the sum is made anew, so that rounding errors live no longer than the window.
  closed_ = {};
  for (std::size_t i = 0; i < count_; ++i) add_to(closed_, i);
}

void SlidingMean::clear() {
  for (std::size_t i = 0; i < count_; ++i) at_place(i) = {};
  at_least_.reset();
  closed_ = {};
}

void SlidingMean::advance(std::int64_t bucket) {
  if (newest_ < 0 || bucket < newest_ || bucket - newest_ >= count_) {
    clear();
    newest_ = bucket;
  }
  while (newest_ < bucket) close_newest();
}

/// Nearly always the one that is expected, and then there is nothing to divide.
std::int64_t SlidingMean::bucket_of(Duration time, std::int64_t expected) const {
  return time >= expected * width_ && time < (expected + 1) * width_ ? expected : time / width_;
}

/// Hands the place of each bucket that (from, to] has a part in to `put`, with the seconds of that part.
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
    put(place(bucket), in_seconds(border - time));
    time = border;
  }
  // A bucket that is full is closed at once: where readings come at its border, their mean needs no walk.
  if (end == (newest_ + 1) * width_) close_newest();
}

void SlidingMean::add(Timestamp from, Timestamp to, double value) {
  spread(from, to, [&](std::size_t place, double s) {
    auto& bucket = at_place(place);
    bucket.dose += static_cast<float>(value * s);
    bucket.seconds += static_cast<float>(s);
  });
}

void SlidingMean::add_at_least(Timestamp from, Timestamp to, double value) {
  spread(from, to, [&](std::size_t place, double s) {
    if (!at_least_) at_least_ = std::make_unique<float[]>(count_);
    at_least_[place] += static_cast<float>(value * s);
  });
}

WindowMean SlidingMean::at(Timestamp now) const {
  if (newest_ < 0) return {};
  const auto start = now.time_since_epoch() - length_;
  const std::int64_t first = newest_ - count_ + 1;
  const std::int64_t oldest = bucket_of(start, first);
  const Duration outside_time = start - oldest * width_;
  // Part of the oldest bucket. As all divisions here it is left out where it says nothing: four cost as much as the
  // rest.
  const double outside = outside_time == Duration{0} ? 0 : in_seconds(outside_time) / in_seconds(width_);
  Sum sum;
  if (oldest <= first) {
    sum = closed_;
    add_to(sum, place(newest_));
    if (oldest == first && outside > 0) add_to(sum, place(first), -outside);
  } else {  // nothing new for a while; summed up, because a difference would leave rounding errors as coverage
    for (auto b = oldest; b <= newest_; ++b) add_to(sum, place(b), b == oldest ? 1 - outside : 1);
  }
  if (sum.seconds <= 0 && sum.at_least <= 0) return {};
  const double length = in_seconds(length_);
  WindowMean window{.lower = (sum.dose + sum.at_least) / length};
  if (sum.seconds <= 0) return window;
  const bool whole = sum.seconds == length && sum.at_least == 0;
  window.mean = whole ? window.lower : sum.dose / sum.seconds;
  window.coverage = sum.seconds >= length ? 1 : sum.seconds / length;
  return window;
}

}  // namespace hazgate::core
