// Modbus servers that replay recordings, and misbehave on request. libmodbus' server side answers, so that each of our
// framings is always tested against another's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "drivers/profile.hpp"
#include "drivers/rtu_link.hpp"

namespace hazgate::modbus {

/// How a simulated device misbehaves.
enum class Fault : std::uint8_t {
  silence,     ///< no answer
  half_frame,  ///< the first half of the answer, then nothing
  wrong_crc,   ///< RTU: CRC; TCP: protocol id
  wrong_unit,
  wrong_transaction,  ///< TCP only; on RTU the function code is wrong
  late_answer,        ///< after `delay`
  exception,          ///< exception 04
  stuck,              ///< values stop moving
  garbage,            ///< random bytes before the answer
  single_bytes        ///< the answer byte by byte, 5 ms apart
};
std::optional<Fault> fault_from(std::string_view name);  // "silence", "half-frame", …
std::string_view name(Fault fault);

struct FaultWindow {
  Fault fault{};
  std::chrono::milliseconds from{0};                  ///< since the start of the simulator
  std::optional<std::chrono::milliseconds> duration;  ///< for ever when absent
  std::chrono::milliseconds delay{700};               ///< for late_answer
};

/// A recorded series for one channel: value at time t since its start; held between samples; played in a loop.
struct Track {
  Channel channel;
  double scale = 1, offset = 0;         ///< of the measure: raw = (value - offset) / scale
  double from = 0;                      ///< s after the start of the simulator; until then it stands at its first value
  std::vector<double> seconds, values;  ///< same length, ascending; NaN: nothing recorded, the register keeps its value
};

struct SimulatedDevice {
  std::string id;
  std::uint8_t unit = 1;
  std::vector<Track> tracks;
  std::vector<std::pair<Channel, double>> constants;  ///< expects, states
  std::optional<Channel> heartbeat;                   ///< moves once a second
  std::vector<FaultWindow> faults;
};

struct SimulatedBus {
  std::string id;
  /// TCP: listens on host:port. SerialPort: makes a pseudo-terminal and links `path` to it.
  /// SerialServer: RTU frames over a TCP listener.
  struct TcpListener {
    std::string host;
    std::uint16_t port;
  };
  std::variant<TcpListener, SerialPort, SerialServer> end;
  std::vector<SimulatedDevice> devices;
};

struct SimulatorCounters {
  std::uint64_t requests = 0, answers = 0, faults = 0;
};

/// One thread a bus. The constructor opens every listener and terminal, or throws std::system_error that names it.
class Simulator {
 public:
  Simulator(std::vector<SimulatedBus> buses, double speed);
  ~Simulator();  ///< stops and removes the links it made
  SimulatorCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::modbus
