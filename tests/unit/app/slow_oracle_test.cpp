// Every recording that is a concentration or a level, as if it stood at a workplace: the exposure records of the chain
// (quality, monitor, meters) against those of the slow oracle, figure by figure, while the shift runs and when it is
// over. Ambient levels are scaled up until limits are passed, and recordings begin again until they fill their shift.
//
// Sums of a shift agree to 1e-9. The sliding means are kept in buckets: C_STE in 5 s (or a period), the half hour of
// the forecast in a minute (or a period). The oldest bucket counts as if it were even, so that a mean may be off by
// bucket / window of the change within that one bucket, which is what is granted here, moment by moment, and one part
// in 10^6 for single precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "app/ingest.hpp"
#include "app/resume.hpp"
#include "settings/level_rules.hpp"
#include "support/recording.hpp"
#include "support/slow_exposure.hpp"

namespace hazgate::app {
namespace {

using std::chrono::minutes;
using test::SlowReading;
using test::SlowRecord;
using test::SlowRules;
using test::SlowShift;

constexpr std::int64_t monday = 20'780 * std::int64_t{86400};  // 2026-11-23
constexpr int start_hour = 8;

struct Played {
  const char* what;
  test::Recording recording;
  std::int64_t period = 1;
  double scale = 1;  ///< to the unit of the limits
  SlowRules law;
  settings::PointRules quality = {};
  std::int64_t begins_s = 0;  ///< after the beginning of the first shift
  int rounds = 1;             ///< how often it plays
  std::int64_t pause_s = 0;   ///< between two rounds nobody answers
};
void PrintTo(const Played& p, std::ostream* out) { *out << p.what; }

core::Agent agent_of(const SlowRules& law) {
  core::Agent agent{.id = law.levels ? "noise" : "cas:0-00-0", .reduced_for_long_shifts = law.adjusted};
  agent.unit = law.levels ? core::Unit::db_a : core::Unit::mg_per_m3;
  const auto add = [&](core::LimitKind kind, double value) {
    if (std::isfinite(value)) agent.limits.push_back({kind, value, agent.unit, "clause"});
  };
  add(core::LimitKind::mac, law.mac);
  add(core::LimitKind::pc_twa, law.pc_twa);
  add(core::LimitKind::pc_stel, law.pc_stel);
  add(core::LimitKind::lex_8h, law.lex_8h);
  if (law.levels) add(core::LimitKind::action, law.lex_8h - 5);
  return agent;
}

/// One instrument with one point at one workplace with one shift.
settings::Settings workplace(const Played& p) {
  settings::Settings s;
  s.gateway.timezone = "UTC";
  settings::ShiftSettings shift{.id = "day", .start_minute = start_hour * 60, .hours = p.law.hours, .days = {}};
  for (int day = 1; day <= p.law.days; ++day) shift.days.push_back(day);
  s.shifts.push_back(shift);
  s.site.shifts.push_back({"day", p.law.hours, p.law.days});
  s.site.workplaces.push_back({.id = "w", .shifts = {core::ShiftIndex{0}}});
  s.site.buses.push_back({"b"});
  s.buses.push_back({"b", {}, {}});
  s.site.devices.push_back({.id = "a", .period = std::chrono::seconds(p.period), .point_count = 1});
  s.site.agents.push_back(agent_of(p.law));
  s.site.points.push_back({.id = "a.x", .unit = s.site.agents[0].unit, .agent = core::AgentIndex{0}});
  s.points.push_back(p.quality);
  s.points[0].scale = p.scale;
  s.points[0].levels = settings::legal_levels(s.site.agents[0]);
  s.devices.emplace_back();
  return s;
}

core::Timestamp time_of(std::int64_t second) { return core::Timestamp(std::chrono::seconds(second)); }
std::int64_t second_of(core::Timestamp at) { return at.time_since_epoch() / std::chrono::seconds(1); }

/// What the chain makes of what is seen: the readings with their flags, and every record that it gives.
class Chain {
 public:
  explicit Chain(const Played& p) : settings_(workplace(p)), ingest_(settings_, make_monitor(settings_, 0)) {}

  void play(const Played& p) {
    const auto answers = test::asked(p.recording, p.period);
    const auto length = answers.back().second + p.period + p.pause_s;
    const auto begin = monday + start_hour * 3600 + p.begins_s;
    for (int round = 0; round < p.rounds; ++round) {
      for (const auto& answer : answers) {
        core::Batch batch;
        const auto second = begin + round * length + answer.second;
        ingest_.on_outcome({.device = 0, .values = std::span(&answer.value, 1)}, time_of(second), batch);
        take(second, batch);
      }
    }
    end();
  }
  void see(const SlowReading& reading) {
    core::Batch batch;
    const core::Sample sample{reading.value, *core::flag_from(reading.flag)};
    ingest_.on_frame(core::DeviceIndex{0}, time_of(reading.at), std::span(&sample, 1), batch);
    take(reading.at, batch);
  }
  /// Whoever asks two days later hears nothing, and every shift is over.
  void end() { see({.at = readings.back().at / 86400 * 86400 + 2 * 86400, .flag = 'B'}); }

  std::vector<SlowReading> readings;
  std::vector<core::Exposure> records;

 private:
  void take(std::int64_t second, const core::Batch& batch) {
    const auto& sample = batch.samples.front();
    readings.push_back({second, sample.value, static_cast<char>(sample.flag)});
    records.insert(records.end(), batch.exposures.begin(), batch.exposures.end());
  }
  settings::Settings settings_;
  Ingest ingest_;
};

class Compared {
 public:
  Compared(const Played& p, const Chain& chain) : p_(p), chain_(chain) {}

  void all() {
    // While a shift runs every tenth minute is enough: the oracle goes through the whole shift for each.
    for (const auto& e : chain_.records) {
      if (e.final || second_of(e.at) / 60 % 10 == 0) record(e);
    }
  }
  std::map<std::string, int> met;  ///< what was there to be compared

 private:
  const SlowShift& shift_of(const core::Exposure& e) {
    const auto begin = second_of(e.window.begin);
    auto found = shifts_.find(begin);
    if (found == shifts_.end())
      found = shifts_.try_emplace(begin, chain_.readings, p_.period, p_.law, begin, second_of(e.window.end)).first;
    return found->second;
  }
  /// Of the days of the same week, Monday first.
  double week_before(std::int64_t begin) {
    double sum = 0;
    for (const auto& [other, shift] : shifts_) {
      if (other >= begin || (other - monday) / (7 * 86400) != (begin - monday) / (7 * 86400)) continue;
      const auto [known, fresh] = added_.try_emplace(other, 0);
      if (fresh) known->second = shift.of_week();
      sum += known->second;
    }
    return sum;
  }
  void record(const core::Exposure& e) {
    const auto& shift = shift_of(e);
    const auto now = second_of(e.at);
    const bool by_week = p_.law.days != 5;
    const auto slow = shift.record(now, by_week ? week_before(shift.begin()) : 0);
    SCOPED_TRACE(testing::Message() << p_.what << ", shift of " << shift.begin() << ", second " << now - shift.begin());
    sums(e, slow);
    judgement(e, slow, shift);
    if (slow.found) {
      short_time(e, shift);
    } else {
      EXPECT_TRUE(std::isnan(e.stel_max) && std::isnan(e.stel_at_least));
    }
    forecast(e, slow, shift);
    ++met[e.final ? slow.verdict : "running"];
    for (const auto& breach : slow.breaches) ++met[breach];
  }
  static void near(const char* what, double ours, double slow, double granted) {
    EXPECT_EQ(std::isnan(ours), std::isnan(slow)) << what << ": " << ours << ", oracle " << slow;
    if (std::isnan(ours) || std::isnan(slow)) return;
    EXPECT_LE(std::abs(ours - slow), granted) << what << ": " << ours << ", oracle " << slow;
  }
  static void equal(const char* what, double ours, double slow) {
    near(what, ours, slow, 1e-9 * std::abs(slow) + 1e-9);
  }

  static void sums(const core::Exposure& e, const SlowRecord& slow) {
    equal("twa_so_far", e.twa_so_far, slow.twa_so_far);
    equal("twa", e.twa, slow.twa);
    equal("week", e.week, slow.week);
    equal("mean", e.mean, slow.mean);
    equal("max", e.max, slow.max);
    EXPECT_EQ(e.at_least, slow.at_least);
    EXPECT_EQ(e.episodes.count, slow.stretches.count);
    equal("longest", e.episodes.longest_minutes, slow.stretches.longest_minutes);
    equal("closest", e.episodes.closest_minutes, slow.stretches.closest_minutes);
    equal("measured", e.time.measured, slow.measured);
    equal("below_loq", e.time.below_loq, slow.below_loq);
    equal("over_range", e.time.over_range, slow.over_range);
    equal("fault", e.time.fault, slow.fault);
    equal("link_lost", e.time.link_lost, slow.link_lost);
    equal("missing", e.time.missing, slow.missing);
  }
  void judgement(const core::Exposure& e, const SlowRecord& slow, const SlowShift& shift) const {
    EXPECT_EQ(core::name(e.rule), slow.rule);
    equal("limit", e.limit, slow.limit);
    equal("reduction_factor", e.reduction_factor, slow.reduction_factor);
    EXPECT_EQ(core::name(e.verdict), slow.verdict);
    std::set<std::string> breaches;
    for (int b = 0; b <= static_cast<int>(core::Breach::peak); ++b) {
      if (e.breaches.has(core::Breach{static_cast<std::uint8_t>(b)}))
        breaches.emplace(core::name(core::Breach{static_cast<std::uint8_t>(b)}));
    }
    EXPECT_EQ(breaches, slow.breaches);
    equal("ratio", e.ratio, slow.ratio);
    EXPECT_EQ(std::isnan(e.ratio) ? "" : core::name(e.exposure_class), slow.exposure_class);
    if (slow.forecast || !slow.limit_at) return;
    ASSERT_TRUE(e.limit_at);
    EXPECT_EQ(second_of(*e.limit_at), known_at(*slow.limit_at, shift.end())) << "when the limit was passed";
  }
  /// What happened within the time that a reading stands for is known with it.
  std::int64_t known_at(std::int64_t second, std::int64_t end) const {
    const auto reading = std::ranges::lower_bound(chain_.readings, second, {}, &SlowReading::at);
    return std::min(reading->at, end);
  }

  /// How far a sliding mean may be from the exact one at `at`. In the window's oldest bucket each second may weigh up
  /// to one too much or too little.
  struct Window {
    std::int64_t length, narrowest;
    double least_coverage;
  };
  static constexpr Window short_window{900, 5, 0.75}, half_hour{1800, 60, 1.0 / 3};
  double granted(const SlowShift& shift, std::int64_t at, const Window& window) const {
    constexpr std::int64_t us = 1'000'000;
    const auto bucket =
        window.length * us / std::max<std::int64_t>(1, window.length / std::max(p_.period, window.narrowest));
    const auto oldest = (at - window.length) * us / bucket * bucket;
    if (oldest == (at - window.length) * us) return 0;
    const double width = static_cast<double>(bucket) / us;
    const double others = std::max(width, window.least_coverage * static_cast<double>(window.length) - width);
    const double mean = shift.mean_of(at - window.length, at, window.least_coverage);
    return width / others * shift.unevenness(oldest / us, (oldest + bucket + us - 1) / us, mean);
  }
  /// The least and the greatest that the chain may have met up to a moment.
  struct Bounds {
    double least = core::no_value, exact = core::no_value, greatest = core::no_value;
    void met(double value, double granted) {
      if (std::isnan(value)) return;
      const double off = granted + 1e-6 * std::abs(value);
      least = std::fmax(least, value - off);
      exact = std::fmax(exact, value);
      greatest = std::fmax(greatest, value + off);
    }
  };
  struct ShortTimes {
    Bounds c_ste, proven;
  };
  /// Of what the 15 min before `at` prove: the dose of the oldest bucket may be off by how uneven it is. In the first
  /// 15 min of a shift nothing is granted, for there the dose itself is told.
  double granted_proven(const SlowShift& shift, std::int64_t at) const {
    if (at - short_window.length < shift.begin()) return 0;
    const auto bucket = std::max<std::int64_t>(p_.period, short_window.narrowest) + 1;
    const auto oldest = at - short_window.length;
    return static_cast<double>(bucket) / short_window.length * shift.known_span(oldest - bucket, oldest + bucket);
  }
  /// Of each second of a shift: looked up for many records, and slow to form.
  const std::vector<ShortTimes>& bounds_of(const SlowShift& shift) {
    auto& all = bounds_[shift.begin()];
    if (!all.empty()) return all;
    ShortTimes b;
    for (auto s = shift.begin() + 1; s <= shift.end(); ++s) {
      if (!std::isnan(shift.c_ste(s))) b.c_ste.met(shift.c_ste(s), granted(shift, s, short_window));
      if (!std::isnan(shift.ste_proven(s))) b.proven.met(shift.ste_proven(s), granted_proven(shift, s));
      all.push_back(b);
    }
    return all;
  }
  void short_time(const core::Exposure& e, const SlowShift& shift) {
    const auto& [b, proven] = bounds_of(shift)[static_cast<std::size_t>(second_of(e.at) - shift.begin() - 1)];
    short_time_proven(e, b, proven);
    ASSERT_EQ(std::isnan(e.stel_max), std::isnan(b.exact)) << e.stel_max << ", oracle " << b.exact;
    if (std::isnan(b.exact)) return;
    EXPECT_GE(e.stel_max, b.least) << "oracle " << b.exact;
    EXPECT_LE(e.stel_max, b.greatest) << "oracle " << b.exact;
    const auto at = second_of(e.stel_max_at);
    const double then = shift.c_ste(at);
    near("C_STE at its moment", e.stel_max, then, granted(shift, at, short_window) + 1e-6 * std::abs(then));
  }
  /// Told where it is more than the greatest C_STE, and nowhere else.
  static void short_time_proven(const core::Exposure& e, const Bounds& c_ste, const Bounds& proven) {
    if (std::isnan(e.stel_at_least)) {
      EXPECT_FALSE(proven.least > std::fmax(c_ste.greatest, 0) * (1 + 2e-6)) << "oracle " << proven.exact;
      return;
    }
    EXPECT_GE(e.stel_at_least, proven.least) << "oracle " << proven.exact;
    EXPECT_LE(e.stel_at_least, proven.greatest) << "oracle " << proven.exact;
    EXPECT_FALSE(proven.greatest <= c_ste.least) << proven.exact << " is no more than " << c_ste.exact;
  }
  void forecast(const core::Exposure& e, const SlowRecord& slow, const SlowShift& shift) const {
    const auto now = second_of(e.at);
    const double judged_s = 3600 * (slow.rule == "40h"         ? 40
                                    : slow.rule == "week"      ? p_.law.hours * p_.law.days
                                    : slow.rule == "real_time" ? p_.law.hours
                                                               : 8);
    const double off = granted(shift, now, half_hour) * static_cast<double>(shift.end() - now) / judged_s;
    const auto energy = [&](double figure) { return p_.law.levels ? std::pow(10, figure / 10) : figure; };
    const double figure = energy(slow.twa_projected);
    near("twa_projected", energy(e.twa_projected), figure, off + 1e-6 * std::abs(figure));
    if (off > 0 || !slow.forecast) return;
    ASSERT_TRUE(e.limit_at);
    near("limit_at", static_cast<double>(second_of(*e.limit_at)), static_cast<double>(*slow.limit_at), 2);
  }

  const Played& p_;
  const Chain& chain_;
  std::map<std::int64_t, SlowShift> shifts_;
  std::map<std::int64_t, std::vector<ShortTimes>> bounds_;
  std::map<std::int64_t, double> added_;  ///< by a shift that is over, to its week
};

class SlowOracle : public testing::TestWithParam<Played> {};

TEST_P(SlowOracle, AgreesWithTheChain) {
  const auto& p = GetParam();
  Chain chain(p);
  chain.play(p);
  Compared compared(p, chain);
  compared.all();
  std::string met;
  for (const auto& [word, count] : compared.met) met += word + " " + std::to_string(count) + ", ";
  RecordProperty("met", met);
  EXPECT_GE(chain.records.size(), 1u);
}

/// Runs of like readings and gaps, from two hours before a shift until two hours after it.
std::vector<SlowReading> random_readings(std::mt19937& random, const Played& p, std::string_view flags) {
  std::vector<SlowReading> readings;
  auto now = monday + (start_hour - 2) * 3600 + static_cast<std::int64_t>(random() % 3600);
  while (now < monday + (start_hour + 10) * 3600) {
    const char flag = flags[random() % flags.size()];
    const double drawn = static_cast<double>(random() % 80) / 10;
    const double height = p.law.levels ? 50 + 6 * drawn : std::pow(2.0, drawn);  // 50 to 98 dB, or 1 to 256 mg/m3
    for (auto left = 1 + random() % 120; left > 0; --left) {
      const bool shown = flag == 'N' || flag == 'S' || (flag == 'T' && random() % 10 != 0);
      const double value = shown ? height + static_cast<double>(random() % 8) : core::no_value;
      readings.push_back({now, flag == 'L' ? 0.5 : value, flag});
      now += p.period;
    }
    if (random() % 8 == 0) now += static_cast<std::int64_t>(random() % 1200);
  }
  return readings;
}

SlowRules random_law(std::mt19937& random) {
  const double limit = 10 + static_cast<double>(random() % 100);
  switch (random() % 4) {
    case 0:
      return {.pc_twa = limit};
    case 1:
      return {.pc_twa = limit, .pc_stel = 2 * limit};
    case 2:
      return {.mac = 2 * limit};
    default:
      return {.levels = true, .lex_8h = 80 + limit / 10};
  }
}

TEST(SlowOracle, AgreesWithTheChainOnRandomReadingsWithEveryFlagAndGap) {
  std::mt19937 random(20);
  std::map<std::string, int> met;
  for (int trial = 0; trial < 60; ++trial) {
    Played p{.what = "random", .recording = {}, .period = trial % 8 == 0 ? 1 : 5 + static_cast<int>(random() % 20)};
    p.law = random_law(random);
    Chain chain(p);
    const auto* flags = trial % 3 == 0 ? "NNNNNNNNSLLTDBCMF" : "NNNNNNNNNNNNNSLD";
    for (const auto& reading : random_readings(random, p, flags)) chain.see(reading);
    chain.end();
    Compared compared(p, chain);
    compared.all();
    for (const auto& [word, count] : compared.met) met[word] += count;
  }
  for (const char* word :
       {"compliant", "exceeds", "insufficient", "running", "MAC", "PC-TWA", "PC-STEL", "PE-3x", "PE-5x", "LEX_8h"})
    EXPECT_GT(met[word], 0) << word;
}

test::Recording each(const char* file, const char* column, double seconds) {
  return {.file = file, .column = column, .time = "", .every = seconds};
}
test::Recording timed(const char* file, const char* column, const char* time) {
  return {.file = file, .column = column, .time = time};
}
SlowRules twa(double pc_twa, double hours = 8) { return {.pc_twa = pc_twa, .hours = hours}; }
SlowRules stel(double pc_twa, double pc_stel) { return {.pc_twa = pc_twa, .pc_stel = pc_stel}; }
SlowRules reduced(SlowRules rules, double hours, int days) {
  rules.hours = hours;
  rules.days = days;
  rules.adjusted = true;
  return rules;
}
SlowRules mac(double value) { return {.mac = value}; }
SlowRules noise(double hours = 8, int days = 5) { return {.levels = true, .lex_8h = 85, .hours = hours, .days = days}; }
/// mg/m3 of a ppb, at 20 degC.                                                             GBZ 2.1-2019 A.2.6
constexpr double of_ppb(double molar_mass) { return molar_mass / 24.05 / 1000; }
constexpr std::int64_t days_s = 86400;

const auto salt = timed("dust_sps30_salt_decay.csv", "mPM10", "elapsed_s");
const auto salt_sds = timed("dust_sds011_salt_ceiling.csv", "pm10_ug_m3", "elapsed_s");
const auto roof = timed("dust_dusttrak_5s.csv", "mass_mg_m3", "elapsed_s");
const auto laeq = timed("noise_laeq_1s.csv", "laeq_1s_dB", "datetime");
const auto octave = each("noise_octave_800hz_30s.csv", "leq_800hz_db", 30);
const auto road = timed("benzene_hourly.csv", "benzene_ug_m3", "datetime");
test::Recording uploaded(const char* device) {
  return {.file = "dust_solarcast_faults.csv", .column = "opc_pm10_ug_m3", .time = "uploaded_utc", .device = device};
}
test::Recording scanned(const char* compound) { return timed("voc_autogc_hourly.csv", compound, "datetime_lst"); }

// ug/m3 are 0.001 mg/m3; where a level is scaled besides, the name says so.
INSTANTIATE_TEST_SUITE_P(
    Dust, SlowOracle,
    testing::Values(
        Played{"salt in a chamber, a shift of 90 min", salt, 1, 0.001, twa(1, 1.5)},
        Played{"the same again and again with breaks", salt, 1, 0.001, twa(1), {}, -1800, 5, 600},
        Played{"the same, with a PC-STEL", salt, 1, 0.001, stel(1, 2), {}, 300, 4, 1200},
        Played{"the same, 12 h, reduced", salt, 1, 0.001, reduced(twa(2), 12, 5), {}, 0, 9},
        Played{"salt, over range", salt_sds, 1, 0.001, twa(1, 1.5), {.max = 1.9999}},
        Played{"salt, stuck at the ceiling that nobody stated",
               salt_sds,
               1,
               0.001,
               twa(1, 1.5),
               {.stuck_after = minutes(5)}},
        Played{"salt, fine",
               timed("dust_sds011_salt_ceiling.csv", "pm25_ug_m3", "elapsed_s"),
               1,
               0.001,
               stel(0.2, 0.5),
               {.max = 0.9999}},
        Played{"salt, another sensor", timed("dust_pms5003_salt_counts.csv", "pm25_ug_m3", "elapsed_s"), 1, 0.001,
               twa(0.5, 1.25)},
        Played{"wood smoke", timed("dust_sps30_woodsmoke.csv", "pm25_ug_m3", "elapsed_s"), 5, 0.001, twa(4, 2.5)},
        Played{"wood smoke at its ceiling",
               timed("dust_sds011_woodsmoke.csv", "pm25_ug_m3", "elapsed_s"),
               5,
               0.001,
               stel(0.3, 1),
               {.max = 0.9999}},
        Played{"roof top", roof, 5, 1, twa(0.05, 1.5), {.loq = 0.005}, 0, 2},
        Played{"roof top, mostly not measured", roof, 5, 1, twa(8)},
        Played{"roof top, analogue",
               timed("dust_dusttrak_analog_1hz.csv", "dust_mg_m3", "elapsed_s"),
               1,
               1,
               stel(0.01, 0.05),
               {.max = 0.987},
               -120,
               3,
               900},
        Played{"a night and a day, a hundredfold",
               timed("dust_modulair_dead_channels.csv", "pm10_ug_m3", "timestamp"),
               60,
               0.1,
               twa(1),
               {.min = 0},
               -12028},
        Played{"uploads in bursts, a hundredfold", uploaded("872300871"), 600, 0.1, twa(1), {.min = 0}, 22340},
        Played{"uploads with an impossible figure, a hundredfold",
               uploaded("4267748403"),
               600,
               0.1,
               stel(0.5, 1),
               {.min = 0},
               22340},
        Played{"beside a station, a thousandfold",
               timed("gas_dust_collocated_1min.csv", "pm25_ug_m3", "datetime_est"),
               60,
               1,
               stel(6, 12),
               {.max_rate = 20.0 / 60},
               -28800},
        Played{"the station, a thousandfold",
               timed("gas_dust_reference_hourly.csv", "pm25_ug_m3", "datetime_est"),
               3600,
               1,
               twa(8),
               {},
               -28800}));
INSTANTIATE_TEST_SUITE_P(
    Gas, SlowOracle,
    testing::Values(
        Played{"benzene at a road, 0.1 ppm for each ug/m3", road, 3600, 100 * of_ppb(78.11), stel(3, 6), {}, -8 * 3600},
        Played{"the same, 12 h on seven days, reduced",
               road,
               3600,
               100 * of_ppb(78.11),
               reduced(stel(3, 6), 12, 7),
               {},
               -8 * 3600},
        Played{"benzene with codes for missing, 0.1 ppm for each",
               timed("gas_uci_missing_codes.csv", "benzene_ug_m3", "datetime"),
               3600,
               100 * of_ppb(78.11),
               stel(3, 6),
               {.error_values = {-200}},
               10 * 3600},
        Played{"NO2 with codes for missing, a hundredfold",
               timed("gas_uci_missing_codes.csv", "no2_ug_m3", "datetime"),
               3600,
               0.1,
               reduced(stel(5, 10), 8, 6),
               {.error_values = {-200}},
               10 * 3600},
        Played{"NO2 that follows ozone, negative, a tenfold",
               timed("gas_dust_collocated_1min.csv", "no2_ppb", "datetime_est"),
               60,
               10 * of_ppb(46.01),
               stel(0.5, 1),
               {},
               -28800},
        Played{"ozone, a hundredfold",
               timed("gas_dust_collocated_1min.csv", "o3_ppb", "datetime_est"),
               60,
               of_ppb(48),
               mac(0.3),
               {},
               -28800},
        Played{"the station's NO2, a thousandfold",
               timed("gas_dust_reference_hourly.csv", "no2_ppb", "datetime_est"),
               3600,
               1000 * of_ppb(46.01),
               stel(5, 10),
               {},
               -28800},
        Played{"the station's ozone, a tenfold",
               timed("gas_dust_reference_hourly.csv", "o3_ppb", "datetime_est"),
               3600,
               10 * of_ppb(48),
               mac(0.3),
               {},
               -28800},
        Played{"H2S, 250-fold",
               timed("h2s_hourly.csv", "h2s_ppm", "epoch_utc_s"),
               3600,
               250000 * of_ppb(34.08),
               mac(10),
               {},
               -10 * 3600}));
INSTANTIATE_TEST_SUITE_P(
    Noise, SlowOracle,
    testing::Values(Played{"an hour of a quiet site, 80-fold", laeq, 1, 1.8, noise(), {.max = 110}, 0, 8},
                    Played{"the same over a weekend", laeq, 1, 1.7, noise(8, 6), {}, 4 * days_s, 30},
                    Played{"an octave", octave, 30, 1.6, noise(), {}, 600},
                    Played{"an octave, 12 h", octave, 30, 1.6, noise(12), {}, -600, 2}));
INSTANTIATE_TEST_SUITE_P(
    Voc, SlowOracle,
    testing::Values(Played{"toluene, 100 ppm for each ppb",
                           scanned("45202"),
                           3600,
                           100000 * of_ppb(92.14),
                           stel(50, 100),
                           {},
                           -8 * 3600},
                    Played{"n-hexane, 100 ppm for each ppb",
                           scanned("43231"),
                           3600,
                           100000 * of_ppb(86.18),
                           stel(100, 180),
                           {},
                           -8 * 3600},
                    Played{"benzene, 10 ppm for each ppb",
                           scanned("45201"),
                           3600,
                           10000 * of_ppb(78.11),
                           reduced(stel(3, 6), 10, 7),
                           {},
                           -8 * 3600},
                    Played{
                        "xylene, no PC-STEL", scanned("45109"), 3600, 100000 * of_ppb(106.17), twa(10), {}, -8 * 3600},
                    Played{"ethane, no limit", scanned("43202"), 3600, of_ppb(30.07), {}, {}, -8 * 3600}));

}  // namespace
}  // namespace hazgate::app
