#include "app/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace hazgate::app {

Summary& Summary::operator+=(const Summary& later) {
  polls += later.polls;
  failed_polls += later.failed_polls;
  skipped_polls += later.skipped_polls;
  held_back_polls += later.held_back_polls;
  readings_lost += later.readings_lost;
  readings_stored += later.readings_stored;
  alarm_changes += later.alarm_changes;
  alarms_raised += later.alarms_raised;
  messages_delivered += later.messages_delivered;
  messages_owed = later.messages_owed;
  lateness_p99_ms = std::max(lateness_p99_ms, later.lateness_p99_ms);
  lateness_worst_ms = std::max(lateness_worst_ms, later.lateness_worst_ms);
  return *this;
}

std::ostream& operator<<(std::ostream& out, const Summary& s) {
  return out << fmt::format(
             "polls={}\nfailed_polls={}\nskipped_polls={}\nheld_back_polls={}\nreadings_stored={}\nreadings_lost={}"
             "\nalarm_changes={}\n"
             "alarms_raised={}\nmessages_delivered={}\nmessages_owed={}\nlateness_p99_ms={:.1f}\nlateness_worst_ms={:."
             "1f}\n",
             s.polls, s.failed_polls, s.skipped_polls, s.held_back_polls, s.readings_stored, s.readings_lost,
             s.alarm_changes, s.alarms_raised, s.messages_delivered, s.messages_owed, s.lateness_p99_ms,
             s.lateness_worst_ms);
}

}  // namespace hazgate::app
