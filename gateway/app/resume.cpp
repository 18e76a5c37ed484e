#include "app/resume.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "settings/calendar.hpp"

namespace hazgate::app {

namespace {

constexpr auto not_loaded = std::numeric_limits<std::int64_t>::max();

/// What of the stored frames each device still has to see.
class Catching {
 public:
  Catching(const settings::Settings& settings, Ingest& ingest)
      : site_(settings.site), ingest_(ingest), marks_(site_.devices.size(), not_loaded) {
    for (std::size_t i = 0; i < site_.devices.size(); ++i) numbers_.emplace(site_.devices[i].id, i);
  }
  void load(const storage::Checkpoint& checkpoint, const std::vector<core::Alarm>& alarms) {
    const auto found = numbers_.find(checkpoint.subject);
    if (found == numbers_.end() || checkpoint.version != Ingest::state_version) return;
    const core::DeviceIndex device{static_cast<std::uint32_t>(found->second)};
    if (checkpoint.state.empty()) {
      begin(device, checkpoint.at, alarms);
    } else if (!ingest_.load(device, checkpoint.state)) {
      return;
    }
    marks_[found->second] = checkpoint.frame;
  }
  bool loaded(std::size_t device) const { return marks_[device] != not_loaded; }
  std::int64_t first() const { return marks_.empty() ? not_loaded : *std::ranges::min_element(marks_); }
  void see(const storage::Readings::StoredFrame& frame) {
    const auto found = numbers_.find(frame.device_id);
    if (found == numbers_.end() || frame.id <= marks_[found->second]) return;
    const auto& device = site_.devices[found->second];
    const auto& points = site_.points;
    const bool same =
        frame.samples.size() == device.point_count &&
        std::equal(frame.columns.begin(), frame.columns.end(), points.begin() + core::at(device.first_point),
                   [](const auto& column, const core::Point& point) { return column.point == point.id; });
    if (!same) return;
    const core::DeviceIndex number{static_cast<std::uint32_t>(found->second)};
    ingest_.catch_up(number, frame.at, frame.samples, frame.heartbeat);
  }

 private:
  /// The gateway stopped before the device's first turn, and all its frames are still to be seen. An alarm that stood
  /// before them goes on from its set points; of a later one they tell by themselves.
  void begin(core::DeviceIndex device, core::Timestamp since, const std::vector<core::Alarm>& alarms) {
    for (const auto& alarm : alarms)
      if (is_of(alarm, device) && alarm.detected_at <= since) ingest_.monitor().restore(alarm);
    const auto& d = site_.devices[core::at(device)];
    ingest_.monitor().begin(device, d.first_point, d.point_count);
  }
  bool is_of(const core::Alarm& alarm, core::DeviceIndex device) const {
    if (alarm.subject == core::AlarmSubject::device) return core::DeviceIndex{alarm.index} == device;
    return alarm.subject == core::AlarmSubject::point && site_.points[alarm.index].device == device;
  }

  const core::Site& site_;
  Ingest& ingest_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::vector<std::int64_t> marks_;  ///< the last frame that the state contains
};

/// Does a check of the site still tell of `device`, and of the points that `notice` tells of?
bool still_compared(const settings::Settings& settings, core::DeviceIndex device, const core::Alarm* notice) {
  const auto& points = settings.site.points;
  return std::ranges::any_of(settings.cross_checks, [&](const auto& check) {
    const auto& other = points[core::at(check.points[0])];
    const auto& mine = points[core::at(check.points[1])];
    if (mine.device != device) return false;
    if (notice == nullptr || notice->basis != core::Basis::cross_check) return true;
    const auto why = core::reason_of(*notice);
    return why.point == mine.id && why.other == other.id;
  });
}

/// A disagreement that nobody looks at any more would stand for ever.
void end_removed_checks(const settings::Settings& settings, std::span<const core::Alarm> alarms, core::Timestamp now,
                        core::Monitor& monitor, core::Batch& batch) {
  for (std::uint32_t i = 0; i < settings.site.devices.size(); ++i) {
    const auto notice = std::ranges::find_if(
        alarms, [&](const auto& a) { return a.subject == core::AlarmSubject::device && a.index == i; });
    const core::DeviceIndex device{i};
    if (still_compared(settings, device, notice == alarms.end() ? nullptr : &*notice)) continue;
    if (auto over = monitor.end_cross_check(device, now)) batch.alarms.push_back(std::move(*over));
  }
}

}  // namespace

core::Monitor make_monitor(const settings::Settings& settings, std::uint64_t last_alarm_number) {
  const auto& offset = settings.site.utc_offset;
  core::LocalClock clock;
  if (offset) clock = [offset](core::Timestamp at) { return core::local_hour(at, offset(at)); };
  core::Monitor monitor(watches(settings), settings.devices.size(), last_alarm_number,
                        settings::make_calendar(settings.shifts, settings.gateway.timezone), std::move(clock));
  monitor.govern(
      settings.alarm.policy, settings.buses.size(), settings.actions.size(),
      [&site = settings.site](core::PointIndex point) -> std::string_view { return site.points[core::at(point)].id; });
  for (const auto& mixture : settings.mixtures) monitor.exposures().mix(mixture.agents);
  return monitor;
}

void resume(const settings::Settings& settings, Writer& writer, Ingest& ingest, core::Timestamp now,
            core::Batch& batch) {
  const auto alarms = writer.open_alarms();
  Catching catching(settings, ingest);
  for (const auto& checkpoint : writer.checkpoints()) catching.load(checkpoint, alarms);
  if (catching.first() != not_loaded) {
    writer.readings().for_each_frame_after(catching.first(), [&](const auto& frame) { catching.see(frame); });
  }
  for (std::size_t i = 0; i < settings.site.devices.size(); ++i) {
    if (!catching.loaded(i)) writer.begin_anew(core::DeviceIndex{static_cast<std::uint32_t>(i)}, now);
  }
  writer.end_exposures(now, [&](core::PointIndex point, core::ShiftIndex shift) {
    const auto& p = settings.site.points[core::at(point)];
    const auto& shifts = settings.site.workplaces[core::at(p.workplace)].shifts;
    return catching.loaded(core::at(p.device)) && std::ranges::find(shifts, shift) != shifts.end();
  });
  for (const auto& alarm : writer.alarms().just_ended()) ingest.monitor().restore(alarm);
  for (const auto& alarm : alarms) ingest.monitor().restore(alarm);
  end_removed_checks(settings, alarms, now, ingest.monitor(), batch);
  ingest.settle_restored(alarms, now, batch);
  ingest.on_time(now, batch);
}

}  // namespace hazgate::app
