// What moves alarms and is no reading. Kept beside the frames and in their order, so that a replay moves them again.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/alarm_life.hpp"

namespace hazgate::core {

/// What a person asked for; an alarm goes by its number, or, with number 0, by its subject.
struct PersonInput {
  std::uint64_t number = 0;
  AlarmSubject subject = AlarmSubject::point;
  std::uint32_t index = 0;
  Action action;
  Refusal refusal = Refusal::none;  ///< set by whoever did it
};

/// What the gateway saw of itself: an output or one of its parts is in trouble, or no longer.
struct ConditionInput {
  AlarmSubject subject = AlarmSubject::gateway;
  std::uint32_t index = 0;
  Level level = Level::none;  ///< none: it is over
  Basis basis = Basis::store;
  double value = no_value;
  Timestamp since;
  std::string why;  ///< for people, in English; "" where the basis says it all
};

struct AlarmInput {
  Timestamp at;
  std::uint32_t after_frames = 0;  ///< so many frames of the batch came before it
  std::variant<PersonInput, ConditionInput> what;
};

}  // namespace hazgate::core
