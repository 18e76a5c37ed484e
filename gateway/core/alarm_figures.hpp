// What EEMUA 191 and ISA-18.2 ask of an alarm system, counted from the stream of alarm records: how many alarms a
// person gets and how they come, how long they stand, how soon they are answered.
//
// Windows are 10 min long and aligned to the clock (UTC). The day of a report is the last 144 complete windows and the
// running one, its hour the last six and the running one, its month the last 30 days and the running one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/alarm.hpp"

namespace hazgate::core {

/// How long something took, of the last 1000 times. Medians, because single alarms of a weekend spoil a mean.
struct TimesTaken {
  std::size_t count = 0;
  Duration median{};  ///< of an even count the mean of the two in the middle
  Duration p95{};     ///< the smallest that at least 95 % of them do not exceed
  friend bool operator==(const TimesTaken&, const TimesTaken&) = default;
};

/// A flood begins at the start of a window with more than 10 annunciations and ends at the start of the first later
/// window with fewer than 5. That is known once such a window is complete: until then it lasts, to the moment of the
/// report.                                                                                           ISA-18.2
struct FloodFigures {
  std::size_t number = 0;  ///< floods, or parts of them, within the period
  Duration duration{};     ///< of those within it, together
  double share = 0;        ///< of the period, 0 to 1
  friend bool operator==(const FloodFigures&, const FloodFigures&) = default;
};

struct StandingAlarm {
  std::uint64_t number = 0;
  Timestamp since;
  friend bool operator==(const StandingAlarm&, const StandingAlarm&) = default;
};

struct AlarmReport {
  // of the moment
  std::size_t open = 0;            ///< not ended: something is to be seen, done or written
  std::size_t unacknowledged = 0;  ///< UNACK, RTNUN and LATCHED_UNACK: a person is asked for
  std::size_t shelved = 0, suppressed = 0, out_of_service = 0;
  std::size_t stale = 0;                          ///< active or latched without a break for more than 24 h
  std::optional<StandingAlarm> longest_standing;  ///< active or latched; of equals the lowest number

  // annunciations: transitions into UNACK, and re-alarms
  std::uint64_t this_window = 0, last_window = 0;  ///< the running one, and the last complete one
  std::uint64_t hour = 0, day = 0;
  double mean_per_window = 0;               ///< of the 144 complete windows
  std::uint64_t peak = 0;                   ///< of the windows of the day, the running one among them
  std::optional<Timestamp> peak_from;       ///< start of the first such window; none where nothing was annunciated
  std::array<std::uint64_t, 5> by_level{};  ///< of the day, by Level
  double share(Level level) const;          ///< of the day's annunciations, 0 to 1; 0 where there are none
  std::uint64_t activations = 0;            ///< of the day

  std::optional<Timestamp> in_flood_since;  ///< set while one lasts
  FloodFigures flood_day, flood_month;
  std::size_t chattering = 0;  ///< alarms that chattered at any time of the day

  TimesTaken to_acknowledge;                                              ///< activation to first acknowledgement
  TimesTaken to_return;                                                   ///< activation to return
  TimesTaken to_dispose;                                                  ///< detection to disposal
  std::uint64_t warn_missed = 0, confirm_missed = 0, dispose_missed = 0;  ///< targets, of the day
  friend bool operator==(const AlarmReport&, const AlarmReport&) = default;
};

/// Takes each record once and in the order of the changes, those of a store at start like those that follow. The first
/// record of an alarm counts for its own change alone: what was before it happened at times that it does not tell.
class AlarmFigures {
 public:
  AlarmFigures();
  void on_change(const Alarm& alarm);
  AlarmReport report(Timestamp now) const;

 private:
  /// Ten minutes since 1970.
  using Index = std::int64_t;
  /// The newest record owns the slot, so that a clock which was wrong for an hour spoils that hour and no more.
  struct Window {
    Index index = -1;
    std::array<std::uint32_t, 5> annunciations{};  ///< by Level
    std::uint32_t activations = 0, warn_missed = 0, confirm_missed = 0, dispose_missed = 0;
    std::uint32_t chattered = 0;  ///< alarms that ended to chatter in it, and did not begin again
    std::uint64_t annunciated() const;
  };
  class Times {
   public:
    /// A clock that stepped back between the two gives no time.
    void add(std::optional<Timestamp> from, Timestamp to);
    TimesTaken figures() const;

   private:
    std::vector<Duration> last_;
    std::size_t next_ = 0;
  };
  /// Of an open alarm, what the next record is held against.
  struct Seen {
    std::uint64_t revision = 0;
    std::uint32_t annunciations = 0, activations = 0;
    AlarmState state = AlarmState::normal;
    bool chattering = false;
    std::optional<Index> chattered_in;  ///< where the end of its last chattering is counted
    std::optional<Timestamp> acknowledged_at, returned_at, disposed_at;
    std::optional<Timestamp> standing_since;
  };
  struct Flood {
    Timestamp from, to;
    bool lasts = false;
  };

  static Seen before_its_change(const Alarm& alarm);
  Window& window(Index index);
  const Window& look(Index index) const;
  void count(const Alarm& alarm, const Seen& before);
  void take_times(const Alarm& alarm, const Seen& before);
  void follow(const Alarm& alarm, Seen& seen);
  void follow_chattering(bool chattering, Index index, Seen& seen);
  void report_open(AlarmReport& report, Timestamp now) const;
  void report_windows(AlarmReport& report, Index running) const;
  void report_floods(AlarmReport& report, Timestamp now) const;
  std::vector<Flood> floods(Timestamp now) const;

  std::vector<Window> windows_;  ///< ring
  Times to_acknowledge_, to_return_, to_dispose_;
  std::unordered_map<std::uint64_t, Seen> open_;  ///< by number
};

}  // namespace hazgate::core
