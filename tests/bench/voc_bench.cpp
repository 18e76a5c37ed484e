// Promise: a scan of 116 compounds (total mass, ozone formation potential) and the baseline of each at most 50 us.
// Beside it the bare sum of the same values. voc_bench [scans a run]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/monitor.hpp"
#include "core/voc.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;

constexpr std::uint32_t compounds = 116;
constexpr std::uint32_t scans_kept = 512;  ///< different scans, gone through again and again
constexpr int runs = 7;

using Frame = std::vector<core::Sample>;

/// Log-normal as outdoor air is; one value of twenty missing, three not detected.
std::vector<Frame> recorded() {
  std::mt19937 random(116);
  std::lognormal_distribution<double> ppb(0, 1);
  std::uniform_int_distribution<int> lot(0, 19);
  std::vector<Frame> frames(scans_kept, Frame(compounds));
  for (Frame& frame : frames) {
    for (core::Sample& s : frame) {
      const int drawn = lot(random);
      s = {drawn == 0  ? core::no_value
           : drawn < 4 ? 0.0
                       : ppb(random),
           drawn == 0 ? core::Flag::device_fault : core::Flag::normal};
    }
  }
  return frames;
}

std::vector<core::VocChannel> channels() {
  std::vector<core::VocChannel> all(compounds);
  for (std::uint32_t i = 0; i < compounds; ++i) {
    all[i] = {.place = i, .ug_per_m3 = 1 + 0.05 * i};
    if (i % 9 != 0) all[i].mir = 0.1 * i;
  }
  return all;
}

/// One station whose scans come every `step`: at an hour each scan closes an hour of every compound and looks its next
/// median up, the dearest there is.
class Station {
 public:
  explicit Station(core::Duration step) : step_(step) {}
  double work(const Frame& frame) {
    at_ += step_;
    const auto s = core::scan(frame, channels_);
    const auto local = core::local_hour(at_, std::chrono::hours(8));
    for (std::uint32_t i = 0; i < compounds; ++i) {
      if (!core::enters_averages(frame[i].flag)) continue;
      const auto sign = baselines_[i].add(rule_, at_, local, frame[i].value);
      early_ += sign && sign->early ? 1 : 0;
      judged_ += sign ? 1 : 0;
    }
    return s.tvoc_ug_m3 + s.ofp_ug_m3;
  }
  std::uint64_t judged() const { return judged_; }

 private:
  core::Duration step_;
  core::Timestamp at_{std::chrono::seconds(1'700'000'000)};
  core::BaselineRule rule_{.resolution = 0.05};
  std::vector<core::VocChannel> channels_ = channels();
  std::vector<core::Baseline> baselines_{compounds};
  std::uint64_t early_ = 0, judged_ = 0;
};

/// The same scans through the monitor, as the gateway has them: windows, set points and alarms of each point, with or
/// without its baseline.
class Watched {
 public:
  explicit Watched(bool baselines) : monitor_(watches(baselines), 1, 0, {}, clock) {}
  double work(const Frame& frame) {
    at_ += std::chrono::hours(1);
    for (std::uint32_t i = 0; i < compounds; ++i) {
      const core::Reading reading{core::PointIndex{i}, at_, frame[i].value, frame[i].flag};
      changes_ += monitor_.on_reading(reading) ? 1 : 0;
    }
    return static_cast<double>(changes_);
  }
  /// Bytes of a checkpoint of the station.
  std::size_t state() const {
    std::vector<std::byte> bytes;
    monitor_.save(core::DeviceIndex{0}, core::PointIndex{0}, compounds, bytes);
    return bytes.size();
  }

 private:
  static core::LocalHour clock(core::Timestamp at) { return core::local_hour(at, std::chrono::hours(8)); }
  static std::vector<core::PointWatch> watches(bool baselines) {
    core::PointWatch watch{.period = std::chrono::hours(1)};
    watch.levels.push_back({.raise_above = 1e9, .clear_at = 1e9, .limit = {}});
    if (baselines) watch.baseline = core::BaselineWatch{.rule = {.resolution = 0.05}, .unit = core::Unit::ppb};
    return std::vector<core::PointWatch>(compounds, watch);
  }

  core::Timestamp at_{std::chrono::seconds(1'700'000'000)};
  core::Monitor monitor_;
  std::uint64_t changes_ = 0;
};

double bare_sum(const Frame& frame) {
  double sum = 0;
  for (const core::Sample& s : frame)
    if (std::isfinite(s.value)) sum += s.value;
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const int scans = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const auto frames = recorded();
  const auto all = channels();
  Station hourly(std::chrono::hours(1)), minutely(std::chrono::minutes(1));
  bench::Series dearest{"scan and 116 baselines, a new hour each time", "us/scan"},
      usual{"scan and 116 baselines, one of 60 in a new hour", "us/scan"}, alone{"scan alone", "us/scan"},
      watched{"monitor with 116 baselines, a new hour each time", "us/scan"},
      unwatched{"monitor without baselines", "us/scan"}, raw{"bare sum of the same values", "us/scan"};
  Watched with(true), without(false);
  double sum = 0;
  const auto run = [&](bench::Series& series, int times, const auto& work) {
    const auto cost = bench::measure([&] {
      for (int i = 0; i < times; ++i) sum += work(frames[static_cast<std::size_t>(i) % scans_kept]);
    });
    series.figures.push_back(1e6 * cost.cpu / times);
  };
  for (int i = 0; i < 24 * 14; ++i) {
    const Frame& frame = frames[static_cast<std::size_t>(i) % scans_kept];
    sum += hourly.work(frame) + with.work(frame) + without.work(frame);
  }
  for (int i = 0; i < 24 * 14 * 60; ++i) sum += minutely.work(frames[static_cast<std::size_t>(i) % scans_kept]);
  for (int i = 0; i < runs; ++i) {
    run(dearest, scans, [&](const Frame& f) { return hourly.work(f); });
    run(usual, scans, [&](const Frame& f) { return minutely.work(f); });
    run(watched, scans, [&](const Frame& f) { return with.work(f); });
    run(unwatched, scans, [&](const Frame& f) { return without.work(f); });
    run(alone, 10 * scans, [&](const Frame& f) { return core::scan(f, all).ofp_ug_m3; });
    run(raw, 10 * scans, bare_sum);
  }
  if (!std::isfinite(sum) || hourly.judged() == 0 || minutely.judged() == 0) return 1;  // nothing was done
  bench::Table table("voc");
  table.promise(dearest, raw, {.value = 50});
  table.promise(watched, unwatched, {.value = 50});
  table.row(usual);
  table.row(alone);
  std::printf("state of a station of 116: %zu KiB with baselines, %zu KiB without\n", with.state() / 1024,
              without.state() / 1024);
  return table.kept() ? 0 : 1;
}
