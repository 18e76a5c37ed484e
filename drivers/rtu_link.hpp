// A serial line, or a serial server reached by TCP that speaks RTU frames: libmodbus on a thread of its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <variant>

#include "drivers/link.hpp"

namespace hazgate::modbus {

enum class Parity : char { none = 'N', even = 'E', odd = 'O' };

struct SerialPort {
  std::string path;
  int baud = 9600;
  Parity parity = Parity::none;
  int stop_bits = 1;
};
struct SerialServer {
  std::string host;
  std::uint16_t port = 4001;
};
struct RtuLinkOptions {
  std::variant<SerialPort, SerialServer> end;
  std::chrono::milliseconds timeout{500};
};
std::unique_ptr<Link> make_rtu_link(asio::io_context& io, RtuLinkOptions options);

}  // namespace hazgate::modbus
