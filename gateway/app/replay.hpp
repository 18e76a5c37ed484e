// Replay: the whole chain in virtual time, as fast as it can: what was recorded goes through the same engine into a
// store of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/alarm.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

struct ReplayOptions {
  /// A store (.sqlite), a file that says which recording plays on which point (.toml, as simulation.toml with `from`),
  /// or CSV: t,point,value[,flag], or t,point,value,unit,flag as exported.
  std::filesystem::path input;
  std::filesystem::path data_dir;  ///< without a store in it
};

struct ReplaySummary {
  std::uint64_t readings = 0, frames = 0, alarm_changes = 0, exposures = 0;
  std::uint64_t damaged_frames = 0;  ///< of a store: could not be understood, and are missing from all else
  core::Timestamp first{}, last{};
};

/// Recordings come as the polls of their instruments, registers and all. A stored frame keeps the flags and doubts it
/// was stored with: under the same configuration it gives the alarms and exposures of the live run again, bit for bit.
/// A CSV row without a flag is judged by the point's quality rules; a point of a device that the file does not
/// mention at that time is flagged F. Rows come in the order of time. Throws std::runtime_error with file, line and
/// remedy; then the store of data_dir holds what came before.
ReplaySummary replay(settings::Settings settings, const ReplayOptions& options,
                     const std::function<void(const core::Site&, const core::Alarm&)>& on_alarm);

}  // namespace hazgate::app
