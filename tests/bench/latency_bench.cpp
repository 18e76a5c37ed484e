// Promises: from the change of a register to the alarm at an MQTT subscriber, beyond the poll period and with the
// commit included, at most 5 ms in the median and 10 ms at the 99th percentile, 25 ms at 50,000 polls/s, and 2 ms where
// the store costs no disk. A device read every 100 ms changes its register at known instants; the clock starts when the
// server sends the answer that first carries the new value. Beside each, in turns and under the same load: one row
// committed by SQLite with synchronous=FULL, then published by bare Paho to the same subscriber. latency_bench [flips]
#include <sqlite3.h>

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

struct Case {
  const char* name;
  bench::Load load;
  bool on_disk = true;  ///< otherwise the store lies in memory: the way without what a disk costs
  double p50 = 0, p99 = 0;
};
const std::vector<Case> cases{
    {"100 devices at 1 Hz", {.devices = 100}, true, 5, 10},
    {"100 devices at 1 Hz, store in memory", {.devices = 100}, false, 2, 2},
    {"1,000 devices at 50 Hz", {.devices = 1000, .period_ms = 20}, true, 25, 25},
};
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
  explicit Bench(const Case& c);
  double flip() { return watched_.flip(); }
  /// Commit and publish; commit alone goes to `commit_ms`.
  double bare(int number, double& commit_ms);
  void rest() { watched_.rest(); }
  void stop() { gateway_->stop(); }

 private:
  bench::ModbusServer server_;  // first: it forks
  test::Mosquitto broker_;
  test::TemporaryFolder folder_, memory_{"/dev/shm"};
  bench::MqttClient alarms_{broker_.port(), "bench-alarms"}, publisher_{broker_.port(), "bench-publisher"};
  bench::WatchedPoint watched_{server_, alarms_};
  BareStore store_;
  std::unique_ptr<bench::GatewayProcess> gateway_;
};

Bench::Bench(const Case& c) : store_((c.on_disk ? folder_ : memory_).path() / "bare.sqlite") {
  server_.state().wobble = 17;
  for (auto& word : server_.state().registers) word = 20;
  alarms_.subscribe("hazgate/1/bench/works/+/alarm/#", true);
  const auto config = bench::write_site(folder_, {.modbus_port = server_.port(),
                                                  .mqtt_port = broker_.port(),
                                                  .load = c.load,
                                                  .watched_device = true,
                                                  .data_dir = (c.on_disk ? folder_ : memory_).path() / "data"});
  gateway_ = std::make_unique<bench::GatewayProcess>(folder_, config);
  std::this_thread::sleep_for(seconds(3));
  watched_.begin();
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

bool run(const Case& c, int flips) {
  Bench site(c);
  const std::string name = c.name;
  bench::Series ours{name + ": register to alarm, all", "ms"}, raw{name + ": commit and bare publish, all", "ms"},
      commit{name + ": bare commit", "ms"};
  for (int i = 0; i < flips; ++i) {
    ours.figures.push_back(site.flip());
    site.rest();
    double commit_ms = 0;
    raw.figures.push_back(site.bare(i, commit_ms));
    commit.figures.push_back(commit_ms);
    site.rest();
  }
  site.stop();
  bench::Table table("latency");
  for (const auto& [word, q, most] : {std::tuple("p50", 0.50, c.p50), std::tuple("p99", 0.99, c.p99)})
    table.promise(
        {fmt::format("{}: register to alarm, {}", name, word), "ms", {bench::percentile(ours.figures, q)}},
        {fmt::format("{}: commit and bare publish, {}", name, word), "ms", {bench::percentile(raw.figures, q)}},
        {.value = most});
  for (const auto* series : {&ours, &raw, &commit}) table.row(*series);
  return table.kept();
}

int run_all(int flips) {
  bool kept = true;
  for (const auto& c : cases) kept = run(c, flips) && kept;
  return kept ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int flips = std::max(2, argc > 1 ? std::atoi(argv[1]) : 250);
  return bench::guarded([=] { return run_all(flips); });
}
