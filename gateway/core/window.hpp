// A sliding time-weighted mean that knows its coverage.
#pragma once

#include <cstdint>
#include <vector>

#include "core/reading.hpp"
#include "core/state_bytes.hpp"

namespace hazgate::core {

/// What a window holds at one moment.
struct WindowMean {
  double mean = no_value;   ///< over the covered time
  double lower = no_value;  ///< what the dose proves over the whole window: gaps as nothing, over range with its value
  double coverage = 0;      ///< covered time / window, 0..1
};

inline constexpr Duration ste_window = std::chrono::minutes(15);  // of C_STE, GBZ 2.1-2019 3.5.2
/// A sliding mean is kept in single precision.
constexpr bool clearly_above(double mean, double bound) { return mean > bound * (1 + 1e-6); }

/// Mean over the last `length` of a stream of readings (C_STE: 15 min). Constant memory and time per reading: doses are
/// kept in buckets of `length`/n, at least 5 s and at least one period wide, and an interval is split exactly at bucket
/// borders. The oldest bucket counts with the part of it that still lies in the window, as if even within itself: the
/// error is below one bucket / length (0.6 % at 5 s) of what is uneven in it, gaps included, and none at its borders.
class SlidingMean {
 public:
  SlidingMean(Duration length, Duration period);

  /// `value` held over (from, to]; intervals come in order. Time between two intervals is a gap, never zero.
  /// A time before the newest interval (the clock was set back) empties the window.
  void add(Timestamp from, Timestamp to, double value);
  /// As add(), of a value that the true one is not below: it covers nothing, and enters `lower` alone.
  void add_at_least(Timestamp from, Timestamp to, double value);
  WindowMean at(Timestamp now) const;

  void save(StateWriter& to) const;
  void load(StateReader& from);  ///< of a window of the same length and period

 private:
  struct Bucket {
    float dose = 0;      ///< value * seconds
    float seconds = 0;   ///< covered
    float at_least = 0;  ///< value * seconds of what covers nothing
  };
  struct Sum {
    double dose = 0, seconds = 0, at_least = 0;
    void add(const Bucket& bucket, double part = 1);
  };
  template <class Put>
  void spread(Timestamp from, Timestamp to, Put put);
  void advance(std::int64_t bucket);
  void close_newest();
  std::int64_t bucket_of(Duration time, std::int64_t expected) const;
  /// In 32 bits, for a division of 64 takes several times as long; buckets of 5 s fit until 2650.
  std::size_t place(std::int64_t bucket) const {
    return static_cast<std::uint32_t>(bucket) % static_cast<std::uint32_t>(buckets_.size());
  }
  Bucket& slot(std::int64_t bucket) { return buckets_[place(bucket)]; }
  const Bucket& slot(std::int64_t bucket) const { return buckets_[place(bucket)]; }

  Duration length_, width_;
  std::vector<Bucket> buckets_;
  std::int64_t newest_ = -1;  ///< number of the newest bucket since 1970; -1 while empty
  Sum closed_;                ///< of all buckets before the newest: a mean needs no walk over them
};

}  // namespace hazgate::core
