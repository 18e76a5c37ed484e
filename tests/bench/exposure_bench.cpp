// Promise: all metrics of a point (C_TWA so far and forecast, C_STE, stretches, coverage, its alarms, the record of
// each minute) at most 250 ns a reading, and in the last hour of a shift of 12 h at 1 s what they cost in the first.
// Beside it the bare running sum of the same readings. exposure_bench [points]
#include <array>
#include <cmath>
#include <cstdlib>
#include <random>

#include "core/exposures.hpp"
#include "core/monitor.hpp"
#include "settings/level_rules.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;
using std::chrono::hours;
using std::chrono::seconds;

constexpr int shift_hours = 12, runs = 7;
constexpr std::size_t recorded_values = 1U << 16U;  ///< gone through again and again, each point from another start

core::Agent solvent() {
  const auto limit = [](core::LimitKind kind, double value) {
    return core::Limit{kind, value, core::Unit::mg_per_m3, "bench"};
  };
  return {.id = "cas:108-88-3", .limits = {limit(core::LimitKind::pc_twa, 50), limit(core::LimitKind::pc_stel, 100)}};
}
core::Agent noise() {
  return {.id = "noise",
          .limits = {{core::LimitKind::lex_8h, 85, core::Unit::db_a, "bench"},
                     {core::LimitKind::action, 80, core::Unit::db_a, "bench"}},
          .unit = core::Unit::db_a};
}

/// Slow waves with noise on them: half an hour of every two above `level`, which is where stretches are counted.
std::vector<double> recorded(double level, double height, double scatter) {
  std::mt19937 random(12);
  std::normal_distribution<double> noise(0, scatter);
  std::vector<double> values(recorded_values);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = level + height * std::sin(2 * M_PI * static_cast<double>(i) / 7200 - 0.8) + noise(random);
  return values;
}

/// A site of like points, each with its instrument's readings once a second over the shift of each day.
class Watched {
 public:
  Watched(const core::Agent& agent, std::uint32_t points, std::vector<double> values)
      : points_(points), values_(std::move(values)), monitor_(watches(agent, points), 1, 0, day_of) {}

  double hour() {
    for (const auto end = now_ + hours(1); now_ < end;) {
      now_ += seconds(1);
      ++second_;
      for (std::uint32_t p = 0; p < points_; ++p) {
        const core::Reading reading{core::PointIndex{p}, now_, value(p), core::Flag::normal};
        changes_ += monitor_.on_reading(reading) ? 1 : 0;
      }
      monitor_.exposures().take(core::PointIndex{0}, points_, now_, records_);
      written_ += records_.size();
      records_.clear();
    }
    return static_cast<double>(changes_);
  }
  void rest_until_the_next_day() { now_ += hours(24 - shift_hours); }
  /// The same readings, and of each only the sum.
  double bare_hour(std::vector<double>& sums) {
    for (int s = 0; s < 3600; ++s) {
      ++second_;
      for (std::uint32_t p = 0; p < points_; ++p) sums[p] += value(p);
    }
    return sums[0];
  }
  std::uint64_t changes() const { return changes_; }
  std::uint64_t written() const { return written_; }

 private:
  double value(std::uint32_t p) const { return values_[(second_ + 611 * p) % recorded_values]; }
  static core::ShiftWindow day_of(core::ShiftIndex, core::Timestamp at) {
    const auto begin = std::chrono::floor<std::chrono::days>(at);
    const auto number = static_cast<std::int32_t>(begin.time_since_epoch().count());
    const bool over = at >= begin + hours(shift_hours);
    const core::Timestamp next = begin + std::chrono::days(over ? 1 : 0);
    return {next, next + hours(shift_hours), number, number};
  }
  static std::vector<core::PointWatch> watches(const core::Agent& agent, std::uint32_t points) {
    const core::ShiftWatch shift{core::ShiftIndex{0}, core::exposure_rule(agent, agent.unit, {"day", shift_hours, 5})};
    const core::PointWatch watch{.period = seconds(1),
                                 .levels = settings::legal_levels(agent),
                                 .energy_mean = agent.unit == core::Unit::db_a,
                                 .c_ste = agent.limit(core::LimitKind::pc_twa) != nullptr,
                                 .shifts = {shift}};
    return std::vector<core::PointWatch>(points, watch);
  }

  std::uint32_t points_;
  std::vector<double> values_;
  core::Monitor monitor_;
  core::Timestamp now_{std::chrono::days(20'000)};
  std::size_t second_ = 0;
  std::vector<core::Exposure> records_;
  std::uint64_t changes_ = 0, written_ = 0;
};

struct Figures {
  bench::Series first, last, raw;
};

Figures measured(const std::string& what, Watched site, std::uint32_t points) {
  Figures f{{what + ", first hour of 12", "ns/reading"},
            {what + ", last hour of 12", "ns/reading"},
            {"bare running sum of the same readings", "ns/reading"}};
  std::vector<double> sums(points);
  double sum = 0;
  const auto hour = [&](bench::Series& series, const auto& work) {
    series.figures.push_back(1e9 * bench::measure([&] { sum += work(); }).cpu / (3600.0 * points));
  };
  for (int run = 0; run < runs; ++run) {
    hour(f.first, [&] { return site.hour(); });
    for (int h = 2; h < shift_hours; ++h) sum += site.hour();
    hour(f.last, [&] { return site.hour(); });
    hour(f.raw, [&] { return site.bare_hour(sums); });
    site.rest_until_the_next_day();
  }
  const auto minutes = static_cast<std::uint64_t>(60 * shift_hours) * runs * points;
  if (!std::isfinite(sum) || site.changes() == 0 || site.written() < minutes)
    throw std::runtime_error("nothing was judged, or records are missing");
  return f;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::guarded([&] {
    const std::uint32_t points = argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : 100;
    const auto solvent_site = measured("solvent", Watched(solvent(), points, recorded(40, 30, 5)), points);
    const auto noise_site = measured("noise", Watched(noise(), points, recorded(80, 8, 2)), points);
    bench::Table table("exposure");
    for (const auto& site : {solvent_site, noise_site}) {
      table.promise(site.first, site.raw, {.value = 250});
      table.promise(site.last, site.first, {.of = bench::Target::Of::ratio, .value = 1.2});
    }
    return table.kept() ? 0 : 1;
  });
}
