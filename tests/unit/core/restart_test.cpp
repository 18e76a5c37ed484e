// What must survive a restart: the figures and alarms of a run that was interrupted equal those of one that was not and
// simply heard nothing meanwhile.
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "core/monitor.hpp"

namespace hazgate::core {
namespace restart_test {

using std::chrono::hours;
using std::chrono::seconds;

const Timestamp start{std::chrono::days(20000)};
constexpr std::uint32_t points = 3;

/// Shifts of an hour, one after the other.
ShiftWindow hourly(ShiftIndex, Timestamp at) {
  const auto begin = std::chrono::floor<hours>(at);
  return {begin, begin + hours(1), 20000, 19998};
}

std::vector<PointWatch> watches() {
  Agent agent{.id = "cas:0-00-0"};
  agent.limits = {{LimitKind::pc_twa, 10, Unit::mg_per_m3, "table"},
                  {LimitKind::pc_stel, 20, Unit::mg_per_m3, "table"}};
  const ShiftWatch shift{ShiftIndex{0}, exposure_rule(agent, agent.unit, {"s", 1.5})};
  PointWatch watch{.period = seconds(1), .shifts = {shift}};
  for (const auto basis : {Basis::reading, Basis::c_ste, Basis::twa, Basis::twa_projected, Basis::short_time}) {
    watch.levels.push_back({.level = Level::warning,
                            .basis = basis,
                            .raise_above = basis == Basis::short_time ? 0.5 : 12,
                            .clear_at = 0.5,
                            .on_delay = seconds(5),
                            .off_delay = seconds(20),
                            .limit = {LimitKind::site, 12, Unit::mg_per_m3, "site"}});
  }
  return std::vector<PointWatch>(points, watch);
}

struct Stream {
  std::vector<Reading> readings;
  Stream() {
    std::mt19937 random(7);
    double level = 5;
    for (int s = 1; s < 3 * 3600; ++s) {
      level = std::clamp(level + std::uniform_real_distribution(-1.0, 1.0)(random), 0.0, 40.0);
      const Flag flag = random() % 50 == 0 ? Flag::device_fault : random() % 200 == 0 ? Flag::over_range : Flag::normal;
      for (std::uint32_t p = 0; p < points; ++p) {
        readings.push_back({PointIndex{p}, start + seconds(s), level + p, flag});
      }
    }
  }
};

struct Engine {
  Engine() : monitor(watches(), 1, 0, hourly) {}
  void feed(std::span<const Reading> readings) {
    for (const auto& reading : readings) {
      if (auto alarm = monitor.on_reading(reading)) alarms.push_back(*alarm);
      if (at(reading.point) + 1 == points) monitor.exposures().take(PointIndex{0}, points, reading.at, exposures);
    }
  }
  Monitor monitor;
  std::vector<Alarm> alarms;
  std::vector<Exposure> exposures;
};

/// The figures as bits, because NaN is a value here too.
std::vector<std::uint64_t> figures(const std::vector<Exposure>& exposures, Timestamp since) {
  std::vector<std::uint64_t> out;
  for (const auto& e : exposures) {
    if (e.at <= since) continue;
    for (const double x :
         {e.twa_so_far, e.twa_projected, e.twa, e.mean, e.stel_max, e.stel_at_least, e.max, e.week, e.ratio,
          e.episodes.longest_minutes, e.episodes.closest_minutes, e.time.measured, e.time.over_range, e.time.fault,
          e.time.missing, e.final ? 1.0 : 0.0, static_cast<double>(e.episodes.count),
          static_cast<double>(e.breaches.bits), static_cast<double>(e.verdict)}) {
      out.push_back(std::bit_cast<std::uint64_t>(x));
    }
  }
  return out;
}

std::vector<std::byte> bytes(const Monitor& monitor) {
  std::vector<std::byte> out;
  monitor.save(DeviceIndex{0}, PointIndex{0}, points, out);
  return out;
}

TEST(Restart, AtAnyMomentGivesWhatAnUninterruptedRunGives) {
  const Stream stream;
  std::mt19937 random(11);
  for (int trial = 0; trial < 8; ++trial) {
    const auto polls = stream.readings.size() / points;
    const auto checkpoint = random() % (polls - 3000) * points;
    const auto killed = checkpoint + random() % 60 * points;    // what came after the checkpoint is stored as frames
    const auto back = killed + (1 + random() % 2000) * points;  // and then nothing for a while
    const std::span all(stream.readings);

    Engine straight;
    straight.feed(all.first(killed));
    straight.feed(all.subspan(back));

    Engine before;
    before.feed(all.first(checkpoint));
    const auto saved = bytes(before.monitor);
    before.feed(all.subspan(checkpoint, killed - checkpoint));

    Engine after;
    ASSERT_TRUE(after.monitor.load(DeviceIndex{0}, PointIndex{0}, points, saved));
    after.monitor.catch_up(true);
    after.feed(all.subspan(checkpoint, killed - checkpoint));
    EXPECT_TRUE(after.alarms.empty()) << "what is stored is not announced again";
    after.monitor.catch_up(false);
    std::vector<std::optional<Alarm>> open(points);
    for (const auto& alarm : before.alarms) open[alarm.index] = alarm;
    for (const auto& alarm : open) {
      if (alarm) after.monitor.restore(*alarm);
    }
    after.feed(all.subspan(back));

    const auto outage = stream.readings[back].at;
    ASSERT_GT(figures(straight.exposures, outage).size(), 100u);
    EXPECT_EQ(figures(after.exposures, outage), figures(straight.exposures, outage)) << "trial " << trial;
    auto joined = before.alarms;
    joined.insert(joined.end(), after.alarms.begin(), after.alarms.end());
    EXPECT_EQ(joined, straight.alarms) << "trial " << trial;
  }
}

TEST(Restart, StateOfOtherRulesIsRefusedWithoutAChange) {
  Engine run;
  const Stream stream;
  run.feed(std::span(stream.readings).first(900));
  const auto saved = bytes(run.monitor);
  auto other = watches();
  other[1].levels[0].raise_above = 13;
  Monitor changed(other, 1, 0, hourly);
  const auto untouched = bytes(changed);
  EXPECT_FALSE(changed.load(DeviceIndex{0}, PointIndex{0}, points, saved));
  EXPECT_TRUE(bytes(changed) == untouched);
  Engine fresh;
  const auto empty = bytes(fresh.monitor);
  for (const std::size_t cut : {std::size_t{1}, saved.size() / 2, saved.size() - 8 * points}) {
    EXPECT_FALSE(fresh.monitor.load(DeviceIndex{0}, PointIndex{0}, points, std::span(saved).first(saved.size() - cut)));
    EXPECT_TRUE(bytes(fresh.monitor) == empty) << "cut by " << cut;
  }
}

}  // namespace restart_test
}  // namespace hazgate::core
