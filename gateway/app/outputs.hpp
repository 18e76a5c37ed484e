// Outputs: horns, lamps and fans that stand while an alarm does.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "core/alarm.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

/// Pure: alarms in, wanted output values out. The write itself, its read-back and its repetition belong to the caller.
class Outputs {
 public:
  explicit Outputs(const settings::Settings& settings);

  /// Follows one alarm change; true when the wanted value of an output changed.
  bool on_alarm(const core::Alarm& alarm);
  std::size_t size() const { return standing_.size(); }
  /// What output `i` shall be: its value while an alarm of its level stands, released otherwise.
  std::uint16_t wanted(std::size_t i) const;

 private:
  bool drives(std::size_t output, const core::Alarm& alarm) const;

  const settings::Settings& settings_;
  std::vector<std::uint32_t> standing_;                             ///< alarms that drive the output now
  std::unordered_map<std::uint64_t, std::vector<bool>> driven_by_;  ///< open alarm number to the outputs it drives
};

}  // namespace hazgate::app
