// Ingest: what a poll brought becomes readings with flags, and readings become alarms. The one place where drivers and
// core meet. Pure: the time comes in, a batch goes out.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "core/batch.hpp"
#include "core/cross_check.hpp"
#include "core/gap_watch.hpp"
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
  /// What moved alarms and was no reading: it is done, or refused, and goes into the batch with what it changed.
  core::Monitor::Answer on_input(core::AlarmInput input, core::Batch& batch);
  /// What time has brought by `now`. Comes by itself before each frame.
  void on_time(core::Timestamp now, core::Batch& batch);
  /// After a restart: what the plant silences, and what lacks coverage, by the rules and the state of now. What a rule
  /// silenced that has left the configuration is heard again.
  void settle_restored(std::span<const core::Alarm> alarms, core::Timestamp now, core::Batch& batch);
  /// What a poll that failed so says of its device.
  static core::Doubt doubt_of(boost::system::error_code error) { return failure(error).doubt; }
  const core::Monitor& monitor() const { return monitor_; }
  core::Monitor& monitor() { return monitor_; }

  /// The store takes no more, and polls are held back.
  void hold_back(core::Timestamp now) { gaps_.hold_back(now); }
  /// The clock stepped: whoever calls has told the gap.
  void on_clock_step(core::Duration step) { gaps_.on_step(step); }
  /// After a restart and what it had to catch up with: the time between has a gap of its own.
  void begin_run() { gaps_.begin_run(); }
  /// After begin_run(): a gap that was told to begin.
  void restore_gap(core::DeviceIndex device, core::GapReason reason, core::Timestamp from) {
    gaps_.restore(device, reason, from);
  }

  /// Before a batch goes to the store: the states of the devices whose turn it is, each once a minute. Devices that are
  /// judged together (a cross-check, a mixture) have their turn together: what is held of the one belongs to the same
  /// frame as what is held of the other, and both see the frames behind it in the order in which they came.
  void add_checkpoints(core::Timestamp now, core::Batch& batch);
  /// False when the state belongs to other rules; nothing has changed then.
  bool load(core::DeviceIndex device, std::span<const std::byte> state);
  /// A stored frame that the loaded state does not contain yet.
  void catch_up(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                std::optional<double> heartbeat);
  /// A frame whose samples are judged already: what a poll brought, or what was recorded.
  void on_frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                core::Batch& batch);
  /// A recorded value in the point's unit that nobody has judged yet.
  core::Sample judge(core::PointIndex point, core::Timestamp at, double value) {
    auto& state = points_[core::at(point)];
    return core::judge_quality(state.quality, rules_[state.rule], at, value);
  }
  static constexpr std::uint32_t state_version = 11;

 private:
  /// What makes a poll unsound; the place of the first point in doubt.
  struct Cause {
    core::Doubt doubt = core::Doubt::none;
    std::uint32_t place = 0;
    friend bool operator==(const Cause&, const Cause&) = default;
  };
  /// What a whole device is flagged.
  struct Standing {
    core::Flag flag = core::Flag::normal;
    core::Doubt doubt = core::Doubt::none;
    std::optional<double> heartbeat = {};  ///< its counter, where it was looked at
  };
  struct Check {
    std::array<core::PointIndex, 2> points;
    std::uint64_t identity = 0;  ///< of points and rule: another one must not inherit the state
    core::CrossCheck state;
  };
  /// What is remembered of a device between two polls.
  struct DeviceState {
    core::Timestamp warm_until{};
    core::Timestamp heartbeat_moved{}, last_answer{};
    double heartbeat = core::no_value;
    core::Timestamp seen_since{};    ///< its first frame: what its shift lacks before is nobody's fault
    core::Timestamp heard{};         ///< the last poll that anything came back from
    core::Timestamp silent_since{};  ///< of the polls running that nothing came back from
    std::uint32_t silent_polls = 0;
    bool alone = false;  ///< and others on its line answered meanwhile
    Cause told, last;    ///< told: as the notice has it
  };
  struct Turn {
    core::DeviceIndex device{};
    bool with_next = false;  ///< the next one is judged together with it
  };
  void judge_frame(core::DeviceIndex number, core::Timestamp at, std::size_t first, std::size_t count,
                   core::Batch& batch);
  std::vector<core::Contributor> contributors(core::DeviceIndex device, std::size_t place,
                                              std::span<const core::Sample> samples) const;
  void take_turns();
  void save(core::DeviceIndex device, std::vector<std::byte>& to) const;
  void save_checks(core::DeviceIndex device, core::StateWriter& to) const;
  struct SavedCheck {
    std::uint64_t identity = 0;
    std::span<const std::byte> state;
  };
  static std::vector<SavedCheck> saved_checks(core::StateReader& from);
  void load_check(const SavedCheck& saved);
  struct SavedSuppression {
    std::uint64_t identity = 0;
    std::uint64_t holds = 0;
  };
  void save_suppressions(core::DeviceIndex device, core::StateWriter& to) const;
  void load_suppressions(core::DeviceIndex device, std::span<const SavedSuppression> saved);
  core::Timestamp silent_since(core::BusIndex bus) const;
  void tell_coverage(core::Timestamp at, core::Batch& batch);
  void recall_quality(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples);
  static void follow_heartbeat(DeviceState& now, double beat, core::Timestamp at);
  void on_answer(std::size_t device, bool first_after_loss, core::Timestamp at);
  Standing standing(std::size_t device, const modbus::Outcome& outcome, core::Timestamp at);
  static Standing failure(boost::system::error_code error);
  static Standing state(const modbus::StateRegister& state, double raw);
  void derive(std::size_t device, Standing now, std::size_t first, std::vector<core::Sample>& samples) const;
  core::Sample sample(std::size_t point, double raw, Standing device, core::Timestamp at);
  void judge_link(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                  core::Batch& batch);
  bool is_of_bus(core::DeviceIndex device, core::Timestamp at, const core::Sample* bad, core::Batch& batch);
  bool is_suppressed(core::PointIndex point) const;
  bool bus_is_silent(core::DeviceIndex device, core::Doubt doubt) const;
  void judge_coverage(core::DeviceIndex device, core::Timestamp at, std::size_t first_record, core::Batch& batch);
  void judge_suppression(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                         core::Batch& batch);
  core::Reason reason(core::DeviceIndex device, std::span<const core::Sample> samples);
  void cross_check(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                   core::Batch& batch);
  core::Reason disagreement(core::DeviceIndex device) const;
  /// The device of the second point, which asks and has the notice.
  bool judges(core::DeviceIndex device, const Check& check) const {
    return settings_.site.points[core::at(check.points[1])].device == device;
  }

  /// All that a value meets on its way, side by side: at 1 Hz each poll finds the caches cold.
  struct PointState {
    double scale = 1, offset = 0;
    core::QualityState quality;
    std::uint32_t rule = 0;          ///< into rules_
    std::uint32_t error_values = 0;  ///< into error_values_
    bool low_coverage = false;       ///< it lacks so much of its shift that no verdict can come of it
  };
  struct Suppression {
    core::DeviceIndex device{};  ///< of the point that tells the plant's state
    std::size_t place = 0;       ///< and its place there
    std::uint64_t identity = 0;  ///< of point and bound: another one must not inherit the state
    bool holds = false;
  };

  const settings::Settings& settings_;
  core::Monitor monitor_;
  core::GapWatch gaps_;
  std::vector<PointState> points_;
  std::vector<core::QualityRule> rules_;           ///< few of many points differ, and equal ones stay in the cache
  std::vector<std::vector<double>> error_values_;  ///< alike
  std::vector<DeviceState> devices_;
  std::vector<Check> checks_;
  std::vector<std::vector<std::uint32_t>> checks_of_;  ///< of each device: those that one of its points takes part in
  std::vector<std::vector<core::DeviceIndex>> devices_on_;  ///< of each bus
  std::vector<Suppression> suppressions_;                   ///< same order as settings_.suppress
  std::size_t low_coverage_ = 0;                            ///< points that are so
  std::vector<Turn> turns_;
  std::size_t next_checkpoint_ = 0;  ///< turn
  core::Timestamp checkpoint_due_{};
};

}  // namespace hazgate::app
