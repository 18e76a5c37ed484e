// Pure: when each device of a bus is due. Fixed period without drift, phases spread, silent devices asked ever more
// rarely.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "drivers/link.hpp"
#include "drivers/profile.hpp"

namespace hazgate::modbus {

inline constexpr milliseconds tick_length{10};

/// Share of the period by which device `index` of the whole gateway is shifted, on whole ticks. Neighbouring indices
/// lie far apart (golden ratio), so both one bus and a thousand are spread evenly.
milliseconds phase_of(std::uint32_t index, milliseconds period);

/// Pause after the n-th failure running (n >= 1): 1, 2, 4 … 60 s.
milliseconds back_off(int failures);

struct Timing {
  std::uint32_t index = 0;  ///< of the device in the whole gateway, for its phase
  milliseconds period{1000};
};

/// Devices are numbered by their place in the list. Between due and finished() a device is under way.
class Schedule {
 public:
  struct Due {
    std::uint32_t device = 0;
    Clock::time_point at;
  };
  struct Counts {
    std::uint64_t skipped = 0;    ///< due while the poll before was under way, or before anybody looked
    std::uint64_t held_back = 0;  ///< due while held
  };

  /// The first poll of each device comes within a second of `start`, all later ones on its own grid.
  Schedule(std::span<const Timing> devices, Clock::time_point start);

  /// Earliest moment at which something is due.
  Clock::time_point next() const { return next_; }
  /// Appends what is due, once each, and moves it to its next due time. While `held` it is only counted.
  void take(Clock::time_point now, bool held, std::vector<Due>& due);
  void answered(std::uint32_t device);
  /// Under way no longer, and backs off: the next poll is the first of its grid after the pause, never sooner than a
  /// period after the one that failed.
  void failed(std::uint32_t device, Clock::time_point now);
  /// Under way no longer, neither better nor worse: the link was down, which says nothing about the device.
  void not_asked(std::uint32_t device);
  /// The link is back: everything not under way is due at once.
  void all_due(Clock::time_point now);
  /// Failures running; 0 while the device answers.
  int failures(std::uint32_t device) const { return entries_[device].failures; }
  const Counts& counts() const { return counts_; }

 private:
  struct Entry {
    Clock::time_point grid;  ///< a moment of the fixed grid, the last one not after the poll before
    Clock::time_point due;
    Clock::time_point asked;  ///< due time of the poll under way
    milliseconds period{};
    int failures = 0;
    bool under_way = false;
  };
  static Clock::time_point after(const Entry& entry, Clock::time_point moment);
  void find_next();

  std::vector<Entry> entries_;
  Clock::time_point next_;
  Counts counts_;
};

}  // namespace hazgate::modbus
