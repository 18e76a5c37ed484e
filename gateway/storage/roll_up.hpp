// Roll-ups: what a minute or an hour of one point comes to. Figures of parts give those of the whole, in any order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/reading.hpp"
#include "storage/column_codec.hpp"

namespace hazgate::storage {

struct RollUp {
  double least = core::no_value, mean = core::no_value, greatest = core::no_value;  ///< in the point's unit
  std::uint64_t counted = 0;              ///< readings flagged N, S or L: what least, mean and greatest are of
  std::uint64_t others = 0;               ///< readings that enter no average
  core::Flag worst = core::Flag::normal;  ///< of all; T before D, B, C, M, F, L, S, N
};

class RollUpSum {
 public:
  /// Of levels in dB the mean is that of the energies.
  explicit RollUpSum(bool levels = false) : levels_(levels) {}
  void add(double value, core::Flag flag);
  void add(const RollUp& part);
  bool empty() const { return counted_ + others_ == 0; }
  RollUp get() const;

 private:
  bool levels_;
  double least_ = 0, sum_ = 0, greatest_ = 0;
  std::uint64_t counted_ = 0, others_ = 0;
  core::Flag worst_ = core::Flag::normal;
};

struct Minute {
  std::int64_t number = 0;  ///< minutes since 1970, UTC
  RollUp figures;
};
constexpr std::int64_t micros_a_minute = 60'000'000, micros_an_hour = 60 * micros_a_minute;
/// Also before 1970.
constexpr std::int64_t whole(std::int64_t micros, std::int64_t unit) {
  return micros / unit - (micros % unit < 0 ? 1 : 0);
}

/// Lossless but for the mean, which is kept as a float.
std::vector<std::byte> encode_minutes(std::span<const Minute> minutes, Scale hint = {});
/// Empty for what encode_minutes() cannot have written.
std::optional<std::vector<Minute>> minutes_from(std::span<const std::byte> blob);

/// The minutes of a device's points, one point after the other.
std::vector<std::byte> encode_points(std::span<const std::vector<Minute>> points);
std::optional<std::vector<Minute>> minutes_of_point(std::span<const std::byte> blob, std::size_t place);

/// Ascending ids.
std::vector<std::byte> encode_ids(std::span<const std::int64_t> ids);
std::optional<std::vector<std::int64_t>> ids_from(std::span<const std::byte> blob);

}  // namespace hazgate::storage
