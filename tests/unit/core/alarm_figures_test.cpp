#include "core/alarm_figures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "core/alarm_life.hpp"

namespace hazgate::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp second(std::int64_t s) { return Timestamp{seconds(s)}; }
constexpr Duration day = hours(24);

const Limit some_limit{LimitKind::mac, 10, Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"};
Finding found(Level level, Timestamp at) { return {.level = level, .value = 6, .limit = &some_limit, .since = at}; }

AlarmPolicy policy_of_a_site() {
  AlarmPolicy policy;
  for (auto level : {Level::warning, Level::exceed, Level::danger})
    policy.levels[static_cast<std::size_t>(level)] = {.realarm_after = minutes(30),
                                                      .warn_within = minutes(20),
                                                      .confirm_within = minutes(10),
                                                      .dispose_within = hours(4)};
  policy.levels[static_cast<std::size_t>(Level::danger)].latching = true;
  return policy;
}

/// Alarms that live as in the gateway, each change of which is counted and kept.
class Life {
 public:
  AlarmFigures figures;
  std::vector<Alarm> log;
  AlarmPolicy policy;

  Alarm& at(std::uint64_t number) {
    auto& a = alarms_[number];
    if (a.number == 0) a.acknowledged = true;
    a.number = number;
    return a;
  }
  void find(std::uint64_t number, Level level, Timestamp when) {
    if (apply(at(number), found(level, when), when, policy)) tell(number);
  }
  void raise(std::uint64_t number, Timestamp when, Level level = Level::warning) { find(number, level, when); }
  void end(std::uint64_t number, Timestamp when) { find(number, Level::none, when); }
  Refusal act(std::uint64_t number, ActionKind kind, Timestamp when) {
    const Action action{.kind = kind, .by = "Li", .note = "seen", .verdict = EventVerdict::real};
    const auto refusal = core::act(at(number), action, when, policy);
    if (refusal == Refusal::none) tell(number);
    return refusal;
  }
  void suppress(std::uint64_t number, bool on, Timestamp when) {
    if (core::suppress(at(number), on, when, policy)) tell(number);
  }
  void pass_time(Timestamp now) {
    for (auto& [number, alarm] : alarms_)
      while (due(alarm).value_or(Timestamp::max()) <= now) {
        on_time(alarm, policy);
        tell(number);
      }
  }
  AlarmReport report(std::int64_t s) const { return figures.report(second(s)); }

 private:
  void tell(std::uint64_t number) {
    const auto& alarm = alarms_[number];
    if (std::exchange(told_[number], alarm.revision) == alarm.revision) return;  // acknowledged twice
    log.push_back(alarm);
    figures.on_change(alarm);
  }
  std::map<std::uint64_t, Alarm> alarms_;
  std::map<std::uint64_t, std::uint64_t> told_;  ///< revisions
};

void raise_each(Life& life, std::initializer_list<int> when) {
  static std::uint64_t number = 0;
  for (int s : when) life.raise(++number, second(s));
}

TEST(AlarmFigures, AnEmptyOneReportsNothing) {
  const auto report = AlarmFigures{}.report(second(1'700'000'000));
  EXPECT_EQ(report, AlarmReport{});
  EXPECT_EQ(report.share(Level::danger), 0);
}

TEST(AlarmFigures, WindowsAndFloodOfTheWorkedExample) {
  Life life;
  raise_each(life, {40, 600, 630, 660, 690, 720, 750, 780, 810, 840, 870, 900, 930});
  EXPECT_EQ(life.report(599).this_window, 1U);
  EXPECT_EQ(life.report(1199).this_window, 12U);
  EXPECT_EQ(life.report(1199).last_window, 1U);
  EXPECT_EQ(life.report(1199).in_flood_since, second(600));
  raise_each(life, {1200, 1250, 1300, 1350, 1400, 1805, 1900, 2000, 2300});
  EXPECT_EQ(life.report(1799).this_window, 5U);
  EXPECT_EQ(life.report(2399).this_window, 4U);
  const auto report = life.report(2400);
  EXPECT_EQ(report.last_window, 4U);
  EXPECT_EQ(report.hour, 22U);
  EXPECT_EQ(report.day, 22U);
  EXPECT_EQ(report.peak, 12U);
  EXPECT_EQ(report.peak_from, second(600));
  EXPECT_DOUBLE_EQ(report.mean_per_window, 22.0 / 144);
  EXPECT_EQ(report.in_flood_since, std::nullopt);
  EXPECT_EQ(report.flood_day.number, 1U);
  EXPECT_EQ(report.flood_day.duration, Duration(seconds(1200)));
  EXPECT_DOUBLE_EQ(report.flood_day.share, 1200.0 / 86400);
  EXPECT_DOUBLE_EQ(report.flood_month.share, 1200.0 / (30 * 86400));
}

TEST(AlarmFigures, AFloodLastsUntilAWindowBelowFiveIsComplete) {
  Life life;
  for (std::uint64_t n = 1; n <= 11; ++n) life.raise(n, second(600));
  EXPECT_EQ(life.report(1799).in_flood_since, second(600));
  EXPECT_EQ(life.report(1799).flood_day.duration, Duration(seconds(1199)));
  EXPECT_EQ(life.report(1800).in_flood_since, std::nullopt);
  EXPECT_EQ(life.report(1800).flood_day.duration, Duration(seconds(600)));
}

TEST(AlarmFigures, TenAnnunciationsAreNoFlood) {
  Life life;
  for (std::uint64_t n = 1; n <= 10; ++n) life.raise(n, second(600));
  EXPECT_EQ(life.report(1199).flood_day, FloodFigures{});
}

TEST(AlarmFigures, AFloodThatBeganBeforeTheDayCountsWithItsPartOfTheDay) {
  Life life;
  std::uint64_t number = 0;
  for (std::int64_t w = 0; w < 200; ++w)
    for (int n = 0; n < (w == 0 ? 11 : 5); ++n) life.raise(++number, second(600 * w));
  const auto report = life.report(600 * 200);
  EXPECT_EQ(report.in_flood_since, second(0));
  EXPECT_EQ(report.flood_day.number, 1U);
  EXPECT_DOUBLE_EQ(report.flood_day.share, 1);
  const std::int64_t end = 600 * 200;
  EXPECT_EQ(life.report(end + 86400 - 1).flood_day.duration, Duration(seconds(600)));
  EXPECT_EQ(life.report(end + 86400).flood_day.number, 0U);
  EXPECT_EQ(life.report(end + 86400).flood_month.duration, Duration(seconds(end)));
}

TEST(AlarmFigures, ChatteringOfTheWorkedExample) {
  Life life;
  const auto come_and_go = [&](std::uint64_t number, std::initializer_list<int> when) {
    for (int s : when) {
      life.raise(number, second(s));
      life.end(number, second(s + 10));
    }
  };
  come_and_go(1, {100, 130, 160, 400, 430, 470});
  come_and_go(2, {400, 430, 470});
  life.raise(2, second(530));
  const auto report = life.report(600);
  EXPECT_EQ(report.chattering, 1U);
  EXPECT_EQ(report.activations, 3U + 4U);
}

TEST(AlarmFigures, AnAlarmThatChattersAgainCountsOnce) {
  Life life;
  for (int start : {100, 2000, 4000}) {
    for (int s : {0, 20, 40}) {
      life.raise(1, second(start + s));
      life.end(1, second(start + s + 10));
    }
    EXPECT_EQ(life.report(start + 50).chattering, 1U);
    life.pass_time(second(start + 1000));
    EXPECT_EQ(life.report(start + 1000).chattering, 1U);
  }
  EXPECT_EQ(life.log.back().returned_at, second(4650));
  EXPECT_EQ(life.report(4200 + 86400 + 599).chattering, 1U);  // quiet in the window from 4200, the day's oldest
  EXPECT_EQ(life.report(4200 + 86400 + 600).chattering, 0U);
}

TEST(AlarmFigures, AFloodOfFiveThousandInOneSecond) {
  Life life;
  for (std::uint64_t n = 1; n <= 5000; ++n) life.raise(n, second(1000) + Duration(200 * (n - 1)), Level::exceed);
  const auto report = life.report(1001);
  EXPECT_EQ(report.open, 5000U);
  EXPECT_EQ(report.unacknowledged, 5000U);
  EXPECT_EQ(report.this_window, 5000U);
  EXPECT_EQ(report.peak, 5000U);
  EXPECT_EQ(report.by_level[static_cast<std::size_t>(Level::exceed)], 5000U);
  EXPECT_EQ(report.in_flood_since, second(600));
  EXPECT_EQ(report.longest_standing, (StandingAlarm{1, second(1000)}));
}

TEST(AlarmFigures, StaleIsWhatStandsForMoreThanADay) {
  Life life;
  life.raise(1, second(0));
  EXPECT_EQ(life.report(86400).stale, 0U);
  EXPECT_EQ(life.figures.report(second(86400) + Duration(1)).stale, 1U);
}

TEST(AlarmFigures, AReturnBreaksAndALatchDoesNot) {
  Life life;
  life.policy = policy_of_a_site();
  life.raise(1, second(0), Level::warning);
  life.end(1, second(50000));
  life.raise(1, second(60000), Level::warning);
  life.raise(2, second(10), Level::danger);
  life.end(2, second(50000));
  life.raise(2, second(60000), Level::danger);
  const auto report = life.report(90000);
  EXPECT_EQ(report.stale, 1U);
  EXPECT_EQ(report.longest_standing, (StandingAlarm{2, second(10)}));
}

TEST(AlarmFigures, OfEquallyLongStandingOnesTheLowestNumberIsNamed) {
  Life life;
  for (std::uint64_t n : {7U, 3U, 5U}) life.raise(n, second(100));
  EXPECT_EQ(life.report(200).longest_standing, (StandingAlarm{3, second(100)}));
}

TEST(AlarmFigures, MedianAndNinetyFifthPercentileOfSmallSamples) {
  Life life;
  const auto acknowledged_after = [&](std::uint64_t number, int taken) {
    life.raise(number, second(1000));
    life.act(number, ActionKind::acknowledge, second(1000 + taken));
    return life.report(2000).to_acknowledge;
  };
  EXPECT_EQ(life.report(2000).to_acknowledge, TimesTaken{});
  EXPECT_EQ(acknowledged_after(1, 30), (TimesTaken{1, seconds(30), seconds(30)}));
  EXPECT_EQ(acknowledged_after(2, 10), (TimesTaken{2, seconds(20), seconds(30)}));
  EXPECT_EQ(acknowledged_after(3, 100), (TimesTaken{3, seconds(30), seconds(100)}));
  for (int n = 4; n <= 20; ++n) acknowledged_after(static_cast<std::uint64_t>(n), 40);
  // Of 20 the 19th: one of them may be above.
  EXPECT_EQ(life.report(2000).to_acknowledge, (TimesTaken{20, seconds(40), seconds(40)}));
  EXPECT_EQ(acknowledged_after(21, 200), (TimesTaken{21, seconds(40), seconds(100)}));
}

TEST(AlarmFigures, OnlyTheLastThousandTimesCount) {
  Life life;
  for (std::uint64_t n = 1; n <= 1500; ++n) {
    life.raise(n, second(1000));
    life.act(n, ActionKind::acknowledge, second(1000 + static_cast<std::int64_t>(n)));
  }
  const auto taken = life.report(3000).to_acknowledge;
  EXPECT_EQ(taken.count, 1000U);
  EXPECT_EQ(taken.median, Duration(std::chrono::milliseconds(1'000'500)));
  EXPECT_EQ(taken.p95, Duration(seconds(1450)));
}

TEST(AlarmFigures, OnlyTheFirstAcknowledgementOfAnActivationIsTimed) {
  Life life;
  life.raise(1, second(0), Level::warning);
  life.act(1, ActionKind::acknowledge, second(10));
  life.raise(1, second(20), Level::exceed);
  life.act(1, ActionKind::acknowledge, second(70));
  EXPECT_EQ(life.report(100).to_acknowledge, (TimesTaken{1, seconds(10), seconds(10)}));
  EXPECT_EQ(life.report(100).day, 2U);
}

TEST(AlarmFigures, ReturnAndDisposalAreTimed) {
  Life life;
  life.raise(1, second(100), Level::exceed);
  life.end(1, second(400));
  EXPECT_EQ(life.act(1, ActionKind::dispose, second(1000)), Refusal::none);
  const auto report = life.report(1000);
  EXPECT_EQ(report.to_return, (TimesTaken{1, seconds(300), seconds(300)}));
  EXPECT_EQ(report.to_dispose, (TimesTaken{1, seconds(900), seconds(900)}));
  EXPECT_EQ(report.to_acknowledge, (TimesTaken{1, seconds(900), seconds(900)}));
  EXPECT_EQ(report.open, 0U);
}

TEST(AlarmFigures, ShareOfEachLevelAmongTheAnnunciationsOfTheDay) {
  Life life;
  std::uint64_t number = 0;
  const auto raise = [&](int times, Level level, std::int64_t s) {
    for (int i = 0; i < times; ++i) life.raise(++number, second(s), level);
  };
  raise(10, Level::danger, 0);
  raise(16, Level::notice, 100'000);
  raise(3, Level::warning, 100'000);
  raise(1, Level::exceed, 100'000);
  const auto report = life.report(100'001);
  EXPECT_EQ(report.day, 20U);
  EXPECT_DOUBLE_EQ(report.share(Level::notice), 0.8);
  EXPECT_DOUBLE_EQ(report.share(Level::warning), 0.15);
  EXPECT_DOUBLE_EQ(report.share(Level::exceed), 0.05);
  EXPECT_DOUBLE_EQ(report.share(Level::danger), 0);
}

TEST(AlarmFigures, ARealarmIsAnAnnunciationAndNoActivation) {
  Life life;
  life.policy = policy_of_a_site();
  life.raise(1, second(0), Level::warning);
  life.pass_time(second(3600));
  const auto report = life.report(3600);
  EXPECT_EQ(report.day, 3U);
  EXPECT_EQ(report.activations, 1U);
}

TEST(AlarmFigures, AFallAndAReturnAreNoAnnunciations) {
  Life life;
  life.raise(1, second(0), Level::exceed);
  life.find(1, Level::warning, second(10));
  life.end(1, second(20));
  EXPECT_EQ(life.report(30).day, 1U);
}

TEST(AlarmFigures, MissedTargetsOfTheDay) {
  Life life;
  life.policy = policy_of_a_site();
  auto over_range = found(Level::exceed, second(0));
  over_range.at_least = true;  // so that the reading itself does not confirm it
  for (std::uint64_t n : {1U, 2U}) {
    apply(life.at(n), over_range, second(0), life.policy);
    life.figures.on_change(life.at(n));
  }
  life.act(2, ActionKind::confirm, second(300));
  life.pass_time(second(5 * 3600));
  EXPECT_EQ(life.report(5 * 3600).confirm_missed, 1U);
  EXPECT_EQ(life.report(5 * 3600).dispose_missed, 2U);
  EXPECT_EQ(life.report(2 * 86400).dispose_missed, 0U);
  life.policy.levels[static_cast<std::size_t>(Level::notice)].warn_within = minutes(10);
  apply(life.at(3), found(Level::notice, second(2 * 86400)), second(2 * 86400), life.policy);
  life.figures.on_change(life.at(3));
  life.pass_time(second(2 * 86400 + 3600));
  EXPECT_EQ(life.report(2 * 86400 + 3600).warn_missed, 1U);
}

TEST(AlarmFigures, WhatIsSetAsideIsCountedApart) {
  Life life;
  for (std::uint64_t n = 1; n <= 5; ++n) life.raise(n, second(0));
  life.act(1, ActionKind::shelve, second(1));
  life.act(2, ActionKind::out_of_service, second(1));
  life.suppress(3, true, second(1));
  life.act(4, ActionKind::acknowledge, second(1));
  const auto report = life.report(2);
  EXPECT_EQ(report.open, 5U);
  EXPECT_EQ(report.shelved, 1U);
  EXPECT_EQ(report.out_of_service, 1U);
  EXPECT_EQ(report.suppressed, 1U);
  EXPECT_EQ(report.unacknowledged, 1U);
  life.act(1, ActionKind::unshelve, second(3));
  EXPECT_EQ(life.report(4).day, 6U);
}

TEST(AlarmFigures, TheFirstRecordOfAnAlarmCountsForItsOwnChangeAlone) {
  Alarm stored{.number = 9, .revision = 40, .level = Level::exceed, .highest = Level::exceed};
  stored.state = AlarmState::acknowledged;
  stored.acknowledged_at = second(200);
  stored.activated_at = second(100);
  stored.annunciations = 5;
  stored.activations = 3;
  stored.changed_at = second(300);
  stored.change = Change::commented;
  AlarmFigures figures;
  figures.on_change(stored);
  const auto report = figures.report(second(400));
  EXPECT_EQ(report.open, 1U);
  EXPECT_EQ(report.day, 0U);
  EXPECT_EQ(report.activations, 0U);
  EXPECT_EQ(report.to_acknowledge.count, 0U);
  EXPECT_EQ(report.longest_standing, (StandingAlarm{9, second(100)}));

  stored.change = Change::realarmed;
  stored.number = 10;
  figures.on_change(stored);
  EXPECT_EQ(figures.report(second(400)).day, 1U);
}

TEST(AlarmFigures, ARecordOfAnOpenAlarmThatComesTwiceCountsOnce) {
  Life life;
  life.raise(1, second(0));
  const auto once = life.report(10);
  for (int i = 0; i < 100; ++i) life.figures.on_change(life.log.back());
  EXPECT_EQ(life.report(10), once);
}

TEST(AlarmFigures, AClockThatStepsBackSpoilsNothingButItsOwnWindows) {
  Life life;
  const std::int64_t today = 1'700'000'000, wrong = today + 40LL * 365 * 86400;
  life.raise(1, second(wrong));
  life.act(1, ActionKind::acknowledge, second(today));
  life.raise(2, second(today));
  for (std::uint64_t w = 0; w < 31 * 144; ++w) life.raise(10'000 + w, second(wrong) + w * minutes(10));
  for (std::uint64_t w = 0; w < 31 * 144; ++w) life.raise(20'000 + w, second(today) + w * minutes(10));
  const auto report = life.report(today + 600 * (31 * 144 - 1));
  EXPECT_EQ(report.day, 145U);
  EXPECT_EQ(report.peak, 1U);
  EXPECT_EQ(report.to_acknowledge.count, 0U);
  EXPECT_EQ(report.stale, 1U + 31 * 144 - 145);  // that of 24 h ago is not yet
  EXPECT_EQ(life.report(0).day, 0U);
}

/// The same figures, by looking through all records each time.
class Oracle {
 public:
  Oracle(const std::vector<Alarm>& log, Timestamp now) : now_{now} {
    for (const auto& record : log) by_number_[record.number].push_back(record);
    for (const auto& record : log) take(record);
  }

  AlarmReport report() {
    const auto running = floor(now_);
    const auto day_from = running - day;
    AlarmReport r;
    for (const auto& [at, level] : told_) {
      if (at >= day_from) ++r.by_level[static_cast<std::size_t>(level)];
      r.hour += at >= running - hours(1);
      r.this_window += at >= running;
      r.last_window += at >= running - minutes(10) && at < running;
      r.day += at >= day_from;
    }
    r.mean_per_window = static_cast<double>(r.day - r.this_window) / 144;
    for (auto w = day_from; w <= running; w += minutes(10))
      if (in_window(w) > r.peak) {
        r.peak = in_window(w);
        r.peak_from = w;
      }
    r.activations = since(activated_, day_from);
    r.warn_missed = since(warn_missed_, day_from);
    r.confirm_missed = since(confirm_missed_, day_from);
    r.dispose_missed = since(dispose_missed_, day_from);
    standing(r, day_from);
    floods(r);
    r.to_acknowledge = times(acknowledged_);
    r.to_return = times(returned_);
    r.to_dispose = times(disposed_);
    return r;
  }

 private:
  static Timestamp floor(Timestamp at) { return at - at.time_since_epoch() % minutes(10); }
  static std::uint64_t since(const std::vector<Timestamp>& all, Timestamp from) {
    return static_cast<std::uint64_t>(std::ranges::count_if(all, [&](auto at) { return at >= from; }));
  }
  std::uint64_t in_window(Timestamp w) const { return windows_.contains(w) ? windows_.at(w) : 0; }

  void take(const Alarm& a) {
    const auto& all = by_number_[a.number];
    const auto here = std::ranges::find(all, a.revision, &Alarm::revision);
    const auto before = here == all.begin() ? Alarm{} : *(here - 1);
    for (auto n = before.annunciations; n < a.annunciations; ++n) {
      told_.emplace_back(a.changed_at, a.level);
      ++windows_[floor(a.changed_at)];
    }
    if (a.activations > before.activations) activated_.push_back(a.changed_at);
    if (a.change == Change::target_missed)
      (a.note == "warn"      ? warn_missed_
       : a.note == "confirm" ? confirm_missed_
                             : dispose_missed_)
          .push_back(a.changed_at);
    const auto time = [](auto& into, auto was, auto is, auto from) {
      if (is && is != was) into.push_back(*is - from);
    };
    if (a.activated_at) {
      time(acknowledged_, before.acknowledged_at, a.acknowledged_at, *a.activated_at);
      time(returned_, before.returned_at, a.returned_at, *a.activated_at);
      time(disposed_, before.disposed_at, a.disposed_at, a.detected_at);
    }
  }

  void standing(AlarmReport& r, Timestamp day_from) {
    for (const auto& [number, records] : by_number_) {
      const auto& newest = records.back();
      bool chattered = newest.chattering && !ended(newest);
      for (std::size_t i = 1; i < records.size(); ++i)
        chattered |= records[i - 1].chattering && records[i].changed_at >= day_from;
      r.chattering += chattered;
      if (ended(newest)) continue;
      ++r.open;
      using enum AlarmState;
      r.unacknowledged +=
          std::set{unacknowledged, returned_unacknowledged, latched_unacknowledged}.contains(newest.state);
      r.shelved += newest.shelved_until && !newest.suppressed && !newest.out_of_service;
      r.suppressed += newest.suppressed && !newest.out_of_service;
      r.out_of_service += newest.out_of_service;
      if (!stands(newest)) continue;
      auto first = records.size() - 1;
      while (first > 0 && stands(records[first - 1])) --first;
      const StandingAlarm one{number, *records[first].activated_at};
      r.stale += now_ - one.since > day;
      if (!r.longest_standing || one.since < r.longest_standing->since) r.longest_standing = one;
    }
  }

  void floods(AlarmReport& r) const {
    std::vector<std::pair<Timestamp, Timestamp>> all;
    std::optional<Timestamp> from;
    for (auto w = windows_.empty() ? floor(now_) : windows_.begin()->first; w <= floor(now_); w += minutes(10)) {
      if (!from && in_window(w) > 10) {
        from = w;
      } else if (from && in_window(w) < 5 && w < floor(now_)) {
        all.emplace_back(*from, w);
        from.reset();
      }
    }
    r.in_flood_since = from;
    if (from) all.emplace_back(*from, now_);
    r.flood_day = within(all, day);
    r.flood_month = within(all, 30 * day);
  }

  FloodFigures within(const std::vector<std::pair<Timestamp, Timestamp>>& all, Duration period) const {
    const auto begin = floor(now_) - period;
    FloodFigures f;
    for (auto [from, to] : all) {
      if (to <= begin) continue;
      ++f.number;
      f.duration += to - std::max(from, begin);
    }
    f.share = static_cast<double>(f.duration.count()) / static_cast<double>((now_ - begin).count());
    return f;
  }

  static TimesTaken times(std::vector<Duration> all) {
    if (all.size() > 1000) all.erase(all.begin(), all.end() - 1000);
    std::ranges::sort(all);
    TimesTaken t{.count = all.size()};
    if (all.empty()) return t;
    const auto middle = all.size() / 2;
    t.median = all.size() % 2 ? all[middle] : all[middle - 1] + (all[middle] - all[middle - 1]) / 2;
    for (auto one : all) {
      const auto not_above = std::ranges::count_if(all, [&](auto other) { return other <= one; });
      if (t.p95 == Duration{} && 100 * static_cast<std::size_t>(not_above) >= 95 * all.size()) t.p95 = one;
    }
    return t;
  }

  Timestamp now_;
  std::map<std::uint64_t, std::vector<Alarm>> by_number_;
  std::vector<std::pair<Timestamp, Level>> told_;
  std::map<Timestamp, std::uint64_t> windows_;
  std::vector<Timestamp> activated_, warn_missed_, confirm_missed_, dispose_missed_;
  std::vector<Duration> acknowledged_, returned_, disposed_;
};

void expect_same(const AlarmReport& a, AlarmReport b) {
  EXPECT_NEAR(a.flood_day.share, b.flood_day.share, 1e-12);
  EXPECT_NEAR(a.flood_month.share, b.flood_month.share, 1e-12);
  b.flood_day.share = a.flood_day.share;
  b.flood_month.share = a.flood_month.share;
  EXPECT_EQ(a.flood_day, b.flood_day);
  EXPECT_EQ(a.flood_month, b.flood_month);
  EXPECT_EQ(a.in_flood_since, b.in_flood_since);
  EXPECT_EQ(a.chattering, b.chattering);
  EXPECT_EQ(a.stale, b.stale);
  EXPECT_EQ(a.longest_standing, b.longest_standing);
  EXPECT_EQ(a.by_level, b.by_level);
  EXPECT_EQ(a.to_acknowledge, b.to_acknowledge);
  EXPECT_EQ(a.to_return, b.to_return);
  EXPECT_EQ(a.to_dispose, b.to_dispose);
  EXPECT_EQ(a, b);
}

/// A few subjects whose alarms come, go and are handled at random, each under a new number once one has ended.
class RandomPlant {
 public:
  explicit RandomPlant(std::uint32_t seed) : random_{seed} {
    life.policy = policy_of_a_site();
    now = second(1'700'000'000);
  }
  Life life;
  Timestamp now;

  void step() {
    now += Duration(seconds(chance(200) ? number(0, 40'000) : chance(3) ? number(0, 90) : number(0, 15)));
    life.pass_time(now);
    auto& subject = numbers_[static_cast<std::size_t>(number(0, 9))];
    if (subject == 0 || (life.at(subject).revision > 0 && ended(life.at(subject)))) subject = ++newest_;
    if (chance(100)) return burst();
    if (chance(100)) return flicker(subject);
    if (chance(60)) return life.suppress(subject, chance(3), now);
    if (life.at(subject).revision > 0 && chance(4))
      life.act(subject, static_cast<ActionKind>(number(0, 8)), now);
    else
      life.find(subject, chance(2) ? Level::none : static_cast<Level>(number(1, 4)), now);
  }

 private:
  void burst() {
    for (int n = number(0, 14); n > 0; --n) life.raise(++newest_, now, Level::notice);
  }
  void flicker(std::uint64_t subject) {
    for (int n = number(2, 5); n > 0; --n) {
      life.end(subject, now += seconds(number(1, 20)));
      life.raise(subject, now += seconds(number(1, 20)));
    }
  }
  int number(int least, int greatest) { return std::uniform_int_distribution<int>{least, greatest}(random_); }
  bool chance(int one_in) { return number(1, one_in) == 1; }
  std::mt19937 random_;
  std::array<std::uint64_t, 10> numbers_{};
  std::uint64_t newest_ = 0;
};

TEST(AlarmFigures, RandomStreamsAgreeWithAFullLookThroughTheRecords) {
  std::size_t chattered = 0, flooded = 0;
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    RandomPlant plant{seed};
    for (int step = 1; step <= 2500; ++step) {
      plant.step();
      if (step % 100 != 0) continue;
      const auto report = plant.life.figures.report(plant.now);
      expect_same(report, Oracle{plant.life.log, plant.now}.report());
      chattered += report.chattering;
      flooded += report.flood_day.number;
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
  }
  EXPECT_GT(chattered, 0U);
  EXPECT_GT(flooded, 0U);
}

TEST(AlarmFigures, ARestartThatFeedsTheRecordsAgainReportsTheSame) {
  RandomPlant plant{77};
  for (int step = 0; step < 3000; ++step) plant.step();
  AlarmFigures again;
  for (const auto& record : plant.life.log) again.on_change(record);
  EXPECT_EQ(again.report(plant.now), plant.life.figures.report(plant.now));
}

}  // namespace
}  // namespace hazgate::core
