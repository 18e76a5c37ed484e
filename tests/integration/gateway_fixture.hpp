// A whole site on this machine: instruments (the simulator, or a partner we did not write), broker, gateway,
// subscriber.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/mosquitto.hpp"
#include "support/process.hpp"

namespace hazgate::test {

/// One reading as a subscriber sees it; time in seconds since 1970.
struct SeenReading {
  double time = 0;
  double value = 0;
  bool has_value = false;
  char flag = '?';
};

class SiteOnThisMachine {
 public:
  SiteOnThisMachine();

  /// Adds a line to gateway.toml; `{broker}` becomes the broker's port.
  SiteOnThisMachine& config(const std::string& text);
  SiteOnThisMachine& profile(const std::string& name, const std::string& text);
  SiteOnThisMachine& simulation(const std::string& text);
  /// Page and API on a port of 127.0.0.1; a gateway without [http] has none.
  SiteOnThisMachine& page(std::uint16_t port = free_port());
  /// The site of the demonstration with its recordings, on ports and in a folder of its own, instead of what was
  /// configured so far; page and API too. `changes`: what stands in config/gateway.toml, and what stands there instead.
  using Changes = std::vector<std::pair<std::string, std::string>>;
  SiteOnThisMachine& demonstration(const Changes& changes = {});
  /// A recording "ramp.csv" that rises by 10 a second: a value tells when it was taken.
  SiteOnThisMachine& ramp();

  std::filesystem::path config_file() const { return folder.path() / "config/gateway.toml"; }
  std::filesystem::path store() const { return folder.path() / "data/hazgate.sqlite"; }
  std::uint16_t http_port() const { return http_port_; }

  void start_simulator();
  void start_gateway(const std::vector<std::string>& more = {});
  /// SIGTERM; the exit code. The closing figures are in summary().
  int stop_gateway();
  std::map<std::string, double> summary() const;

  TemporaryFolder folder;
  Mosquitto broker;
  std::unique_ptr<Process> simulator, gateway;

 private:
  std::string config_, simulation_;
  std::filesystem::path recordings_;
  std::uint16_t http_port_ = 0;
};

/// Readings by point, in the order in which they were heard.
std::map<std::string, std::vector<SeenReading>> readings_of(const std::vector<Heard>& heard);
/// Alarm messages (parsed), in the order in which they were heard.
std::vector<boost::json::object> alarms_of(const std::vector<Heard>& heard);
/// For each numbered stream: empty when its numbers are first, first + 1, … in order (repeats of what was seen
/// allowed), otherwise what is wrong.
inline constexpr std::uint64_t from_the_first_seen = 0;
std::string sequence_faults(const std::vector<Heard>& heard, std::uint64_t first = 1);

}  // namespace hazgate::test
