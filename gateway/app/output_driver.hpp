// Drives horns, lamps and fans to what the alarms want of them: written, read back, tried again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/outputs.hpp"
#include "drivers/poller.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

class OutputDriver {
 public:
  /// Every attempt at an output: why it failed, or empty where its read-back confirmed it.
  using Told = std::function<void(std::size_t output, const std::string& why)>;
  OutputDriver(const settings::Settings& settings, std::vector<std::unique_ptr<modbus::Poller>>& pollers, Told told)
      : settings_(settings), pollers_(pollers), told_(std::move(told)), wanted_(settings), states_(wanted_.size()) {}

  /// True where the alarm changes what is wanted; drive() then does it.
  bool on_alarm(const core::Alarm& alarm) { return wanted_.on_alarm(alarm); }
  /// Writes what is not yet as wanted. Also once a second: an output that failed is tried again, 1 s to 60 s later.
  void drive();
  /// A module that was away may have lost its power and with it its outputs: they are written again, and what it
  /// refused before keeps them waiting no longer.
  void forget(core::BusIndex bus);

 private:
  struct State {
    std::optional<std::uint16_t> confirmed;  ///< by read-back
    bool writing = false;
    std::uint16_t tried = 0;                             ///< value of the last attempt
    int failures = 0;                                    ///< of that value, running
    std::chrono::steady_clock::time_point not_before{};  ///< of the next attempt
  };
  void write(std::size_t output, std::uint16_t value);
  void on_answer(std::size_t output, std::uint16_t value, const std::string& why);

  const settings::Settings& settings_;
  std::vector<std::unique_ptr<modbus::Poller>>& pollers_;
  Told told_;
  Outputs wanted_;
  std::vector<State> states_;
};

}  // namespace hazgate::app
