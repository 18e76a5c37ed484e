// Promises: a day of 100 points at 1 s (8.64 million readings out of a CSV file, judged with all their metrics and
// stored) replays in under 10 s; a day of 1,000 points at 1 s that are polled in virtual time passes the whole chain at
// 1,000,000 readings a second, in memory that does not grow with its length. Beside the first the bare reading of the
// same file: lines cut, numbers parsed and summed. replay_bench [hours] [runs]; file and store lie in TMPDIR.
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>

#include "support/process.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"

namespace {
using namespace hazgate;
namespace fs = std::filesystem;

constexpr int points = 100;  ///< of as many devices, which is the dearest: a frame each
constexpr double resident_mib = 256;

bool is_noise(int point) { return point % 2 == 1; }
std::string id_of(int point) {
  return is_noise(point) ? fmt::format("slm-{:02}.la", point) : fmt::format("gas-{:02}.gas", point);
}

std::string device_text(int point) {
  const auto id = id_of(point);
  const auto device = id.substr(0, id.find('.'));
  const auto text =
      fmt::format("[[device]]\nid = \"{}\"\nbus = \"b\"\nunit = {}\nperiod = \"1s\"\nworkplace = \"hall-{}\"\n", device,
                  point + 1, point / 10);
  if (is_noise(point)) return text + "profile = \"generic-rs-zs-n01\"\n";
  return text +
         "profile = \"drager-polytron-8000\"\n[[device.point]]\nmeasure = \"gas\"\nunit = \"ppm\"\n"
         "agent = \"cas:108-88-3\"\n";
}

std::string site_text() {
  std::string text =
      "[gateway]\nid = \"bench\"\nsite = \"bench\"\ntimezone = \"Asia/Shanghai\"\n[[bus]]\nid = \"b\"\n"
      "transport = \"tcp\"\nhost = \"127.0.0.1\"\n[[enterprise]]\nid = \"works\"\n";
  for (int hall = 0; hall < points / 10; ++hall)
    text += fmt::format("[[workplace]]\nid = \"hall-{}\"\nenterprise = \"works\"\n", hall);
  for (int point = 0; point < points; ++point) text += device_text(point);
  return text;
}

/// Solvent of 0 to 20 ppm in waves of an hour, noise of 72 to 88 dB(A); in Shanghai the three shifts of a day.
void write_readings(const fs::path& file, int hours) {
  std::ofstream out(file, std::ios::binary);
  std::mt19937 random(9);
  fmt::memory_buffer text;
  const auto add = std::back_inserter(text);
  fmt::format_to(add, "t,point,value\n");
  std::vector<std::string> ids;
  for (int point = 0; point < points; ++point) ids.push_back(id_of(point));
  for (int s = 1; s <= hours * 3600; ++s) {
    const auto at = s - 1 + 16 * 3600;  // 2026-11-22 16:00 UTC is midnight there
    const auto time =
        fmt::format("2026-11-{}T{:02}:{:02}:{:02}Z", 22 + at / 86400, at / 3600 % 24, at / 60 % 60, at % 60);
    for (int point = 0; point < points; ++point) {
      const double wave = std::sin(s / 600.0 + point);
      const int tenths =
          static_cast<int>(is_noise(point) ? 800 + 70 * wave : 90 + 90 * wave) + static_cast<int>(random() % 20);
      fmt::format_to(add, "{},{},{}.{}\n", time, ids[static_cast<std::size_t>(point)], tenths / 10, tenths % 10);
    }
    if (text.size() < 1U << 20U && s < hours * 3600) continue;
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
  }
  if (!out.flush()) throw std::runtime_error("the readings cannot be written");
}

double bare_reading(const fs::path& file) {
  std::ifstream in(file);
  double sum = 0;
  for (std::string line; std::getline(in, line);) {
    double value = 0;
    const auto comma = line.rfind(',');
    std::from_chars(line.data() + comma + 1, line.data() + line.size(), value);
    sum += value;
  }
  return sum;
}

struct Run {
  double wall = 0;
  test::Process::Usage usage;
};

Run replayed(const fs::path& config, const fs::path& readings, const fs::path& data, std::int64_t count) {
  fs::remove_all(data);
  const auto begun = std::chrono::steady_clock::now();
  test::Process process({HAZGATE_PROGRAM, "replay", "--config", config.string(), "--input", readings.string(),
                         "--data-dir", data.string()});
  const auto code = process.wait(std::chrono::minutes(10));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
  if (code != 0 || !process.wait_for(fmt::format("readings={}\n", count), std::chrono::seconds(5)))
    throw std::runtime_error("the replay failed: " + process.output().substr(0, 2000));
  return {wall.count(), process.usage()};
}

/// The site of the other benches, and a recording of which each point plays a scaled copy; a value each half hour,
/// held.
struct VirtualDay {
  static constexpr bench::Load load{.devices = 100, .values = 10, .period_ms = 1000};
  /// Each point keeps its copy of the recording, which is not what is measured.
  static constexpr int rows_an_hour = 2;
  static constexpr std::int64_t values = std::int64_t{load.devices} * load.values;

  explicit VirtualDay(int hours) : length(hours) {
    config = bench::write_site(folder, {.modbus_port = 1502, .mqtt_port = 1883, .load = load});  // nobody is there
    std::string rows = "s,v\n";
    for (int row = 0; row < rows_an_hour * hours; ++row)
      rows += fmt::format("{},{}\n", 3600 / rows_an_hour * row, 20 + row % 17);
    folder.write("day.csv", rows);
    std::string text = "from = \"2026-11-23T00:00:00+08:00\"\n";
    for (int device = 0; device < load.devices; ++device)
      for (int value = 0; value < load.values; ++value)
        text += fmt::format(
            "[[play]]\npoint = \"gas-{}.m{}\"\nfile = \"day.csv\"\ncolumn = \"v\"\ntime = \"s\"\nscale = {}\n", device,
            value, 0.01 + 1e-4 * value);
    playback = folder.write("day.toml", text);
  }
  /// All but the last minute is sure to be played: a recording ends with its last row.
  std::int64_t readings() const { return values * (static_cast<std::int64_t>(length) * 3600); }

  int length;
  test::TemporaryFolder folder;
  fs::path config, playback;
};

void virtual_day(bench::Table& table, int hours) {
  bench::Series rate{fmt::format("{} points in virtual time, {} h at 1 s", VirtualDay::values, hours), "readings/s"},
      memory{"the same, peak resident memory", "MiB"}, short_memory{"of an eighth of the time", "MiB"};
  const VirtualDay day(hours), eighth(std::max(1, hours / 8));
  for (const auto& [what, series] : {std::pair(&eighth, &short_memory), std::pair(&day, &memory)}) {
    const auto run = replayed(what->config, what->playback, what->folder.path() / "data", what->readings());
    series->figures.push_back(static_cast<double>(run.usage.peak_resident_kib) / 1024);
    if (what == &day) rate.figures.push_back(static_cast<double>(day.readings()) / run.wall);
  }
  table.promise(rate, {}, {.bound = bench::Target::Bound::at_least, .value = 1e6});
  table.promise(memory, short_memory, {.of = bench::Target::Of::ratio, .value = 1.25});
}

}  // namespace

int main(int argc, char** argv) {
  return bench::guarded([&] {
    const int hours = argc > 1 ? std::atoi(argv[1]) : 24;
    const int runs = argc > 2 ? std::atoi(argv[2]) : 3;
    const test::TemporaryFolder folder;
    const auto config = folder.write("gateway.toml", site_text());
    for (const char* name : {"limits", "voc116.csv", "profiles"})
      fs::create_symlink(fs::path(SOURCE_DIR) / "config" / name, folder.path() / name);
    const auto readings = folder.path() / "readings.csv";
    write_readings(readings, hours);
    bench::Series wall{fmt::format("replay, {} points, {} h at 1 s", points, hours), "s"},
        cpu{"the same, CPU of both threads", "s"}, memory{"the same, peak resident memory", "MiB"},
        raw{"bare reading of the same file", "s"};
    double sum = 0;
    for (int i = 0; i < runs; ++i) {
      const auto run = replayed(config, readings, folder.path() / "data", std::int64_t{hours} * 3600 * points);
      wall.figures.push_back(run.wall);
      cpu.figures.push_back(run.usage.cpu_seconds);
      memory.figures.push_back(static_cast<double>(run.usage.peak_resident_kib) / 1024);
      raw.figures.push_back(bench::measure([&] { sum += bare_reading(readings); }).wall);
    }
    if (!std::isfinite(sum)) return 1;
    bench::Table table("replay");
    table.promise(wall, raw, {.value = 10.0 * hours / 24});
    table.row(cpu);
    table.promise(memory, {}, {.value = resident_mib});
    virtual_day(table, hours);
    return table.kept() ? 0 : 1;
  });
}
