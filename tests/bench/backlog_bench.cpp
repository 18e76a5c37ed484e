// Promise: ten million readings that were owed while the broker was away leave the outbox at 500,000 readings a second
// while polling goes on, without a stall, and fresh alarms overtake them: p99 at most 50 ms from the register to the
// subscriber. The built program, filled by its own polls of 100,000 readings a second. backlog_bench [readings]
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
using std::chrono::steady_clock;

constexpr bench::Load load{.devices = 1000, .values = 10, .period_ms = 100};
constexpr double settled_rows = 200;  // what is on its way between two commits
constexpr auto patience = std::chrono::minutes(10);

/// Of the retained status, told every ten seconds: by then a drain may long be over, so the store is asked.
double owed(const std::filesystem::path& store) {
  test::Process count({"sqlite3", "-readonly", "-cmd", ".timeout 2000", store.string(), "SELECT count(*) FROM outbox"});
  count.wait(std::chrono::seconds(10));
  count.wait_for_end(std::chrono::seconds(1));
  return std::strtod(count.output().c_str(), nullptr);
}

struct Drain {
  bench::Series rate{"owed readings drained while 100,000/s are polled", "1/s"};
  bench::Series alarms{"fresh alarms meanwhile, register to subscriber", "ms"};
  double owed_readings = 0;
};

int run(double readings) {
  bench::ModbusServer server;
  server.state().wobble = 17;
  for (auto& word : server.state().registers) word = 20;
  test::Mosquitto broker;
  const test::TemporaryFolder folder;
  const auto config = bench::write_site(
      folder, {.modbus_port = server.port(), .mqtt_port = broker.port(), .load = load, .watched_device = true});
  broker.kill();
  bench::GatewayProcess gateway(folder, config);
  const auto values = [&] { return static_cast<double>(server.answers()) * load.values; };
  while (values() < readings) std::this_thread::sleep_for(std::chrono::milliseconds(100));

  Drain drain;
  broker.start();
  bench::MqttClient alarms(broker.port(), "bench-alarms"), ours(broker.port(), "bench-readings");
  bench::WatchedPoint watched(server, alarms);
  ours.subscribe("hazgate/1/bench/works/hall-0/readings", false);
  alarms.subscribe("hazgate/1/bench/works/+/alarm/#", true);
  while (ours.heard() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto began = steady_clock::now();
  drain.owed_readings = values();
  watched.begin();
  const auto store = folder.path() / "data/hazgate.sqlite";
  while (owed(store) > settled_rows && steady_clock::now() - began < patience)
    for (int i = 0; i < 5; ++i) {
      drain.alarms.figures.push_back(watched.flip());
      watched.rest();
    }
  const std::chrono::duration<double> took = steady_clock::now() - began;
  drain.rate.figures.push_back(values() / took.count());
  gateway.stop();

  bench::Table table("backlog");
  table.row({"readings owed as the broker came back", "", {drain.owed_readings}});
  table.promise(drain.rate, {}, {.bound = bench::Target::Bound::at_least, .value = 500'000});
  table.promise({"fresh alarms meanwhile, p99", "ms", {bench::percentile(drain.alarms.figures, 0.99)}}, {},
                {.value = 50});
  table.row(drain.alarms);
  table.promise({"polls skipped", "count", {gateway.figure("skipped_polls")}}, {}, {.value = 0});
  table.promise({"lateness of polls, p99", "ms", {gateway.figure("lateness_p99_ms")}}, {}, {.value = 50});
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const double readings = argc > 1 ? std::atof(argv[1]) : 1e7;
  return bench::guarded([=] { return run(readings); });
}
