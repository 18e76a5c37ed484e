// Modbus TCP on Asio, our own MBAP framing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "drivers/link.hpp"

namespace hazgate::modbus {

struct TcpLinkOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 502;
  std::chrono::milliseconds timeout{500};  ///< of a connection attempt, at least 1 s is given
  std::size_t max_in_flight = 1;
};
std::unique_ptr<Link> make_tcp_link(asio::io_context& io, TcpLinkOptions options);

}  // namespace hazgate::modbus
