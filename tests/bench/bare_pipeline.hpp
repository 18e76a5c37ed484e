// The raw limit of the whole chain: poll, decode, JSON, Paho QoS 1; no limits, no alarms, no store, no outbox.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hazgate::bench {

/// `devices` with `values` each, read every `period_ms`; a uint16 a value in hundredths, or a float32.
struct Load {
  static constexpr int most_values_a_unit = 2000;
  int devices = 1000, values = 10, period_ms = 1000;
  bool floats = false;
  /// Units behind each link: a profile holds at most 2,000 values.
  int units() const { return (values + most_values_a_unit - 1) / most_values_a_unit; }
  int values_a_unit() const { return values / units(); }
  int workplaces() const { return std::min(20, devices); }
};

struct PipelinePlan {
  std::uint16_t modbus_port = 0, mqtt_port = 0;
  Load load;
};

/// On 10 ms ticks, a message a workplace every 250 ms or 1,000 values, as the gateway does. Never returns.
[[noreturn]] void run_bare_pipeline(const PipelinePlan& plan);

}  // namespace hazgate::bench
