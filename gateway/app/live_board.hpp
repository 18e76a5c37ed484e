// What the page shows of this moment: the newest reading of each point, the alarms that stand, the shifts that run.
// Pure: readings and alarms in, frames of JSON out, the same for everybody who sees the same.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/batch.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"
#include "feed/json_text.hpp"

namespace hazgate::app {

/// What somebody sees: all, or what is one enterprise's.
using Eyes = std::optional<core::EnterpriseIndex>;

class LiveBoard {
 public:
  /// `site` must outlive this.
  explicit LiveBoard(const core::Site& site);

  /// Of the configuration: the numbers of points and devices in a frame are those of this one alone.
  void set_revision(std::string revision) { revision_ = std::move(revision); }
  /// One poll of a device, the first of its points in order.
  void on_frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples);
  /// As it stands now; one that has ended is told once more, and leaves.
  void on_alarm(const core::Alarm& alarm);
  void on_exposure(const core::Exposure& exposure);
  /// The gateway's own state as a JSON object: for who sees all.
  void on_status(std::string json);

  /// Everything, to begin with.
  std::string snapshot(Eyes eyes, core::Timestamp now) const;
  /// What has changed since the last call, as a frame for each of those that are `watched`.
  void take(core::Timestamp now, const std::function<bool(Eyes)>& watched,
            const std::function<void(Eyes, std::string)>& give);

  /// areas → enterprises → workplaces, with the worst of each and why.
  std::string overview(Eyes eyes, core::Timestamp now) const;
  bool sees(Eyes eyes, core::WorkplaceIndex workplace) const {
    return !eyes || site_.workplaces[core::at(workplace)].enterprise == *eyes;
  }
  bool sees(Eyes eyes, const core::Alarm& alarm) const;
  std::optional<core::Reading> reading(core::PointIndex point) const;
  /// The one that stands at the point; null where none does.
  const core::Alarm* alarm_at(core::PointIndex point) const;
  /// Those that are open, newest first.
  void for_each_alarm(Eyes eyes, const std::function<void(const core::Alarm&, const std::string& json)>& visit) const;
  /// The open one of that number; null where there is none.
  const core::Alarm* alarm(std::uint64_t number) const;
  void for_each_exposure(core::PointIndex point, const std::function<void(const core::Exposure&)>& visit) const;
  std::optional<core::Timestamp> last_poll(core::DeviceIndex device) const;
  /// Why a device's newest poll gave a point that is not to be trusted; none where all are.
  std::optional<feed::Phrase> trouble(core::DeviceIndex device) const;

 private:
  struct Newest {
    double value = core::no_value;
    core::Flag flag = core::Flag::normal;
    bool known = false, changed = false;
  };
  struct Polled {
    core::Timestamp at{};
    bool changed = false;
    core::Doubt doubt = core::Doubt::none;
    core::PointIndex in_doubt{};
  };
  struct Told {
    core::Alarm alarm;
    std::string json;  ///< with its id
  };
  /// Of a workplace, what its tile says.
  struct Tile {
    std::size_t points = 0, silent = 0, unacknowledged = 0, silenced = 0, latched = 0;
    std::array<std::size_t, 5> by_level{};  ///< alarms, by core::Level
    const core::Alarm* worst = nullptr;
  };
  std::size_t& seq_of(Eyes eyes) { return seqs_[eyes ? core::at(*eyes) + 1 : 0]; }
  std::size_t seq_of(Eyes eyes) const { return seqs_[eyes ? core::at(*eyes) + 1 : 0]; }
  void begin_frame(feed::JsonWriter& json, std::string_view type, std::size_t seq, core::Timestamp now) const;
  void append_values(feed::JsonWriter& json, Eyes eyes, bool only_changed) const;
  std::string delta(Eyes eyes, core::Timestamp now);
  std::vector<Tile> tiles() const;
  void append_tile(feed::JsonWriter& json, core::WorkplaceIndex workplace, const Tile& tile) const;

  const core::Site& site_;
  std::vector<Newest> points_;
  std::vector<Polled> devices_;
  std::vector<core::PointIndex> changed_points_;
  std::vector<core::DeviceIndex> changed_devices_;
  std::map<std::uint64_t, Told> alarms_;          ///< open, by number
  std::map<std::uint64_t, Told> changed_alarms_;  ///< by number: of one that changed twice the last word
  std::map<std::pair<core::PointIndex, core::ShiftIndex>, core::Exposure> exposures_;  ///< the newest of each
  std::string status_ = "null", revision_;
  bool status_changed_ = false;
  std::vector<std::size_t> seqs_;  ///< frames given, of all eyes and of each enterprise's
};

/// Does a flag say nothing about the air? What it stands at is unknown, and never well.
constexpr bool is_silent(core::Flag flag) { return !core::judges_alarms(flag); }
/// The alarm as page and API give it: with its id, and whether it has ended.
std::string alarm_json(const core::Site& site, const core::Alarm& alarm);

}  // namespace hazgate::app
