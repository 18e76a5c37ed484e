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
  void load(const storage::Checkpoint& checkpoint) {
    const auto found = numbers_.find(checkpoint.subject);
    if (found == numbers_.end() || checkpoint.version != Ingest::state_version) return;
    const core::DeviceIndex device{static_cast<std::uint32_t>(found->second)};
    // Nothing yet: the gateway stopped before the device's first turn, and all its frames are still to be seen.
    const bool fresh = checkpoint.state.empty();
    if (fresh || ingest_.load(device, checkpoint.state)) marks_[found->second] = checkpoint.frame;
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
    if (same) ingest_.catch_up(core::DeviceIndex{static_cast<std::uint32_t>(found->second)}, frame.at, frame.samples);
  }

 private:
  const core::Site& site_;
  Ingest& ingest_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::vector<std::int64_t> marks_;  ///< the last frame that the state contains
};

}  // namespace

core::Monitor make_monitor(const settings::Settings& settings, std::uint64_t last_alarm_number) {
  const auto& offset = settings.site.utc_offset;
  core::LocalClock clock;
  if (offset) clock = [offset](core::Timestamp at) { return core::local_hour(at, offset(at)); };
  core::Monitor monitor(watches(settings), settings.devices.size(), last_alarm_number,
                        settings::make_calendar(settings.shifts, settings.gateway.timezone), std::move(clock));
  for (const auto& mixture : settings.mixtures) monitor.exposures().mix(mixture.agents);
  return monitor;
}

void resume(const settings::Settings& settings, Writer& writer, Ingest& ingest, core::Timestamp now) {
  Catching catching(settings, ingest);
  for (const auto& checkpoint : writer.checkpoints()) catching.load(checkpoint);
  if (catching.first() != not_loaded) {
    writer.readings().for_each_frame_after(catching.first(), [&](const auto& frame) { catching.see(frame); });
  }
  for (std::size_t i = 0; i < settings.site.devices.size(); ++i) {
    if (!catching.loaded(i)) writer.begin_anew(core::DeviceIndex{static_cast<std::uint32_t>(i)});
  }
  writer.end_exposures(now, [&](core::PointIndex point, core::ShiftIndex shift) {
    const auto& p = settings.site.points[core::at(point)];
    const auto& shifts = settings.site.workplaces[core::at(p.workplace)].shifts;
    return catching.loaded(core::at(p.device)) && std::ranges::find(shifts, shift) != shifts.end();
  });
  for (const auto& alarm : writer.open_alarms()) ingest.monitor().restore(alarm);
}

}  // namespace hazgate::app
