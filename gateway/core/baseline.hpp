// The baseline of a point: what is usual at this hour of the day, and how far the newest scan lies from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "core/reading.hpp"
#include "core/set_point.hpp"

namespace hazgate::core {

/// An hour of the site's local day. The core knows no zone: who feeds it does.
struct LocalHour {
  std::int32_t day = 0;   ///< days since 1970-01-01, local
  std::int32_t hour = 0;  ///< 0..23
  friend bool operator==(const LocalHour&, const LocalHour&) = default;
};

/// `utc_offset` is the one in force at `at`.
constexpr LocalHour local_hour(Timestamp at, Duration utc_offset) {
  const auto local = at + utc_offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto hour = std::chrono::floor<std::chrono::hours>(local - day);
  return {static_cast<std::int32_t>(day.time_since_epoch().count()), static_cast<std::int32_t>(hour.count())};
}

/// When a scan is unusual. z = 0.6745 * (x - median) / MAD, with MAD at least `least_spread` of the median and at least
/// `resolution`: air that never varied must not make the first ripple a sign, and nothing is divided by zero.
struct BaselineRule {
  double high_z = 5;          ///< above it in two scans running: an early sign
  double least_spread = 0.1;  ///< of the median; what a repeated analysis of the same air may differ by
  double resolution = 0;      ///< in the point's unit
  /// Days of history that the hour needs. One wild day among four moves neither median nor MAD out of the range of the
  /// others, and a new station is watched from its fifth day on.
  int least_days = 4;
  Duration scan_interval{};     ///< a station polled faster than it scans repeats a scan; 0: each reading is a scan
  Duration longest_gap{};       ///< scans further apart do not run on; 0: however far
  Level level = Level::notice;  ///< of the alarm
};

/// How the newest scan stands to its hour.
struct BaselineSign {
  double z = 0;
  double median = 0, mad = 0;  ///< in the point's unit; mad as divided by, so never below its floor
  int days = 0;                ///< of history
  bool early = false;          ///< above high_z, as the scan before it
  Timestamp since{};           ///< above high_z: the first scan of those running
  /// The value whose z would be `limit`.
  double value_at(double limit) const;
  friend bool operator==(const BaselineSign&, const BaselineSign&) = default;
};

/// Median and MAD of the hour's mean on the 14 days before, for each hour of the day. A day that is being looked at is
/// no part of its own baseline; a day with an early sign enters it later, which a median bears as long as most days are
/// quiet. An hour's mean is over the readings that came, be it one.
///
/// Constant memory, no allocation; the median is looked for once an hour, not once a reading. Trivially copyable: saved
/// as its bytes() and restored from them by the same build on the same kind of machine.
///
/// Time may step back: the hour under way is given up, and what was measured stays with the day it was stamped with. A
/// clock that was wrong by more than 14 days for an hour costs that hour of the day its history, never a wrong figure.
class Baseline {
 public:
  static constexpr int days_kept = 14;

  /// One valid scan (flags N, S, L) in the point's unit; others must not come here. None while the history of this hour
  /// is too short, or where nothing ever varied and no floor is set.
  std::optional<BaselineSign> add(const BaselineRule& rule, Timestamp at, LocalHour local, double value);
  /// A scan that is known to be at least `value` (flag T): a sign if that alone is above high_z, else it says nothing,
  /// and neither ends a run. It teaches nothing, because its height is unknown.
  std::optional<BaselineSign> add_at_least(const BaselineRule& rule, Timestamp at, LocalHour local, double value);

  /// Of the newest scan; NaN where it had none.
  double z() const { return z_; }
  /// Of the hour under way, in the point's unit, without the floor; NaN without any history.
  double median() const { return median_; }
  double mad() const { return mad_; }

  /// What a scan at an hour of the day is held against as of the hour under way; NaN without any history.
  struct UsualHour {
    double median = no_value, mad = no_value;
    double floor = no_value;  ///< what a distance from the median is divided by: mad, or the least that the rule allows
    /// Of history before the running day: at most 14, and one less where the running day has taken the oldest's place.
    int days = 0;
  };
  std::array<UsualHour, 24> hours(const BaselineRule& rule) const;

  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(this, 1)); }
  /// None for bytes that are not those of a Baseline of this version.
  static std::optional<Baseline> from_bytes(std::span<const std::byte> bytes);

 private:
  static constexpr std::uint32_t this_version = 0x424C0001;
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();
  static constexpr float none = std::numeric_limits<float>::quiet_NaN();
  using Means = std::array<float, days_kept>;
  static constexpr std::array<Means, 24> no_means() {
    std::array<Means, 24> all{};
    for (Means& hour : all) hour.fill(none);
    return all;
  }

  void begin_hour(LocalHour local);
  void close_hour();
  UsualHour look_up(std::size_t hour) const;
  bool runs_on(const BaselineRule& rule, std::int64_t at) const;
  double floor(const BaselineRule& rule) const;
  double robust_z(const BaselineRule& rule, double value) const;
  std::optional<BaselineSign> sign(const BaselineRule& rule, Timestamp at);

  std::uint32_t version_ = this_version;
  LocalHour now_{0, -1};  ///< the hour under way; -1 before the first
  std::uint32_t count_ = 0;
  double sum_ = 0;
  std::int64_t last_ = never;        ///< newest scan, us since 1970
  std::int64_t high_since_ = never;  ///< first scan of those above high_z running
  double z_ = no_value;
  double median_ = no_value, mad_ = no_value;
  std::int64_t days_ = 0;
  std::array<std::int32_t, 24> newest_day_{};  ///< of each hour of the day; the others follow from their place
  std::array<Means, 24> means_ = no_means();   ///< [hour][day mod 14]
};

}  // namespace hazgate::core
