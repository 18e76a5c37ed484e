// The other end of the configured lines: what `hazgate simulate` plays on them.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <vector>

#include "drivers/simulator.hpp"
#include "settings/problem.hpp"

namespace hazgate::settings {

/// Buses, devices and registers as `config` (a gateway.toml) has them; which recording plays on which point, and which
/// device misbehaves when, from `data_dir`/simulation.toml. A point without a recording shows a steady harmless value.
/// Never throws on bad input.
boost::system::result<std::vector<modbus::SimulatedBus>, Problems> load_simulation(
    const std::filesystem::path& config, const std::filesystem::path& data_dir);

}  // namespace hazgate::settings
