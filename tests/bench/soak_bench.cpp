// Promise: what runs for long grows in nothing. 1,000 devices x 10 registers at 1 Hz, with an alarm that comes and
// goes; resident memory, descriptors and the write-ahead log are looked at from outside, second by second. soak_bench
// [seconds, default 120]
#include <cstdlib>
#include <thread>

#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"
#include "tests/bench/mqtt_client.hpp"
#include "tests/bench/watched_point.hpp"

namespace {
using namespace hazgate;
using std::chrono::seconds;
using std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr auto warm_up = seconds(90);      // the first minute brings what every later one does: records, checkpoints
constexpr double wal_limit_mib = 32;       // it is shortened to 16 whenever it begins anew
constexpr double growth_mib_an_hour = 60;  // of two minutes two MiB: a page cache that fills, an hour's compaction

struct Sample {
  double resident_mib = 0, descriptors = 0, wal_mib = 0;
};

Sample look(const bench::GatewayProcess& gateway, const fs::path& wal) {
  const fs::path open = fmt::format("/proc/{}/fd", gateway.pid());
  std::error_code none;
  const auto bytes = fs::file_size(wal, none);
  return {.resident_mib = bench::Meter(gateway.pid()).memory().resident,
          .descriptors = static_cast<double>(std::distance(fs::directory_iterator(open), {})),
          .wal_mib = none ? 0 : static_cast<double>(bytes) / (1 << 20)};
}

int run(seconds length) {
  bench::ModbusServer server;
  server.state().wobble = 17;
  for (auto& word : server.state().registers) word = 20;
  test::Mosquitto broker;
  bench::MqttClient alarms(broker.port(), "bench-alarms");
  bench::WatchedPoint watched(server, alarms);
  alarms.subscribe("hazgate/1/bench/works/+/alarm/#", true);
  const test::TemporaryFolder folder;
  const auto config = bench::write_site(
      folder, {.modbus_port = server.port(), .mqtt_port = broker.port(), .load = {}, .watched_device = true});
  bench::GatewayProcess gateway(folder, config);
  std::this_thread::sleep_for(warm_up);
  watched.begin();

  bench::Series resident{"resident", "MiB"}, descriptors{"descriptors", "count"}, wal{"write-ahead log", "MiB"};
  for (const auto end = steady_clock::now() + length; steady_clock::now() < end;) {
    watched.flip();
    std::this_thread::sleep_for(seconds(1));
    const auto now = look(gateway, folder.path() / "data/hazgate.sqlite-wal");
    resident.figures.push_back(now.resident_mib);
    descriptors.figures.push_back(now.descriptors);
    wal.figures.push_back(now.wal_mib);
  }
  gateway.stop();

  bench::Table table("soak");
  for (const auto* series : {&resident, &descriptors, &wal}) table.row(*series);
  const double hours = static_cast<double>(length.count()) / 3600;
  table.promise({"resident memory grows by", "MiB", {resident.figures.back() - resident.figures.front()}}, {},
                {.value = growth_mib_an_hour * hours});
  table.promise({"descriptors grow by", "count", {descriptors.figures.back() - descriptors.figures.front()}}, {},
                {.value = 0});
  table.promise({"write-ahead log, largest", "MiB", {bench::spread(wal.figures).max}}, {}, {.value = wal_limit_mib});
  table.promise({"lateness of polls, p99", "ms", {gateway.figure("lateness_p99_ms")}}, {}, {.value = 50});
  for (const char* none : {"skipped_polls", "failed_polls", "messages_owed"})
    table.promise({none, "count", {gateway.figure(none)}}, {}, {.value = 0});
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const seconds length(std::max(10, argc > 1 ? std::atoi(argv[1]) : 120));
  return bench::guarded([=] { return run(length); });
}
