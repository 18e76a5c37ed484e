// A sliding time-weighted mean that knows its coverage.
#pragma once

#include <cstdint>
#include <memory>
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
  SlidingMean(SlidingMean&&) = default;
  SlidingMean& operator=(SlidingMean&&) = default;

  /// `value` held over (from, to]; intervals come in order. Time between two intervals is a gap, never zero.
  /// A time before the newest interval (the clock was set back) empties the window.
  void add(Timestamp from, Timestamp to, double value);
  /// As add(), of a value that the true one is not below: it covers nothing, and enters `lower` alone.
  void add_at_least(Timestamp from, Timestamp to, double value);
  WindowMean at(Timestamp now) const;

  void save(StateWriter& to) const;
  void load(StateReader& from);  ///< of a window of the same length and period

 private:
  friend class SlidingMeans;
  struct Bucket {
    float dose = 0;     ///< value * seconds
    float seconds = 0;  ///< covered
  };
  struct Sum {
    double dose = 0, seconds = 0, at_least = 0;
  };
  struct Shape {
    Shape(Duration length, Duration period);
    Duration length, width;
    std::uint32_t buckets;
    friend bool operator==(const Shape&, const Shape&) = default;
  };
  /// `buckets` of the shape, each `stride` behind the one before.
  SlidingMean(const Shape& shape, std::shared_ptr<Bucket[]> buckets, std::uint32_t stride);
  template <class Put>
  void spread(Timestamp from, Timestamp to, Put put);
  void add_to(Sum& sum, std::size_t place, double part = 1) const;
  void clear();
  void advance(std::int64_t bucket);
  void close_newest();
  std::int64_t bucket_of(Duration time, std::int64_t expected) const;
  /// In 32 bits, for a division of 64 takes several times as long; buckets of 5 s fit until 2650.
  std::size_t place(std::int64_t bucket) const { return static_cast<std::uint32_t>(bucket) % count_; }
  Bucket& at_place(std::size_t place) { return buckets_[place * stride_]; }
  const Bucket& at_place(std::size_t place) const { return buckets_[place * stride_]; }

  Duration length_, width_;
  std::uint32_t count_, stride_;  ///< of buckets
  std::shared_ptr<Bucket[]> buckets_;
  /// Of each bucket value * seconds of what covers nothing; most windows never meet such, and have none.
  std::unique_ptr<float[]> at_least_;
  std::int64_t newest_ = -1;  ///< number of the newest bucket since 1970; -1 while empty
  Sum closed_;                ///< of all buckets before the newest: a mean needs no walk over them
};

/// Windows of many points, numbered as they come. Those of neighbours keep the buckets of one moment side by side: the
/// readings of one poll touch one line of memory, not one each.
class SlidingMeans {
 public:
  std::size_t add(Duration length, Duration period);
  SlidingMean& operator[](std::size_t number) { return windows_[number]; }
  const SlidingMean& operator[](std::size_t number) const { return windows_[number]; }

 private:
  static constexpr std::uint32_t lanes = 8;  // a line of 64 bytes
  struct Block {
    SlidingMean::Shape shape;
    std::shared_ptr<SlidingMean::Bucket[]> buckets;
    std::uint32_t used = 0;
  };
  std::vector<SlidingMean> windows_;
  std::vector<Block> open_;  ///< the last one of each shape
};

}  // namespace hazgate::core
