// The alarm: one hazard event at one point, from first sign to its end. It rises and falls through levels and never
// splits. Words of ISA-18.2; the semantics of set point, dead-band and delays are at judge() below.
//
// Pure: a reading brings its time, a delay is a comparison of timestamps, there is nothing to cancel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/limit.hpp"
#include "core/reading.hpp"

namespace hazgate::core {

enum class Level : std::uint8_t { none, notice, warning, exceed, danger };
std::string_view name(Level level);  ///< "none", "notice", "warning", "exceed", "danger"
std::optional<Level> level_from(std::string_view name);

/// What the operator must do with it (ISA-18.2 states A to D; latching, shelving and out of service come with the
/// operator's actions).
enum class AlarmState : std::uint8_t { normal, unacknowledged, acknowledged, returned_unacknowledged };
std::string_view name(AlarmState state);  ///< "NORM", "UNACK", "ACKED", "RTNUN"
std::optional<AlarmState> alarm_state_from(std::string_view name);

/// What the set point is compared with.
enum class Basis : std::uint8_t {
  reading,        ///< each reading (MAC, peak limits, the site's own levels)
  c_ste,          ///< C_STE, the sliding 15 min mean (PC-STEL)
  twa,            ///< C_TWA or L_EX,8h of the shift so far, by the rule that applies to the shift
  twa_projected,  ///< the same at the end of the shift, if the rest stays as the last 30 min
  short_time,     ///< 1 once stretches above the short-time level are too many, too long or too close in this shift
  baseline,       ///< each reading, by its robust z against what is usual at this hour of the day
  mixture,        ///< sum of C_i / L_i of additive agents at one workplace
  link,           ///< 1 while the device gives no valid data, 0 while it does
  cross_check     ///< 1 while a point of the device and that of another instrument disagree
};
std::string_view name(Basis basis);  ///< the enumerators' own words
std::optional<Basis> basis_from(std::string_view name);

/// One set point of a point. A value equal to `raise_above` complies.
struct LevelRule {
  Level level = Level::warning;
  Basis basis = Basis::reading;
  double raise_above{};  ///< raw on:  v > raise_above
  double clear_at{};     ///< raw off: v <= clear_at (set point minus dead-band); in between nothing changes
  Duration on_delay{}, off_delay{};
  int on_samples = 1;  ///< so many raw-on samples running, at least (MAC: two)
  Limit limit;         ///< what is exceeded, for the explanation
  friend bool operator==(const LevelRule&, const LevelRule&) = default;
};

enum class AlarmSubject : std::uint8_t { point, device };

/// What a baseline alarm was held against.
struct Usual {
  double median = no_value;  ///< of this hour of the day, in the point's unit
  double z = no_value;       ///< robust z of the figure
  friend bool operator==(const Usual&, const Usual&) = default;
};

/// A compound in the figure of a VOC station.
struct Contributor {
  std::string compound;  ///< its CAS number, or several: "108-38-3/106-42-3"
  double share = 0;  ///< of the figure, above 0 and at most 1; OFP has negative parts, so that more is possible there
  friend bool operator==(const Contributor&, const Contributor&) = default;
};

/// An alarm as it stands. The whole record travels with each change, so that a subscriber needs no history.
struct Alarm {
  std::uint64_t number = 0;    ///< unique in this gateway for ever; id on the wire "<gateway>-<number>"
  std::uint64_t revision = 0;  ///< counts the changes of this alarm
  AlarmSubject subject = AlarmSubject::point;
  std::uint32_t index = 0;    ///< PointIndex or DeviceIndex, by subject
  Level level = Level::none;  ///< as of now; none once returned
  Level highest = Level::none;
  AlarmState state = AlarmState::normal;
  double value = no_value;  ///< the figure that was judged, in the point's unit
  double peak = no_value;   ///< the greatest such figure of this alarm
  bool at_least = false;    ///< over range: the true figure is not below `value`
  Basis basis = Basis::reading;
  Limit limit;                            ///< the limit that gives the level; baseline: the value with z at its limit
  std::optional<Usual> usual;             ///< of a baseline alarm, as it was when the level was reached
  std::vector<Contributor> contributors;  ///< greatest first, as they were then; none but at TVOC and OFP
  Timestamp detected_at;                  ///< first raw-on sample
  std::optional<Timestamp> warned_at;     ///< annunciated at warning or above
  std::optional<Timestamp> confirmed_at;  ///< the condition held for the confirm time with valid data
  std::optional<Timestamp> disposed_at;
  std::optional<Timestamp> returned_at;  ///< the condition is gone
  Timestamp changed_at;
  friend bool operator==(const Alarm&, const Alarm&);
};

/// The part of a LevelRule that each sample is compared with.
struct SetPoint {
  double raise_above{}, clear_at{};
  Duration on_delay{}, off_delay{};
  int on_samples = 1;
  friend bool operator==(const SetPoint&, const SetPoint&) = default;
};

/// Where one set point stands. `since` is the first of the samples that run towards a change; it counts only while
/// `samples` is not 0.
struct RuleState {
  Timestamp since{};
  Timestamp active_since{};  ///< first raw-on sample of the present activation
  std::uint16_t samples = 0;
  bool active = false;
  friend bool operator==(const RuleState&, const RuleState&) = default;
};

/// One valid sample against one set point.
/// Becomes active at the first sample for which v > raise_above has held without interruption for on_delay (counted
/// from the first such sample) and on_samples samples; clears likewise with v <= clear_at and off_delay. In between
/// nothing changes and a running delay starts anew. Decisions are made on samples only.
RuleState judge(RuleState state, const SetPoint& rule, Timestamp at, double value);
/// No delay runs and this sample begins none: judge() would change nothing, as nearly always.
constexpr bool rests(const RuleState& state, const SetPoint& rule, double value) {
  return state.samples == 0 && !(state.active ? value <= rule.clear_at : value > rule.raise_above);
}
/// After a gap longer than three periods a running delay starts anew; an active set point stays active.
RuleState interrupted(RuleState state);

/// What the set points of a subject say together: the highest active level and why.
struct Finding {
  Level level = Level::none;
  double value = no_value;
  bool at_least = false;
  Basis basis = Basis::reading;
  const Limit* limit = nullptr;  ///< set when level is not none
  std::optional<Usual> usual;    ///< baseline
  double reduction_factor = 1;   ///< of the limit, where the shift is long and the agent's PC-TWA reduced
  Timestamp since;               ///< first raw-on sample of the earliest active set point
};

/// Moves the alarm to the finding; false when nothing changes. A rise re-annunciates (UNACK), a fall does not; a return
/// leads to RTNUN or, when acknowledged or never above notice, to NORM: then the alarm has ended.
bool apply(Alarm& alarm, const Finding& finding, Timestamp at);
bool ended(const Alarm& alarm);

}  // namespace hazgate::core
