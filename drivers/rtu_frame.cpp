#include "drivers/rtu_frame.hpp"

namespace hazgate::modbus {

std::uint16_t rtu_crc(std::span<const std::uint8_t> bytes) noexcept {
  std::uint16_t crc = 0xFFFF;
  for (const auto byte : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1);
    }
  }
  return crc;
}

bool rtu_crc_holds(std::span<const std::uint8_t> frame) noexcept {
  if (frame.size() < 4) return false;
  const auto sum = rtu_crc(frame.first(frame.size() - 2));
  return frame[frame.size() - 2] == (sum & 0xFF) && frame[frame.size() - 1] == sum >> 8;
}

std::optional<std::size_t> rtu_answer_length(std::span<const std::uint8_t> start) noexcept {
  if (start.size() < 3) return std::nullopt;
  const auto function = start[1];
  if ((function & 0x80) != 0) return 5;
  if (function >= 1 && function <= 4) return std::size_t{5} + start[2];
  if (function == 5 || function == 6) return 8;
  return std::nullopt;
}

}  // namespace hazgate::modbus
