// Promises of storage that lasts: at most 4 bytes a reading at rest; a month of one point as 1,000 buckets in 50 ms
// while 1,000 values a second are written; nobody waits for housekeeping longer than 100 ms. Beside compaction, in the
// same run: bare zstd and a bare copy of the same values. history_bench [folder] [queries]: the folder decides which
// disk is measured.
#include <SQLiteCpp/SQLiteCpp.h>
#include <zstd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <random>
#include <thread>

#include "app/keeper.hpp"
#include "app/writer.hpp"
#include "storage/history.hpp"
#include "storage/history_steps.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;
namespace fs = std::filesystem;

constexpr std::int64_t second_us = 1'000'000, hour_us = storage::micros_an_hour;
constexpr std::uint32_t values_a_second = 1000;

core::Site site_of(std::uint32_t devices, std::uint32_t points_a_device) {
  core::Site site;
  for (std::uint32_t d = 0; d < devices; ++d) {
    const std::string id = "device-" + std::to_string(d);
    site.devices.push_back(
        {.id = id, .first_point = core::PointIndex{d * points_a_device}, .point_count = points_a_device});
    for (std::uint32_t p = 0; p < points_a_device; ++p)
      site.points.push_back({.id = id + ".m" + std::to_string(p), .device = core::DeviceIndex{d}});
  }
  return site;
}

/// Two decimals that wander with the day and are noisy by some 20 steps; each poll late by what a line and a loop take.
class Instruments {
 public:
  explicit Instruments(const core::Site& site) : site_(site) {}
  void poll(std::int64_t second, std::uint32_t first, std::uint32_t end, core::Batch& batch) {
    for (auto d = first; d < end; ++d) {
      const auto& device = site_.devices[d];
      const auto phase = static_cast<std::int64_t>(d) * second_us / static_cast<std::int64_t>(site_.devices.size());
      const auto late = static_cast<std::int64_t>(std::abs(late_(random_)));
      batch.frames.push_back({.device = core::DeviceIndex{d},
                              .at = core::Timestamp(core::Duration(second + phase + late)),
                              .first = static_cast<std::uint32_t>(batch.samples.size()),
                              .count = device.point_count});
      for (std::uint32_t p = 0; p < device.point_count; ++p) {
        const double slow = 4000 + 1000 * std::sin(static_cast<double>(second / second_us) / 7000 + p);
        batch.samples.push_back({.value = std::floor(slow + noise_(random_)) / 100});
      }
    }
  }
  void store(storage::Database& database, storage::Readings& readings, std::int64_t from, std::int64_t to) {
    for (auto minute = from; minute < to; minute += 60 * second_us) {
      storage::Transaction transaction(database);
      for (auto at = minute; at < std::min(to, minute + 60 * second_us); at += second_us) {
        batch_.clear();
        poll(at, 0, static_cast<std::uint32_t>(site_.devices.size()), batch_);
        readings.append(batch_);
      }
      transaction.commit();
    }
  }

 private:
  const core::Site& site_;
  std::mt19937 random_{1};
  std::normal_distribution<> noise_{0, 20}, late_{0, 400};
  core::Batch batch_;
};

void remove_store(const fs::path& file) {
  for (const char* end : {"", "-wal", "-shm", ".lock"}) fs::remove(file.string() + end);
}

template <class Work>
void commit(storage::Database& database, Work work) {
  storage::Transaction transaction(database);
  work();
  transaction.commit();
}

std::int64_t ask(storage::Database& database, const char* sql) { return database.handle().execAndGet(sql).getInt64(); }

storage::Scale no_hint(std::string_view) { return {}; }

struct AtRest {
  bench::Series chunks{"chunks at rest", "B/reading"}, file{"whole file at rest, roll-ups too", "B/reading"};
  bench::Series cpu{"compaction: read, encode, store", "ns/reading"}, zstd{"bare zstd of the values", "ns/reading"},
      copy{"bare copy of the values", "ns/reading"};
};

void bare(std::size_t readings, AtRest& figures) {
  std::mt19937 random(1);
  std::normal_distribution<> noise(4000, 20);
  std::vector<double> values(readings), to(readings);
  for (auto& value : values) value = std::floor(noise(random)) / 100;
  std::vector<char> packed(ZSTD_compressBound(values.size() * sizeof(double)));
  const auto each = 1e9 / static_cast<double>(readings);
  figures.zstd.figures.push_back(each * bench::measure([&] {
                                          ZSTD_compress(packed.data(), packed.size(), values.data(),
                                                        values.size() * sizeof(double), 3);
                                        }).cpu);
  figures.copy.figures.push_back(
      each * bench::measure([&] { std::memcpy(to.data(), values.data(), values.size() * sizeof(double)); }).cpu);
}

/// An hour of 1,000 values a second, compacted.
void compact_an_hour(const fs::path& file, std::uint32_t points_a_device, AtRest& figures) {
  remove_store(file);
  const auto site = site_of(values_a_second / points_a_device, points_a_device);
  storage::Database database(file);
  storage::Readings readings(database, site);
  Instruments(site).store(database, readings, 1000 * hour_us, 1001 * hour_us);
  auto reading = storage::Database::to_read(file);
  storage::Compactor compactor(reading, no_hint);
  const core::Timestamp now{core::Duration(1002 * hour_us)};
  std::size_t bytes = 0;
  const auto total = static_cast<double>(3600 * values_a_second);
  const auto cost = bench::measure([&] {
    const auto range = *compactor.hour_to_compact(now, std::numeric_limits<std::int64_t>::max());
    compactor.compact(
        range,
        [&](const storage::Stretch& stretch) {
          bytes += stretch.moments.size();
          for (const auto& point : stretch.points) bytes += point.samples.size();
          commit(database, [&] { storage::store(database, stretch); });
        },
        [](const auto&) {});
    commit(database, [&] { storage::finish(database, range); });
  });
  figures.cpu.figures.push_back(1e9 / total * cost.cpu);
  figures.chunks.figures.push_back(static_cast<double>(bytes) / total);
  const auto upto = storage::frames_to_drop(reading);
  for (bool more = true; more;) commit(database, [&] { more = storage::drop_frames(database, upto, 50'000); });
  for (bool more = true; more;)
    commit(database,
           [&] { more = storage::drop_free_pages(database, storage::free_pages(database, 0, 1'000'000), 10'000); });
  const auto pages = ask(database, "PRAGMA page_count");
  figures.file.figures.push_back(static_cast<double>(pages) * 4096 / total);
}

using Milliseconds = std::chrono::duration<double, std::milli>;

double part(std::vector<double> figures, double which) {
  std::ranges::sort(figures);
  return figures.empty() ? 0 : figures[static_cast<std::size_t>(which * static_cast<double>(figures.size() - 1))];
}

/// Two hours wait to be compacted, one of them for retention too, while 1,000 values a second come in.
void keep_house_while_writing(const fs::path& folder, bench::Table& table) {
  settings::Settings settings;
  settings.site = site_of(100, 10);
  settings.gateway.data_dir = folder;
  settings.retention = {.readings = std::chrono::hours(4), .exposure = std::chrono::hours(4)};
  const auto file = folder / "hazgate.sqlite";
  remove_store(file);
  const auto now_us = [] {
    return std::chrono::duration_cast<core::Duration>(std::chrono::system_clock::now().time_since_epoch()).count();
  };
  const auto this_hour = storage::whole(now_us(), hour_us) * hour_us;
  {
    storage::Database database(file);
    storage::Readings readings(database, settings.site);
    Instruments instruments(settings.site);
    instruments.store(database, readings, this_hour - 7 * hour_us, this_hour - 6 * hour_us);
    instruments.store(database, readings, this_hour - 2 * hour_us, this_hour - hour_us);
  }
  app::Writer writer(settings);
  app::Keeper keeper(settings, writer);
  Instruments instruments(settings.site);
  bench::Series waits{"submit to commit meanwhile, 250 values", "ms"};
  core::Batch batch;
  std::uint32_t quarter = 0;
  const auto done = [&] {
    auto reading = storage::Database::to_read(file);
    const auto hours = storage::hours_with_frames(reading);
    return hours.size() <= 3 && !hours[0].uncompacted && hours[0].number * hour_us > this_hour - 5 * hour_us &&
           ask(reading, "SELECT min(id) FROM frame") > ask(reading, "SELECT frame FROM compacted");
  };
  const auto began = std::chrono::steady_clock::now();
  auto due = began;
  for (int turn = 0; turn < 20 || (turn < 600 && !done()); ++turn) {
    instruments.poll(storage::whole(now_us(), second_us) * second_us, 25 * quarter, 25 * (quarter + 1), batch);
    quarter = (quarter + 1) % 4;
    const auto submitted = std::chrono::steady_clock::now();
    writer.submit(batch, core::Timestamp(core::Duration(now_us())));
    while (!writer.committed()) std::this_thread::sleep_for(std::chrono::microseconds(200));
    waits.figures.push_back(Milliseconds(std::chrono::steady_clock::now() - submitted).count());
    due += std::chrono::milliseconds(250);
    std::this_thread::sleep_until(due);
  }
  fmt::print(
      "housekeeping of two hours took {:.0f} s beside 1,000 values/s; submit to commit p50 {:.1f} ms, p99 {:.1f} ms\n",
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), part(waits.figures, 0.5),
      part(waits.figures, 0.99));
  const bench::Target no_pause{.of = bench::Target::Of::figure, .bound = bench::Target::Bound::at_most, .value = 100};
  table.promise({.name = "longest that housekeeping held the writer",
                 .unit = "ms",
                 .figures = {Milliseconds(keeper.longest_step()).count()}},
                {}, no_pause);
  table.row(waits);
}

/// Thirty days of figures, with the chunks left out that no such question reads; and an hour of frames behind them.
void fill_a_month(storage::Database& database, storage::Readings& readings, const core::Site& site,
                  std::int64_t first_hour, std::int64_t hours) {
  const fs::path file = database.handle().getFilename();
  Instruments(site).store(database, readings, first_hour * hour_us, (first_hour + 1) * hour_us);
  std::vector<storage::Stretch> hour;
  {
    auto reading = storage::Database::to_read(file);
    storage::Compactor compactor(reading, no_hint);
    const core::Timestamp now{core::Duration((first_hour + 2) * hour_us)};
    const auto range = *compactor.hour_to_compact(now, std::numeric_limits<std::int64_t>::max());
    compactor.compact(
        range, [&](storage::Stretch stretch) { hour.push_back(std::move(stretch)); }, [](const auto&) {});
    commit(database, [&] { storage::finish(database, range); });
    for (bool more = true; more;) commit(database, [&] { more = storage::drop_frames(database, range.upto, 50'000); });
  }
  std::vector<std::vector<storage::Minute>> minutes;
  for (const auto& point : hour.front().points)
    minutes.push_back(*storage::minutes_from(*storage::unpacked(point.minutes, 1U << 16U)));
  storage::Packer packer;
  for (std::int64_t h = 0; h < hours; h += 24) {
    commit(database, [&] {
      for (auto i = h; i < std::min(hours, h + 24); ++i) {
        std::vector<storage::Stretch::PointPart> points(minutes.size());
        for (std::size_t p = 0; p < points.size(); ++p) {
          auto moved = minutes[p];
          for (auto& minute : moved) minute.number += 60 * i;
          points[p] = {
              .samples = {}, .minutes = packer.pack(storage::encode_minutes(moved)), .hour = hour[0].points[p].hour};
        }
        for (const auto& stretch : hour)
          storage::store(database, storage::Stretch{.layout = stretch.layout,
                                                    .hour = first_hour + i,
                                                    .first_frame = stretch.first_frame,
                                                    .frames = stretch.frames,
                                                    .moments = {},
                                                    .points = points});
      }
    });
  }
  const auto last = readings.last_frame_id();
  commit(database, [&] { storage::finish(database, {0, last}); });
}

void ask_for_a_month(const fs::path& folder, std::size_t queries, bench::Table& table) {
  const auto file = folder / "month.sqlite";
  remove_store(file);
  const auto site = site_of(100, 10);
  storage::Database database(file);
  storage::Readings readings(database, site);
  constexpr std::int64_t first_hour = 490'000, hours = 720;
  fill_a_month(database, readings, site, first_hour, hours);
  const auto end = (first_hour + hours) * hour_us + hour_us + 4 * 60 * second_us;
  Instruments instruments(site);
  instruments.store(database, readings, (first_hour + hours) * hour_us, end);
  auto reading = storage::Database::to_read(file);
  {
    storage::Compactor compactor(reading, no_hint);
    while (const auto minute = compactor.minute_to_roll_up(core::Timestamp(core::Duration(end))))
      commit(database, [&] { storage::store(database, *minute); });
  }
  fmt::print("month of 1,000 points without its chunks: {:.0f} MB\n", static_cast<double>(fs::file_size(file)) / 1e6);
  std::jthread writing([&](const std::stop_token& stop) {
    for (std::int64_t turn = 0; !stop.stop_requested(); ++turn) {
      core::Batch batch;
      const auto quarter = static_cast<std::uint32_t>(turn % 4);
      instruments.poll(end + turn / 4 * second_us, 25 * quarter, 25 * (quarter + 1), batch);
      commit(database, [&] { readings.append(batch); });
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
  });
  storage::History history(reading);
  bench::Series month{"a month of one point as 1,000 buckets, while writing, p99", "ms"},
      all{"each query of a month", "ms"};
  std::mt19937 random(7);
  for (std::size_t i = 0; i < queries; ++i) {
    const auto& point = site.points[random() % site.points.size()].id;
    const auto began = std::chrono::steady_clock::now();
    const auto answer = history.buckets(point, core::Timestamp(core::Duration(end - 30 * 24 * hour_us)),
                                        core::Timestamp(core::Duration(end)), 1000);
    all.figures.push_back(Milliseconds(std::chrono::steady_clock::now() - began).count());
    std::uint64_t readings_told = 0;
    for (const auto& bucket : answer->buckets) readings_told += bucket.counted;
    if (readings_told < 2'500'000) throw std::runtime_error("the month has holes");
  }
  month.figures = {part(all.figures, 0.99)};
  table.promise(month, {}, {.of = bench::Target::Of::figure, .bound = bench::Target::Bound::at_most, .value = 50});
  table.row(all);
  remove_store(file);
}

int body(const fs::path& folder, std::size_t queries) {
  bench::Table table("history");
  const bench::Target four_bytes{.of = bench::Target::Of::figure, .bound = bench::Target::Bound::at_most, .value = 4};
  for (const std::uint32_t points : {10U, 1U}) {
    AtRest figures;
    for (int run = 0; run < 3; ++run) {
      compact_an_hour(folder / "rest.sqlite", points, figures);
      bare(3600 * values_a_second, figures);
    }
    remove_store(folder / "rest.sqlite");
    const auto of = fmt::format(", {} a device", points);
    for (auto* series : {&figures.chunks, &figures.file, &figures.cpu}) series->name += of;
    table.promise(figures.chunks, {}, four_bytes);
    table.promise(figures.file, {}, four_bytes);
    for (const auto* series : {&figures.cpu, &figures.zstd, &figures.copy}) table.row(*series);
  }
  keep_house_while_writing(folder, table);
  remove_store(folder / "hazgate.sqlite");
  ask_for_a_month(folder, queries, table);
  return table.kept() ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? argv[1] : ".";
  const std::size_t queries = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 400;
  return bench::guarded([&] { return body(folder, queries); });
}
