// What a bus can do. The poller does not know which kind it has.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "drivers/modbus_error.hpp"
#include "drivers/registers.hpp"

namespace hazgate::modbus {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

enum class Function : std::uint8_t {
  read_coils = 1,
  read_discrete = 2,
  read_holding = 3,
  read_input = 4,
  write_coil = 5,
  write_register = 6
};

/// Reads: `count` registers or bits from `address`. Writes: `value` to `address` (coil: 0 or 1), count 1.
struct Request {
  std::uint8_t unit = 1;
  Function function = Function::read_holding;
  std::uint16_t address = 0;
  std::uint16_t count = 1;
  std::uint16_t value = 0;
  friend bool operator==(const Request&, const Request&) = default;
};

struct LinkCounters {
  std::uint64_t requests = 0, answers = 0, timeouts = 0, exceptions = 0, foreign = 0, broken = 0, opened = 0;
};

class Link {
 public:
  virtual ~Link() = default;

  /// One request. On success `words` (at least request.count items) holds the registers, or one 0/1 a bit.
  /// Answered by no_answer at `deadline` at the latest, at once by not_connected while the link is down.
  /// An answer that is not of this very request is never taken for it.
  virtual asio::awaitable<boost::system::error_code> transact(Request request, std::span<std::uint16_t> words,
                                                              Clock::time_point deadline) = 0;
  /// Opens and reopens for ever; returns only by cancellation. One task of the bus.
  virtual asio::awaitable<void> run() = 0;
  /// Called every 50 ms: requests past their deadline end with no_answer. (Serial links need none.)
  virtual void sweep(Clock::time_point now) = 0;
  /// Requests that may be under way at once; 1 for serial lines.
  virtual std::size_t max_in_flight() const = 0;
  virtual bool is_open() const = 0;
  /// Why it is not open, in words for the operator; empty while open.
  virtual std::string trouble() const = 0;
  virtual const LinkCounters& counters() const = 0;
};

}  // namespace hazgate::modbus
