// Promises of lines in trouble and of slow lines, from outside the built program: dead links and half frames beside a
// thousand devices, a silent unit among sixteen behind one Modbus gateway, and 32 serial lines whose bytes take their
// time. line_bench [seconds a case]
#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"
#include "tests/bench/serial_server.hpp"

namespace {
using namespace hazgate;
using bench::Target;
using std::chrono::seconds;

constexpr double most_late_ms = 2;
constexpr auto warm_up = seconds(5);

struct Outcome {
  double lateness_p99_ms = 0, lateness_worst_ms = 0, owed = 0;
};

Outcome figures_of(bench::GatewayProcess& gateway) {
  gateway.stop();
  return {.lateness_p99_ms = gateway.figure("lateness_p99_ms"),
          .lateness_worst_ms = gateway.figure("lateness_worst_ms"),
          .owed = gateway.figure("messages_owed")};
}

/// The site runs for so long; `watch` sees it between warm-up and end.
template <class Watch>
Outcome run_site(bench::SitePlan plan, seconds length, Watch watch) {
  test::Mosquitto broker;
  const test::TemporaryFolder folder;
  plan.mqtt_port = broker.port();
  const auto config = bench::write_site(folder, plan);
  bench::GatewayProcess gateway(folder, config);
  std::this_thread::sleep_for(warm_up);
  watch([length] { std::this_thread::sleep_for(length); });
  return figures_of(gateway);
}

/// At the start all links open at once, so the gateway's own lateness, which it counts from there, says little of what
/// comes later: how steadily the server is asked does.
void dead_links(bench::Table& table, seconds length) {
  bench::ModbusServer server;
  const bench::SitePlan plan{.modbus_port = server.port(), .load = {.devices = 1000}, .trouble = true};
  const auto seen = run_site(plan, length, [&](const auto& wait) {
    server.state().period_ns = 1'000'000'000;
    wait();
  });
  const std::string what = "100 of 1,000 links dead, 10 send halves";
  table.promise({what + ": period off, p99", "ms", {server.unsteady_p99_ms()}}, {}, {.value = most_late_ms});
  table.row({what + ": late, p99", "ms", {seen.lateness_p99_ms}});
  table.promise({what + ": messages owed", "count", {seen.owed}}, {}, {.value = 0});
}

std::string behind_one_gateway(std::uint16_t port) {
  std::string text = fmt::format(
      "[[bus]]\nid = \"shared\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\nmax_in_flight = 4\n", port);
  for (int unit = 1; unit <= 16; ++unit)
    text += fmt::format(
        "[[device]]\nid = \"u{0}\"\nbus = \"shared\"\nunit = {1}\nprofile = \"bench-gas\"\nperiod = \"1s\"\n"
        "workplace = \"hall-0\"\n",
        unit, unit == 16 ? bench::silent_unit : unit);
  return text;
}

/// A poll that is skipped is the silent one's own, whose time-outs take longer than its period; the others are counted
/// by the server.
void silent_among_sixteen(bench::Table& table, seconds length) {
  bench::ModbusServer server;
  const bench::SitePlan plan{
      .modbus_port = server.port(), .load = {.devices = 1}, .more = behind_one_gateway(server.port())};
  double a_second = 0;
  const auto seen = run_site(plan, length, [&](const auto& wait) {
    const auto began = std::chrono::steady_clock::now();
    const auto answers = server.answers();
    wait();
    a_second = static_cast<double>(server.answers() - answers) /
               std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  });
  const std::string what = "16 units at one gateway, one silent";
  table.promise({what + ": polls of others", "1/s", {a_second}}, {},
                {.bound = Target::Bound::at_least, .value = 0.99 * 16});  // and the one device that every site has
  table.promise({what + ": late, p99", "ms", {seen.lateness_p99_ms}}, {}, {.value = most_late_ms});
  table.row({what + ": late, worst", "ms", {seen.lateness_worst_ms}});
  table.promise({what + ": messages owed", "count", {seen.owed}}, {}, {.value = 0});
}

constexpr int serial_lines = 32, devices_a_line = 8, baud = 9600, registers = 10;

std::string serial_text(const std::filesystem::path& folder) {
  std::string text;
  for (int line = 0; line < serial_lines; ++line) {
    text += fmt::format(
        "[[bus]]\nid = \"line-{0}\"\ntransport = \"rtu\"\npath = \"{1}/line-{0}\"\nbaud = {2}\nparity = \"none\"\n",
        line, folder.string(), baud);
    for (int unit = 1; unit <= devices_a_line; ++unit)
      text += fmt::format(
          "[[device]]\nid = \"s{0}-{1}\"\nbus = \"line-{0}\"\nunit = {1}\nprofile = \"bench-gas\"\nperiod = \"320ms\"\n"
          "workplace = \"hall-0\"\n",
          line, unit);
  }
  return text;
}

/// Each line is asked for a little more than it can carry, so that it never rests. How steadily the TCP devices are
/// read meanwhile says their server.
void serial(bench::Table& table, seconds length) {
  const test::TemporaryFolder folder;
  bench::SerialServer lines(folder.path(), serial_lines, baud);
  double use = 0;
  const auto unsteady = [&](std::string more) {
    bench::ModbusServer server;
    const bench::SitePlan plan{.modbus_port = server.port(), .load = {.devices = 100}, .more = std::move(more)};
    run_site(plan, length, [&](const auto& wait) {
      server.state().period_ns = 1'000'000'000;
      const auto began = std::chrono::steady_clock::now();
      const auto answers = lines.answers();
      wait();
      const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
      use = 100 * static_cast<double>(lines.answers() - answers) / wall.count() /
            (serial_lines * lines.most_polls(registers));
    });
    return server.unsteady_p99_ms();
  };
  const double alone = unsteady("");
  const double beside = unsteady(serial_text(folder.path()));
  table.promise(
      {fmt::format("{} lines at {} baud, {} units each: use", serial_lines, baud, devices_a_line), "%", {use}}, {},
      {.bound = Target::Bound::at_least, .value = 95});
  table.promise({"TCP beside them: period off by, p99", "ms", {beside}},
                {"TCP alone: period off by, p99", "ms", {alone}}, {.value = alone + most_late_ms});
}

}  // namespace

int main(int argc, char** argv) {
  const seconds length(std::max(5, argc > 1 ? std::atoi(argv[1]) : 20));
  return bench::guarded([=] {
    bench::Table table("lines");
    dead_links(table, length);
    silent_among_sixteen(table, length);
    serial(table, length);
    return table.kept() ? 0 : 1;
  });
}
