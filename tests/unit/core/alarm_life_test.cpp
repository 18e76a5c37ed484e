// The life of an alarm as stories: one event a line, the state after each. ISA-18.2 and the four stamps.
#include "core/alarm_life.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

namespace hazgate::core {
namespace alarm_life_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Limit some_limit{LimitKind::mac, 10, Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"};

AlarmPolicy with_targets() {
  AlarmPolicy policy;
  for (auto& level : policy.levels) level = {.confirm_within = minutes(10), .dispose_within = hours(4)};
  return policy;
}

/// An alarm that words move, a minute between two of them.
class Story {
 public:
  explicit Story(AlarmPolicy policy = {}) : policy_(policy) { alarm.acknowledged = true; }

  void condition(Level level, bool at_least = false) {
    tick();
    Finding finding{.level = level, .value = 10.0 * static_cast<int>(level), .at_least = at_least, .since = now};
    if (level != Level::none) finding.limit = &some_limit;
    apply(alarm, finding, now, policy_);
  }
  Refusal person(Action action) {
    tick();
    action.by = action.by.empty() ? "Li Wei" : action.by;
    if (action.note.empty()) action.note = "seen";
    if (action.kind == ActionKind::confirm && action.verdict == EventVerdict::none) action.verdict = EventVerdict::real;
    return act(alarm, action, now, policy_);
  }
  void plant(bool silent) {
    tick();
    suppress(alarm, silent, now, policy_);
  }
  void wait(Duration time) {
    now += time;
    while (due(alarm) && *due(alarm) <= now) on_time(alarm, policy_);
  }
  /// "raise", "clear", "notice" … "danger", "suppress", "release", or an action; gives the refusal's name or the state.
  std::string after(const std::string& word) {
    const std::map<std::string, std::function<void()>> moves{{"raise", [&] { condition(Level::exceed); }},
                                                             {"clear", [&] { condition(Level::none); }},
                                                             {"notice", [&] { condition(Level::notice); }},
                                                             {"warning", [&] { condition(Level::warning); }},
                                                             {"exceed", [&] { condition(Level::exceed); }},
                                                             {"danger", [&] { condition(Level::danger); }},
                                                             {"suppress", [&] { plant(true); }},
                                                             {"release", [&] { plant(false); }}};
    if (const auto move = moves.find(word); move != moves.end()) {
      move->second();
    } else if (const auto refusal = person({.kind = action_from(word).value()}); refusal != Refusal::none) {
      return std::string(name(refusal));
    }
    return std::string(name(alarm.state));
  }

  Alarm alarm{.number = 7};
  Timestamp now{hours(1000)};

 private:
  void tick() { wait(minutes(1)); }
  AlarmPolicy policy_;
};

AlarmPolicy latching() {
  AlarmPolicy policy;
  for (auto& level : policy.levels) level.latching = true;
  return policy;
}

/// "raise UNACK, ack ACKED": the states after each word.
void tell(const std::string& story, AlarmPolicy policy = {}) {
  Story s(policy);
  std::istringstream words(story);
  for (std::string word, expected; words >> word >> expected;)
    EXPECT_EQ(s.after(word), expected) << word << " in " << story;
}

TEST(AlarmLife, FollowsIsa182) {
  tell("raise UNACK  acknowledge ACKED  clear NORM");
  tell("raise UNACK  clear RTNUN  acknowledge NORM");
  tell("raise UNACK  clear RTNUN  raise UNACK  acknowledge ACKED  clear NORM");
  tell("raise UNACK  shelve SHLVD  clear SHLVD  unshelve NORM");
  tell("raise UNACK  acknowledge ACKED  shelve SHLVD  unshelve UNACK");
  tell("out_of_service OOSRV  raise OOSRV  in_service UNACK  acknowledge ACKED  clear NORM");
  tell("warning UNACK  acknowledge ACKED  danger UNACK  acknowledge ACKED  exceed ACKED  clear NORM");
  tell("notice UNACK  clear NORM");
  tell("raise UNACK  clear LATCHED_UNACK  acknowledge LATCHED_ACK  reset NORM", latching());
  tell("raise UNACK  acknowledge ACKED  clear LATCHED_ACK  reset NORM", latching());
  tell("raise UNACK  clear LATCHED_UNACK  reset RTNUN  acknowledge NORM", latching());
  tell("raise UNACK  clear LATCHED_UNACK  raise UNACK", latching());
}

/// Every state against every event: what it becomes, or why not.
TEST(AlarmLife, KnowsWhatToDoInEveryState) {
  struct Row {
    std::string state, way;  ///< events that lead there
    std::string cells;
  };
  const std::string events =
      "raise clear acknowledge reset shelve unshelve out_of_service in_service suppress release dispose";
  const std::vector<Row> rows{
      {"NORM", "raise acknowledge clear",
       "UNACK NORM nothing_to_acknowledge not_latched SHLVD not_shelved OOSRV not_out_of_service DSUPR NORM NORM"},
      {"UNACK", "raise",
       "UNACK RTNUN ACKED condition_holds SHLVD not_shelved OOSRV not_out_of_service DSUPR UNACK condition_holds"},
      {"ACKED", "raise acknowledge",
       "ACKED NORM ACKED condition_holds SHLVD not_shelved OOSRV not_out_of_service DSUPR ACKED condition_holds"},
      {"RTNUN", "raise clear",
       "UNACK RTNUN NORM not_latched SHLVD not_shelved OOSRV not_out_of_service DSUPR RTNUN NORM"},
      {"LATCHED_UNACK", "raise clear",
       "UNACK LATCHED_UNACK LATCHED_ACK RTNUN SHLVD not_shelved OOSRV not_out_of_service DSUPR LATCHED_UNACK "
       "reset_first"},
      {"LATCHED_ACK", "raise acknowledge clear",
       "UNACK LATCHED_ACK LATCHED_ACK NORM SHLVD not_shelved OOSRV not_out_of_service DSUPR LATCHED_ACK reset_first"},
      {"SHLVD", "raise shelve",
       "SHLVD SHLVD not_announced condition_holds shelved_already UNACK OOSRV not_out_of_service DSUPR SHLVD "
       "condition_holds"},
      {"DSUPR", "raise suppress",
       "DSUPR DSUPR not_announced condition_holds DSUPR not_shelved OOSRV not_out_of_service DSUPR UNACK "
       "condition_holds"},
      {"OOSRV", "raise out_of_service",
       "OOSRV OOSRV not_announced condition_holds OOSRV not_shelved out_of_service_already UNACK OOSRV OOSRV "
       "condition_holds"}};
  for (const auto& row : rows) {
    std::istringstream columns(events), cells(row.cells);
    for (std::string event, expected; columns >> event && cells >> expected;) {
      Story s(row.state.starts_with("LATCHED") ? latching() : AlarmPolicy{});
      std::istringstream way(row.way);
      for (std::string step; way >> step;) s.after(step);
      ASSERT_EQ(name(s.alarm.state), row.state);
      EXPECT_EQ(s.after(event), expected) << row.state << " + " << event;
    }
  }
}

TEST(AlarmLife, OutOfServiceOverSuppressedOverShelvedOverTheRest) {
  tell(
      "raise UNACK  shelve SHLVD  suppress DSUPR  out_of_service OOSRV  release OOSRV  in_service SHLVD  unshelve "
      "UNACK");
}

TEST(AlarmLife, StampsWhoOrWhatDidIt) {
  Story s(with_targets());
  s.condition(Level::notice);
  const auto detected = s.now;
  EXPECT_EQ(s.alarm.detected_at, detected);
  s.condition(Level::warning);
  EXPECT_EQ(s.alarm.warned_at, s.now);
  EXPECT_EQ(s.alarm.confirmed_at, s.now) << "held for the confirm time with valid data";
  EXPECT_EQ(s.alarm.confirmed_by, "auto:valid_data");
  s.condition(Level::exceed);
  s.person({.kind = ActionKind::confirm, .by = "Zhao"});
  EXPECT_EQ(s.alarm.confirmed_by, "auto:valid_data") << "a stamp is set once";
  EXPECT_EQ(s.alarm.verdict, EventVerdict::real);
  EXPECT_EQ(s.alarm.verdict_by, "Zhao");
  s.condition(Level::none);
  EXPECT_EQ(s.person({.kind = ActionKind::dispose, .by = "Qian", .note = "fan repaired"}), Refusal::none);
  EXPECT_EQ(s.alarm.disposed_at, s.now);
  EXPECT_EQ(s.alarm.disposed_by, "Qian");
  EXPECT_EQ(s.alarm.measure, "fan repaired");
  EXPECT_EQ(s.alarm.detected_at, detected);
  EXPECT_TRUE(ended(s.alarm));
}

TEST(AlarmLife, OverRangeIsConfirmedByASecondInstrumentOrAPersonOnly) {
  Story s;
  s.condition(Level::exceed, true);
  EXPECT_EQ(s.alarm.confirmed_at, std::nullopt);
  EXPECT_TRUE(confirm_by_instrument(s.alarm, "co-2.gas", s.now));
  EXPECT_EQ(s.alarm.confirmed_by, "auto:instrument:co-2.gas");
  EXPECT_FALSE(confirm_by_instrument(s.alarm, "co-3.gas", s.now));
  Story other;
  other.condition(Level::exceed, true);
  EXPECT_EQ(other.after("clear"), "RTNUN");
  EXPECT_EQ(other.after("dispose"), "not_confirmed");
  EXPECT_EQ(other.after("confirm"), "RTNUN") << "believed is not seen";
  EXPECT_EQ(other.alarm.confirmed_by, "Li Wei");
  EXPECT_EQ(other.after("dispose"), "NORM");
}

TEST(AlarmLife, AnExceedanceStaysOpenUntilItIsDisposedOfOrFoundToBeNone) {
  Story s;
  s.condition(Level::exceed);
  s.after("acknowledge");
  EXPECT_EQ(s.after("clear"), "NORM");
  EXPECT_FALSE(ended(s.alarm));
  s.condition(Level::warning);
  s.after("acknowledge");
  EXPECT_EQ(s.after("clear"), "NORM");
  EXPECT_FALSE(ended(s.alarm)) << "a later warning does not pay what the exceedance owes";
  Story none = s;
  EXPECT_EQ(s.after("dispose"), "NORM");
  EXPECT_TRUE(ended(s.alarm));
  none.person({.kind = ActionKind::confirm, .verdict = EventVerdict::device_fault});
  EXPECT_TRUE(ended(none.alarm));
}

TEST(AlarmLife, AMissedTargetEscalatesOnceAStep) {
  Story s(with_targets());
  s.condition(Level::exceed, true);
  const auto raised = s.now;
  s.wait(minutes(9));
  EXPECT_EQ(s.alarm.escalations, 0u);
  s.wait(minutes(20));
  EXPECT_TRUE(s.alarm.confirm_missed);
  EXPECT_EQ(s.alarm.escalations, 1u);
  EXPECT_EQ(s.alarm.change, Change::target_missed);
  EXPECT_EQ(s.alarm.note, "confirm");
  EXPECT_EQ(s.alarm.changed_at, raised + minutes(10)) << "stamped with the moment, however late one looked";
  s.wait(hours(9));
  EXPECT_EQ(s.alarm.note, "dispose");
  EXPECT_EQ(s.alarm.changed_at, raised + hours(4));
  EXPECT_EQ(s.alarm.escalations, 2u);
  EXPECT_EQ(due(s.alarm), std::nullopt);
}

AlarmPolicy to_be_warned_within(Duration within) {
  AlarmPolicy policy;
  for (auto& level : policy.levels) level.warn_within = within;
  return policy;
}

TEST(AlarmLife, AFirstSignThatNobodyAnswersGoesToTheNextGroup) {
  Story s(to_be_warned_within(minutes(30)));
  s.condition(Level::notice);
  const auto sign = s.now;
  Story risen = s, answered = s, gone = s;
  s.wait(minutes(45));
  EXPECT_TRUE(s.alarm.warn_missed);
  EXPECT_EQ(s.alarm.note, "warn");
  EXPECT_EQ(s.alarm.changed_at, sign + minutes(30));
  EXPECT_EQ(s.alarm.escalations, 1U);
  risen.condition(Level::danger);
  answered.person({.kind = ActionKind::acknowledge});
  gone.condition(Level::none);
  for (auto* kept : {&risen, &answered, &gone}) {
    kept->wait(hours(5));
    EXPECT_FALSE(kept->alarm.warn_missed);
  }
  answered.condition(Level::danger);
  answered.wait(hours(5));
  EXPECT_FALSE(answered.alarm.warn_missed) << "who answered the sign in time was not late";
}

TEST(AlarmLife, ASignThatWasSilencedHasItsTimeAnew) {
  Story s(to_be_warned_within(minutes(30)));
  s.condition(Level::notice);
  s.plant(true);
  s.wait(hours(3));
  s.plant(false);
  const auto back = s.now;
  EXPECT_FALSE(s.alarm.warn_missed) << "nobody could answer meanwhile";
  s.wait(hours(1));
  EXPECT_TRUE(s.alarm.warn_missed);
  EXPECT_EQ(s.alarm.changed_at, back + minutes(30));
}

TEST(AlarmLife, WhatIsOverIsNeverLate) {
  Story s(with_targets());
  s.condition(Level::warning, true);  // over range: not confirmed by itself
  s.person({.kind = ActionKind::acknowledge});
  s.condition(Level::none);
  EXPECT_TRUE(ended(s.alarm));
  EXPECT_EQ(due(s.alarm), std::nullopt);
}

TEST(AlarmLife, ATargetMissedWhileShelvedIsToldWhenTheAlarmIsBack) {
  Story s(with_targets());
  s.condition(Level::exceed, true);
  s.person({.kind = ActionKind::shelve, .duration = hours(1)});
  const auto until = *s.alarm.shelved_until;
  s.wait(hours(2));
  EXPECT_TRUE(s.alarm.confirm_missed);
  EXPECT_EQ(s.alarm.changed_at, until);
  EXPECT_EQ(s.alarm.state, AlarmState::unacknowledged);
}

TEST(AlarmLife, AShelfEndsByItselfAndWithARiseAboveIt) {
  Story s;
  s.condition(Level::warning);
  EXPECT_EQ(s.person({.kind = ActionKind::shelve, .duration = hours(9)}), Refusal::shelf_too_long);
  EXPECT_EQ(s.person({.kind = ActionKind::shelve, .duration = Duration{0}}), Refusal::shelf_too_long);
  EXPECT_EQ(s.after("shelve"), "SHLVD");
  const auto until = s.now + hours(1);
  Story risen = s;
  EXPECT_EQ(risen.after("exceed"), "UNACK");
  EXPECT_EQ(risen.alarm.shelved_until, std::nullopt);
  s.wait(hours(5));
  EXPECT_EQ(s.alarm.state, AlarmState::unacknowledged);
  EXPECT_EQ(s.alarm.changed_at, until);
  EXPECT_EQ(s.after("danger"), "UNACK");
  EXPECT_EQ(s.after("shelve"), "danger_is_not_shelved");
}

TEST(AlarmLife, IsCalledAgainWhileNobodyAcknowledges) {
  AlarmPolicy policy;
  policy.levels[static_cast<std::size_t>(Level::exceed)].realarm_after = minutes(30);
  Story s(policy);
  s.condition(Level::exceed);
  s.wait(minutes(61));
  EXPECT_EQ(s.alarm.annunciations, 3u);
  EXPECT_EQ(s.alarm.activations, 1u);
  s.after("acknowledge");
  s.wait(hours(9));
  EXPECT_EQ(s.alarm.annunciations, 3u);
}

TEST(AlarmLife, AnOldScreenDoesNotAnswerANewerActivation) {
  Story s;
  s.condition(Level::exceed);
  const auto seen = s.alarm.revision;
  s.after("clear");
  s.condition(Level::exceed);
  EXPECT_EQ(s.person({.kind = ActionKind::acknowledge, .revision = seen}), Refusal::changed_since);
  EXPECT_EQ(s.person({.kind = ActionKind::acknowledge, .revision = s.alarm.revision}), Refusal::none);
}

TEST(AlarmLife, WhoAcknowledgesSecondChangesNothing) {
  Story s;
  s.condition(Level::exceed);
  s.person({.kind = ActionKind::acknowledge, .by = "first"});
  const auto before = s.alarm;
  EXPECT_EQ(s.person({.kind = ActionKind::acknowledge, .by = "second"}), Refusal::none);
  EXPECT_EQ(s.alarm, before);
}

TEST(AlarmLife, RefusesWhatIsNoPersonOrHasNoReason) {
  Story s;
  s.condition(Level::exceed);
  const auto refused = [&](Action action) { return act(s.alarm, action, s.now, {}); };
  EXPECT_EQ(refused({.kind = ActionKind::acknowledge}), Refusal::no_name);
  EXPECT_EQ(refused({.kind = ActionKind::acknowledge, .by = "auto:me"}), Refusal::no_name);
  EXPECT_EQ(refused({.kind = ActionKind::acknowledge, .by = std::string(101, 'x')}), Refusal::no_name);
  EXPECT_EQ(refused({.kind = ActionKind::shelve, .by = "Li"}), Refusal::note_needed);
  EXPECT_EQ(refused({.kind = ActionKind::comment, .by = "Li", .note = " \n"}), Refusal::note_needed);
  EXPECT_EQ(refused({.kind = ActionKind::comment, .by = "Li", .note = std::string(2001, 'x')}), Refusal::note_too_long);
  EXPECT_EQ(refused({.kind = ActionKind::confirm, .by = "Li"}), Refusal::verdict_needed);
}

/// Activations at 100, 130 and 160 s chatter; at 400, 430 and 470 s they do not.
TEST(AlarmLife, AChatteringAlarmIsToldOnceAndHeldUntilItIsQuiet) {
  const auto play = [](std::initializer_list<int> activations) {
    Alarm alarm{.number = 1};
    const Finding on{.level = Level::warning, .value = 20, .limit = &some_limit};
    for (const int t : activations) {
      apply(alarm, on, Timestamp{seconds(t)}, {});
      apply(alarm, {}, Timestamp{seconds(t + 5)}, {});
    }
    return alarm;
  };
  EXPECT_FALSE(play({400, 430, 470}).chattering);
  auto alarm = play({100, 130, 160});
  EXPECT_TRUE(alarm.chattering);
  EXPECT_EQ(alarm.level, Level::warning) << "held";
  const auto revision = alarm.revision;
  for (int t = 170; t < 1000; t += 10) {
    const Finding on{.level = Level::warning, .value = 20, .limit = &some_limit};
    EXPECT_FALSE(apply(alarm, t % 20 == 0 ? on : Finding{}, Timestamp{seconds(t)}, {}));
  }
  EXPECT_EQ(alarm.revision, revision);
  EXPECT_EQ(due(alarm), Timestamp{seconds(990 + 600)}) << "ten minutes after it became quiet";
  on_time(alarm, {});
  EXPECT_EQ(alarm.returned_at, Timestamp{seconds(1590)});
  EXPECT_FALSE(alarm.chattering);
}

bool in_order(std::optional<Timestamp> first, std::optional<Timestamp> then) {
  return !first || !then || *first <= *then;
}

void expect_sense(const Alarm& a, Timestamp now) {
  EXPECT_TRUE(in_order(a.detected_at, a.warned_at));
  EXPECT_TRUE(in_order(a.warned_at, a.confirmed_at));
  EXPECT_TRUE(in_order(a.confirmed_at, a.disposed_at));
  EXPECT_TRUE(!a.disposed_at || a.highest < Level::warning || a.confirmed_at);
  EXPECT_EQ(a.disposed_at.has_value(), !a.measure.empty());
  EXPECT_TRUE(!a.shelved_until || *a.shelved_until > now) << "a shelf always ends";
  EXPECT_TRUE(a.state != AlarmState::unacknowledged || a.level != Level::none);
  EXPECT_TRUE(a.state != AlarmState::acknowledged || a.acknowledged_at) << "by somebody";
  EXPECT_TRUE(!a.disposal_owed || !ended(a)) << "nothing owed is forgotten";
  EXPECT_TRUE(a.level == Level::none || !ended(a));
}

/// Anything in any order: what must never happen does not.
TEST(AlarmLife, HoldsItsPromisesUnderRandomEvents) {
  std::mt19937 random(42);
  const auto any = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int trial = 0; trial < 3000; ++trial) {
    auto policy = with_targets();
    if (any(2) == 0) policy = latching();
    if (any(2) == 0) policy.levels[3].realarm_after = minutes(7);
    if (any(2) == 0) policy.levels[1].warn_within = minutes(3);
    Story s(policy);
    for (int step = 0; step < 60; ++step) {
      const auto before = s.alarm;
      const bool person = any(2) == 0;
      if (person) {
        const auto refusal = s.person({.kind = static_cast<ActionKind>(any(9)),
                                       .verdict = static_cast<EventVerdict>(any(5)),
                                       .duration = minutes(1 + any(60))});
        const bool unchanged = refusal == Refusal::none || s.alarm.revision != before.revision || s.alarm == before;
        EXPECT_TRUE(unchanged) << name(refusal);
      } else if (any(4) == 0) {
        s.plant(any(2) == 0);
      } else if (any(4) == 0) {
        s.wait(minutes(any(300)));
      } else {
        s.condition(static_cast<Level>(any(5)), any(5) == 0);
      }
      EXPECT_GE(s.alarm.revision, before.revision);
      EXPECT_GE(s.alarm.changed_at, before.changed_at);
      expect_sense(s.alarm, s.now);
    }
  }
}

TEST(AlarmNames, GoThereAndBack) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(level_from(name(static_cast<Level>(i))), static_cast<Level>(i));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(alarm_state_from(name(static_cast<AlarmState>(i))), static_cast<AlarmState>(i));
  for (int i = 0; i < 15; ++i) EXPECT_EQ(basis_from(name(static_cast<Basis>(i))), static_cast<Basis>(i));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(action_from(name(static_cast<ActionKind>(i))), static_cast<ActionKind>(i));
  for (int i = 0; i < 19; ++i) EXPECT_EQ(change_from(name(static_cast<Change>(i))), static_cast<Change>(i));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(verdict_from(name(static_cast<EventVerdict>(i))), static_cast<EventVerdict>(i));
  EXPECT_EQ(level_from("Warning"), std::nullopt);
}

}  // namespace alarm_life_test
}  // namespace hazgate::core
