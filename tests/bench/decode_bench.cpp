// Promise: from the words of an answer to judged readings (decoded, flagged, held against three levels of a MAC, or of
// a PC-STEL with its sliding 15 min mean) at most 200 ns a value. Beside it the same words decoded to the same doubles
// and nothing else. decode_bench [simulated seconds a run]
#include <cmath>
#include <cstdlib>
#include <random>

#include "app/ingest.hpp"
#include "app/resume.hpp"
#include "drivers/pdu.hpp"
#include "drivers/poll_plan.hpp"
#include "settings/level_rules.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;

constexpr std::uint32_t devices = 1000, points = 10;
constexpr std::uint32_t frames = 512;  ///< different answers; each device goes through them from another start
constexpr int runs = 7;
constexpr double limit_mg = 30;
constexpr auto period = std::chrono::seconds(1);

core::Agent agent(core::LimitKind kind) {
  return {.id = "cas:0-00-0",
          .limits = {{.kind = kind, .value = limit_mg, .unit = core::Unit::mg_per_m3, .source = "bench"}}};
}

std::vector<modbus::Channel> channels() {
  std::vector<modbus::Channel> all;
  for (std::uint16_t p = 0; p < points; ++p) {
    all.push_back({.address = static_cast<std::uint16_t>(2 * p), .type = modbus::Type::float32});
  }
  return all;
}

settings::PointRules rules(std::vector<core::LevelRule> levels) {
  return {.min = 0, .max = 1000, .loq = 0.01, .error_values = {65535}, .levels = std::move(levels)};
}

/// Every second point has a MAC, the others a PC-STEL; all with a range and a quantification limit.
settings::Settings site() {
  settings::Settings s;
  s.site.workplaces.emplace_back();
  const auto mac = settings::legal_levels(agent(core::LimitKind::mac));
  const auto stel = settings::legal_levels(agent(core::LimitKind::pc_stel));
  for (std::uint32_t d = 0; d < devices; ++d) {
    if (s.buses.empty()) s.buses.push_back({"b", {}, {}});
    s.site.devices.push_back({.period = period, .first_point = core::PointIndex{d * points}, .point_count = points});
    s.devices.emplace_back();
    for (std::uint32_t p = 0; p < points; ++p) {
      s.site.points.push_back({.device = core::DeviceIndex{d}, .unit = core::Unit::mg_per_m3});
      s.points.push_back(rules(p % 2 == 0 ? mac : stel));
    }
  }
  return s;
}

using Pdu = std::array<std::uint8_t, 2 + 4 * points>;

/// Answers as they come: slow waves around a third of the limit, with noise; one point of ten stays above its warning
/// for two of eight minutes.
std::vector<Pdu> answers() {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, 0.2);
  std::vector<Pdu> all(frames);
  for (std::uint32_t f = 0; f < frames; ++f) {
    all[f][0] = 3;
    all[f][1] = 4 * points;
    for (std::uint32_t p = 0; p < points; ++p) {
      const double height = p == 2 && f > frames - 128 ? 18 : 10;
      const double value = height + std::sin(0.05 * (f + 13.0 * p)) + noise(random);
      std::array<std::uint16_t, 2> words{};
      modbus::encode(value, modbus::Type::float32, modbus::WordOrder::abcd, words);
      for (std::uint32_t w = 0; w < 2; ++w) {
        all[f][2 + 4 * p + 2 * w] = static_cast<std::uint8_t>(words[w] >> 8U);
        all[f][3 + 4 * p + 2 * w] = static_cast<std::uint8_t>(words[w]);
      }
    }
  }
  return all;
}

const Pdu& answer_of(const std::vector<Pdu>& all, std::uint32_t device, std::uint32_t second) {
  return all[(second + 37 * device) % frames];
}

class Product {
 public:
  Product() : plans_(devices, modbus::PollPlan(channels(), {})), request_(plans_[0].request(0, 1)) {
    if (plans_[0].size() != 1) std::exit(1);
  }
  /// One second of the whole site.
  void second(const std::vector<Pdu>& all, std::uint32_t now) {
    const core::Timestamp at = start_ + now * core::Duration(period);
    for (std::uint32_t d = 0; d < devices; ++d) {
      if (modbus::decode_answer(request_, answer_of(all, d, now), words_)) std::exit(1);
      plans_[d].scatter(0, words_, values_);
      ingest_.on_outcome({.device = d, .values = values_}, at, batch_);
    }
    alarms_ += batch_.alarms.size();
    batch_.clear();
  }
  std::size_t alarms() const { return alarms_; }

 private:
  settings::Settings settings_ = site();
  app::Ingest ingest_{settings_, app::make_monitor(settings_, 0)};
  std::vector<modbus::PollPlan> plans_;
  modbus::Request request_;
  std::array<std::uint16_t, 2 * points> words_{};
  std::array<double, points> values_{};
  core::Batch batch_;
  core::Timestamp start_{std::chrono::seconds(1'700'000'000)};
  std::size_t alarms_ = 0;
};

/// Bytes to words to floats to doubles, into the place where the device's values lie.
void bare_second(const std::vector<Pdu>& all, std::uint32_t now, std::vector<double>& values) {
  for (std::uint32_t d = 0; d < devices; ++d) {
    const Pdu& pdu = answer_of(all, d, now);
    for (std::uint32_t p = 0; p < points; ++p) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, pdu.data() + 2 + 4 * p, sizeof bits);
      values[d * points + p] = std::bit_cast<float>(__builtin_bswap32(bits));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint32_t seconds = argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : 100;
  const auto all = answers();
  Product product;
  std::vector<double> values(devices * points);
  bench::Series ours{"decode, flag and judge", "ns/value"}, raw{"bare decode of the same words", "ns/value"};
  std::uint32_t now = 0;
  for (; now < 1000; ++now) product.second(all, now);  // the 15 min windows are full
  const double per_value = 1e9 / (static_cast<double>(seconds) * devices * points);
  double sum = 0;
  for (int i = 0; i < runs; ++i) {
    ours.figures.push_back(per_value * bench::measure([&] {
                                         for (const auto end = now + seconds; now < end; ++now)
                                           product.second(all, now);
                                       }).cpu);
    raw.figures.push_back(per_value / 20 * bench::measure([&] {
                                             for (std::uint32_t s = 0; s < 20 * seconds; ++s) {
                                               bare_second(all, s, values);
                                               sum += values[s % values.size()];
                                             }
                                           }).cpu);
  }
  if (product.alarms() == 0 || !std::isfinite(sum)) return 1;  // nothing was judged, or nothing decoded
  bench::Table table("decode");
  table.promise(ours, raw, {.value = 200});
  table.row({"alarm changes judged in all", "alarms", {static_cast<double>(product.alarms())}});
  return table.kept() ? 0 : 1;
}
