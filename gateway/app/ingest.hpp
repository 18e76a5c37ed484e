// Ingest: what a poll brought becomes readings with flags, and readings become alarms. The one place where drivers and
// core meet. Pure: the time comes in, a batch goes out.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/batch.hpp"
#include "core/monitor.hpp"
#include "core/quality.hpp"
#include "drivers/poller.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

/// What the monitor has to watch, from the settings.
std::vector<core::PointWatch> watches(const settings::Settings& settings);

class Ingest {
 public:
  /// Site and devices of `settings` must outlive this; its points are copied.
  Ingest(const settings::Settings& settings, core::Monitor monitor);

  /// One outcome of a poller, seen at `at`: appends a frame and the alarms that it changed. Every due poll leaves a
  /// frame: a failed one holds a sample without a value, flagged B (link lost) or D (refused, wrong identity).
  void on_outcome(const modbus::Outcome& outcome, core::Timestamp at, core::Batch& batch);
  const core::Monitor& monitor() const { return monitor_; }
  core::Monitor& monitor() { return monitor_; }

  /// Before a batch goes to the store: the states of the devices whose turn it is, each once a minute.
  void add_checkpoints(core::Timestamp now, core::Batch& batch);
  /// False when the state belongs to other rules; nothing has changed then.
  bool load(core::DeviceIndex device, std::span<const std::byte> state);
  /// A stored frame that the loaded state does not contain yet.
  void catch_up(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples);
  /// A frame whose samples are judged already: what a poll brought, or what was recorded.
  void on_frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                core::Batch& batch);
  /// A recorded value in the point's unit that nobody has judged yet.
  core::Sample judge(core::PointIndex point, core::Timestamp at, double value) {
    auto& state = points_[core::at(point)];
    return core::judge_quality(state.quality, state.rule, at, value);
  }
  static constexpr std::uint32_t state_version = 1;

 private:
  struct DeviceState {
    core::Timestamp warm_until{};
    core::Timestamp heartbeat_moved{}, last_answer{};
    double heartbeat = core::no_value;
  };
  void judge_frame(core::DeviceIndex number, core::Timestamp at, std::size_t first, std::size_t count,
                   core::Batch& batch);
  void save(core::DeviceIndex device, std::vector<std::byte>& to) const;
  std::uint32_t error_values_number(const std::vector<double>& values);
  core::Flag device_flag(std::size_t device, const modbus::Outcome& outcome, core::Timestamp at);
  void derive(std::size_t device, core::Flag flag, std::size_t first, std::vector<core::Sample>& samples) const;
  core::Sample sample(std::size_t point, double raw, core::Flag device_flag, core::Timestamp at);

  /// All that a value meets on its way, side by side: at 1 Hz each poll finds the caches cold.
  struct PointState {
    double scale = 1, offset = 0;
    core::QualityRule rule;
    core::QualityState quality;
    std::uint32_t error_values = 0;  ///< into error_values_
  };

  const settings::Settings& settings_;
  core::Monitor monitor_;
  std::vector<PointState> points_;
  std::vector<std::vector<double>> error_values_{{}};  ///< each distinct list once; the first is empty
  std::vector<DeviceState> devices_;
  std::size_t next_checkpoint_ = 0;  ///< device
  core::Timestamp checkpoint_due_{};
};

}  // namespace hazgate::app
