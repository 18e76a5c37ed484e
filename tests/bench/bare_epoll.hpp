// The raw limit of a Modbus TCP client: connections, epoll, twelve bytes out, an answer in, words decoded.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "drivers/link.hpp"

namespace hazgate::bench {

/// Registers only; no deadline, no reconnection: whatever goes wrong ends the program.
class BareEpoll {
 public:
  BareEpoll(std::uint16_t port, std::size_t connections, modbus::Request request);
  ~BareEpoll();
  BareEpoll(const BareEpoll&) = delete;
  BareEpoll& operator=(const BareEpoll&) = delete;

  /// So many requests over all connections, each with one under way at any moment.
  void run(std::uint64_t requests);

  void ask(std::size_t connection) { ask(connection, request_.address, request_.count); }
  void ask(std::size_t connection, std::uint16_t address, std::uint16_t count);
  using OnAnswer = std::function<void(std::size_t connection, std::span<const std::uint16_t> words)>;
  /// Hands over what has been answered, at most `timeout_ms` from now (-1: as long as it takes).
  void wait(int timeout_ms, const OnAnswer& on_answer);

 private:
  struct Connection {
    int fd = -1;
    std::uint16_t transaction = 0, count = 0;
  };
  void receive(std::size_t number);

  modbus::Request request_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<std::uint16_t> words_;
};

}  // namespace hazgate::bench
