// Agents that act alike at one workplace: GBZ 2.1-2019 A.3.2.2.
#include <gtest/gtest.h>

#include <cmath>

#include "core/monitor.hpp"
#include "support/daily_shift.hpp"

namespace hazgate::core {
namespace mixture_test {

using std::chrono::hours;
using std::chrono::minutes;
using test::daily;

const Timestamp start{std::chrono::days(20000)};
/// Toluene at two points and xylene at one, PC-TWA 50 each; the first point leads.
struct Booth {
  Booth() : monitor(watches(), 1, 0, daily) {
    const std::vector<std::vector<PointIndex>> agents{{PointIndex{0}, PointIndex{1}}, {PointIndex{2}}};
    monitor.exposures().mix(agents);
  }
  static std::vector<PointWatch> watches() {
    Agent agent{.id = "cas:0-00-0"};
    agent.limits = {{LimitKind::pc_twa, 50, Unit::mg_per_m3, "table"}};
    PointWatch watch{.period = minutes(1), .shifts = {{ShiftIndex{0}, exposure_rule(agent, agent.unit, {"s"})}}};
    std::vector<PointWatch> all(3, watch);
    for (const double index : {0.5, 1.0}) {
      all[0].levels.push_back({.level = index < 1 ? Level::warning : Level::exceed,
                               .basis = Basis::mixture,
                               .raise_above = index,
                               .clear_at = index * 0.95,
                               .limit = {LimitKind::mixture, 1, Unit::one, "GBZ 2.1-2019 A.3.2.2"}});
    }
    return all;
  }
  void stay(minutes time, std::initializer_list<double> values) {
    for (const auto until = now + time; now < until;) {
      now += minutes(1);
      std::uint32_t p = 0;
      for (const double value : values) {
        if (p == 0 && !leader) {
          ++p;
          continue;
        }
        if (auto alarm = monitor.on_reading({PointIndex{p++}, now, value, Flag::normal})) alarms.push_back(*alarm);
      }
      monitor.exposures().take(PointIndex{0}, 3, now, records);
    }
  }
  const Exposure& last(std::uint32_t point) const {
    return *std::find_if(records.rbegin(), records.rend(), [&](const auto& e) { return e.point == PointIndex{point}; });
  }
  Monitor monitor;
  bool leader = true;  ///< answers
  Timestamp now = start;
  std::vector<Alarm> alarms;
  std::vector<Exposure> records;
};

TEST(Mixture, EachAgentCompliesAndTheirSumDoesNot) {
  Booth booth;
  booth.stay(hours(8), {20, 30, 30});  // 30/50 + 30/50: of one agent's points the highest counts
  booth.stay(minutes(1), {1, 1, 1});
  for (const std::uint32_t p : {0U, 1U, 2U}) {
    const auto& e = booth.last(p);
    ASSERT_TRUE(e.final);
    EXPECT_NEAR(e.mixture_index, 1.2, 0.005) << p;
    EXPECT_TRUE(e.breaches.has(Breach::mixture));
    EXPECT_FALSE(e.breaches.has(Breach::pc_twa));
    EXPECT_EQ(e.verdict, Verdict::exceeds);
  }
  ASSERT_GE(booth.alarms.size(), 2U);
  EXPECT_EQ(booth.alarms[0].level, Level::warning);
  EXPECT_EQ(booth.alarms[0].index, 0U) << "the leader's";
  EXPECT_GT(booth.alarms[0].value, 0.5);
  EXPECT_EQ(booth.alarms[1].level, Level::exceed);
  EXPECT_GT(booth.alarms[1].value, 1);
  EXPECT_LT(booth.alarms[1].value, 1.01);
  EXPECT_EQ(booth.alarms[1].basis, Basis::mixture);
}

TEST(Mixture, OfAnIndexOfOneComplies) {
  Booth booth;
  booth.stay(hours(8), {25, 25, 25});
  booth.stay(minutes(1), {1, 1, 1});
  EXPECT_NEAR(booth.last(2).mixture_index, 1, 1e-9);
  EXPECT_EQ(booth.last(2).verdict, Verdict::compliant);
  for (const auto& alarm : booth.alarms) EXPECT_LT(alarm.level, Level::exceed);
}

TEST(Mixture, ComplianceIsNotProvedWhereOneOfItsAgentsIsNotMeasured) {
  Booth booth;
  booth.stay(hours(8), {5, 5});
  booth.stay(minutes(1), {1, 1});
  EXPECT_NEAR(booth.last(0).mixture_index, 0.1, 1e-3);
  EXPECT_EQ(booth.last(0).verdict, Verdict::insufficient);
}

TEST(Mixture, APointAloneHasNone) {
  Monitor monitor(Booth::watches(), 1, 0, daily);
  std::vector<Exposure> records;
  monitor.on_reading({PointIndex{0}, start + minutes(1), 1, Flag::normal});
  monitor.exposures().take(PointIndex{0}, 3, start + minutes(1), records);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_TRUE(std::isnan(records[0].mixture_index));
}

TEST(Mixture, ADeadLeaderHidesNothingOfWhatTheOthersShow) {
  Booth booth;
  booth.stay(hours(2), {30, 30, 30});  // (30 + 30) / 50 * 2 / 8 = 0.3
  booth.leader = false;
  booth.stay(hours(6) - minutes(1), {30, 30, 30});
  ASSERT_EQ(booth.alarms.size(), 2U);
  EXPECT_EQ(booth.alarms[0].level, Level::warning);
  EXPECT_EQ(booth.alarms[1].level, Level::exceed);
  for (const auto& alarm : booth.alarms) {
    EXPECT_EQ(alarm.index, 0U) << "one alarm, at the leader";
    EXPECT_EQ(alarm.basis, Basis::mixture);
  }
  EXPECT_NEAR(booth.alarms[1].value, 1, 0.01);
  booth.stay(minutes(1), {30, 30, 30});
  ASSERT_EQ(booth.alarms.size(), 3U) << "the shift is over: the index is 0 again";
  EXPECT_EQ(booth.alarms.back().level, Level::none);
  EXPECT_EQ(booth.alarms.back().index, 0U);
  EXPECT_EQ(booth.alarms.back().basis, Basis::mixture);
}

TEST(Mixture, ALeaderThatNeverAnsweredHidesNothingEither) {
  Booth booth;
  booth.leader = false;
  booth.stay(hours(8) - minutes(1), {30, 30, 30});
  ASSERT_EQ(booth.alarms.size(), 2U);
  EXPECT_EQ(booth.alarms[1].level, Level::exceed);
}

TEST(Mixture, IsTheSameAfterARestart) {
  Booth straight;
  straight.stay(hours(5), {20, 30, 30});
  std::vector<std::byte> saved;
  straight.monitor.save(DeviceIndex{0}, PointIndex{0}, 3, saved);
  Booth after;
  ASSERT_TRUE(after.monitor.load(DeviceIndex{0}, PointIndex{0}, 3, saved));
  after.now = straight.now;
  straight.stay(minutes(1), {20, 30, 30});
  after.stay(minutes(1), {20, 30, 30});
  for (const std::uint32_t p : {0U, 1U, 2U})
    EXPECT_EQ(after.last(p).mixture_index, straight.last(p).mixture_index) << p;
}

}  // namespace mixture_test
}  // namespace hazgate::core
