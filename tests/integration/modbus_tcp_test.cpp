// Poller and TCP link against pymodbus, an implementation that is not ours.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "drivers/poller.hpp"
#include "drivers/tcp_link.hpp"
#include "tests/support/process.hpp"

namespace hazgate::modbus {
namespace {

using namespace std::chrono_literals;

using test::Process;
using ::testing::ElementsAre;

std::unique_ptr<Process> pymodbus(std::uint16_t port, const std::string& units = "1") {
  auto server = std::make_unique<Process>(std::vector<std::string>{"/usr/bin/python3",
                                                                   SOURCE_DIR "/tests/integration/pymodbus_server.py",
                                                                   "--tcp", std::to_string(port), "--units", units});
  EXPECT_TRUE(server->wait_for("ready", 20s)) << server->output();
  return server;
}

struct Heard {
  std::uint64_t good = 0, bad = 0;
  std::vector<double> values;
  boost::system::error_code last_error;
  std::chrono::microseconds worst_lateness{};
  bool first_after_loss = false;
};

/// Buses under the real ticker and the real clock.
struct Buses {
  asio::io_context io{1};
  async::TaskGroup group{io};
  std::optional<Ticker> ticker;
  std::vector<std::unique_ptr<Poller>> pollers;
  std::map<std::uint32_t, Heard> heard;

  void add(TcpLinkOptions options, std::vector<DevicePlan> devices) {
    pollers.push_back(std::make_unique<Poller>(io, "bus", make_tcp_link(io, std::move(options)), std::move(devices),
                                               [this](const Outcome& o) { hear(o); }));
  }
  void start() {
    for (auto& poller : pollers) poller->start(group);
    ticker.emplace(pollers);
    group.start("ticker", ticker->run(nullptr));
  }
  void hear(const Outcome& o) {
    Heard& h = heard[o.device];
    ++(o.error ? h.bad : h.good);
    h.last_error = o.error;
    h.values.assign(o.values.begin(), o.values.end());
    h.worst_lateness = std::max(h.worst_lateness, o.lateness);
    h.first_after_loss = h.first_after_loss || o.first_after_loss;
  }
  bool run_until(const std::function<bool()>& done, std::chrono::seconds limit) {
    const auto end = Clock::now() + limit;
    while (!done() && Clock::now() < end) {
      io.restart();
      io.run_one_for(50ms);
    }
    return done();
  }
  ~Buses() {
    group.stop("end");
    EXPECT_TRUE(run_until([this] { return group.empty(); }, 5s));
    EXPECT_EQ(group.failure(), nullptr) << group.reason();
  }
};

DevicePlan plan_of(std::uint32_t index, std::uint8_t unit, std::vector<Channel> channels) {
  DevicePlan plan;
  plan.index = index;
  plan.unit = unit;
  plan.period = 100ms;
  plan.timeout = 300ms;
  plan.channels = std::move(channels);
  return plan;
}

TEST(ModbusTcp, EveryTypeAndTableOfPymodbusIsReadAsItStands) {
  const auto port = test::free_port();
  const auto server = pymodbus(port);
  std::vector<Channel> channels;
  for (const auto table : {Table::holding, Table::input}) {
    channels.push_back({table, 0, Type::uint16, WordOrder::abcd, {}});
    channels.push_back({table, 1, Type::int16, WordOrder::abcd, {}});
    channels.push_back({table, 2, Type::uint32, WordOrder::abcd, {}});
    channels.push_back({table, 4, Type::float32, WordOrder::abcd, {}});
    channels.push_back({table, 6, Type::float32, WordOrder::cdab, {}});
    channels.push_back({table, 8, Type::float32, WordOrder::badc, {}});
    channels.push_back({table, 10, Type::float32, WordOrder::dcba, {}});
    channels.push_back({table, 12, Type::float64, WordOrder::abcd, {}});
    channels.push_back({table, 0, Type::bit, WordOrder::abcd, 0x0002});
  }
  for (const auto table : {Table::coil, Table::discrete}) {
    for (const std::uint16_t address : {3, 4, 150})
      channels.push_back({table, address, Type::bit, WordOrder::abcd, {}});
  }
  channels.push_back({Table::holding, 500, Type::uint16, WordOrder::abcd, {}});  // it has none there
  Buses buses;
  buses.add({.port = port}, {plan_of(0, 1, channels)});
  buses.start();
  ASSERT_TRUE(buses.run_until([&] { return buses.heard[0].good >= 2; }, 10s));
  auto values = buses.heard[0].values;
  EXPECT_TRUE(std::isnan(values.back()));
  values.pop_back();
  EXPECT_THAT(values, ElementsAre(630, -2, 65538, 40, 40, 40, 40, 1.5, 1,  //
                                  630, -2, 65538, 40, 40, 40, 40, 1.5, 1,  //
                                  1, 0, 1, 1, 0, 1));
  EXPECT_EQ(buses.heard[0].bad, 0u);
}

TEST(ModbusTcp, AWriteArrivesAndIsReadBack) {
  const auto port = test::free_port();
  const auto server = pymodbus(port);
  Buses buses;
  buses.add({.port = port}, {plan_of(0, 1, {{Table::coil, 1, Type::bit, WordOrder::abcd, {}}})});
  buses.start();
  ASSERT_TRUE(buses.run_until([&] { return buses.heard[0].good > 0; }, 10s));
  EXPECT_THAT(buses.heard[0].values, ElementsAre(0));
  std::optional<boost::system::error_code> coil, missing;
  buses.pollers[0]->write({.unit = 1, .address = 1, .value = 1, .done = [&](auto ec) { coil = ec; }});
  buses.pollers[0]->write(
      {.unit = 1, .table = Table::holding, .address = 900, .value = 1, .done = [&](auto ec) { missing = ec; }});
  ASSERT_TRUE(buses.run_until([&] { return coil && missing; }, 5s));
  EXPECT_FALSE(*coil) << coil->message();
  EXPECT_EQ(*missing, modbus_errc::illegal_address);
  EXPECT_TRUE(buses.run_until([&] { return buses.heard[0].values == std::vector<double>{1}; }, 5s));
}

TEST(ModbusTcp, AServerThatDiesAndComesBackIsFoundAgain) {
  const auto port = test::free_port();
  auto server = pymodbus(port);
  Buses buses;
  buses.add({.port = port}, {plan_of(0, 1, {Channel{}})});
  buses.start();
  Heard& heard = buses.heard[0];
  ASSERT_TRUE(buses.run_until([&] { return heard.good > 0; }, 10s));
  server->signal(SIGKILL);
  ASSERT_TRUE(buses.run_until([&] { return heard.bad >= 3; }, 5s));
  EXPECT_EQ(heard.last_error, modbus_errc::not_connected);
  EXPECT_FALSE(buses.pollers[0]->link().trouble().empty());
  server = pymodbus(port);
  heard = {};
  EXPECT_TRUE(buses.run_until([&] { return heard.good > 0; }, 10s)) << buses.pollers[0]->link().trouble();
  EXPECT_TRUE(heard.first_after_loss);
}

TEST(ModbusTcp, ASilentUnitBehindAGatewayDoesNotDelayItsNeighbours) {
  const auto port = test::free_port();
  const auto server = pymodbus(port, "1,2,3");
  Buses buses;
  buses.add({.port = port, .max_in_flight = 4}, {plan_of(1, 1, {Channel{}}), plan_of(2, 2, {Channel{}}),
                                                 plan_of(3, 3, {Channel{}}), plan_of(9, 9, {Channel{}})});
  buses.start();
  ASSERT_TRUE(buses.run_until([&] { return buses.heard[9].bad >= 2; }, 10s));
  EXPECT_EQ(buses.heard[9].good, 0u);
  EXPECT_EQ(buses.heard[9].last_error, modbus_errc::no_answer);
  for (const std::uint32_t neighbour : {1, 2, 3}) {
    EXPECT_EQ(buses.heard[neighbour].bad, 0u);
    EXPECT_GE(buses.heard[neighbour].good, 10u);
    EXPECT_LT(buses.heard[neighbour].worst_lateness, 150ms);
  }
  EXPECT_EQ(buses.pollers[0]->link().counters().opened, 1u);
}

TEST(ModbusTcp, SilentUnitsThatAreAskedFirstDoNotStarveTheGoodOneOfTheirBus) {
  const auto port = test::free_port();
  const auto server = pymodbus(port, "9");
  Buses buses;
  buses.add({.port = port}, {plan_of(1, 1, {Channel{}}), plan_of(2, 2, {Channel{}}), plan_of(3, 3, {Channel{}}),
                             plan_of(9, 9, {Channel{}})});
  buses.start();
  EXPECT_TRUE(buses.run_until([&] { return buses.heard[9].good >= 10; }, 10s));
  EXPECT_EQ(buses.heard[9].bad, 0u);
  EXPECT_GE(buses.pollers[0]->link().counters().opened, 2u) << "renewed, and the good unit did not notice";
}

TEST(ModbusTcp, ElevenHundredLinksAreAskedByOneThread) {
  constexpr std::uint32_t links = 1100;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < 4 * links) GTEST_SKIP() << "the system allows only " << files.rlim_max << " descriptors";
  const auto port = test::free_port();
  const auto server = pymodbus(port);
  Buses buses;
  for (std::uint32_t i = 0; i < links; ++i) {
    auto plan = plan_of(i, 1, {Channel{}});
    plan.period = 5s;
    plan.timeout = 3s;
    buses.add({.port = port, .timeout = 5s}, {plan});
  }
  buses.start();
  const auto answered = [&] {
    return std::ranges::count_if(buses.heard, [](const auto& h) { return h.second.good > 0; });
  };
  EXPECT_TRUE(buses.run_until([&] { return answered() == links; }, 60s)) << answered();
}

}  // namespace
}  // namespace hazgate::modbus
