// What can go wrong between gateway and instrument, and what the poller does next.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>

namespace hazgate::modbus {

enum class modbus_errc {
  // exceptions of the device, numbered as on the wire
  illegal_function = 1,
  illegal_address = 2,
  illegal_value = 3,
  device_failure = 4,
  acknowledge = 5,
  device_busy = 6,
  memory_parity = 8,
  gateway_path = 10,
  gateway_no_answer = 11,
  // what we saw ourselves
  no_answer = 100,      ///< deadline passed
  not_connected,        ///< TCP connection or serial line is down; being reopened
  foreign_answer,       ///< transaction, unit, function or length is not of this request
  broken_frame,         ///< CRC or header wrong
  identity_mismatch,    ///< an [[expect]] register has another value
  descriptor_too_high,  ///< libmodbus cannot use descriptors from 1024 on
  unknown_exception,
  write_not_kept  ///< the read-back after a write shows another value
};
const boost::system::error_category& modbus_category() noexcept;
boost::system::error_code make_error_code(modbus_errc e) noexcept;
boost::system::error_code exception_from(std::uint8_t code) noexcept;
/// The device itself answered, with a refusal: the link is alive.
bool is_exception(boost::system::error_code ec) noexcept;

enum class Recovery { retry, split_request, back_off, reopen };
Recovery recovery_for(boost::system::error_code ec) noexcept;

}  // namespace hazgate::modbus

template <>
struct boost::system::is_error_code_enum<hazgate::modbus::modbus_errc> : std::true_type {};
