// The other end of the configured lines: what `hazgate simulate` plays on them, and `hazgate replay` without them.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <vector>

#include "core/reading.hpp"
#include "drivers/simulator.hpp"
#include "settings/problem.hpp"
#include "settings/settings.hpp"

namespace hazgate::settings {

/// Buses, devices and registers as `config` (a gateway.toml) has them; which recording plays on which point, and which
/// device misbehaves when, from `data_dir`/simulation.toml. A point without a recording shows a steady harmless value.
/// Never throws on bad input.
boost::system::result<std::vector<modbus::SimulatedBus>, Problems> load_simulation(
    const std::filesystem::path& config, const std::filesystem::path& data_dir);

/// The instruments of a site as they were recorded.
struct Playback {
  core::Timestamp from;                     ///< when the recordings begin
  std::vector<modbus::SimulatedBus> buses;  ///< same order as settings.buses, and so are the devices of each
};

/// A file like simulation.toml that also says `from`; it has no faults, because there is no line to disturb. Its
/// recordings lie beside it. Never throws on bad input.
boost::system::result<Playback, Problems> load_playback(const Settings& settings, const std::filesystem::path& file);

}  // namespace hazgate::settings
