// The built program under load: a generated site, a child process, and what it costs.
#pragma once

#include <ctime>
#include <memory>
#include <string>

#include "support/process.hpp"
#include "tests/bench/bare_pipeline.hpp"

namespace hazgate::bench {

/// A device on a bus of its own each, all at one Modbus TCP server. Of ten uint16 eight are judged by legal limits
/// (four by a MAC, four by a PC-STEL) with all figures of their shifts; floats are shown, stored and published.
struct SitePlan {
  std::uint16_t modbus_port = 0, mqtt_port = 0;
  Load load;
  bool all_with_mac = false;         ///< every register is judged by one MAC, that of hydrogen sulfide (10 mg/m3)
  bool watched_device = false;       ///< one more, unit watched_unit, read every 100 ms, with two levels of its own
  bool trouble = false;              ///< every tenth device is silent, and of a hundred one sends half frames
  std::filesystem::path data_dir{};  ///< default: beside the configuration
  std::string more{};                ///< TOML of further lines and devices, whose profile may be "bench-gas"
};
/// mg/m3; raw a hundred times that. The watched point is above the first all the time, and goes above the second and
/// back: that is told each time, where an alarm that comes and goes soon chatters, and is held.
inline constexpr double watched_warning = 50, watched_exceed = 70;
inline constexpr std::uint16_t watched_low = 6000, watched_high = 8000;

/// gateway.toml with its profile and limits in the folder; returns the file.
std::filesystem::path write_site(const test::TemporaryFolder& folder, const SitePlan& plan);

/// What another process has used, from outside.
class Meter {
 public:
  explicit Meter(pid_t pid);
  double cpu_seconds() const;  ///< all threads, user and system
  /// MiB; `anonymous` without files mapped (program, shared libraries).
  struct Memory {
    double resident = 0, anonymous = 0;
  };
  Memory memory() const;

 private:
  pid_t pid_;
  clockid_t clock_{};
};

/// hazgate run; stopped with SIGTERM at the end.
class GatewayProcess {
 public:
  GatewayProcess(const test::TemporaryFolder& folder, const std::filesystem::path& config);
  ~GatewayProcess();
  pid_t pid() const { return process_.pid(); }
  /// Stops it; a figure of its closing summary is what it then says.
  void stop();
  double figure(const std::string& name) const;

 private:
  std::filesystem::path summary_;
  test::Process process_;
};

}  // namespace hazgate::bench
