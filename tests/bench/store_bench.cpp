// Promise: readings are stored at 2,000,000 values/s, each commit with synchronous=FULL included. Beside it, in the
// same run and in turns: a bare sqlite3 loop that writes the same bytes into the same table, unchecked (no foreign
// keys). store_bench [folder] [values a run]: the folder decides which disk is measured.
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/batch.hpp"
#include "core/site.hpp"
#include "storage/frame_blob.hpp"
#include "storage/readings.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;
namespace fs = std::filesystem;

constexpr std::uint32_t values_a_frame = 10;
constexpr std::uint32_t devices = 100;
constexpr int runs = 7;
constexpr std::size_t promised_batch = 10'000;

core::Site site_of_devices() {
  core::Site site;
  for (std::uint32_t d = 0; d < devices; ++d) {
    const std::string id = "device-" + std::to_string(d);
    site.devices.push_back(
        {.id = id, .first_point = core::PointIndex{d * values_a_frame}, .point_count = values_a_frame});
    for (std::uint32_t p = 0; p < values_a_frame; ++p) {
      site.points.push_back({.id = id + ".m" + std::to_string(p), .device = core::DeviceIndex{d}});
    }
  }
  return site;
}

core::Batch batch_of(std::size_t values) {
  core::Batch batch;
  for (std::uint32_t f = 0; f < values / values_a_frame; ++f) {
    batch.frames.push_back({.device = core::DeviceIndex{f % devices},
                            .at = core::Timestamp(core::Duration(1'700'000'000'000'000 + f)),
                            .first = f * values_a_frame,
                            .count = values_a_frame});
    for (std::uint32_t p = 0; p < values_a_frame; ++p) batch.samples.push_back({.value = 0.01 * (f + p)});
  }
  return batch;
}

struct Run {
  bench::Cost cost;
  std::vector<double> commits;  ///< seconds each
};

struct Plan {
  fs::path file;
  std::size_t batch_values, batches;
};

void remove_store(const fs::path& file) {
  for (const char* end : {"", "-wal", "-shm", ".lock"}) fs::remove(file.string() + end);
}

Run run_ours(const Plan& plan) {
  remove_store(plan.file);
  const core::Site site = site_of_devices();
  const core::Batch batch = batch_of(plan.batch_values);
  storage::Database database(plan.file);
  storage::Readings readings(database, site);
  Run run;
  run.cost = bench::measure([&] {
    for (std::size_t i = 0; i < plan.batches; ++i) {
      storage::Transaction transaction(database);
      readings.append(batch);
      run.commits.push_back(bench::measure([&] { transaction.commit(); }).wall);
    }
  });
  return run;
}

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

void execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    fmt::print(stderr, "{}: {}\n", sql, sqlite3_errmsg(database));
    std::exit(1);
  }
}

/// The bytes are made beforehand: what is left is SQLite itself.
Run run_bare(const Plan& plan) {
  remove_store(plan.file);
  { const storage::Database same_schema(plan.file); }
  sqlite3* opened = nullptr;
  sqlite3_open_v2(plan.file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, Close> database(opened);
  execute(opened,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=250;"
          "INSERT INTO layout VALUES (1,'d')");
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(opened, "INSERT INTO frame (layout, at, samples) VALUES (1,?,?)", -1, &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, Close> insert(prepared);
  std::vector<std::byte> blob;
  storage::encode_frame(batch_of(values_a_frame).samples, {}, blob);
  Run run;
  run.cost = bench::measure([&] {
    for (std::size_t i = 0; i < plan.batches; ++i) {
      execute(opened, "BEGIN IMMEDIATE");
      for (std::size_t f = 0; f < plan.batch_values / values_a_frame; ++f) {
        sqlite3_bind_int64(prepared, 1, 1'700'000'000'000'000 + static_cast<sqlite3_int64>(f));
        sqlite3_bind_blob(prepared, 2, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
        if (sqlite3_step(prepared) != SQLITE_DONE) std::exit(1);
        sqlite3_reset(prepared);
      }
      run.commits.push_back(bench::measure([&] { execute(opened, "COMMIT"); }).wall);
    }
  });
  return run;
}

void compare(bench::Table& table, const Plan& plan) {
  const auto values = static_cast<double>(plan.batch_values * plan.batches);
  const auto name = [&](const char* what) { return fmt::format("{}, {} values a commit", what, plan.batch_values); };
  bench::Series rate{name("store"), "values/s"}, bare_rate{name("bare sqlite3"), "values/s"};
  bench::Series cpu{name("store, CPU"), "us/value"}, bare_cpu{name("bare sqlite3, CPU"), "us/value"};
  bench::Series ratio{name("CPU of store / bare"), "ratio"};
  bench::Series commit{name("store, commit"), "ms"}, longest{name("store, longest commit of a run"), "ms"};
  for (int i = 0; i < runs; ++i) {
    const Run ours = run_ours(plan), bare = run_bare(plan);
    rate.figures.push_back(values / ours.cost.wall);
    bare_rate.figures.push_back(values / bare.cost.wall);
    cpu.figures.push_back(1e6 * ours.cost.cpu / values);
    bare_cpu.figures.push_back(1e6 * bare.cost.cpu / values);
    ratio.figures.push_back(ours.cost.cpu / bare.cost.cpu);
    for (const double seconds : ours.commits) commit.figures.push_back(1e3 * seconds);
    longest.figures.push_back(1e3 * bench::spread(ours.commits).max);
  }
  remove_store(plan.file);
  if (plan.batch_values == promised_batch) {
    table.promise(rate, bare_rate, {.bound = bench::Target::Bound::at_least, .value = 2e6});
  } else {
    table.row(rate);
    table.row(bare_rate);
  }
  for (const auto* series : {&cpu, &bare_cpu, &ratio, &commit, &longest}) table.row(*series);
}
}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? argv[1] : ".";
  const std::size_t commits = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200;
  bench::Table table("store");
  for (const std::size_t batch_values : {std::size_t{1'000}, promised_batch, std::size_t{50'000}}) {
    compare(table, {.file = folder / "store_bench.sqlite",
                    .batch_values = batch_values,
                    .batches = std::max<std::size_t>(1, batch_values < 50'000 ? commits : commits / 4)});
  }
  return table.kept() ? 0 : 1;
}
