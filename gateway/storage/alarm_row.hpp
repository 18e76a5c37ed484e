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
inline constexpr std::array alarm_columns{"number",
                                          "revision",
                                          "subject_kind",
                                          "subject",
                                          "enterprise",
                                          "workplace",
                                          "level",
                                          "highest",
                                          "state",
                                          "value",
                                          "peak",
                                          "at_least",
                                          "basis",
                                          "limit_kind",
                                          "limit_value",
                                          "limit_unit",
                                          "limit_source",
                                          "detected_at",
                                          "warned_at",
                                          "confirmed_at",
                                          "disposed_at",
                                          "returned_at",
                                          "changed_at",
                                          "usual_median",
                                          "usual_z",
                                          "contributors",
                                          "detected_by",
                                          "warned_by",
                                          "confirmed_by",
                                          "disposed_by",
                                          "verdict",
                                          "verdict_by",
                                          "measure",
                                          "disposal_owed",
                                          "warn_due_at",
                                          "confirm_due_at",
                                          "dispose_due_at",
                                          "warn_missed",
                                          "confirm_missed",
                                          "dispose_missed",
                                          "escalations",
                                          "acknowledged",
                                          "latched",
                                          "acknowledged_at",
                                          "acknowledged_by",
                                          "shelved_until",
                                          "shelved_at_level",
                                          "suppressed",
                                          "out_of_service",
                                          "realarm_at",
                                          "annunciations",
                                          "activations",
                                          "activated_at",
                                          "activated_before_at",
                                          "chattering",
                                          "quiet_since",
                                          "change",
                                          "changed_by",
                                          "note"};

/// What the dense index of an alarm stands for, in words that outlive the configuration.
struct AlarmPlace {
  std::string subject, enterprise, workplace;
};
/// Binds parameters 1, 2, 3 ….
void bind_alarm(SQLite::Statement& statement, const core::Alarm& alarm, const AlarmPlace& place);

struct AlarmRow {
  core::Alarm alarm;  ///< index is not set: only the site knows it
  AlarmPlace place;
};
/// Throws StoreError (damaged) for a word that no hazgate wrote.
AlarmRow read_alarm(SQLite::Statement& statement);

}  // namespace hazgate::storage
