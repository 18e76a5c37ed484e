// An alarm as columns and back: words for words, NULL for what is not there.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/alarm.hpp"

namespace SQLite {
class Statement;
}

namespace hazgate::storage {

/// The columns of `alarm` in the order of bind_alarm() and read_alarm(); `alarm_history` has the same.
inline constexpr std::array alarm_columns{"number",      "revision",     "subject_kind", "subject",     "level",
                                          "highest",     "state",        "value",        "peak",        "at_least",
                                          "basis",       "limit_kind",   "limit_value",  "limit_unit",  "limit_source",
                                          "detected_at", "warned_at",    "confirmed_at", "disposed_at", "returned_at",
                                          "changed_at",  "usual_median", "usual_z",      "contributors"};

/// Binds parameters 1, 2, 3 …; `subject` is the text id that alarm.index stands for.
void bind_alarm(SQLite::Statement& statement, const core::Alarm& alarm, const std::string& subject);

struct AlarmRow {
  core::Alarm alarm;  ///< index is not set: only the site knows it
  std::string subject;
};
/// Throws StoreError (damaged) for a word that no hazgate wrote.
AlarmRow read_alarm(SQLite::Statement& statement);

}  // namespace hazgate::storage
