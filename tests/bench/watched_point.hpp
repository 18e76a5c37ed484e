// How long a change of a register takes to a subscriber of alarms.
#pragma once

#include <random>

#include "tests/bench/modbus_server.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace hazgate::bench {

/// The watched device of a SitePlan: its register changes, and the alarm of it is awaited.
class WatchedPoint {
 public:
  /// `alarms` is subscribed to the alarms of the site.
  WatchedPoint(ModbusServer& server, MqttClient& alarms);
  /// The alarm of the lower level, with which everything begins.
  void begin();
  /// Changes the register and waits for the alarm that says so; ms from the answer that first carried the new value.
  double flip();
  /// So that changes come at any phase of the polls.
  void rest();

 private:
  ModbusServer& server_;
  MqttClient& alarms_;
  std::mt19937 random_{11};
  bool high_ = false;
};

}  // namespace hazgate::bench
