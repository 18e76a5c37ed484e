// Promises: 1,000,000 records of the ledger are verified in 10 s, hashes and signature, out of the store as it lies
// there; an exceedance is sealed, signed and committed at half the rate of a bare SQLite commit of the same bytes.
// ledger_bench [folder] [records]: the folder decides which disk is measured.
#include <sqlite3.h>

#include <filesystem>
#include <sstream>

#include "app/ledger_book.hpp"
#include "app/verify.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;
namespace fs = std::filesystem;

constexpr int appended = 500, runs = 5;
constexpr std::size_t records_a_commit = 5000;
const core::Timestamp start{std::chrono::days(20000)};

core::Site site_of_one_point() {
  core::Site site{.gateway_id = "gw-01", .site_id = "fengxian"};
  site.enterprises = {{.id = "acme-coatings"}};
  site.workplaces = {{.id = "paint-shop", .name = "喷漆间"}};
  site.devices = {{.id = "voc-1", .point_count = 1}};
  site.agents = {{.id = "cas:108-88-3", .name_zh = "甲苯", .name_en = "Toluene"}};
  site.points = {{.id = "voc-1.toluene", .unit = core::Unit::mg_per_m3, .agent = core::AgentIndex{0}}};
  return site;
}

core::Exceedance exceedance(std::size_t i) {
  const auto at = start + std::chrono::seconds(i);
  return {.point = core::PointIndex{0},
          .basis = core::Basis::c_ste,
          .limit = {core::LimitKind::pc_stel, 100, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1 no. 131"},
          .over = i % 2 == 1,
          .since = at,
          .at = at,
          .value = 100.1 + 0.37 * static_cast<double>(i % 1000),
          .coverage = 0.93};
}

struct Store {
  explicit Store(const fs::path& folder)
      : database(folder / "hazgate.sqlite"),
        book(site, database, app::load_or_make_keys(folder), folder / "ledger.heads") {}
  void commit(std::size_t from, std::size_t count) {
    storage::Transaction transaction(database);
    if (from == 0) book.record_key(start);
    for (std::size_t i = from; i < from + count; ++i) book.record(exceedance(i), start);
    bytes = 0;
    for (const auto& message : book.settle(start)) bytes += message.payload.size();
    transaction.commit();
    book.committed();
  }
  core::Site site = site_of_one_point();
  storage::Database database;
  app::LedgerBook book;
  std::size_t bytes = 0;  ///< of the last commit's messages
};

/// The same commits with rows of the same size, and nothing else.
double bare_commits(const fs::path& file, std::size_t bytes) {
  fs::remove(file);
  sqlite3* database = nullptr;
  sqlite3_stmt* insert = nullptr;
  sqlite3_open(file.c_str(), &database);
  const auto run = [&](const char* sql) { sqlite3_exec(database, sql, nullptr, nullptr, nullptr); };
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)");
  sqlite3_prepare_v2(database, "INSERT INTO t (b) VALUES (?)", -1, &insert, nullptr);
  const std::string blob(bytes, 'x');
  const auto cost = bench::measure([&] {
    for (int i = 0; i < appended; ++i) {
      run("BEGIN IMMEDIATE");
      sqlite3_bind_blob(insert, 1, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
      run("COMMIT");
    }
  });
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return appended / cost.wall;
}

int body(int argc, char** argv) {
  const fs::path folder = fs::path(argc > 1 ? argv[1] : fs::temp_directory_path().string()) / "ledger";
  const std::size_t records = argc > 2 ? std::stoul(argv[2]) : 1'000'000;
  fs::remove_all(folder);
  fs::create_directories(folder);
  bench::Table table("ledger_bench");
  bench::Series ours{"records sealed, signed and committed one by one", "1/s"},
      bare{"bare SQLite, as many bytes", "1/s"};
  std::size_t next = 0;
  {
    Store store(folder);
    store.commit(0, 2);
    next = 2;
    for (int i = 0; i < runs; ++i) {
      const auto cost = bench::measure([&] {
        for (int k = 0; k < appended; ++k) store.commit(next++, 1);
      });
      ours.figures.push_back(appended / cost.wall);
      bare.figures.push_back(bare_commits(folder / "bare.sqlite", store.bytes));
    }
    while (next < records) {
      const auto count = std::min(records_a_commit, records - next);
      store.commit(next, count);
      next += count;
    }
  }
  table.promise(ours, bare, {bench::Target::Of::ratio, bench::Target::Bound::at_least, 0.5});
  bench::Series verified{"verify, per 1,000,000 records", "s"}, read{"bare reading of the same rows", "s"};
  for (int i = 0; i < 3; ++i) {
    bool whole = false;
    std::ostringstream out;
    const auto cost = bench::measure([&] {
      whole =
          app::verify({.file = folder / "hazgate.sqlite", .key = (folder / "ledger.pub").string(), .heads = {}}, out);
    });
    if (!whole) throw std::runtime_error("the ledger is not whole: " + out.str());
    verified.figures.push_back(cost.wall * 1e6 / static_cast<double>(records));
    const auto bare_cost = bench::measure([&] {
      auto database = storage::Database::to_read(folder / "hazgate.sqlite");
      std::size_t bytes = 0;
      storage::Ledger(database).for_each([&](const auto& row) { bytes += row.record.size(); });
      if (bytes == 0) throw std::runtime_error("no rows");
    });
    read.figures.push_back(bare_cost.wall * 1e6 / static_cast<double>(records));
  }
  table.promise(verified, read, {bench::Target::Of::figure, bench::Target::Bound::at_most, 10});
  fs::remove_all(folder);
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::guarded([&] { return body(argc, argv); });
}
