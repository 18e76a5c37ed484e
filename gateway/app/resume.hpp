// Resume: the engine as it stood when the gateway stopped, out of checkpoints, the frames stored since, and open
// alarms.
#pragma once

#include "app/ingest.hpp"
#include "app/writer.hpp"

namespace hazgate::app {

/// The monitor that the settings ask for, with nothing seen yet.
core::Monitor make_monitor(const settings::Settings& settings, std::uint64_t last_alarm_number);

/// Before the first poll. A device without a checkpoint, or whose rules have changed, begins anew: its shift has a gap.
/// Exposures that were open and that nobody goes on with become final. What returns because its cause has left the
/// configuration is added to `batch`.
void resume(const settings::Settings& settings, Writer& writer, Ingest& ingest, core::Timestamp now,
            core::Batch& batch);

}  // namespace hazgate::app
