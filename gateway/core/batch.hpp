// A batch: what one transaction stores, in the order in which it happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/alarm.hpp"
#include "core/alarm_input.hpp"
#include "core/exceedance.hpp"
#include "core/exposure.hpp"
#include "core/gap.hpp"
#include "core/reading.hpp"

namespace hazgate::core {

/// One poll of one device: `count` samples from `first`, in the order of the device's points.
struct Frame {
  DeviceIndex device{};
  Timestamp at;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::optional<double> heartbeat = {};  ///< the device's counter, where it was looked at; after a restart it is known
};

/// What the engine holds of a device, all frames up to the end of the batch included.
struct Checkpoint {
  DeviceIndex device{};
  Timestamp at;
  std::vector<std::byte> state;
};

/// Frames keep their samples in one shared array: no allocation per poll once the arrays have grown.
struct Batch {
  std::vector<Frame> frames;
  std::vector<Sample> samples;
  std::vector<Alarm> alarms;
  std::vector<AlarmInput> inputs;
  std::vector<Exceedance> exceedances;
  std::vector<Exposure> exposures;
  std::vector<Gap> gaps;
  std::vector<Checkpoint> checkpoints;
  bool empty() const {
    return frames.empty() && alarms.empty() && inputs.empty() && exceedances.empty() && exposures.empty() &&
           gaps.empty();
  }
  void clear() {
    frames.clear();
    samples.clear();
    alarms.clear();
    inputs.clear();
    exceedances.clear();
    exposures.clear();
    gaps.clear();
    checkpoints.clear();
  }
};

}  // namespace hazgate::core
