// One simulated bus: its clients, its devices, its thread.
#pragma once

#include <map>
#include <memory>
#include <thread>

#include "drivers/link.hpp"
#include "drivers/simulator_device.hpp"
#include "drivers/simulator_pty.hpp"
#include "drivers/simulator_responder.hpp"

namespace hazgate::modbus {

struct AtomicCounters {
  std::atomic<std::uint64_t> requests{0}, answers{0}, faults{0};
};

class SimulatedLine {
 public:
  /// Opens the listener or terminal, or throws std::system_error that names it.
  SimulatedLine(const SimulatedBus& bus, double speed, AtomicCounters& counters);
  ~SimulatedLine();
  void start(Clock::time_point start);

 private:
  struct Due {
    Clock::time_point at;
    std::vector<std::uint8_t> bytes;
  };
  struct Client {
    Descriptor socket;  ///< empty for the terminal, which is not the client's to close
    int fd = -1;
    std::vector<std::uint8_t> in;
    Clock::time_point last_byte{};
    std::vector<Due> out;  ///< by time
    bool gone = false;
  };
  struct Device {
    SimulatedRegisters registers;
    std::vector<FaultWindow> faults;
    Clock::time_point last_due{};  ///< a device answers in order: never before this
  };

  void run();
  int wait_ms() const;
  void accept_clients();
  void read_from(Client& client);
  void answer(Client& client, std::span<const std::uint8_t> request);
  void send_later(Client& client, Device& device, std::vector<Piece> pieces, Clock::time_point now);
  void send_due(Client& client, Clock::time_point now);
  const FaultWindow* active(const Device& device, Clock::time_point now) const;
  double device_seconds(const FaultWindow* fault, Clock::time_point now) const;

  Framing framing_;
  double speed_;
  AtomicCounters& counters_;
  Responder responder_;
  Descriptor listener_;
  std::unique_ptr<PseudoTerminal> terminal_;
  Descriptor wake_;
  std::map<std::uint8_t, Device> devices_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::mt19937 random_{20221};  // the same garbage each time
  Clock::time_point start_{};
  Clock::time_point accept_again_{};
  std::thread thread_;
};

}  // namespace hazgate::modbus
