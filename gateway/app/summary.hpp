// What a run of the gateway did, for the last lines of the log and for the demonstration.
#pragma once

#include <cstdint>
#include <iosfwd>

namespace hazgate::app {

struct Summary {
  std::uint64_t polls = 0, failed_polls = 0, skipped_polls = 0, held_back_polls = 0;
  std::uint64_t readings_lost = 0;  ///< could not be stored while there was memory for them, or until the end
  std::uint64_t readings_stored = 0, alarm_changes = 0, alarms_raised = 0;
  std::uint64_t messages_delivered = 0, messages_owed = 0;
  double lateness_p99_ms = 0, lateness_worst_ms = 0;

  /// What came after a reload, which owes what it owes now.
  Summary& operator+=(const Summary& later);
};
std::ostream& operator<<(std::ostream& out, const Summary& summary);  ///< one "key=value" a line

}  // namespace hazgate::app
