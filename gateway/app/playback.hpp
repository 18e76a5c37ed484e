// Playback: recordings as the polls of the instruments that they stand for, in virtual time.
#pragma once

#include <functional>

#include "drivers/poller.hpp"
#include "settings/simulation.hpp"

namespace hazgate::app {

/// Polls each device that plays at its period, from when its first recording begins until its last one has been played
/// once, all of them in the order of time. Where none of a device's recordings has a value it is not polled: that is a
/// gap, and nobody knows of whose making.
void play(const settings::Settings& settings, const settings::Playback& playback,
          const std::function<void(const modbus::Outcome&, core::Timestamp)>& on_outcome);

}  // namespace hazgate::app
