#include "drivers/schedule.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace hazgate::modbus {
namespace {

using namespace std::chrono_literals;

const Clock::time_point start{1000s};

/// Ticks from `from` to before `to`; what was due is answered at once. Device to the times it was due at.
std::multimap<std::uint32_t, milliseconds> run(Schedule& schedule, milliseconds from, milliseconds to) {
  std::multimap<std::uint32_t, milliseconds> polls;
  std::vector<Schedule::Due> due;
  for (auto t = from; t < to; t += tick_length) {
    due.clear();
    schedule.take(start + t, false, due);
    for (const auto& d : due) {
      polls.emplace(d.device, t);
      schedule.answered(d.device);
    }
  }
  return polls;
}

/// The moment of the next poll of device 0.
milliseconds next_poll(Schedule& schedule) {
  std::vector<Schedule::Due> due;
  schedule.take(schedule.next(), false, due);
  EXPECT_EQ(due.size(), 1u);
  return std::chrono::duration_cast<milliseconds>(due.at(0).at - start);
}

TEST(Phase, SpreadsAThousandDevicesEvenlyOverTheTicksOfTheirPeriod) {
  std::map<milliseconds, int> at;
  for (std::uint32_t i = 0; i < 1000; ++i) ++at[phase_of(i, 1000ms)];
  EXPECT_EQ(at.size(), 100u);
  for (const auto& [phase, count] : at) {
    EXPECT_EQ(phase % tick_length, 0ms);
    EXPECT_LE(count, 12) << phase.count();
  }
}

TEST(Schedule, KeepsItsPeriodWithoutDriftOverADay) {
  const std::vector<Timing> device{{.index = 1, .period = 1000ms}};
  Schedule schedule(device, start);
  const auto polls = run(schedule, 0ms, 24h);
  EXPECT_EQ(polls.size(), 86400u);
  EXPECT_EQ(std::prev(polls.end())->second - polls.begin()->second, 86399s);
  EXPECT_EQ(schedule.counts().skipped, 0u);
}

TEST(Schedule, AsksASlowDeviceWithinTheFirstSecondAndThenOnItsGrid) {
  const std::vector<Timing> device{{.index = 1, .period = 60s}};
  Schedule schedule(device, start);
  const auto first = next_poll(schedule);
  EXPECT_LT(first, 1s);
  schedule.answered(0);
  const auto second = next_poll(schedule);
  EXPECT_LE(second - first, 60s);
  schedule.answered(0);
  EXPECT_EQ(next_poll(schedule) - second, 60s);
}

TEST(Schedule, SkipsAndCountsWhatIsDueWhileThePollBeforeIsUnderWay) {
  const std::vector<Timing> device{{.index = 0, .period = 100ms}};
  Schedule schedule(device, start);
  std::vector<Schedule::Due> due;
  for (auto t = 0ms; t < 350ms; t += tick_length) schedule.take(start + t, false, due);
  EXPECT_EQ(due.size(), 1u);
  EXPECT_EQ(schedule.counts().skipped, 3u);
  schedule.answered(0);
  EXPECT_EQ(next_poll(schedule), 400ms) << "still on the grid";
}

TEST(Schedule, AfterAStallAsksOnceAndCountsTheRest) {
  const std::vector<Timing> device{{.index = 0, .period = 100ms}};
  Schedule schedule(device, start);
  run(schedule, 0ms, 10ms);
  std::vector<Schedule::Due> due;
  schedule.take(start + 1050ms, false, due);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].at, start + 1000ms) << "lateness counts from the newest due time";
  EXPECT_EQ(schedule.counts().skipped, 9u);
}

TEST(Schedule, WhileHeldOnlyCounts) {
  const std::vector<Timing> device{{.index = 0, .period = 100ms}};
  Schedule schedule(device, start);
  std::vector<Schedule::Due> due;
  for (auto t = 0ms; t < 300ms; t += tick_length) schedule.take(start + t, true, due);
  EXPECT_TRUE(due.empty());
  EXPECT_EQ(schedule.counts().held_back, 3u);
  EXPECT_EQ(schedule.counts().skipped, 0u);
}

TEST(Schedule, ASilentDevicePausesEverLongerUpToAMinute) {
  const std::vector<Timing> device{{.index = 0, .period = 100ms}};
  Schedule schedule(device, start);
  std::vector<milliseconds> pauses;
  auto asked = next_poll(schedule);
  for (int i = 0; i < 9; ++i) {
    schedule.failed(0, start + asked + 50ms);
    const auto again = next_poll(schedule);
    pauses.push_back(again - asked);
    asked = again;
  }
  EXPECT_THAT(pauses,
              ::testing::ElementsAre(1100ms, 2100ms, 4100ms, 8100ms, 16100ms, 32100ms, 60100ms, 60100ms, 60100ms));
  schedule.answered(0);
  EXPECT_EQ(next_poll(schedule) - asked, 100ms) << "recovery resets it";
}

TEST(Schedule, ABackOffIsNeverShorterThanThePeriodNorDoublesIt) {
  const std::vector<Timing> device{{.index = 0, .period = 30s}};
  Schedule schedule(device, start);
  next_poll(schedule);
  schedule.answered(0);
  const auto asked = next_poll(schedule);
  schedule.failed(0, start + asked + 500ms);
  EXPECT_EQ(next_poll(schedule) - asked, 30s);
}

TEST(Schedule, ALinkThatIsDownDoesNotMakeDevicesBackOff) {
  const std::vector<Timing> device{{.index = 0, .period = 100ms}};
  Schedule schedule(device, start);
  const auto asked = next_poll(schedule);
  schedule.not_asked(0);
  EXPECT_EQ(next_poll(schedule) - asked, 100ms);
  EXPECT_EQ(schedule.failures(0), 0);
}

TEST(Schedule, AsksAllAtOnceWhenTheLinkIsBack) {
  const std::vector<Timing> devices{{.index = 0, .period = 60s}, {.index = 1, .period = 60s}};
  Schedule schedule(devices, start);
  run(schedule, 0ms, 2s);
  schedule.all_due(start + 5s);
  EXPECT_EQ(run(schedule, 5s, 5010ms).size(), 2u);
  EXPECT_EQ(schedule.counts().skipped, 0u);
}

// A thousand links that open together are asked together; a grid point in that moment is no skipped poll.
TEST(Schedule, APollOfItsGridRightAfterTheExtraOneIsLeftOutAndNotCounted) {
  const std::vector<Timing> devices{{.index = 0, .period = 1000ms}};
  Schedule schedule(devices, start);
  run(schedule, 0ms, 2s);
  schedule.all_due(start + 1990ms + 2s);
  std::vector<Schedule::Due> due;
  schedule.take(start + 3990ms, false, due);
  schedule.take(start + 4000ms, false, due);  // the answer is not there yet
  EXPECT_EQ(due.size(), 1u);
  EXPECT_EQ(schedule.counts().skipped, 0u);
  EXPECT_EQ(schedule.next(), start + 5s);
}

}  // namespace
}  // namespace hazgate::modbus
