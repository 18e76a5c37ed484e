// History: what one point told over a stretch of time, as figures of equal pieces or reading by reading, also of the
// hour that is not compacted yet. On any connection, best on one that only reads: nobody waits for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"
#include "storage/roll_up.hpp"

namespace hazgate::storage {

/// Begins at `from + i * width` of its series.
struct Series {
  std::string unit;  ///< in which the point is measured now; what was once stored in another one is left out
  core::Duration width{};
  std::vector<RollUp> buckets;
};

struct PointReading {
  core::Timestamp at;
  core::Sample sample;
  std::string unit;
};
/// So many readings of the time `at` have been given already.
struct ReadingsCursor {
  core::Timestamp at;
  std::uint64_t given = 0;
};
struct ReadingsPage {
  std::vector<PointReading> readings;
  std::optional<ReadingsCursor> next;  ///< where to go on; empty when that was all
};

class History {
 public:
  explicit History(Database& database);
  ~History();

  /// `count` equal buckets of [from, to). Of readings where a bucket is shorter than a minute, of minutes below two
  /// hours, else of hours; a minute or hour belongs to the bucket in which it begins. Where only hours are kept they
  /// stand in. Empty for a point that was never stored. Throws StoreError; std::invalid_argument where to is not after
  /// from, or count is 0 or beyond most_buckets.
  std::optional<Series> buckets(std::string_view point, core::Timestamp from, core::Timestamp to, std::size_t count);
  /// Of [from, to) in order of time, at most `most`, from `after` on.
  ReadingsPage readings(std::string_view point, core::Timestamp from, core::Timestamp to, std::size_t most,
                        std::optional<ReadingsCursor> after = {});
  /// Stretches that could not be understood so far, and are missing.
  std::uint64_t damaged() const;

  static constexpr std::size_t most_buckets = 10'000;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
