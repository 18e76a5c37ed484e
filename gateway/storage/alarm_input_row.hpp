// What moved an alarm and was no reading, as columns and back.
#pragma once

#include <array>
#include <string>

#include "core/alarm_input.hpp"
#include "core/site.hpp"

namespace SQLite {
class Statement;
}

namespace hazgate::storage {

/// The columns of `alarm_input` in the order of bind_input() and read_input().
inline constexpr std::array input_columns{"after_frame", "at",     "kind",  "number",  "subject_kind", "subject",
                                          "action",      "person", "note",  "verdict", "duration_us",  "revision",
                                          "refusal",     "level",  "basis", "value",   "since",        "why"};

void bind_input(SQLite::Statement& statement, const core::AlarmInput& input, std::int64_t after_frame,
                const core::Site& site);

struct InputRow {
  std::int64_t after_frame = 0;
  core::AlarmInput input;  ///< the index of a subject is not set: only the site knows it
  core::AlarmSubject kind = core::AlarmSubject::point;
  std::string subject;  ///< empty where the alarm goes by its number
  void set_index(std::uint32_t index);
};
/// Throws StoreError (damaged) for a word that no hazgate wrote.
InputRow read_input(SQLite::Statement& statement);

}  // namespace hazgate::storage
