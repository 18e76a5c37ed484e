// Pure: what can be told from the bytes of an RTU frame alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace hazgate::modbus {

/// CRC-16 of the serial line, as a number; on the wire its low byte comes first.   Modbus over serial line V1.02, 6.2.2
std::uint16_t rtu_crc(std::span<const std::uint8_t> bytes) noexcept;
/// The last two bytes are the CRC of all before them.
bool rtu_crc_holds(std::span<const std::uint8_t> frame) noexcept;

/// Length of the answer that starts with these bytes, CRC included; empty when the function is not one that we ask.
std::optional<std::size_t> rtu_answer_length(std::span<const std::uint8_t> start) noexcept;

}  // namespace hazgate::modbus
