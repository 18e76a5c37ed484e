// A point that is held against what is usual at its hour of the day, and what its alarm tells of that.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "core/alarm_life.hpp"
#include "core/baseline.hpp"
#include "core/fingerprint.hpp"
#include "core/state_bytes.hpp"

namespace hazgate::core {

struct BaselineWatch {
  BaselineRule rule;
  Unit unit{};                 ///< the point's
  std::uint64_t identity = 0;  ///< of what is measured: another compound must not inherit the history of this one
};

/// The set point that belongs to it.
LevelRule baseline_rule(const BaselineWatch& watch);

/// The site's time of day; empty is UTC.
using LocalClock = std::function<LocalHour(Timestamp at)>;

/// The points of a frame share their moment; a zone is not asked for each of them.
class HourOfDay {
 public:
  explicit HourOfDay(LocalClock clock) : clock_(std::move(clock)) {}
  LocalHour at(Timestamp at);

 private:
  LocalClock clock_;
  Timestamp read_at_{};
  LocalHour hour_{};
};

class WatchedBaseline {
 public:
  explicit WatchedBaseline(const BaselineWatch& watch) : watch_(watch) {}

  struct Judged {
    double z = 0;       ///< at most high_z until it stood above it in two scans running
    Timestamp since{};  ///< the first scan of those running
  };
  /// None where the reading says nothing, and what stands is held.
  std::optional<Judged> judge(const Reading& reading, LocalHour local, bool levels);

  /// Of the newest scan that was judged: what was usual, and `bound`, the value whose z would have been high_z then.
  void tell(Finding& found, Limit& bound) const;
  void restore(const Alarm& alarm);
  /// For who wants to see it.
  std::array<Baseline::UsualHour, 24> hours() const { return history_.hours(watch_.rule); }
  double high_z() const { return watch_.rule.high_z; }

  void identify(Fingerprint& print) const;
  void save(StateWriter& to) const;
  void load(StateReader& from);

 private:
  BaselineWatch watch_;
  Baseline history_;
  Usual usual_;
  double bound_ = no_value;
};

}  // namespace hazgate::core
