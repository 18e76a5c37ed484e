// A device model as data: which registers, of which type, and what makes their values doubtful.
// Read from config/profiles/*.toml by settings/profile_file.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/registers.hpp"

namespace hazgate::modbus {

using std::chrono::milliseconds;

/// Where a value lies. The address is the one on the wire, zero-based; manuals that print 40001 mean holding 0.
struct Channel {
  Table table = Table::holding;
  std::uint16_t address = 0;
  Type type = Type::uint16;
  WordOrder order = WordOrder::abcd;
  std::optional<std::uint16_t> mask;  ///< for `bit` in a register: which bit(s); value is 1 when any is set
  friend bool operator==(const Channel&, const Channel&) = default;
};

/// One measured quantity. value = raw * scale + offset, in `unit`; min, max, loq and max_rate are in that unit too.
struct Measure {
  std::string id;
  Channel channel;
  double scale = 1, offset = 0;
  std::string unit;                         ///< symbol, e.g. "mg/m3"
  std::string agent = "none";               ///< cas:…, dust:…, gbz:…, noise, noise:peak, none
  std::optional<double> min, max, loq;      ///< below min: D; at or above max: T; below loq: L
  std::vector<double> error_values;         ///< raw values that are codes, not readings: D
  std::optional<double> max_rate;           ///< unit per second
  std::optional<milliseconds> stuck_after;  ///< the same raw value for so long: D
  std::optional<double> molar_mass;         ///< g/mol, where the agent's own is not known
  std::string compound;                     ///< of a VOC station: its CAS number in voc116.csv; empty: none
  std::optional<bool> baseline;             ///< overrides the profile's
};

/// A status register turned into a flag for the whole device. Values not in the map mean N when `map` has no entry.
struct StateRegister {
  Channel channel;
  std::optional<std::uint32_t> mask;  ///< applied before the map
  std::map<std::uint32_t, char> map;  ///< value to HJ 212 letter
  char otherwise = 'N';               ///< letter for a value that the map lacks
};

/// Identity, unit or response factor: read at every start and after each loss of link.
struct Expect {
  Channel channel;
  double equals = 0;
  std::string what;  ///< for the message, e.g. "unit is ppm"
};

/// A counter that must move.
struct Heartbeat {
  Channel channel;
  milliseconds within{15000};
};

struct Profile {
  std::string name, maker, model, manual;
  std::uint16_t max_gap = 8;  ///< unused registers that a merged read may span
  std::uint16_t max_registers = 125;
  milliseconds min_interval{0};  ///< least pause between two requests to the device
  milliseconds warm_up{0};       ///< after the device appears, its values are flagged F for so long
  bool first_query_may_fail = false;
  std::optional<milliseconds> timeout;  ///< a slow device's own response time
  /// "tvoc", "ofp", "ofp_left_out"
  std::vector<std::string> derived;           ///< points made of the measures that have a compound
  bool baseline = false;                      ///< points are held against what is usual at their hour of the day
  std::optional<milliseconds> scan_interval;  ///< a station that analyses more rarely than it can be polled
  std::vector<Measure> measures;
  std::vector<StateRegister> states;
  std::vector<Expect> expects;
  std::optional<Heartbeat> heartbeat;
};

}  // namespace hazgate::modbus
