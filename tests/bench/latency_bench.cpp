// Promise: from the change of a register to the alarm at an MQTT subscriber, beyond the poll period and with the commit
// included, at most 8 ms in the median and 20 ms at the 99th percentile. A device read every 100 ms changes its
// register at known instants; the clock starts when the server sends the answer that first carries the new value.
// Beside it, in turns and under the same load of 100 ordinary devices: one row committed by SQLite with
// synchronous=FULL, then published by bare Paho to the same subscriber. latency_bench [flips]
#include <sqlite3.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <thread>

#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace {
using namespace hazgate;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int ordinary_devices = 100, workplaces = 20;
constexpr auto patience = seconds(5);

double ms(steady_clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error("latency_bench: " + why); }

/// The least that "on disk first" costs.
class BareStore {
 public:
  explicit BareStore(const std::filesystem::path& file) {
    sqlite3* opened = nullptr;
    if (sqlite3_open(file.c_str(), &opened) != SQLITE_OK) give_up("cannot open " + file.string());
    database_.reset(opened);
    execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE alarm (id INTEGER PRIMARY KEY, text TEXT)");
  }
  void commit(int number) {
    execute(fmt::format("INSERT INTO alarm (text) VALUES ('{}{}')", std::string(800, 'a'), number).c_str());
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  void execute(const char* sql) {
    char* why = nullptr;
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, &why) != SQLITE_OK) give_up(why);
  }
  std::unique_ptr<sqlite3, Close> database_;
};

class Bench {
 public:
  Bench();
  /// Sets the register and waits for its alarm.
  double flip(int number);
  /// Commit and publish; commit alone goes to `commit_ms`.
  double bare(int number, double& commit_ms);
  void stop() { gateway_->stop(); }
  void pause(milliseconds shortest, milliseconds longest) {
    std::uniform_int_distribution<long> pick(shortest.count() * 1000, longest.count() * 1000);
    std::this_thread::sleep_for(std::chrono::microseconds(pick(random_)));
  }

 private:
  bench::ModbusServer server_;  // first: it forks
  test::Mosquitto broker_;
  test::TemporaryFolder folder_;
  bench::MqttClient alarms_{broker_.port(), "bench-alarms"}, publisher_{broker_.port(), "bench-publisher"};
  BareStore store_{folder_.path() / "bare.sqlite"};
  std::unique_ptr<bench::GatewayProcess> gateway_;
  std::mt19937 random_{11};
};

Bench::Bench() {
  server_.state().wobble = 17;
  for (auto& word : server_.state().registers) word = 20;
  server_.state().watched = bench::watched_low;
  alarms_.subscribe("hazgate/1/bench/works/+/alarm/#", true);
  const auto config = bench::write_site(folder_, {.modbus_port = server_.port(),
                                                  .mqtt_port = broker_.port(),
                                                  .devices = ordinary_devices,
                                                  .workplaces = workplaces,
                                                  .watched_device = true});
  gateway_ = std::make_unique<bench::GatewayProcess>(folder_, config);
  std::this_thread::sleep_for(seconds(3));
  if (server_.state().changes_sent != 1) give_up("the gateway does not read the watched device");
  if (!alarms_.next(milliseconds(0))) give_up("no alarm of the lower level");
  if (const auto early = alarms_.next(milliseconds(0))) give_up("an alarm before anything happened: " + early->payload);
}

double Bench::flip(int number) {
  const bool rises = number % 2 == 0;
  auto& state = server_.state();
  const auto before = state.changes_sent.load();
  state.watched = rises ? bench::watched_high : bench::watched_low;
  const auto alarm = alarms_.next(patience);
  if (!alarm) give_up("no alarm after a change of the register");
  const bool right = alarm->payload.find(rises ? "\"level\":\"exceed\"" : "\"level\":\"warning\"") != std::string::npos;
  if (!right || state.changes_sent != before + 1) give_up("an alarm of something else: " + alarm->payload);
  return ms(alarm->at.time_since_epoch() - std::chrono::nanoseconds(state.sent_at_ns));
}

double Bench::bare(int number, double& commit_ms) {
  const auto began = steady_clock::now();
  store_.commit(number);
  commit_ms = ms(steady_clock::now() - began);
  publisher_.publish("hazgate/1/bench/works/none/alarm/bare", std::string(800, 'a'));
  const auto heard = alarms_.next(patience);
  if (!heard) give_up("the bare message does not arrive");
  return ms(heard->at - began);
}

double percentile(std::vector<double> figures, double q) {
  std::sort(figures.begin(), figures.end());
  return figures[static_cast<std::size_t>(std::ceil(q * static_cast<double>(figures.size()))) - 1];
}

int run(int flips) {
  Bench bench;
  bench::Series ours{"register to alarm, all", "ms"}, raw{"commit and bare publish, all", "ms"},
      commit{"bare commit", "ms"};
  for (int i = 0; i < flips; ++i) {
    ours.figures.push_back(bench.flip(i));
    bench.pause(milliseconds(10), milliseconds(60));
    double commit_ms = 0;
    raw.figures.push_back(bench.bare(i, commit_ms));
    commit.figures.push_back(commit_ms);
    bench.pause(milliseconds(10), milliseconds(60));
  }
  bench.stop();
  bench::Table table("latency");
  const auto promise = [&](const char* what, double q, double most) {
    table.promise({fmt::format("register to alarm at subscriber, {}", what), "ms", {percentile(ours.figures, q)}},
                  {fmt::format("commit and bare publish, {}", what), "ms", {percentile(raw.figures, q)}},
                  {.value = most});
  };
  promise("p50", 0.50, 8);
  promise("p99", 0.99, 20);
  for (const auto* series : {&ours, &raw, &commit}) table.row(*series);
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int flips = std::max(2, argc > 1 ? std::atoi(argv[1]) : 250);
  return bench::guarded([=] { return run(flips); });
}
