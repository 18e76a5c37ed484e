// The other end of every benchmark: a Modbus TCP server that does as little as one can, in a process of its own, so
// that its CPU is nobody's cost.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace hazgate::bench {

/// Memory that server and bench share.
struct ServerState {
  std::atomic<std::uint64_t> answers{0};
  /// Holding (and input) registers of every unit. An answer adds to each word 0 … wobble-1, so that values move.
  std::array<std::atomic<std::uint16_t>, 128> registers{};
  std::atomic<std::uint16_t> wobble{1};
  /// Of unit `watched_unit`: its register 0, the number of times that an answer first carried a changed value, and the
  /// steady clock (ns) just before that answer was sent.
  std::atomic<std::uint16_t> watched{0};
  std::atomic<std::uint64_t> changes_sent{0};
  std::atomic<std::int64_t> sent_at_ns{0};
};
inline constexpr std::uint8_t watched_unit = 200;

/// One epoll loop in a forked child; any number of connections on one loopback port. Construct before any thread.
class ModbusServer {
 public:
  ModbusServer();
  ~ModbusServer();
  ModbusServer(const ModbusServer&) = delete;
  ModbusServer& operator=(const ModbusServer&) = delete;

  std::uint16_t port() const { return port_; }
  ServerState& state() { return *state_; }
  std::uint64_t answers() const { return state_->answers; }

 private:
  ServerState* state_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace hazgate::bench
