// The alarm: one hazard event at one point, from first sign to disposal. It rises and falls through levels and never
// splits. Two questions stand side by side on it: what the operator must do now (the states of ISA-18.2), and how far
// the event has come (the four stamps of 四早). How it moves is in alarm_life.hpp.
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

/// What the operator must do with it: ISA-18.2 states A to I.
enum class AlarmState : std::uint8_t {
  normal,                   ///< A
  unacknowledged,           ///< B
  acknowledged,             ///< C
  returned_unacknowledged,  ///< D
  latched_unacknowledged,   ///< E: the condition is gone, a person must reset it
  latched_acknowledged,     ///< F
  shelved,                  ///< G: silenced by a person, until a time
  suppressed_by_design,     ///< H: silenced by the plant's state
  out_of_service            ///< I: silenced for maintenance, until a person brings it back
};
/// "NORM", "UNACK", "ACKED", "RTNUN", "LATCHED_UNACK", "LATCHED_ACK", "SHLVD", "DSUPR", "OOSRV"
std::string_view name(AlarmState state);
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
  cross_check,    ///< 1 while a point of the device and that of another instrument disagree
  coverage,       ///< so many points lack so much of their shift that no verdict can come of it
  bus,            ///< nothing answers on the bus
  broker,         ///< no connection to the broker: subscribers hear nothing
  store,          ///< what is measured does not get to disk
  clock,          ///< the clock is not synchronised, or has stepped
  output,         ///< a horn, lamp or fan is not what it should be
  duties          ///< so many tests, calibrations and surveillances of health are overdue
};
std::string_view name(Basis basis);  ///< the enumerators' own words
std::optional<Basis> basis_from(std::string_view name);

/// Whom an alarm is about; the index belongs to it.
enum class AlarmSubject : std::uint8_t { point, device, bus, output, gateway };
std::string_view name(AlarmSubject subject);  ///< the enumerators' own words
std::optional<AlarmSubject> alarm_subject_from(std::string_view name);
/// The gateway's own parts, each with an alarm of its own: the index of AlarmSubject::gateway.
enum class GatewayPart : std::uint32_t {
  broker,
  store,
  clock,
  coverage,  ///< of all points: those that lack too much of their shift, counted, whatever the cause
  duties     ///< what the record says is overdue, counted
};
inline constexpr std::size_t gateway_parts = 5;
std::string_view name(GatewayPart part);  ///< the enumerators' own words

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

/// What a person, or an instrument, found out about the event.
enum class EventVerdict : std::uint8_t { none, real, false_alarm, device_fault, planned_work };
std::string_view name(EventVerdict verdict);  ///< "", "real", "false_alarm", "device_fault", "planned_work"
std::optional<EventVerdict> verdict_from(std::string_view name);
/// No hazard, so that there is nothing to dispose of.
constexpr bool no_hazard(EventVerdict v) { return v > EventVerdict::real; }

/// What the newest change of an alarm was.
enum class Change : std::uint8_t {
  raised,  ///< the condition: from none, under a new number or again under this one
  rose,
  fell,
  returned,
  retold,        ///< a device's notice has another cause
  acknowledged,  ///< a person, with changed_by and note; so the following
  confirmed,     ///< also by a second instrument
  disposed,
  shelved,
  unshelved,
  taken_out,
  put_back,
  reset,
  commented,
  shelf_ended,  ///< time
  realarmed,
  target_missed,  ///< note: "warn", "confirm" or "dispose"
  suppressed,     ///< the plant's state
  released
};
std::string_view name(Change change);  ///< the enumerators' own words
std::optional<Change> change_from(std::string_view name);

/// Another point of the workplace whose alarm stands, too.
struct Nearby {
  std::uint32_t point = 0;
  Level level = Level::none;
};

/// An alarm as it stands. The whole record travels with each change, so that a subscriber needs no history.
/// Who did something is a person's name, or "auto:<what>": "auto:valid_data", "auto:instrument:<point>".
struct Alarm {
  std::uint64_t number = 0;    ///< unique in this gateway for ever; id on the wire "<gateway>-<number>"
  std::uint64_t revision = 0;  ///< counts the changes of this alarm
  AlarmSubject subject = AlarmSubject::point;
  std::uint32_t index = 0;    ///< PointIndex, DeviceIndex, BusIndex, number of the output or GatewayPart, by subject
  Level level = Level::none;  ///< as of now; none once returned
  Level highest = Level::none;
  AlarmState state = AlarmState::normal;  ///< follows from level and the facets below
  double value = no_value;                ///< the figure that was judged, in the point's unit
  double peak = no_value;                 ///< the greatest such figure of this activation
  bool at_least = false;                  ///< over range: the true figure is not below `value`
  Basis basis = Basis::reading;
  Limit limit;                            ///< the limit that gives the level; baseline: the value with z at its limit
  std::optional<Usual> usual;             ///< of a baseline alarm, as it was when the level was reached
  std::vector<Contributor> contributors;  ///< greatest first, as they were then; none but at TVOC and OFP

  // 四早
  Timestamp detected_at;                  ///< first raw-on sample
  std::optional<Timestamp> warned_at;     ///< annunciated at warning or above
  std::optional<Timestamp> confirmed_at;  ///< held for the confirm time with valid data, or by a second instrument, or
                                          ///< by a person
  std::optional<Timestamp> disposed_at;   ///< a person wrote what was done, and the condition is gone
  Basis detected_by = Basis::reading, warned_by = Basis::reading;  ///< which figure told it
  std::string confirmed_by, disposed_by;
  EventVerdict verdict = EventVerdict::none;
  std::string verdict_by, measure;  ///< measure: what was done, in the words of who disposed
  bool disposal_owed = false;       ///< once at exceed or above: until disposed, or found to be no hazard
  std::optional<Timestamp> warn_due_at, confirm_due_at, dispose_due_at;  ///< targets; none where none was set
  bool warn_missed = false, confirm_missed = false, dispose_missed = false;
  std::uint32_t escalations = 0;  ///< contact groups told since it was raised

  // ISA-18.2
  bool acknowledged = false;                 ///< the newest annunciation was
  bool latched = false;                      ///< gone, and waits for reset
  std::optional<Timestamp> acknowledged_at;  ///< first of this activation
  std::string acknowledged_by;
  std::optional<Timestamp> shelved_until;
  Level shelved_at_level = Level::none;  ///< a rise above it ends the shelf
  bool suppressed = false, out_of_service = false;
  std::optional<Timestamp> realarm_at;  ///< announced again then, when nobody has acknowledged
  std::uint32_t annunciations = 0;      ///< transitions into UNACK, and re-alarms
  std::uint32_t activations = 0;        ///< transitions of the condition from none
  std::optional<Timestamp> activated_at,
      activated_before_at;               ///< the newest activation, and the one in the minute before it
  bool chattering = false;               ///< three activations within a minute: held until it is quiet
  std::optional<Timestamp> quiet_since;  ///< of a chattering alarm that is held

  std::optional<Timestamp> returned_at;  ///< the condition is gone
  Timestamp changed_at;
  Change change = Change::raised;  ///< the newest one
  std::string changed_by;          ///< who made it, where it was a person
  std::string note;                ///< and what he wrote
  /// At most five, highest first, as of the newest change; of the moment, and neither stored nor compared.
  std::vector<Nearby> nearby;
  friend bool operator==(const Alarm&, const Alarm&);
};

}  // namespace hazgate::core
