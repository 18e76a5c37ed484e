// The raw limit of the whole chain: poll, decode, JSON, Paho QoS 1; no limits, no alarms, no store, no outbox.
#pragma once

#include <cstdint>

namespace hazgate::bench {

struct PipelinePlan {
  std::uint16_t modbus_port = 0, mqtt_port = 0;
  int devices = 1000, workplaces = 20;
};

/// 1 Hz a device on 10 ms ticks, a message a workplace every 250 ms, as the gateway does. Never returns.
[[noreturn]] void run_bare_pipeline(const PipelinePlan& plan);

}  // namespace hazgate::bench
