// What polls of a simulated device bring, without a line in between: for virtual time.
#pragma once

#include <span>
#include <vector>

#include "drivers/poller.hpp"
#include "drivers/simulator.hpp"

namespace hazgate::modbus {

class SimulatedPolls {
 public:
  /// `device` is the other end of `plan` and must outlive this. Its faults are the line's matter, and none here.
  SimulatedPolls(const DevicePlan& plan, const SimulatedDevice& device);

  /// In seconds after the start: when its first recording begins, and when the last one has been played once. Both 0
  /// where nothing plays.
  double begin() const { return begin_; }
  double end() const { return end_; }

  /// One value a channel of the plan, in order, as its register holds it; NaN where its recording has none. Empty where
  /// none of the device's recordings has a value. Good until the next call.
  std::span<const double> at(double seconds);

 private:
  struct Source {
    Channel channel;
    const Track* track = nullptr;  ///< none: `constant`, or the heartbeat
    double constant = 0;
    bool heartbeat = false;
  };
  std::vector<Source> sources_;
  std::vector<double> values_;
  double begin_ = 0, end_ = 0;
};

}  // namespace hazgate::modbus
