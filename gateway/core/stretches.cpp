#include "core/stretches.hpp"

#include <algorithm>
#include <cmath>

#include "core/exposure_rules.hpp"

namespace hazgate::core {

bool Episodes::broken() const {
  return count > 4 || exceeds(longest_minutes, 15) || (count > 1 && exceeds(60, closest_minutes));
}

void Stretches::close(Count& c, double shortest) {
  c.open = false;
  if (c.end - c.begin < shortest) return;
  if (c.count > 0) c.closest = std::fmin(c.closest, c.begin - c.last_end);
  ++c.count;
  c.longest = std::max(c.longest, c.end - c.begin);
  c.last_end = c.end;
}

void Stretches::follow(Count& c, double begin, double end, bool high, bool joins, double shortest) {
  const bool goes_on = c.open && begin - c.reach < shortest;
  if (high) {
    if (!goes_on) {
      if (c.open) close(c, shortest);
      c.begin = begin;
      c.open = true;
    }
    c.end = c.reach = end;
  } else if (joins && goes_on) {
    c.reach = end;
  }
}

void Stretches::add(double begin, double end, Seen seen, double shortest) {
  if (seen != Seen::high && !apart_.open) return;  // the joined count is open where this one is
  follow(apart_, begin, end, seen == Seen::high, false, shortest);
  follow(joined_, begin, end, seen == Seen::high, seen == Seen::gap, shortest);
}

Episodes Stretches::ended(Count c, double shortest) {
  if (c.open) close(c, shortest);
  return {.count = c.count, .longest_minutes = c.longest / 60, .closest_minutes = c.closest / 60};
}

bool Stretches::hidden(double shortest) const {
  return !ended(apart_, shortest).broken() && ended(joined_, shortest).broken();
}

}  // namespace hazgate::core
