// Alarms: a million events of their life; and a flood of 5,000 points that pass their MAC at once, from the registers
// of 50 devices to an MQTT subscriber, every alarm committed first. Beside it the bare publication of as many messages
// in the same run. alarm_bench
#include <fmt/format.h>

#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "core/alarm_figures.hpp"
#include "core/alarm_life.hpp"
#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace {

using namespace hazgate;
using bench::Heard;
using std::chrono::seconds;
using std::chrono::steady_clock;

double since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

double million_events() {
  std::mt19937 random(1);
  core::AlarmPolicy policy;
  for (auto& level : policy.levels) level = {.confirm_within = std::chrono::minutes(10)};
  const core::Limit limit{core::LimitKind::mac, 10, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"};
  core::AlarmFigures figures;
  core::Alarm alarm{.number = 1};
  alarm.acknowledged = true;
  core::Timestamp now{std::chrono::hours(1)};
  const auto begin = steady_clock::now();
  for (int i = 0; i < 1'000'000; ++i) {
    now += seconds(20);
    while (core::due(alarm) && *core::due(alarm) <= now) core::on_time(alarm, policy);
    const auto dice = random() % 8;
    if (dice < 5) {
      core::Finding finding{.level = static_cast<core::Level>(dice), .value = 20, .since = now};
      if (dice > 0) finding.limit = &limit;
      core::apply(alarm, finding, now, policy);
    } else {
      core::act(alarm, {.kind = static_cast<core::ActionKind>(random() % 9), .by = "Li", .note = "seen"}, now, policy);
    }
    figures.on_change(alarm);
  }
  return since(begin);
}

constexpr int devices = 50, points_each = 100, points = devices * points_each;
constexpr std::uint16_t low = 20, high = 2000;  // 0.2 and 20 mg/m3 of hydrogen sulfide, MAC 10

/// What the gateway says of itself, until it says what is wanted or time is over.
std::optional<Heard> hear(bench::MqttClient& client, std::string_view wanted, seconds patience) {
  for (const auto until = steady_clock::now() + patience; steady_clock::now() < until;) {
    auto heard = client.next(std::chrono::milliseconds(100));
    if (heard && heard->payload.find(wanted) != std::string::npos) return heard;
  }
  return std::nullopt;
}

/// From the change of all registers to the last alarm at the subscriber, with polls once a second, judgement, commit
/// and broker between. The first sign is an alarm of each point, the second reading above its MAC the exceedance.
struct Flood {
  double second_reading = 0;               ///< seconds from the change to the second answer of the last device
  double first_alarm = 0, all_alarms = 0;  ///< seconds since the change
  std::size_t heard = 0;
  double before_mib = 0, after_mib = 0;
  std::string figures;
};

Flood flood(bench::ModbusServer& server, const test::Mosquitto& broker) {
  for (auto& word : server.state().registers) word = low;
  bench::MqttClient alarms(broker.port(), "bench-alarms"), status(broker.port(), "bench-status");
  alarms.subscribe("hazgate/1/bench/works/+/alarm/#", true);
  status.subscribe("hazgate/1/bench/gateway/+/status", true);
  const test::TemporaryFolder folder;
  const auto config = bench::write_site(folder, {.modbus_port = server.port(),
                                                 .mqtt_port = broker.port(),
                                                 .load = {.devices = devices, .values = points_each},
                                                 .all_with_mac = true});
  bench::GatewayProcess gateway(folder, config);
  std::this_thread::sleep_for(seconds(5));
  Flood result{.before_mib = bench::Meter(gateway.pid()).memory().resident};
  const auto begin = steady_clock::now();
  const auto answers = server.answers();
  for (auto& word : server.state().registers) word = high;
  while (server.answers() < answers + 2 * devices) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  result.second_reading = since(begin);
  std::set<std::string> exceed;
  while (exceed.size() < points) {
    const auto heard = alarms.next(seconds(20));
    if (!heard) throw std::runtime_error(fmt::format("alarm_bench: {} of {} alarms came", exceed.size(), points));
    const auto after = std::chrono::duration<double>(heard->at - begin).count();
    if (exceed.empty()) result.first_alarm = after;
    if (heard->payload.find("\"level\":\"exceed\"") != std::string::npos && exceed.insert(heard->topic).second)
      result.all_alarms = after;
    ++result.heard;
  }
  const auto said = hear(status, "\"in_flood_since\":\"", seconds(25));
  result.figures = said ? said->payload : "no word of a flood within 25 s";
  result.after_mib = bench::Meter(gateway.pid()).memory().resident;
  gateway.stop();
  return result;
}

/// As many messages of an alarm's size, published and heard, and nothing else.
double bare(const test::Mosquitto& broker) {
  bench::MqttClient subscriber(broker.port(), "bare-subscriber"), publisher(broker.port(), "bare-publisher");
  subscriber.subscribe("bare/#", false);
  const std::string payload(1800, 'x');
  const auto begin = steady_clock::now();
  for (int i = 0; i < points; ++i) publisher.publish(fmt::format("bare/{}", i), payload);
  while (subscriber.heard() < points) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return since(begin);
}

int run(bench::ModbusServer& server) {
  test::Mosquitto broker("max_queued_messages 0");
  bench::Table table("alarms");
  table.promise({"a million events of an alarm", "s", {million_events()}}, {}, {.value = 2});
  const auto least = bare(broker);
  const auto f = flood(server, broker);
  table.promise({"5,000 alarms at once, last reading to subscriber", "s", {f.all_alarms - f.second_reading}},
                {"as many bare messages", "s", {least}}, {.value = 2});
  table.row({"from the change of the registers to all alarms", "s", {f.all_alarms}});
  table.row({"of it, to the second reading of each point", "s", {f.second_reading}});
  table.row({"the first alarm", "s", {f.first_alarm}});
  table.row({"messages heard by the subscriber", "", {static_cast<double>(f.heard)}});
  table.row({"resident before", "MiB", {f.before_mib}});
  table.row({"resident after", "MiB", {f.after_mib}});
  const auto from = f.figures.find("\"alarms\":");
  fmt::print("its status says: {}\n", f.figures.substr(from == std::string::npos ? 0 : from, 400));
  return table.kept() && from != std::string::npos ? 0 : 1;
}

}  // namespace

int main() {
  return bench::guarded([] {
    bench::ModbusServer server;  // first: it forks
    return run(server);
  });
}
