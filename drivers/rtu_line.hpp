// The blocking half of a serial link: libmodbus' RTU context and everything that is done with it on the line's thread.
#pragma once

#include <modbus/modbus.h>

#include <array>
#include <boost/system/result.hpp>
#include <memory>
#include <span>

#include "drivers/link.hpp"
#include "drivers/rtu_link.hpp"
#include "drivers/rtu_unanswered.hpp"

namespace hazgate::modbus {

struct ModbusClose {
  void operator()(modbus_t* m) const noexcept {
    modbus_close(m);
    modbus_free(m);
  }
};
using ModbusHandle = std::unique_ptr<modbus_t, ModbusClose>;

/// Not thread-safe: all calls on one thread, which must not be killed by SIGPIPE.
class RtuLine {
 public:
  explicit RtuLine(std::chrono::milliseconds timeout);

  /// Opens the port; errors are those of the system, or descriptor_too_high.
  boost::system::error_code open(const SerialPort& port);
  /// Takes a connected socket, also on error.
  boost::system::error_code adopt(int socket);
  void close();

  /// Blocks until answer or deadline. not_connected: the line is gone and has been closed.
  boost::system::error_code transact(const Request& request, Clock::time_point deadline);
  /// Of the last transact() that went well.
  std::span<const std::uint16_t> words() const { return words_; }
  const LinkCounters& counters() const { return counters_; }

 private:
  /// One frame, CRC checked and cut off.
  struct Frame {
    std::array<std::uint8_t, MODBUS_MAX_ADU_LENGTH> bytes{};
    std::size_t size = 0;
    std::uint8_t unit() const { return bytes[0]; }
    std::span<const std::uint8_t> pdu() const { return std::span(bytes).subspan(1, size - 1); }
  };
  template <class T>
  using result = boost::system::result<T>;

  boost::system::error_code exchange(const Request& request, Clock::time_point deadline);
  boost::system::error_code clear_the_way(const Request& request, Clock::time_point deadline);
  boost::system::error_code ask(const Request& request, Clock::time_point deadline);
  boost::system::error_code send(const Request& request);
  result<Frame> listen(Clock::time_point deadline);
  boost::system::error_code hear_stragglers(Clock::time_point deadline);
  result<Frame> receive(Clock::time_point deadline);
  boost::system::error_code drain(Clock::time_point deadline);
  boost::system::error_code take(ModbusHandle context);
  bool readable(std::chrono::milliseconds wait) const;

  std::chrono::milliseconds timeout_;
  std::chrono::milliseconds quiet_{50};        ///< so long without a byte: nothing more is coming
  std::chrono::microseconds frame_gap_{1750};  ///< silence between two frames
  Clock::time_point last_byte_{};
  ModbusHandle context_;
  std::array<Unanswered, 256> owed_;  ///< by unit; survives a reopened line, since serial servers keep late answers
  std::array<std::uint16_t, MODBUS_MAX_READ_BITS> words_{};
  LinkCounters counters_;
};

}  // namespace hazgate::modbus
