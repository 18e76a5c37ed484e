#include "drivers/pdu.hpp"

#include <algorithm>
#include <array>

namespace hazgate::modbus {
namespace {

constexpr std::uint8_t exception_bit = 0x80;
constexpr std::uint16_t coil_on = 0xFF00;

void put(std::span<std::uint8_t> out, std::size_t at, std::uint16_t word) {
  out[at] = static_cast<std::uint8_t>(word >> 8);
  out[at + 1] = static_cast<std::uint8_t>(word & 0xFF);
}

/// A write is answered by its own request.
bool echoes(const Request& request, std::span<const std::uint8_t> pdu) {
  std::array<std::uint8_t, request_pdu_size> sent{};
  encode_request(request, sent);
  return std::ranges::equal(sent, pdu);
}

void unpack_bits(std::span<const std::uint8_t> bytes, std::span<std::uint16_t> bits) {
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = (bytes[i / 8] >> (i % 8)) & 1;
}

void unpack_registers(std::span<const std::uint8_t> bytes, std::span<std::uint16_t> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
}

}  // namespace

Function read_function(Table table) noexcept {
  switch (table) {
    case Table::coil:
      return Function::read_coils;
    case Table::discrete:
      return Function::read_discrete;
    case Table::input:
      return Function::read_input;
    case Table::holding:
      break;
  }
  return Function::read_holding;
}

std::uint16_t max_count(Function function) noexcept {
  if (is_write(function)) return 1;
  return reads_bits(function) ? 2000 : 125;
}

std::size_t encode_request(const Request& request, std::span<std::uint8_t> out) {
  out[0] = static_cast<std::uint8_t>(request.function);
  put(out, 1, request.address);
  std::uint16_t last = request.count;
  if (request.function == Function::write_coil) last = request.value != 0 ? coil_on : 0;
  if (request.function == Function::write_register) last = request.value;
  put(out, 3, last);
  return request_pdu_size;
}

boost::system::error_code decode_answer(const Request& request, std::span<const std::uint8_t> pdu,
                                        std::span<std::uint16_t> words) {
  if (pdu.size() < 2) return modbus_errc::broken_frame;
  const auto function = static_cast<std::uint8_t>(request.function);
  if (pdu[0] == (function | exception_bit)) {
    return pdu.size() == 2 ? exception_from(pdu[1]) : make_error_code(modbus_errc::foreign_answer);
  }
  if (pdu[0] != function) return modbus_errc::foreign_answer;
  if (is_write(request.function)) {
    if (!echoes(request, pdu)) return modbus_errc::foreign_answer;
    if (!words.empty()) words[0] = request.value;
    return {};
  }
  const bool bits = reads_bits(request.function);
  const std::size_t bytes = bits ? (request.count + 7u) / 8u : request.count * 2u;
  if (pdu[1] != bytes || pdu.size() != 2 + bytes || words.size() < request.count) return modbus_errc::foreign_answer;
  if (bits) {
    unpack_bits(pdu.subspan(2), words.first(request.count));
  } else {
    unpack_registers(pdu.subspan(2), words.first(request.count));
  }
  return {};
}

}  // namespace hazgate::modbus
