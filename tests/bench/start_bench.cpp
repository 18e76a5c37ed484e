// Promise: with a store of 2 GB and 5,000 points the first poll leaves within 2 s of the start, after kill -9. The
// program's own store, made by its own polls; what lies in it from the days before is as large as theirs and not read
// at start, so random bytes stand for it. start_bench [folder] [MB] [starts]
#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"

namespace {
using namespace hazgate;
using std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr bench::Load load{.devices = 500, .values = 10, .period_ms = 1000};
constexpr std::size_t samples_bytes = 8600, moments_bytes = 9000;  // of an hour at 1 s, as history_bench measures them
constexpr auto between = std::chrono::seconds(15);

/// Hour by hour before this one, until the file is as large.
void age(const fs::path& file, double wanted_mb) {
  SQLite::Database store(file.string(), SQLite::OPEN_READWRITE);
  std::mt19937 random(5);
  std::vector<std::uint32_t> noise(moments_bytes / sizeof(std::uint32_t) + 1);
  for (auto& word : noise) word = random();
  auto id = store.execAndGet("SELECT next_stretch FROM compacted").getInt64();
  SQLite::Statement stretch(store, "INSERT INTO stretch VALUES (?, ?, ?, 0, 3600, ?)");
  SQLite::Statement chunk(store, "INSERT INTO chunk VALUES (?, ?)");
  const auto this_hour = std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now().time_since_epoch());
  const double an_hour_mb = 1e-6 * load.devices * (load.values * samples_bytes + moments_bytes);
  for (int hour = 2; an_hour_mb * hour < wanted_mb; ++hour) {
    SQLite::Transaction transaction(store);
    for (int device = 1; device <= load.devices; ++device) {
      stretch.reset();
      stretch.bind(1, id);
      stretch.bind(2, device);
      stretch.bind(3, static_cast<std::int64_t>(this_hour.count() - hour));
      stretch.bindNoCopy(4, noise.data(), static_cast<int>(moments_bytes));
      stretch.exec();
      for (int value = 0; value < load.values; ++value, ++id) {
        chunk.reset();
        chunk.bind(1, id);
        chunk.bindNoCopy(2, noise.data(), static_cast<int>(samples_bytes));
        chunk.exec();
      }
    }
    transaction.commit();
  }
  SQLite::Statement next(store, "UPDATE compacted SET next_stretch=?");
  next.bind(1, id);
  next.exec();
}

int run(const fs::path& folder, double mb, int starts) {
  bench::ModbusServer server;
  for (auto& word : server.state().registers) word = 20;
  test::Mosquitto broker;
  const test::TemporaryFolder place(folder);
  const auto config =
      bench::write_site(place, {.modbus_port = server.port(), .mqtt_port = broker.port(), .load = load});
  const auto store = place.path() / "data/hazgate.sqlite";
  {
    bench::GatewayProcess first(place, config);
    std::this_thread::sleep_for(between);
    first.stop();
  }
  age(store, mb);
  bench::Series poll{"start to first poll, after kill -9", "s"}, all{"start to all 5,000 points read", "s"};
  for (int i = 0; i <= starts; ++i) {
    const auto before = server.answers();
    const auto began = steady_clock::now();
    const auto since = [began] { return std::chrono::duration<double>(steady_clock::now() - began).count(); };
    test::Process gateway({HAZGATE_PROGRAM, "run", "--config", config.string()});
    while (server.answers() == before && since() < 60) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto first = since();
    while (server.answers() < before + load.devices && since() < 60)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (since() >= 60) throw std::runtime_error("no poll within a minute:\n" + gateway.output().substr(0, 2000));
    if (i > 0) {  // the one before it was killed
      poll.figures.push_back(first);
      all.figures.push_back(since());
    }
    std::this_thread::sleep_for(between);
    gateway.signal(SIGKILL);
    gateway.wait(std::chrono::seconds(5));
  }
  bench::Table table("start");
  table.row({"store", "MB", {1e-6 * static_cast<double>(fs::file_size(store))}});
  table.promise(poll, {}, {.value = 2});
  table.row(all);
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? argv[1] : ".";
  const double mb = argc > 2 ? std::atof(argv[2]) : 2000;
  const int starts = argc > 3 ? std::atoi(argv[3]) : 3;
  return bench::guarded([&] { return run(folder, mb, starts); });
}
