// Pure: the part of a Modbus frame that TCP and serial lines share, from the function code on.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <span>

#include "drivers/link.hpp"

namespace hazgate::modbus {

inline constexpr std::size_t request_pdu_size = 5;  ///< of every function that Request knows
inline constexpr std::size_t max_pdu_size = 253;

constexpr bool is_write(Function f) { return f == Function::write_coil || f == Function::write_register; }
constexpr bool reads_bits(Function f) { return f == Function::read_coils || f == Function::read_discrete; }
/// Function that reads the table.
Function read_function(Table table) noexcept;
/// Most items that one read may ask for: 2000 bits or 125 registers; 1 for writes.  Modbus Application Protocol 1.1b3,
/// 6
std::uint16_t max_count(Function function) noexcept;

/// Function code, address and count or value into `out` (at least request_pdu_size bytes); returns the bytes written.
std::size_t encode_request(const Request& request, std::span<std::uint8_t> out);

/// Holds the bytes of an answer, from the function code on and without CRC, against the request.
/// On success `words` (at least request.count items) holds registers in host order or one 0/1 a bit; of a write its
/// value. The device's own exception; foreign_answer when function, length, byte count or echo is not of this request;
/// broken_frame when there is no answer in it at all. `words` is written on success only.
boost::system::error_code decode_answer(const Request& request, std::span<const std::uint8_t> pdu,
                                        std::span<std::uint16_t> words);

}  // namespace hazgate::modbus
