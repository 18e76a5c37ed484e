// How an alarm moves: by its condition, by persons, by time, by the plant. One state machine, pure and without a timer:
// an event and its time come in, the record changes. What time brings is asked for with due() and done with on_time(),
// stamped with the moment at which it was due, so that a late look gives the same record.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/alarm.hpp"

namespace hazgate::core {

/// What a site decided about its alarms of one level.
struct LevelPolicy {
  bool latching = false;                  ///< a person must reset it after the return
  std::optional<Duration> realarm_after;  ///< active and unacknowledged for so long: announced again
  /// Target of a mere sign (notice), from the moment it is told, anew where it was silenced: it has become a warning,
  /// or somebody has acknowledged or confirmed it. From warning on persons are called with the rise itself.
  std::optional<Duration> warn_within;
  std::optional<Duration> confirm_within, dispose_within;  ///< targets, from the rise on
};

struct AlarmPolicy {
  std::array<LevelPolicy, 5> levels{};  ///< by Level
  Duration shelf = std::chrono::hours(1), longest_shelf = std::chrono::hours(8);
  const LevelPolicy& of(Level level) const { return levels[static_cast<std::size_t>(level)]; }
};

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
/// leads to RTNUN, to LATCHED_… where the level is latching, or, when acknowledged or never above notice, to NORM.
/// An activation under the same number begins the stamps anew; what is owed of the one before stays owed.
/// The third activation within a minute makes it chattering: from then on it returns only after ten quiet minutes.
bool apply(Alarm& alarm, const Finding& finding, Timestamp at, const AlarmPolicy& policy);
/// Nothing more is to be done: NORM, not set aside, nothing owed. Its number is never used again.
bool ended(const Alarm& alarm);
/// Silenced by a person or by the plant: what happens is recorded and nobody is called.
constexpr bool set_aside(const Alarm& a) { return a.out_of_service || a.suppressed || a.shelved_until.has_value(); }
/// The condition holds, or waits for its reset.
constexpr bool stands(const Alarm& a) { return a.level != Level::none || a.latched; }

/// A second instrument shows the same; false where it is confirmed already, or below warning.
bool confirm_by_instrument(Alarm& alarm, std::string_view point, Timestamp at);
/// A device's standing notice tells another cause from now on.
void retell(Alarm& alarm, const Finding& finding, Timestamp at);
/// The plant's state silences the alarm, or gives it back; false when nothing changes.
bool suppress(Alarm& alarm, bool on, Timestamp at, const AlarmPolicy& policy);

/// Its point or device has left the configuration: it is over, whatever was owed.
void end_removed(Alarm& alarm, Timestamp at);

/// The next moment at which time itself changes the alarm: a shelf that ends, a re-alarm, a missed target, a chattering
/// alarm that has been quiet.
std::optional<Timestamp> due(const Alarm& alarm);
/// Does what due() names, and stamps it with that moment. Call again while something is due. `now`: when one looks.
void on_time(Alarm& alarm, const AlarmPolicy& policy, Timestamp now = Timestamp::max());
/// Of re-alarms that were due an hour and more before `now` - the gateway was off, or its clock stepped ahead - nobody
/// was called by any: only the newest of them stays due, and the row goes on from it. False where nothing changes.
bool skip_missed(Alarm& alarm, Timestamp now, const AlarmPolicy& policy);
/// The clock was set back behind the last change of the alarm: no deadline lies further ahead than it may be set.
void draw_near(Alarm& alarm, Timestamp now, const AlarmPolicy& policy);

enum class ActionKind : std::uint8_t {
  acknowledge,
  confirm,  ///< with a verdict
  dispose,  ///< note: what was done
  shelve,
  unshelve,
  out_of_service,
  in_service,
  reset,
  comment
};
std::string_view name(ActionKind kind);  ///< the enumerators' own words
std::optional<ActionKind> action_from(std::string_view name);

/// What a person does with an alarm.
struct Action {
  ActionKind kind = ActionKind::comment;
  std::string by;                             ///< 1 to 100 bytes; never begins with "auto:"
  std::string note;                           ///< at most 2000 bytes
  EventVerdict verdict = EventVerdict::none;  ///< confirm
  std::optional<Duration> duration;           ///< shelve; default: the policy's
  std::optional<std::uint64_t> revision;  ///< as the person saw it: an old screen must not answer a newer activation
  friend bool operator==(const Action&, const Action&) = default;
};

/// Why an action is not done. Each has words for people in feed/action_text.
enum class Refusal : std::uint8_t {
  none,
  no_such_alarm,
  no_name,  ///< `by` is missing, too long or not a person's
  note_too_long,
  note_needed,    ///< dispose, shelve, out_of_service, comment: say why, or what was done
  changed_since,  ///< `revision` is not the newest
  not_announced,  ///< acknowledge: it is shelved, suppressed or out of service
  nothing_to_acknowledge,
  verdict_needed,
  condition_holds,   ///< dispose, reset: it is not over yet
  not_confirmed,     ///< dispose: nobody and nothing has confirmed the event
  disposed_already,  ///< confirm, dispose: the event is closed
  reset_first,       ///< dispose: it is latched
  danger_is_not_shelved,
  shelved_already,
  shelf_too_long,
  not_shelved,
  out_of_service_already,
  not_out_of_service,
  not_latched
};
std::string_view name(Refusal refusal);  ///< the enumerators' own words

/// Does it, or says why not and changes nothing. To acknowledge twice is no error: the first one stays.
Refusal act(Alarm& alarm, const Action& action, Timestamp at, const AlarmPolicy& policy);

}  // namespace hazgate::core
