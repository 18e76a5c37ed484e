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
  /// Once set, how far the time between two answered requests of a connection is from it counts in steps of 0.1 ms.
  std::atomic<std::int64_t> period_ns{0};
  std::array<std::atomic<std::uint64_t>, 10'000> unsteady{};
};
inline constexpr std::uint8_t watched_unit = 200;
/// Two that make trouble: one never answers, the other sends the first half of each answer.
inline constexpr std::uint8_t silent_unit = 201, half_unit = 202;

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
  /// What 99 of 100 requests since period_ns was set did not exceed; ms.
  double unsteady_p99_ms() const;

 private:
  ServerState* state_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace hazgate::bench
