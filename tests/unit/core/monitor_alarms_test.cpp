// The alarms that Monitor keeps, all of them together. What moves a single one is in alarm_life_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <tuple>

#include "core/monitor.hpp"

namespace hazgate::core {
namespace monitor_alarms_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

/// Points 0 to 7 are at one workplace, point 8 elsewhere; above 10, 20, 30 and 40 stand notice, warning, exceed and
/// danger. Two devices, buses and outputs.
Monitor monitor_of(const AlarmPolicy& policy = {}) {
  PointWatch watch{.period = seconds(1)};
  for (const auto level : {Level::notice, Level::warning, Level::exceed, Level::danger}) {
    const double value = 10.0 * static_cast<int>(level);
    watch.levels.push_back({.level = level,
                            .raise_above = value,
                            .clear_at = value,
                            .limit = {LimitKind::site, value, Unit::mg_per_m3, "site"}});
  }
  std::vector<PointWatch> points(9, watch);
  for (std::uint32_t i = 0; i < points.size(); ++i)
    points[i].place = {WorkplaceIndex{i / 8}, DeviceIndex{i}, i < 2 ? std::optional(AgentIndex{0}) : std::nullopt};
  Monitor monitor(points, 2, 40);
  monitor.govern(policy, 2, 2, [](PointIndex point) { return at(point) == 1 ? "p1" : "p0"; });
  return monitor;
}

Action by_li(ActionKind kind) { return {.kind = kind, .by = "Li Wei", .note = "seen", .verdict = EventVerdict::real}; }

struct Keeper {
  explicit Keeper(const AlarmPolicy& policy = {}) : monitor(monitor_of(policy)) {}
  std::optional<Alarm> read(std::uint32_t point, double value, Flag flag = Flag::normal) {
    return monitor.on_reading({PointIndex{point}, now, value, flag});
  }
  std::vector<Alarm> wait(Duration time) {
    now += time;
    std::vector<Alarm> changed;
    monitor.on_time(now, changed);
    return changed;
  }
  Monitor::Answer person(std::uint64_t number, ActionKind kind) { return monitor.act(number, by_li(kind), now); }
  Monitor::Answer person(AlarmSubject subject, std::uint32_t index, ActionKind kind) {
    return monitor.act(subject, index, by_li(kind), now);
  }
  Monitor monitor;
  Timestamp now = start;
};

TEST(MonitorAlarms, APersonNamesAnAlarmByItsNumberOrByWhomItIsAbout) {
  Keeper k;
  k.read(0, 25);
  const auto second = k.read(3, 35);
  const auto seen = k.person(42, ActionKind::acknowledge);
  EXPECT_EQ(seen.refusal, Refusal::none);
  ASSERT_TRUE(seen.changed);
  EXPECT_EQ(seen.alarm->index, 3u);
  EXPECT_EQ(seen.alarm->revision, second->revision + 1);
  EXPECT_EQ(k.person(AlarmSubject::point, 0, ActionKind::shelve).alarm->state, AlarmState::shelved);
  const auto again = k.person(42, ActionKind::acknowledge);
  EXPECT_EQ(again.refusal, Refusal::none);
  EXPECT_FALSE(again.changed) << "it is so already";
  EXPECT_EQ(again.alarm, seen.alarm);
}

TEST(MonitorAlarms, WhatIsNotOpenIsNoAlarm) {
  Keeper k;
  k.read(0, 15);
  ASSERT_TRUE(ended(*k.read(0, 1)));
  for (const std::uint64_t number : {0U, 7U, 41U, 42U}) {
    const auto answer = k.person(number, ActionKind::comment);
    EXPECT_EQ(answer.refusal, Refusal::no_such_alarm) << number;
    EXPECT_FALSE(answer.alarm || answer.changed) << number;
  }
  EXPECT_EQ(k.person(AlarmSubject::point, 0, ActionKind::comment).refusal, Refusal::no_such_alarm);
  const auto beyond = {std::pair{AlarmSubject::point, 9U},
                       {AlarmSubject::device, 2U},
                       {AlarmSubject::bus, 2U},
                       {AlarmSubject::output, 2U},
                       {AlarmSubject::gateway, static_cast<std::uint32_t>(gateway_parts)}};
  for (const auto& [subject, index] : beyond)
    EXPECT_EQ(k.person(subject, index, ActionKind::out_of_service).refusal, Refusal::no_such_alarm) << name(subject);
}

TEST(MonitorAlarms, WhatIsTakenOutBeforeAnythingHappensHasAnAlarmFromThenOn) {
  Keeper k;
  const auto out = k.person(AlarmSubject::point, 2, ActionKind::out_of_service);
  ASSERT_TRUE(out.changed);
  EXPECT_EQ(out.alarm->number, 41u);
  EXPECT_EQ(out.alarm->state, AlarmState::out_of_service);
  EXPECT_EQ(out.alarm->detected_at, k.now);
  const auto raised = k.read(2, 35);
  EXPECT_EQ(raised->number, 41u);
  EXPECT_EQ(raised->state, AlarmState::out_of_service);
  EXPECT_EQ(raised->annunciations, 0u) << "nobody is called";
  EXPECT_EQ(k.person(41, ActionKind::in_service).alarm->state, AlarmState::unacknowledged);
  for (const auto subject : {AlarmSubject::device, AlarmSubject::bus, AlarmSubject::output, AlarmSubject::gateway}) {
    const auto number = k.person(subject, 1, ActionKind::out_of_service).alarm->number;
    const auto back = k.person(subject, 1, ActionKind::in_service);
    EXPECT_TRUE(ended(*back.alarm)) << name(subject);
    EXPECT_EQ(back.alarm->number, number);
    EXPECT_EQ(k.person(number, ActionKind::comment).refusal, Refusal::no_such_alarm) << name(subject);
  }
  EXPECT_EQ(k.monitor.open_alarms(), 1u);
}

TEST(MonitorAlarms, WhatIsRefusedLeavesNothingBehind) {
  Keeper k;
  const auto refused = k.monitor.act(AlarmSubject::point, 2, {.kind = ActionKind::out_of_service, .by = "Li"}, k.now);
  EXPECT_EQ(refused.refusal, Refusal::note_needed);
  EXPECT_FALSE(refused.alarm || refused.changed);
  EXPECT_EQ(k.person(AlarmSubject::point, 2, ActionKind::acknowledge).refusal, Refusal::no_such_alarm);
  EXPECT_EQ(k.monitor.open_alarms(), 0u);
  EXPECT_EQ(k.monitor.next_due(), Timestamp::max());
  const auto raised = k.read(2, 25);
  EXPECT_EQ(raised->number, 41u) << "no number is lost";
  EXPECT_TRUE(raised->nearby.empty());
  const auto early = k.person(41, ActionKind::dispose);
  EXPECT_EQ(early.refusal, Refusal::condition_holds);
  EXPECT_FALSE(early.changed);
  EXPECT_EQ(early.alarm, raised);
}

AlarmPolicy strict() {
  AlarmPolicy policy;
  policy.levels[static_cast<std::size_t>(Level::notice)] = {.warn_within = minutes(25)};
  policy.levels[static_cast<std::size_t>(Level::warning)] = {.realarm_after = minutes(15),
                                                             .confirm_within = minutes(30)};
  policy.levels[static_cast<std::size_t>(Level::exceed)] = {.confirm_within = minutes(10), .dispose_within = hours(4)};
  policy.shelf = minutes(20);
  return policy;
}

TEST(MonitorAlarms, TimeBringsNothingToAnAlarmThatHasEnded) {
  auto policy = strict();
  policy.levels[static_cast<std::size_t>(Level::notice)].confirm_within = minutes(30);
  Keeper k(policy);
  ASSERT_TRUE(k.read(2, 15));
  EXPECT_EQ(k.monitor.next_due(), start + minutes(25));
  k.now += seconds(1);
  const auto over = k.read(2, 5);
  ASSERT_TRUE(over && ended(*over));
  EXPECT_EQ(k.monitor.next_due(), Timestamp::max());
  EXPECT_TRUE(k.wait(hours(1)).empty());
}

TEST(MonitorAlarms, WhatTimeBringsComesInItsOrderHoweverLateOneLooks) {
  Keeper k(strict());
  k.read(2, 15);
  k.person(AlarmSubject::point, 2, ActionKind::shelve);  // until 20 min
  EXPECT_EQ(k.monitor.next_due(), start + minutes(20));
  k.read(3, 25);  // called again every 15 min
  EXPECT_EQ(k.monitor.next_due(), start + minutes(15));
  k.read(4, 35, Flag::over_range);  // unconfirmed: missed at 10 min
  EXPECT_EQ(k.monitor.next_due(), start + minutes(10));
  EXPECT_TRUE(k.wait(minutes(10) - std::chrono::microseconds(1)).empty());
  std::string story;
  Timestamp last{};
  for (const auto& alarm : k.wait(minutes(35))) {
    const auto at = std::chrono::duration_cast<minutes>(alarm.changed_at - start).count();
    story += std::to_string(at) + " " + std::string(name(alarm.change)) + " " + std::to_string(alarm.index) + ", ";
    EXPECT_LE(last, alarm.changed_at);
    last = alarm.changed_at;
  }
  EXPECT_EQ(story, "10 target_missed 4, 15 realarmed 3, 20 shelf_ended 2, 30 realarmed 3, ");
  EXPECT_EQ(k.monitor.next_due(), start + minutes(45));
  for (const std::uint32_t point : {2U, 3U}) k.person(AlarmSubject::point, point, ActionKind::acknowledge);
  EXPECT_EQ(k.monitor.next_due(), start + hours(4)) << "an answer takes the deadline away";
}

/// A device without a clock battery starts in 1970.
TEST(MonitorAlarms, AStepOfTheClockTellsOnceWhatRepeatsItself) {
  for (const auto years : {20, 56}) {
    auto policy = strict();
    for (auto& level : policy.levels) level.realarm_after = seconds(1);
    Keeper k(policy);
    k.now = Timestamp{hours(1)};
    k.wait({});
    for (const std::uint32_t point : {2U, 3U, 4U}) k.read(point, 15.0 + 10.0 * point);
    k.read(5, 35);
    k.person(AlarmSubject::point, 5, ActionKind::shelve);  // it ends on the way, and is announced anew
    const auto began = std::chrono::steady_clock::now();
    const auto told = k.wait(years * hours(24 * 365));
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(1));
    std::map<std::tuple<std::uint32_t, Change, std::string>, int> times;
    for (const auto& alarm : told) ++times[{alarm.index, alarm.change, alarm.note}];
    for (const auto& [what, count] : times) EXPECT_EQ(count, 1) << name(std::get<Change>(what));
    for (const std::uint32_t point : {2U, 3U, 4U, 5U})
      EXPECT_TRUE(times.contains({point, Change::realarmed, ""})) << "still nobody has answered: " << point;
    EXPECT_EQ(told.back().changed_at, k.now) << "in the order of time";
    EXPECT_EQ(k.monitor.next_due(), k.now + seconds(1)) << "and the row goes on";
  }
}

TEST(MonitorAlarms, AClockSetBackSilencesNothing) {
  Keeper k(strict());
  k.wait({});
  k.read(2, 25);
  k.wait(20 * hours(24 * 365));
  k.read(3, 35);
  k.person(AlarmSubject::point, 3, ActionKind::shelve);
  Keeper restarted(strict());
  restarted.monitor.restore(*k.monitor.standing(41));
  k.now = restarted.now = start + hours(1);
  EXPECT_TRUE(k.wait({}).empty());
  EXPECT_TRUE(restarted.wait({}).empty());
  EXPECT_EQ(restarted.monitor.next_due(), restarted.now + minutes(15));
  std::map<std::pair<std::uint32_t, Change>, std::vector<Timestamp>> told;
  for (int minute = 1; minute <= 8 * 60; ++minute)
    for (const auto& alarm : k.wait(minutes(1))) told[{alarm.index, alarm.change}].push_back(alarm.changed_at);
  const auto& again = told[{2U, Change::realarmed}];
  ASSERT_EQ(again.size(), 32U);
  EXPECT_EQ(again.front(), start + hours(1) + minutes(15));
  EXPECT_EQ(again.back(), k.now);
  const auto& shelf = told[{3U, Change::shelf_ended}];
  ASSERT_EQ(shelf.size(), 1U) << "none is longer than eight hours";
  EXPECT_EQ(shelf.front(), k.now);
}

std::string nearby(const std::optional<Alarm>& alarm) {
  std::string text;
  for (const auto& near : alarm.value_or(Alarm{}).nearby)
    text += std::to_string(near.point) + " " + std::string(name(near.level)) + ", ";
  return text;
}

TEST(MonitorAlarms, TellsOfUpToFiveOthersThatStandAtItsWorkplaceHighestFirst) {
  Keeper k;
  k.read(8, 45);
  EXPECT_EQ(nearby(k.read(0, 25)), "") << "the other one is elsewhere";
  EXPECT_EQ(nearby(k.read(1, 15)), "0 warning, ");
  EXPECT_EQ(nearby(k.read(2, 35)), "0 warning, 1 notice, ");
  EXPECT_EQ(nearby(k.read(3, 45)), "2 exceed, 0 warning, 1 notice, ");
  k.read(4, 15);
  k.read(5, 15);
  EXPECT_EQ(nearby(k.read(6, 35)), "3 danger, 2 exceed, 0 warning, 1 notice, 4 notice, ") << "of equals the first";
  k.read(3, 1);
  EXPECT_EQ(nearby(k.read(6, 45)), "2 exceed, 0 warning, 1 notice, 4 notice, 5 notice, ") << "open, but over";
  k.read(1, 1);
  k.read(4, 1);
  EXPECT_EQ(nearby(k.read(7, 15)), "6 danger, 2 exceed, 0 warning, 5 notice, ");
}

/// One notice of a device that begins and ends within 10 s.
std::optional<Alarm> notice(Keeper& k) {
  k.monitor.on_link(DeviceIndex{0}, k.now, false);
  const auto raised = k.monitor.on_link(DeviceIndex{0}, k.now + seconds(1), false);
  k.now += seconds(10);
  k.monitor.on_link(DeviceIndex{0}, k.now, true);
  return raised;
}

TEST(MonitorAlarms, ChatteringIsAMatterOfTheDeviceAndNotOfTheNumber) {
  Keeper k;
  EXPECT_EQ(notice(k)->number, 41u);
  k.monitor.act(AlarmSubject::device, 0, {.kind = ActionKind::out_of_service, .by = "Li"}, k.now);  // no note: refused
  EXPECT_EQ(notice(k)->number, 42u);
  const auto third = notice(k);
  EXPECT_EQ(third->number, 43u);
  EXPECT_TRUE(third->chattering);
  EXPECT_EQ(k.monitor.open_alarms(), 1u) << "it stands until it is quiet";
  EXPECT_EQ(notice(k), std::nullopt);
  const auto quiet_since = k.now;
  EXPECT_EQ(k.monitor.next_due(), quiet_since + minutes(10));
  const auto over = k.wait(hours(1));
  ASSERT_EQ(over.size(), 1u);
  EXPECT_TRUE(ended(over[0]));
  EXPECT_EQ(over[0].changed_at, quiet_since + minutes(10));
  for (const int number : {44, 45, 46}) {
    EXPECT_EQ(notice(k)->number, static_cast<std::uint64_t>(number)) << "one a minute is no chattering";
    k.wait(seconds(50));
  }
}

TEST(MonitorAlarms, OverRangeIsConfirmedByAPartnerThatStandsAtAWarning) {
  Keeper k;
  EXPECT_EQ(k.read(0, 35, Flag::over_range)->confirmed_at, std::nullopt);
  k.read(1, 15);
  EXPECT_EQ(k.read(0, 35, Flag::over_range), std::nullopt) << "a notice is too little";
  k.read(1, 25);
  k.now += seconds(1);
  const auto confirmed = k.read(0, 35, Flag::over_range);
  ASSERT_TRUE(confirmed);
  EXPECT_EQ(confirmed->confirmed_by, "auto:instrument:p1");
  EXPECT_EQ(confirmed->confirmed_at, k.now);
  EXPECT_EQ(k.read(0, 35, Flag::over_range), std::nullopt) << "once";
}

TEST(MonitorAlarms, WhatWasOpenGoesOnAfterARestart) {
  Keeper before(strict()), after(strict());
  before.read(2, 25);
  const auto shelved = before.person(AlarmSubject::point, 2, ActionKind::shelve);
  const auto unconfirmed = before.read(3, 35, Flag::over_range);
  before.read(4, 25);
  const auto silent = before.monitor.suppress(PointIndex{4}, true, start);
  const auto bus = before.person(AlarmSubject::bus, 1, ActionKind::out_of_service);
  for (const auto& alarm : {shelved.alarm, unconfirmed, silent, bus.alarm}) after.monitor.restore(*alarm);
  EXPECT_EQ(after.monitor.open_alarms(), 4u);
  EXPECT_EQ(after.monitor.next_due(), before.monitor.next_due());
  EXPECT_EQ(after.wait(minutes(30)), before.wait(minutes(30)));
  EXPECT_EQ(after.monitor.next_due(), before.monitor.next_due());
  EXPECT_EQ(after.monitor.suppress(PointIndex{4}, true, start), std::nullopt) << "it is so already";
  EXPECT_EQ(after.monitor.suppress(PointIndex{4}, false, after.now)->state, AlarmState::unacknowledged);
  EXPECT_EQ(after.person(bus.alarm->number, ActionKind::in_service).alarm->state, AlarmState::normal);
  EXPECT_EQ(nearby(after.read(5, 15)), "3 exceed, 2 warning, 4 warning, ");
  EXPECT_EQ(after.read(6, 15)->number, 46u) << "numbers go on";
}

TEST(MonitorAlarms, ChatteringGoesOnAfterARestart) {
  Keeper before, after;
  notice(before);
  before.monitor.on_link(DeviceIndex{0}, before.now, false);
  before.monitor.on_link(DeviceIndex{0}, before.now + seconds(1), false);
  const auto over = before.monitor.on_link(DeviceIndex{0}, before.now + seconds(2), true);
  ASSERT_TRUE(ended(*over));
  after.monitor.restore(*over);
  EXPECT_EQ(after.monitor.open_alarms(), 0u);
  after.now = before.now + seconds(10);
  const auto third = notice(after);
  EXPECT_EQ(third->number, 43u);
  EXPECT_TRUE(third->chattering);
}

/// Moves a monitor at random and holds against each other what it tells.
struct Chance {
  int any(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }
  std::uint32_t some(std::uint32_t n) { return static_cast<std::uint32_t>(any(static_cast<int>(n))); }
  void see(const std::optional<Alarm>& told) {
    if (!told) return;
    const auto key = std::pair{told->subject, told->index};
    const auto known = open.find(key);
    if (known == open.end()) {
      EXPECT_GT(told->number, last_number);
      EXPECT_EQ(told->revision, 1u);
      last_number = told->number;
    } else {
      EXPECT_EQ(told->number, known->second.number) << "one subject, one open alarm";
      EXPECT_EQ(told->revision, known->second.revision + 1) << "each change is told once";
    }
    if (ended(*told))
      open.erase(key);
    else
      open[key] = *told;
  }
  void person() {
    const auto action = by_li(static_cast<ActionKind>(any(9)));
    const auto answer = any(2) == 0
                            ? k.monitor.act(static_cast<AlarmSubject>(any(5)), some(10), action, k.now)
                            : k.monitor.act(last_number - std::min<std::uint64_t>(last_number, some(8)), action, k.now);
    if (answer.changed) see(answer.alarm);
  }
  void gateway() {
    static const Limit limit{LimitKind::site, 0, Unit::one, "why"};
    const Finding finding{
        .level = any(2) == 0 ? Level::none : Level::notice, .value = 1, .limit = &limit, .since = k.now};
    if (any(2) == 0)
      see(k.monitor.on_output(some(2), finding, k.now));
    else
      see(k.monitor.on_part(GatewayPart{some(4)}, finding, k.now));
  }
  void step() {
    for (const auto& alarm : k.wait(seconds(any(3) == 0 ? any(2000) : any(20)))) see(alarm);
    switch (any(8)) {
      case 0:
        return person();
      case 1:
        return see(k.monitor.suppress(PointIndex{some(9)}, any(2) == 0, k.now));
      case 2:
        return see(k.monitor.on_link(DeviceIndex{some(2)}, k.now, any(2) == 0, {.doubt = Doubt::no_answer}));
      case 3:
        return see(k.monitor.on_bus(BusIndex{some(2)}, k.now, any(2) == 0, k.now, {.doubt = Doubt::no_answer}));
      case 4:
        return gateway();
      default:
        return see(k.read(some(9), any(50), any(5) == 0 ? Flag::over_range : Flag::normal));
    }
  }
  void restart() {
    const auto now = k.now;
    k = Keeper(strict());
    k.now = now;
    for (const auto& [key, alarm] : open) k.monitor.restore(alarm);
    last_number = 40;
    for (const auto& [key, alarm] : open) last_number = std::max(last_number, alarm.number);
  }
  std::mt19937 random{42};
  Keeper k{strict()};
  std::map<std::pair<AlarmSubject, std::uint32_t>, Alarm> open;
  std::uint64_t last_number = 40;
};

TEST(MonitorAlarms, ASubjectNeverHasTwoOpenAlarmsAndEachChangeIsToldOnce) {
  Chance c;
  for (int i = 0; i < 30000; ++i) {
    c.step();
    if (i % 1000 == 999) c.restart();
    ASSERT_EQ(c.k.monitor.open_alarms(), c.open.size()) << i;
    auto next = Timestamp::max();
    for (const auto& [key, alarm] : c.open) next = std::min(next, due(alarm).value_or(Timestamp::max()));
    if (next != c.k.monitor.next_due()) {
      EXPECT_TRUE(std::ranges::any_of(c.open, [](const auto& one) { return one.second.chattering; })) << i;
    }
  }
}

}  // namespace monitor_alarms_test
}  // namespace hazgate::core
