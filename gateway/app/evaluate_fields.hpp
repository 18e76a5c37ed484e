// The words that the input of evaluate may have, and where.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "app/evaluate_input.hpp"

namespace hazgate::app::evaluate_fields {

using List = EvaluateInput::List;

enum Kind : unsigned { text = 1, number = 2, yes_no = 4, nothing = 8, list = 16 };

enum class Key : std::uint8_t {
  agent,
  hours_per_day,
  days_per_week,
  adjust,
  sio2_percent,
  shift_start,
  period_s,
  outdoor_ventilation_degc,
  segments,
  readings,
  mixture,
  days,
  minutes,
  segment_value,
  below_loq,
  exposed,
  t,
  reading_value,
  flag,
  part_agent,
  twa,
  stel_max,
  hours,
  day_value
};

struct Field {
  Key key;
  List place;  ///< the list whose entries have it; none: the object itself
  std::string_view word;
  unsigned kinds;
  bool required = false;
};

constexpr std::array fields{
    Field{Key::agent, List::none, "agent", text},
    Field{Key::hours_per_day, List::none, "hours_per_day", number},
    Field{Key::days_per_week, List::none, "days_per_week", number},
    Field{Key::adjust, List::none, "adjust", yes_no},
    Field{Key::sio2_percent, List::none, "sio2_percent", number},
    Field{Key::shift_start, List::none, "shift_start", text},
    Field{Key::period_s, List::none, "period_s", number},
    Field{Key::outdoor_ventilation_degc, List::none, "outdoor_ventilation_degc", number},
    Field{Key::segments, List::none, "segments", list},
    Field{Key::readings, List::none, "readings", list},
    Field{Key::mixture, List::none, "mixture", list},
    Field{Key::days, List::none, "days", list},
    Field{Key::minutes, List::segments, "minutes", number, true},
    Field{Key::segment_value, List::segments, "value", number | nothing},
    Field{Key::below_loq, List::segments, "below_loq", yes_no},
    Field{Key::exposed, List::segments, "exposed", yes_no},
    Field{Key::t, List::readings, "t", text, true},
    Field{Key::reading_value, List::readings, "value", number | nothing},
    Field{Key::flag, List::readings, "flag", text},
    Field{Key::part_agent, List::mixture, "agent", text, true},
    Field{Key::twa, List::mixture, "twa", number | nothing},
    Field{Key::stel_max, List::mixture, "stel_max", number | nothing},
    Field{Key::hours, List::days, "hours", number, true},
    Field{Key::day_value, List::days, "value", number | nothing, true},
};

constexpr std::size_t at(Key key) { return static_cast<std::size_t>(key); }

constexpr bool in_order() {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (at(fields[i].key) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a field is found by its key");

/// The lists stand in the same order as their keys.
constexpr List list_of(Key key) { return static_cast<List>(at(key) - at(Key::segments) + 1); }
constexpr const Field& field_of(List which) {
  return fields.at(at(Key::segments) + static_cast<std::size_t>(which) - 1);
}
static_assert(list_of(Key::days) == List::days && field_of(List::segments).word == "segments");

std::vector<std::string> words_of(List place);
/// "a number, or null where there is none".
std::string expected(unsigned kinds);

}  // namespace hazgate::app::evaluate_fields
