#include "drivers/modbus_error.hpp"

#include <string>

namespace hazgate::modbus {
namespace {

const char* sentence(modbus_errc e) noexcept {
  switch (e) {
    case modbus_errc::illegal_function:
      return "the device does not know this function";
    case modbus_errc::illegal_address:
      return "the device has no such register";
    case modbus_errc::illegal_value:
      return "the device refuses this count or value";
    case modbus_errc::device_failure:
      return "the device reports a failure of its own";
    case modbus_errc::acknowledge:
      return "the device has accepted and is still working";
    case modbus_errc::device_busy:
      return "the device is busy";
    case modbus_errc::memory_parity:
      return "the device reports a memory parity error";
    case modbus_errc::gateway_path:
      return "the Modbus gateway has no path to the device";
    case modbus_errc::gateway_no_answer:
      return "no answer from the device behind the Modbus gateway";
    case modbus_errc::no_answer:
      return "no answer";
    case modbus_errc::not_connected:
      return "not connected";
    case modbus_errc::foreign_answer:
      return "the answer belongs to another request";
    case modbus_errc::broken_frame:
      return "broken frame";
    case modbus_errc::identity_mismatch:
      return "an identity register has another value than expected";
    case modbus_errc::descriptor_too_high:
      return "too many open files for a serial line: its descriptor is 1024 or more";
    case modbus_errc::unknown_exception:
      return "exception with a code that Modbus does not define";
    case modbus_errc::write_not_kept:
      return "the written value was not there when read back";
  }
  return "unknown error";
}

class ModbusCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "modbus"; }
  std::string message(int value) const override { return sentence(static_cast<modbus_errc>(value)); }
};

}  // namespace

const boost::system::error_category& modbus_category() noexcept {
  static const ModbusCategory category;
  return category;
}

boost::system::error_code make_error_code(modbus_errc e) noexcept { return {static_cast<int>(e), modbus_category()}; }

boost::system::error_code exception_from(std::uint8_t code) noexcept {
  const bool defined = (code >= 1 && code <= 6) || code == 8 || code == 10 || code == 11;
  return defined ? make_error_code(static_cast<modbus_errc>(code)) : make_error_code(modbus_errc::unknown_exception);
}

bool is_exception(boost::system::error_code ec) noexcept {
  if (!ec || ec.category() != modbus_category()) return false;
  return ec.value() < static_cast<int>(modbus_errc::no_answer) || ec == modbus_errc::unknown_exception;
}

Recovery recovery_for(boost::system::error_code ec) noexcept {
  if (ec.category() != modbus_category()) return Recovery::reopen;  // the system's own: the socket or port is gone
  switch (static_cast<modbus_errc>(ec.value())) {
    case modbus_errc::illegal_function:
    case modbus_errc::illegal_address:
    case modbus_errc::illegal_value:
      return Recovery::split_request;
    case modbus_errc::acknowledge:
    case modbus_errc::device_busy:
    case modbus_errc::memory_parity:
    case modbus_errc::gateway_no_answer:
    case modbus_errc::no_answer:
    case modbus_errc::foreign_answer:
    case modbus_errc::broken_frame:
      return Recovery::retry;
    case modbus_errc::not_connected:
    case modbus_errc::descriptor_too_high:
      return Recovery::reopen;
    case modbus_errc::device_failure:
    case modbus_errc::gateway_path:
    case modbus_errc::identity_mismatch:
    case modbus_errc::unknown_exception:
    case modbus_errc::write_not_kept:
      break;
  }
  return Recovery::back_off;
}

}  // namespace hazgate::modbus
