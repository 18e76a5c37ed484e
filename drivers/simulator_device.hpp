// The registers of one simulated device, as they stand at a given moment.
#pragma once

#include <modbus/modbus.h>

#include <array>
#include <vector>

#include "drivers/simulator.hpp"

namespace hazgate::modbus {

/// Neighbouring registers that some channel covers; what lies between two blocks does not exist.
struct RegisterBlock {
  std::uint16_t start = 0;
  std::vector<std::uint16_t> words;  ///< of register tables
  std::vector<std::uint8_t> bits;    ///< of bit tables
  std::size_t size() const { return words.empty() ? bits.size() : words.size(); }
};

class SimulatedRegisters {
 public:
  explicit SimulatedRegisters(const SimulatedDevice& device);

  /// Plays tracks and heartbeat up to `seconds` of device time, for what lies within the request only.
  /// The mapping points into this object: exactly the block that holds the request, or nothing, so that libmodbus
  /// itself refuses addresses that do not exist.
  modbus_mapping_t mapping_at(double seconds, Table table, std::uint16_t address, std::uint16_t count);

 private:
  RegisterBlock* block_of(Table table, std::uint16_t address, std::uint16_t count);
  void put(const Channel& channel, double raw);

  std::vector<Track> tracks_;
  std::optional<Channel> heartbeat_;
  std::array<std::vector<RegisterBlock>, 4> blocks_;  ///< by table, ascending
};

/// How long a track lasts until it begins again: its last sample stands as long as the one before it. 0: one sample,
/// for ever.
double length(const Track& track);

/// The recorded value at `seconds`: that of the last sample, the whole played in a loop. `track.values` is not empty.
double value_at(const Track& track, double seconds);

}  // namespace hazgate::modbus
