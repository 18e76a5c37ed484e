// Promises of the whole chain, 1,000 devices x 10 registers x 1 Hz on a real mosquitto: at most 25 us of CPU a poll
// (user and system, all threads), at most 40 MiB resident, every poll on time. Beside it the bare pipeline in the same
// run. chain_bench [seconds]
#include <cstdlib>
#include <cstring>
#include <thread>

#include "support/mosquitto.hpp"
#include "tests/bench/bare_pipeline.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace {
using namespace hazgate;
using std::chrono::seconds;

constexpr int devices = 1000, workplaces = 20;
constexpr auto slice = seconds(4);
constexpr auto warm_up = seconds(12);  // in which every point has its first exposure record
constexpr double most_late_ms = 50;

struct Figures {
  bench::Series cpu, rate, resident, anonymous;
};

/// CPU a poll, slice by slice; the polls are counted by the server, not by who is measured.
void measure(pid_t pid, bench::ModbusServer& server, int slices, Figures& figures) {
  const bench::Meter meter(pid);
  std::this_thread::sleep_for(warm_up);
  for (int i = 0; i < slices; ++i) {
    const double cpu = meter.cpu_seconds();
    const auto answers = server.answers();
    std::this_thread::sleep_for(slice);
    const auto polls = static_cast<double>(server.answers() - answers);
    figures.cpu.figures.push_back(1e6 * (meter.cpu_seconds() - cpu) / polls);
    figures.rate.figures.push_back(polls / static_cast<double>(slice.count()));
    const auto memory = meter.memory();
    figures.resident.figures.push_back(memory.resident);
    figures.anonymous.figures.push_back(memory.anonymous);
  }
}

Figures named(const std::string& who) {
  return {.cpu = {who + ", CPU", "us/poll"},
          .rate = {who + ", polls", "1/s"},
          .resident = {who + ", resident", "MiB"},
          .anonymous = {who + ", resident without files", "MiB"}};
}

Figures bare_pipeline(bench::ModbusServer& server, std::uint16_t mqtt_port, int slices) {
  auto figures = named("bare pipeline");
  test::Process process({"/proc/self/exe", "bare", std::to_string(server.port()), std::to_string(mqtt_port)});
  measure(process.pid(), server, slices, figures);
  return figures;
}

int child(char** argv) {
  bench::run_bare_pipeline({.modbus_port = static_cast<std::uint16_t>(std::atoi(argv[2])),
                            .mqtt_port = static_cast<std::uint16_t>(std::atoi(argv[3])),
                            .devices = devices,
                            .workplaces = workplaces});
}

int run(int slices) {
  bench::ModbusServer server;
  server.state().wobble = 17;
  for (auto& word : server.state().registers) word = 20;
  test::Mosquitto broker;
  bench::MqttClient subscriber(broker.port(), "bench-subscriber");
  subscriber.subscribe("hazgate/1/bench/works/+/readings", false);
  const test::TemporaryFolder folder;
  const auto config = bench::write_site(
      folder, {.modbus_port = server.port(), .mqtt_port = broker.port(), .devices = devices, .workplaces = workplaces});

  auto ours = named("hazgate run");
  bench::GatewayProcess gateway(folder, config);
  measure(gateway.pid(), server, slices, ours);
  gateway.stop();
  auto raw = bare_pipeline(server, broker.port(), std::max(2, slices / 2));

  using Bound = bench::Target::Bound;
  bench::Table table("chain");
  table.promise(ours.cpu, raw.cpu, {.value = 25});
  table.promise(ours.resident, raw.resident, {.value = 40});
  table.row(ours.anonymous);
  table.promise(ours.rate, raw.rate, {.bound = Bound::at_least, .value = 0.99 * devices});
  const bench::Series none{};
  table.promise({"lateness of polls, p99", "ms", {gateway.figure("lateness_p99_ms")}}, none, {.value = most_late_ms});
  table.row({"lateness of polls, worst", "ms", {gateway.figure("lateness_worst_ms")}});
  for (const auto& [what, figure] :
       {std::pair("polls skipped", "skipped_polls"), std::pair("polls failed", "failed_polls"),
        std::pair("messages owed at the end", "messages_owed")}) {
    table.promise({what, "count", {gateway.figure(figure)}}, none, {.value = 0});
  }
  table.row({"messages heard by a subscriber", "", {static_cast<double>(subscriber.heard())}});
  return table.kept() && subscriber.heard() > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "bare") == 0) return child(argv);
  const int slices = std::max(1, (argc > 1 ? std::atoi(argv[1]) : 20) / static_cast<int>(slice.count()));
  return bench::guarded([=] { return run(slices); });
}
