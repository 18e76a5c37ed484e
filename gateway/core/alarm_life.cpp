#include "core/alarm_life.hpp"

#include <algorithm>

#include "core/utf8.hpp"

namespace hazgate::core {

namespace {

constexpr Duration chattering_within = std::chrono::seconds(60);  // ISA-18.2: three activations of one alarm
constexpr Duration quiet_for = std::chrono::minutes(10);
/// Within it a late look gives the same record as one in time.
constexpr Duration longest_late = std::chrono::hours(1);
constexpr std::size_t longest_name = 100, longest_note = 2000;

AlarmState state_of(const Alarm& a) {
  if (a.out_of_service) return AlarmState::out_of_service;
  if (a.suppressed) return AlarmState::suppressed_by_design;
  if (a.shelved_until) return AlarmState::shelved;
  if (a.level != Level::none) return a.acknowledged ? AlarmState::acknowledged : AlarmState::unacknowledged;
  if (a.latched) return a.acknowledged ? AlarmState::latched_acknowledged : AlarmState::latched_unacknowledged;
  return a.acknowledged ? AlarmState::normal : AlarmState::returned_unacknowledged;
}

void changed(Alarm& a, Change change, Timestamp at, std::string by = {}, std::string note = {}) {
  a.state = state_of(a);
  a.change = change;
  a.changed_at = at;
  a.changed_by = std::move(by);
  a.note = std::move(note);
  ++a.revision;
}

/// Persons are told, unless somebody or something has silenced it.
void announce(Alarm& a, Timestamp at, const AlarmPolicy& policy) {
  a.acknowledged = false;
  a.latched = false;
  if (set_aside(a)) return;
  ++a.annunciations;
  const auto again = policy.of(a.level).realarm_after;
  a.realarm_at = again ? std::optional(at + *again) : std::nullopt;
}

/// Back in the row: what holds is announced anew, what is over is over.
void come_back(Alarm& a, Timestamp at, const AlarmPolicy& policy) {
  if (set_aside(a)) return;
  if (a.level != Level::none) {
    announce(a, at, policy);
    if (const auto within = policy.of(a.level).warn_within; within && a.warn_due_at) a.warn_due_at = at + *within;
  } else {
    a.acknowledged = true;
    a.latched = false;
  }
}

std::optional<Timestamp> sooner(std::optional<Timestamp> a, std::optional<Timestamp> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

void set_targets(Alarm& a, Timestamp at, const AlarmPolicy& policy) {
  const auto& of_level = policy.of(a.level);
  const auto from_now = [at](std::optional<Duration> within) {
    return within ? std::optional(at + *within) : std::nullopt;
  };
  if (!a.confirmed_at && !a.confirm_missed)
    a.confirm_due_at = sooner(a.confirm_due_at, from_now(of_level.confirm_within));
  if (!a.dispose_missed) a.dispose_due_at = sooner(a.dispose_due_at, from_now(of_level.dispose_within));
}

/// An alarm that returned and was not attended to may come back under its number; times and peak are then those of the
/// new activation, and the history keeps the ones before.
void begin_activation(Alarm& a, const Finding& finding, Timestamp at) {
  a.detected_at = finding.since;
  a.detected_by = finding.basis;
  a.warned_at.reset();
  a.confirmed_at.reset();
  a.confirmed_by.clear();
  a.disposed_at.reset();
  a.disposed_by.clear();
  a.measure.clear();
  a.verdict = EventVerdict::none;
  a.verdict_by.clear();
  a.acknowledged_at.reset();
  a.acknowledged_by.clear();
  a.warn_due_at.reset();
  a.confirm_due_at.reset();
  a.warn_missed = a.confirm_missed = false;
  if (!a.disposal_owed) {
    a.dispose_due_at.reset();
    a.dispose_missed = false;
    a.escalations = 0;
  }
  a.highest = Level::none;
  a.peak = finding.value;
  ++a.activations;
  a.chattering = a.activated_before_at && at - *a.activated_before_at <= chattering_within;
  // What lies further back is never looked at again, and need not be known after a restart.
  a.activated_before_at = a.activated_at && at - *a.activated_at <= chattering_within ? a.activated_at : std::nullopt;
  a.activated_at = at;
}

void finish_return(Alarm& a, Timestamp at, const AlarmPolicy& policy) {
  a.level = Level::none;
  a.returned_at = at;
  a.realarm_at.reset();
  a.quiet_since.reset();
  // A notice asks for a look, not for a person's answer: it ends with its cause.
  if (a.highest <= Level::notice || set_aside(a)) a.acknowledged = true;
  a.latched = policy.of(a.highest).latching && !set_aside(a);
  changed(a, Change::returned, at);
}

void rise_or_fall(Alarm& a, const Finding& finding, Timestamp at, const AlarmPolicy& policy) {
  const bool was_active = a.level != Level::none, rises = finding.level > a.level;
  if (!was_active) {
    begin_activation(a, finding, at);
    if (const auto within = policy.of(finding.level).warn_within) a.warn_due_at = at + *within;
  }
  a.level = finding.level;
  a.value = finding.value;
  a.at_least = finding.at_least;
  a.basis = finding.basis;
  a.limit = *finding.limit;
  a.limit.value *= finding.reduction_factor;
  a.usual = finding.usual;
  a.contributors.clear();
  a.returned_at.reset();
  a.highest = std::max(a.highest, a.level);
  if (a.shelved_until && a.level > a.shelved_at_level) a.shelved_until.reset();
  if (rises) announce(a, at, policy);
  if (a.level >= Level::warning && !a.warned_at) {
    a.warned_at = at;
    a.warned_by = a.basis;
  }
  if (a.level >= Level::warning && !a.confirmed_at && !finding.at_least) {
    a.confirmed_at = at;
    a.confirmed_by = "auto:valid_data";
  }
  if (a.level >= Level::exceed && rises) a.disposal_owed = true;
  if (rises) set_targets(a, at, policy);
  if (!was_active) {
    changed(a, Change::raised, at);
  } else {
    changed(a, rises ? Change::rose : Change::fell, at);
  }
}

}  // namespace

bool ended(const Alarm& a) { return a.state == AlarmState::normal && !a.disposal_owed; }

bool apply(Alarm& a, const Finding& finding, Timestamp at, const AlarmPolicy& policy) {
  const bool was_active = a.level != Level::none;
  if (was_active && finding.level != Level::none && finding.value > a.peak) a.peak = finding.value;
  if (finding.level != Level::none) a.quiet_since.reset();
  if (finding.level == a.level) return false;
  if (finding.level != Level::none) {
    rise_or_fall(a, finding, at, policy);
    return true;
  }
  if (a.chattering) {
    if (!a.quiet_since) a.quiet_since = at;
    return false;
  }
  a.value = finding.value;
  a.basis = finding.basis;
  finish_return(a, at, policy);
  return true;
}

bool confirm_by_instrument(Alarm& a, std::string_view point, Timestamp at) {
  if (a.level < Level::warning || a.confirmed_at) return false;
  a.confirmed_at = at;
  a.confirmed_by = "auto:instrument:" + std::string(point);
  changed(a, Change::confirmed, at);
  return true;
}

void retell(Alarm& a, const Finding& finding, Timestamp at) {
  a.value = a.peak = finding.value;
  a.basis = finding.basis;
  a.limit = *finding.limit;
  a.detected_at = finding.since;
  changed(a, Change::retold, at);
}

bool suppress(Alarm& a, bool on, Timestamp at, const AlarmPolicy& policy) {
  if (a.suppressed == on) return false;
  a.suppressed = on;
  if (!on) come_back(a, at, policy);
  changed(a, on ? Change::suppressed : Change::released, at);
  return true;
}

void end_removed(Alarm& a, Timestamp at) {
  a.level = Level::none;
  a.returned_at = at;
  a.acknowledged = true;
  a.latched = a.disposal_owed = a.suppressed = a.out_of_service = false;
  a.shelved_until.reset();
  changed(a, Change::returned, at, {}, "it is no longer in the configuration");
}

namespace {

/// A sign that nobody has answered and that never became a warning.
bool warning_can_be_missed(const Alarm& a) {
  const bool answered = a.acknowledged_at && *a.acknowledged_at <= *a.warn_due_at;
  return !answered && !a.warned_at && !a.warn_missed && a.level != Level::none && !set_aside(a);
}
bool confirm_can_be_missed(const Alarm& a) {
  return a.confirm_due_at && !a.confirmed_at && !a.confirm_missed && !set_aside(a);
}
/// While it stands, or is owed: whoever has nothing to write about it cannot be late.
bool disposal_can_be_missed(const Alarm& a) {
  const bool open = a.level != Level::none || a.latched || a.disposal_owed;
  return a.dispose_due_at && !a.disposed_at && !a.dispose_missed && open && !no_hazard(a.verdict) && !set_aside(a);
}
bool realarms(const Alarm& a) { return a.realarm_at && !a.acknowledged && a.level != Level::none && !set_aside(a); }

struct Deadline {
  Timestamp at = Timestamp::max();
  Change what{};
  std::string_view step;
};

/// What comes first; of equals the first here. What is over is never late.
Deadline deadline(const Alarm& a) {
  Deadline first;
  if (ended(a)) return first;
  const auto consider = [&](std::optional<Timestamp> at, Change what, std::string_view step = {}) {
    if (at && *at < first.at) first = {*at, what, step};
  };
  consider(a.shelved_until, Change::shelf_ended);
  if (a.quiet_since) consider(*a.quiet_since + quiet_for, Change::returned);
  if (a.warn_due_at && warning_can_be_missed(a)) consider(a.warn_due_at, Change::target_missed, "warn");
  if (confirm_can_be_missed(a)) consider(a.confirm_due_at, Change::target_missed, "confirm");
  if (disposal_can_be_missed(a)) consider(a.dispose_due_at, Change::target_missed, "dispose");
  if (realarms(a)) consider(a.realarm_at, Change::realarmed);
  return first;
}

}  // namespace

std::optional<Timestamp> due(const Alarm& a) {
  const auto first = deadline(a);
  return first.at == Timestamp::max() ? std::nullopt : std::optional(first.at);
}

bool skip_missed(Alarm& a, Timestamp now, const AlarmPolicy& policy) {
  const auto period = policy.of(a.level).realarm_after;
  if (!realarms(a) || !period || now - *a.realarm_at < std::max(longest_late, *period)) return false;
  *a.realarm_at += (now - *a.realarm_at) / *period * *period;
  return true;
}

void draw_near(Alarm& a, Timestamp now, const AlarmPolicy& policy) {
  if (a.quiet_since) a.quiet_since = std::min(*a.quiet_since, now);  // alone of all set without a change
  if (a.changed_at - now <= longest_late) return;
  const auto draw = [now](std::optional<Timestamp>& at, std::optional<Duration> longest) {
    if (at && longest) at = std::min(*at, now + *longest);
  };
  const auto& of_rise = policy.of(a.highest);
  draw(a.shelved_until, policy.longest_shelf);
  draw(a.realarm_at, policy.of(a.level).realarm_after);
  draw(a.warn_due_at, of_rise.warn_within);
  draw(a.confirm_due_at, of_rise.confirm_within);
  draw(a.dispose_due_at, of_rise.dispose_within);
}

void on_time(Alarm& a, const AlarmPolicy& policy, Timestamp now) {
  const auto [when, what, step] = deadline(a);
  // What was due while the alarm was set aside comes when it is back; a change ahead of `now` is of a clock set back.
  const auto at = std::max(when, std::min(a.changed_at, now));
  switch (what) {
    case Change::shelf_ended:
      a.shelved_until.reset();
      come_back(a, at, policy);
      changed(a, what, at);
      break;
    case Change::returned:
      a.chattering = false;
      finish_return(a, at, policy);
      break;
    case Change::target_missed:
      (step == "warn" ? a.warn_missed : step == "confirm" ? a.confirm_missed : a.dispose_missed) = true;
      ++a.escalations;
      changed(a, what, at, {}, std::string(step));
      break;
    case Change::realarmed:
      announce(a, at, policy);
      changed(a, what, at);
      break;
    default:
      break;
  }
}

namespace {

Refusal acknowledge(Alarm& a, const Action& action, Timestamp at) {
  if (set_aside(a)) return Refusal::not_announced;
  if (a.acknowledged) return stands(a) ? Refusal::none : Refusal::nothing_to_acknowledge;
  a.acknowledged = true;
  a.realarm_at.reset();
  if (!a.acknowledged_at) {
    a.acknowledged_at = at;
    a.acknowledged_by = action.by;
  }
  changed(a, Change::acknowledged, at, action.by, action.note);
  return Refusal::none;
}

/// Acknowledged is seen, confirmed is believed: the one does not make the other.
Refusal confirm(Alarm& a, const Action& action, Timestamp at) {
  if (action.verdict == EventVerdict::none) return Refusal::verdict_needed;
  if (a.disposed_at) return Refusal::disposed_already;
  if (!a.confirmed_at) {
    a.confirmed_at = at;
    a.confirmed_by = action.by;
  }
  if (!a.warned_at) {  // who confirms a mere sign has been warned
    a.warned_at = at;
    a.warned_by = a.basis;
  }
  a.verdict = action.verdict;
  a.verdict_by = action.by;
  if (no_hazard(a.verdict)) {
    a.disposal_owed = false;
  } else if (a.highest >= Level::exceed && !a.disposed_at) {
    a.disposal_owed = true;
  }
  changed(a, Change::confirmed, at, action.by, action.note);
  return Refusal::none;
}

Refusal dispose(Alarm& a, const Action& action, Timestamp at) {
  if (a.disposed_at) return Refusal::disposed_already;
  if (a.level != Level::none) return Refusal::condition_holds;
  if (a.latched) return Refusal::reset_first;
  if (!a.confirmed_at && a.highest >= Level::warning) return Refusal::not_confirmed;
  a.disposed_at = at;
  a.disposed_by = action.by;
  a.measure = action.note;
  a.disposal_owed = false;
  if (!a.acknowledged && !a.acknowledged_at) {
    a.acknowledged_at = at;
    a.acknowledged_by = action.by;
  }
  a.acknowledged = true;  // who wrote what was done has seen it
  changed(a, Change::disposed, at, action.by, action.note);
  return Refusal::none;
}

Refusal shelve(Alarm& a, const Action& action, Timestamp at, const AlarmPolicy& policy) {
  if (a.shelved_until) return Refusal::shelved_already;
  if (a.level == Level::danger) return Refusal::danger_is_not_shelved;
  const auto duration = action.duration.value_or(policy.shelf);
  if (duration <= Duration{0} || duration > policy.longest_shelf) return Refusal::shelf_too_long;
  a.shelved_until = at + duration;
  a.shelved_at_level = a.level == Level::none ? std::min(a.highest, Level::exceed) : a.level;
  changed(a, Change::shelved, at, action.by, action.note);
  return Refusal::none;
}

Refusal unshelve(Alarm& a, const Action& action, Timestamp at, const AlarmPolicy& policy) {
  if (!a.shelved_until) return Refusal::not_shelved;
  a.shelved_until.reset();
  come_back(a, at, policy);
  changed(a, Change::unshelved, at, action.by, action.note);
  return Refusal::none;
}

Refusal take_out(Alarm& a, const Action& action, Timestamp at) {
  if (a.out_of_service) return Refusal::out_of_service_already;
  a.out_of_service = true;
  changed(a, Change::taken_out, at, action.by, action.note);
  return Refusal::none;
}

Refusal put_back(Alarm& a, const Action& action, Timestamp at, const AlarmPolicy& policy) {
  if (!a.out_of_service) return Refusal::not_out_of_service;
  a.out_of_service = false;
  come_back(a, at, policy);
  changed(a, Change::put_back, at, action.by, action.note);
  return Refusal::none;
}

Refusal reset(Alarm& a, const Action& action, Timestamp at) {
  if (a.level != Level::none) return Refusal::condition_holds;
  if (!a.latched) return Refusal::not_latched;
  a.latched = false;
  changed(a, Change::reset, at, action.by, action.note);
  return Refusal::none;
}

bool needs_note(ActionKind kind) {
  return kind == ActionKind::dispose || kind == ActionKind::shelve || kind == ActionKind::out_of_service ||
         kind == ActionKind::comment;
}

Refusal check(const Alarm& a, const Action& action) {
  if (action.by.empty() || action.by.size() > longest_name || action.by.starts_with("auto:")) return Refusal::no_name;
  if (action.note.size() > longest_note) return Refusal::note_too_long;
  if (needs_note(action.kind) && !is_seen(action.note)) return Refusal::note_needed;
  if (action.revision && *action.revision != a.revision) return Refusal::changed_since;
  return Refusal::none;
}

constexpr std::array<std::string_view, 9> action_names{"acknowledge",    "confirm",    "dispose", "shelve", "unshelve",
                                                       "out_of_service", "in_service", "reset",   "comment"};
constexpr std::array<std::string_view, 20> refusal_names{"none",
                                                         "no_such_alarm",
                                                         "no_name",
                                                         "note_too_long",
                                                         "note_needed",
                                                         "changed_since",
                                                         "not_announced",
                                                         "nothing_to_acknowledge",
                                                         "verdict_needed",
                                                         "condition_holds",
                                                         "not_confirmed",
                                                         "disposed_already",
                                                         "reset_first",
                                                         "danger_is_not_shelved",
                                                         "shelved_already",
                                                         "shelf_too_long",
                                                         "not_shelved",
                                                         "out_of_service_already",
                                                         "not_out_of_service",
                                                         "not_latched"};

}  // namespace

std::string_view name(ActionKind kind) { return action_names[static_cast<std::size_t>(kind)]; }
std::string_view name(Refusal refusal) { return refusal_names[static_cast<std::size_t>(refusal)]; }
std::optional<ActionKind> action_from(std::string_view text) {
  const auto* found = std::ranges::find(action_names, text);
  if (found == action_names.end()) return std::nullopt;
  return static_cast<ActionKind>(found - action_names.begin());
}

Refusal act(Alarm& a, const Action& action, Timestamp at, const AlarmPolicy& policy) {
  if (const auto refusal = check(a, action); refusal != Refusal::none) return refusal;
  switch (action.kind) {
    case ActionKind::acknowledge:
      return acknowledge(a, action, at);
    case ActionKind::confirm:
      return confirm(a, action, at);
    case ActionKind::dispose:
      return dispose(a, action, at);
    case ActionKind::shelve:
      return shelve(a, action, at, policy);
    case ActionKind::unshelve:
      return unshelve(a, action, at, policy);
    case ActionKind::out_of_service:
      return take_out(a, action, at);
    case ActionKind::in_service:
      return put_back(a, action, at, policy);
    case ActionKind::reset:
      return reset(a, action, at);
    case ActionKind::comment:
      changed(a, Change::commented, at, action.by, action.note);
      return Refusal::none;
  }
  return Refusal::no_such_alarm;
}

}  // namespace hazgate::core
