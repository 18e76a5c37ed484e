// libmodbus as the server: given one request it makes the reply that any of its servers would send.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "drivers/descriptor.hpp"
#include "drivers/rtu_line.hpp"
#include "drivers/simulator_frame.hpp"

namespace hazgate::modbus {

/// libmodbus talks to one end of a socket pair and we hold the other. So its replies can be caught and falsified, a
/// slow client never blocks it, and it never sees a descriptor of a client: they may be numbered beyond its select().
class Responder {
 public:
  using Registers = std::function<modbus_mapping_t(Table, std::uint16_t address, std::uint16_t count)>;

  /// Throws std::system_error when the system refuses, also when the descriptor would be 1024 or more.
  explicit Responder(Framing framing);
  /// Empty when libmodbus does not take the request for one (CRC).
  std::vector<std::uint8_t> reply(std::span<const std::uint8_t> request, const Registers& registers);
  /// The same, refused with exception 04.
  std::vector<std::uint8_t> refuse(std::span<const std::uint8_t> request);

 private:
  int receive(std::span<const std::uint8_t> request);
  std::vector<std::uint8_t> caught();

  Framing framing_;
  ModbusHandle context_;  ///< owns its end of the pair
  Descriptor ours_;
  std::array<std::uint8_t, MODBUS_MAX_ADU_LENGTH> parsed_{};
};

}  // namespace hazgate::modbus
