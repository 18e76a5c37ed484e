// Stretches above a level: their number, length and spacing, as the short-time rules count them. One way of counting
// for what runs all day and for what somebody else has measured.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/reading.hpp"

namespace hazgate::core {

/// Stretches above 3 PC-TWA, or between PC-TWA and PC-STEL where there is one.          GBZ 2.1-2019 6.3.2, 6.3.3
struct Episodes {
  std::uint32_t count = 0;
  double longest_minutes = 0;
  double closest_minutes = no_value;  ///< from the end of one to the start of the next; NaN with fewer than two
  /// Each at most 15 min, at most 4 a day, at least 60 min apart.
  bool broken() const;
};

/// What is known of a piece of time; `gap`: nothing.
enum class Seen : std::uint8_t { low, high, gap };

/// Pieces come in order. Constant memory, plain bytes. A low time shorter than `shortest` splits no stretch, and a high
/// one makes none. A gap ends a stretch as a low value does; what would be found had it been high is told apart.
class Stretches {
 public:
  /// (begin, end] in seconds since any fixed moment.
  void add(double begin, double end, Seen seen, double shortest);
  /// As far as they are proved.
  Episodes episodes(double shortest) const { return ended(apart_, shortest); }
  /// The rule is kept by what was seen, and would be broken had the gaps between high values been high as well.
  bool hidden(double shortest) const;
  bool any() const { return apart_.open || apart_.count > 0; }

 private:
  struct Count {
    double begin = 0, end = 0;
    double reach = -std::numeric_limits<double>::infinity();  ///< until when the last stretch may go on
    double last_end = 0, longest = 0, closest = no_value;
    std::uint32_t count = 0;
    bool open = false;
  };
  static void close(Count& c, double shortest);
  static void follow(Count& c, double begin, double end, bool high, bool joins, double shortest);
  static Episodes ended(Count c, double shortest);

  Count apart_, joined_;
};
static_assert(std::is_trivially_copyable_v<Stretches>);

}  // namespace hazgate::core
