// The other end of serial lines: pseudo-terminals whose bytes take the time that they take on a cable, in a process of
// its own.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "drivers/simulator_pty.hpp"

namespace hazgate::bench {

/// Every unit of every line answers each read of holding registers. A request occupies the line for its characters,
/// then 3.5 of them pass in silence, then the answer comes character by character.
class SerialServer {
 public:
  static constexpr double silence = 3.5;  ///< characters between two frames, Modbus over serial line V1.02 2.5.1.1

  /// Construct before any thread. The lines are `folder`/line-0 … at `baud`, 8 data bits, no parity, one stop bit.
  SerialServer(const std::filesystem::path& folder, int lines, int baud);
  ~SerialServer();
  SerialServer(const SerialServer&) = delete;
  SerialServer& operator=(const SerialServer&) = delete;

  std::uint64_t answers() const { return *answers_; }
  /// Of one line that never waits: request, silence, answer, silence. Polls of `registers` a second.
  double most_polls(int registers) const;

 private:
  std::vector<std::unique_ptr<modbus::PseudoTerminal>> terminals_;
  double character_s_;
  std::atomic<std::uint64_t>* answers_;
  pid_t pid_ = -1;
};

}  // namespace hazgate::bench
