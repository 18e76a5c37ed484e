#include "drivers/poller.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <deque>
#include <map>

#include "async/event.hpp"

namespace hazgate::modbus {
namespace {

using boost::system::error_code;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// A bus as the test wants it: `answer` decides; no value means silence until the test calls time_out().
struct FakeLink final : Link {
  using Answer = std::function<std::optional<error_code>(const Request&, std::span<std::uint16_t>)>;

  FakeLink(asio::io_context& io_, std::size_t most) : io(io_), most_in_flight(most) {}
  asio::awaitable<error_code> transact(Request request, std::span<std::uint16_t> words, Clock::time_point) override {
    asked.push_back(request);
    if (!open) co_return modbus_errc::not_connected;
    if (auto result = answer(request, words)) co_return *result;
    auto& event = silent.emplace_back(io.get_executor());
    co_await event.wait();
    co_return modbus_errc::no_answer;
  }
  void time_out() {
    for (auto& event : silent) event.notify();
  }
  asio::awaitable<void> run() override { co_return; }
  void sweep(Clock::time_point) override { ++sweeps; }
  std::size_t max_in_flight() const override { return most_in_flight; }
  bool is_open() const override { return open; }
  std::string trouble() const override { return why; }
  const LinkCounters& counters() const override { return counters_; }

  asio::io_context& io;
  std::size_t most_in_flight;
  bool open = true;
  std::string why;
  Answer answer = [](const Request& r, std::span<std::uint16_t> words) {
    std::ranges::fill(words.first(r.count), r.unit);
    return error_code{};
  };
  std::vector<Request> asked;
  std::deque<async::Event> silent;
  int sweeps = 0;
  LinkCounters counters_;
};

struct Seen {
  std::uint32_t device;
  error_code error;
  std::vector<double> values;
  std::string detail;
  std::chrono::milliseconds at;
};

/// Time is the ticks' own and runs as fast as the test: it starts an hour ahead of the clock.
struct PollerOf : ::testing::Test {
  asio::io_context io;
  async::TaskGroup group{io};
  std::vector<DevicePlan> plans;
  std::vector<Seen> seen;
  FakeLink* link = nullptr;
  Clock::time_point wanted = Clock::time_point::min();
  int ticks = 0;
  std::unique_ptr<Poller> poller;
  const Clock::time_point start = Clock::now() + 1h;
  std::chrono::milliseconds now{0};
  bool hold = false;

  DevicePlan& device(std::uint8_t unit, std::chrono::milliseconds period = 1000ms) {
    DevicePlan plan;
    plan.index = unit * 10u;
    plan.unit = unit;
    plan.period = period;
    plan.retries = 0;
    plan.channels = {Channel{}};
    return plans.emplace_back(plan);
  }
  void make(std::size_t max_in_flight = 1) {
    auto owned = std::make_unique<FakeLink>(io, max_in_flight);
    link = owned.get();
    poller = std::make_unique<Poller>(io, "bus", std::move(owned), plans, [this](const Outcome& o) {
      seen.push_back({o.device, o.error, {o.values.begin(), o.values.end()}, std::string(o.detail), now});
    });
    poller->attend(wanted);
    poller->start(group);
    run_ready();
  }
  void run_ready() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  void tick_until(std::chrono::milliseconds end) {
    for (; now < end; now += 10ms) {
      if (start + now < wanted) continue;
      ++ticks;
      poller->tick(start + now, hold);
      run_ready();
    }
  }
  std::size_t polls_of(std::uint32_t index) const {
    return static_cast<std::size_t>(std::ranges::count(seen, index, &Seen::device));
  }
  void TearDown() override {
    group.stop("end");
    run_ready();
    EXPECT_TRUE(group.empty());
    EXPECT_EQ(group.failure(), nullptr);
  }
};

TEST_F(PollerOf, EveryDeviceIsAskedOnceAPeriod) {
  device(1, 1000ms);
  device(2, 100ms);
  make();
  tick_until(10s);
  EXPECT_NEAR(static_cast<double>(polls_of(10)), 10, 1);
  EXPECT_NEAR(static_cast<double>(polls_of(20)), 100, 1);
  EXPECT_THAT(seen.front().values, ElementsAre(1));
  EXPECT_EQ(poller->counters().polls, seen.size());
  EXPECT_EQ(poller->counters().skipped, 0u);
  EXPECT_TRUE(poller->answering(10));
  EXPECT_GE(link->sweeps, 19);  // while nothing is missing, every 500 ms
}

TEST_F(PollerOf, ASilentDeviceCostsItsNeighboursOneTimeoutABackOff) {
  device(1, 100ms);
  device(2, 100ms);
  make();
  link->answer = [](const Request& r, std::span<std::uint16_t>) {
    return r.unit == 2 ? std::nullopt : std::optional<error_code>(error_code{});
  };
  for (auto end = 500ms; end <= 120s; end += 500ms) {  // a time-out of half a second
    tick_until(end);
    link->time_out();
    run_ready();
  }
  // 1 + 2 + 4 + 8 + 16 + 32 + 60 s of pauses: the eighth failure comes after two minutes.
  EXPECT_EQ(polls_of(20), 7u);
  EXPECT_GE(polls_of(10), 1200u - 7 * 5 - 2);
  EXPECT_FALSE(poller->answering(20));
  EXPECT_EQ(poller->counters().failed, 7u);
}

TEST_F(PollerOf, WithSeveralInFlightASilentDeviceCostsItsNeighboursNothing) {
  device(1, 100ms);
  device(2, 100ms);
  make(2);
  link->answer = [](const Request& r, std::span<std::uint16_t>) {
    return r.unit == 2 ? std::nullopt : std::optional<error_code>(error_code{});
  };
  tick_until(5s);
  EXPECT_GE(polls_of(10), 49u);
  EXPECT_EQ(std::ranges::count(link->asked, 2, &Request::unit), 1) << "one worker at a time for a device";
  EXPECT_GE(poller->counters().skipped, 48u);
  link->time_out();
}

TEST_F(PollerOf, WhileTheLinkIsDownEachPollSaysSoAndAllAreTriedWhenItIsBack) {
  device(1, 1000ms);
  device(2, 30s);
  make();
  tick_until(2s);
  link->open = false;
  link->why = "Connection refused";
  seen.clear();
  tick_until(12s);
  EXPECT_EQ(polls_of(10), 10u) << "no back-off: it is not the device's fault";
  EXPECT_EQ(seen.front().error, modbus_errc::not_connected);
  link->open = true;
  seen.clear();
  tick_until(12060ms);  // a closed link is looked at every 50 ms
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_FALSE(seen[0].error);
  EXPECT_FALSE(seen[1].error);
}

TEST_F(PollerOf, NothingIsCalledLostBeforeTheLinkHasHadItsFirstChance) {
  device(1, 100ms);
  make();
  link->open = false;
  tick_until(500ms);
  EXPECT_TRUE(seen.empty());
  link->why = "Connection refused";
  tick_until(1s);
  EXPECT_FALSE(seen.empty());
}

TEST_F(PollerOf, ADevicesPauseBetweenRequestsIsKeptAndTheLineIsFreeMeanwhile) {
  auto& slow = device(1, 1000ms);
  slow.channels = {Channel{.address = 0}, Channel{.address = 500}, Channel{.address = 1000}};
  slow.min_interval = 50ms;
  device(2, 10ms);
  make();
  std::map<std::uint16_t, std::chrono::milliseconds> asked_at;
  link->answer = [&](const Request& r, std::span<std::uint16_t>) {
    if (r.unit == 1) asked_at.try_emplace(r.address, now);
    return error_code{};
  };
  tick_until(200ms);
  ASSERT_EQ(asked_at.size(), 3u);
  EXPECT_EQ(asked_at[500] - asked_at[0], 50ms);
  EXPECT_EQ(asked_at[1000] - asked_at[500], 50ms);
  EXPECT_GE(polls_of(20), 19u);
}

TEST_F(PollerOf, ABusyDeviceIsAskedAgainAfterAPause) {
  device(1, 10s);
  make();
  int times = 0;
  link->answer = [&](const Request&, std::span<std::uint16_t>) {
    return ++times == 1 ? make_error_code(modbus_errc::device_busy) : error_code{};
  };
  tick_until(1s);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_FALSE(seen[0].error);
  EXPECT_EQ(seen[0].at, 100ms);
}

TEST_F(PollerOf, AnIdentityMismatchIsNamedAndTriedAgainWithBackOff) {
  auto& plan = device(1, 100ms);
  plan.expects.push_back({.channel = {.address = 1005}, .equals = 112, .what = "unit is ppm"});
  make();
  tick_until(10s);
  ASSERT_EQ(seen.size(), 4u) << "pauses of 1, 2 and 4 s";
  EXPECT_EQ(seen[0].error, modbus_errc::identity_mismatch);
  EXPECT_THAT(seen[0].detail, HasSubstr("unit is ppm"));
  EXPECT_TRUE(seen[0].values.empty());
}

TEST_F(PollerOf, AWriteGoesFirstAndIsReadBack) {
  device(1, 100ms);
  make();
  std::uint16_t coil = 0;
  link->answer = [&](const Request& r, std::span<std::uint16_t> words) {
    if (r.function == Function::write_coil) coil = r.value;
    words[0] = coil;
    return error_code{};
  };
  std::optional<error_code> done;
  ASSERT_TRUE(poller->write({.unit = 5, .address = 3, .value = 1, .done = [&](error_code ec) { done = ec; }}));
  tick_until(10ms);
  ASSERT_TRUE(done);
  EXPECT_FALSE(*done);
  ASSERT_GE(link->asked.size(), 2u);
  EXPECT_EQ(link->asked[0],
            (Request{.unit = 5, .function = Function::write_coil, .address = 3, .count = 1, .value = 1}));
  EXPECT_EQ(link->asked[1].function, Function::read_coils);
}

TEST_F(PollerOf, AWriteToADeviceInItsPauseComesWhenThatIsOver) {
  device(1, 60s).min_interval = 50ms;
  make();
  link->answer = [](const Request&, std::span<std::uint16_t> words) {
    words[0] = 1;
    return error_code{};
  };
  tick_until(20ms);
  std::optional<error_code> done;
  ASSERT_TRUE(poller->write({.unit = 1, .address = 3, .value = 1, .done = [&](error_code ec) { done = ec; }}));
  run_ready();
  EXPECT_FALSE(done);
  EXPECT_LE(wanted, start + now + 10ms);
}

// A peer that has forgotten the connection costs one poll, not one each period.
TEST_F(PollerOf, APollThatDiesWithItsConnectionIsAskedAgainOnTheNextOne) {
  device(1, 60s);
  make();
  int times = 0;
  link->answer = [&](const Request&, std::span<std::uint16_t>) {
    return ++times == 1 ? make_error_code(modbus_errc::not_connected) : error_code{};
  };
  tick_until(2s);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_FALSE(seen[1].error);
}

TEST_F(PollerOf, AfterEachWriteThereIsRoomForOnePoll) {
  device(1);
  device(2);
  make();
  link->answer = [](const Request& r, std::span<std::uint16_t>) {
    return r.unit == 5 ? make_error_code(modbus_errc::device_failure) : error_code{};
  };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(poller->write({.unit = 5}));
  tick_until(10ms);
  std::vector<int> order;
  for (const auto& request : link->asked) order.push_back(request.unit);
  EXPECT_THAT(order, ElementsAre(5, 1, 5, 2, 5, 5));
}

TEST_F(PollerOf, AWriteThatDoesNotStickIsAnError) {
  make();
  link->answer = [&](const Request&, std::span<std::uint16_t> words) {
    words[0] = 0;
    return error_code{};
  };
  std::optional<error_code> done;
  poller->write({.unit = 5, .table = Table::holding, .value = 7, .done = [&](error_code ec) { done = ec; }});
  run_ready();
  EXPECT_EQ(done, make_error_code(modbus_errc::write_not_kept));
}

TEST_F(PollerOf, MoreThanSixtyFourWaitingWritesAreRefused) {
  make();
  link->answer = [](const Request&, std::span<std::uint16_t>) { return std::nullopt; };
  ASSERT_TRUE(poller->write({.unit = 5}));
  run_ready();  // under way
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(poller->write({.unit = 5}));
  EXPECT_FALSE(poller->write({.unit = 5}));
}

TEST_F(PollerOf, WritesGoBeforeLooksThatHaveWaitedLonger) {
  make();
  link->answer = [](const Request&, std::span<std::uint16_t>) { return std::nullopt; };
  ASSERT_TRUE(poller->write({.unit = 9}));
  run_ready();  // under way
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(poller->look({.unit = 7}));
  ASSERT_TRUE(poller->write({.unit = 5}));
  ASSERT_TRUE(poller->write({.unit = 6}));
  link->asked.clear();
  link->answer = [](const Request&, std::span<std::uint16_t>) { return make_error_code(modbus_errc::device_failure); };
  link->time_out();
  run_ready();
  std::vector<int> order;
  for (const auto& request : link->asked)
    if (request.unit != 9) order.push_back(request.unit);
  EXPECT_THAT(order, ElementsAre(5, 6, 7, 7, 7, 7));
}

TEST_F(PollerOf, MoreThanFourWaitingLooksAreRefusedAndWritesAreNot) {
  make();
  link->answer = [](const Request&, std::span<std::uint16_t>) { return std::nullopt; };
  ASSERT_TRUE(poller->look({.unit = 5}));
  run_ready();  // under way
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(poller->look({.unit = 5}));
  EXPECT_FALSE(poller->look({.unit = 5}));
  EXPECT_TRUE(poller->write({.unit = 5}));
}

TEST_F(PollerOf, ALookIsTriedOnceAndAWriteThreeTimes) {
  make();
  link->answer = [](const Request&, std::span<std::uint16_t>) { return make_error_code(modbus_errc::no_answer); };
  std::optional<error_code> looked;
  ASSERT_TRUE(poller->look({.unit = 7, .done = [&](error_code ec, auto) { looked = ec; }}));
  ASSERT_TRUE(poller->write({.unit = 5}));
  run_ready();
  EXPECT_EQ(looked, make_error_code(modbus_errc::no_answer));
  EXPECT_EQ(std::ranges::count(link->asked, 7, &Request::unit), 1);
  EXPECT_EQ(std::ranges::count(link->asked, 5, &Request::unit), 3);
}

TEST_F(PollerOf, AfterEachLookThereIsRoomForOnePoll) {
  device(1);
  device(2);
  make();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(poller->look({.unit = 5}));
  tick_until(10ms);
  std::vector<int> order;
  for (const auto& request : link->asked) order.push_back(request.unit);
  EXPECT_THAT(order, ElementsAre(5, 1, 5, 2, 5));
}

TEST_F(PollerOf, WhoStillWaitsWhenItEndsIsToldSoAndNothingMoreIsTaken) {
  make(2);
  link->answer = [](const Request&, std::span<std::uint16_t>) { return std::nullopt; };
  std::vector<error_code> ended;
  const auto written = [&](error_code ec) { ended.push_back(ec); };
  const auto looked = [&](error_code ec, auto) { ended.push_back(ec); };
  ASSERT_TRUE(poller->write({.unit = 5, .done = written}));
  ASSERT_TRUE(poller->look({.unit = 6, .done = looked}));
  run_ready();  // both under way
  ASSERT_TRUE(poller->write({.unit = 5, .done = written}));
  ASSERT_TRUE(poller->look({.unit = 6, .done = looked}));
  run_ready();
  EXPECT_TRUE(ended.empty());
  group.stop("end");
  run_ready();
  EXPECT_THAT(ended, ::testing::AllOf(::testing::SizeIs(4), ::testing::Each(asio::error::operation_aborted)));
  EXPECT_FALSE(poller->write({.unit = 5}));
  EXPECT_FALSE(poller->look({.unit = 5}));
}

TEST_F(PollerOf, WhileHeldNothingIsAskedAndEachPollIsCounted) {
  device(1, 100ms);
  make();
  hold = true;
  tick_until(1s);
  EXPECT_TRUE(seen.empty());
  EXPECT_NEAR(static_cast<double>(poller->counters().held_back), 10, 1);
  hold = false;
  tick_until(1110ms);
  EXPECT_FALSE(seen.empty());
}

TEST_F(PollerOf, TheLinkIsSweptEvery50MsWhileARequestIsUnderWay) {
  device(1, 60s);
  plans.back().timeout = 300ms;
  make();
  link->answer = [](const Request&, std::span<std::uint16_t>) { return std::nullopt; };
  tick_until(2s);  // asked at once
  EXPECT_GE(link->sweeps, 40);
  EXPECT_LE(link->sweeps, 42);
}

// Of a thousand buses each look costs cold memory.
TEST_F(PollerOf, ABusThatAnswersIsLookedAtOnceAPoll) {
  device(1, 1s);
  make();
  tick_until(10s);
  EXPECT_EQ(polls_of(10), 10U);
  EXPECT_LE(ticks, 12);
}

TEST_F(PollerOf, AnIdleBusIsLookedAtOnceASecondToSeeWhetherItsLinkIsStillOpen) {
  device(1, 60s);
  make();
  tick_until(10s);
  EXPECT_GE(ticks, 10);
  EXPECT_LE(ticks, 12);
}

/// An answer that has come is judged before hundreds of others are asked.
TEST(TickerOf, ManyBusesLetsOthersOfTheLoopInBetween) {
  asio::io_context io;
  std::size_t asked = 0;
  std::vector<std::size_t> asked_when_let_in;
  std::vector<std::unique_ptr<Poller>> pollers;
  std::function<void()> others = [&] {
    asked_when_let_in.push_back(asked);
    if (asked < 600) asio::post(io, others);
  };
  for (int i = 0; i < 600; ++i) {
    auto link = std::make_unique<FakeLink>(io, 1);
    link->answer = [&](const Request&, std::span<std::uint16_t>) {
      ++asked;
      return error_code{};
    };
    DevicePlan plan{.channels = {Channel{}}};
    pollers.push_back(std::make_unique<Poller>(io, "bus", std::move(link), std::vector{plan}, [](const Outcome&) {}));
  }
  Ticker ticker(pollers);
  async::TaskGroup group(io);
  for (auto& poller : pollers) poller->start(group);
  io.poll();
  asio::post(io, others);
  group.start("ticker", ticker.run({}));
  for (int i = 0; i < 2000 && asked < 600; ++i) io.run_one_for(50ms);
  group.stop("end");
  while (!group.empty()) io.run_one_for(50ms);
  ASSERT_EQ(asked, 600u);
  ASSERT_EQ(asked_when_let_in.front(), 0u);
  std::size_t longest = 0;
  for (std::size_t i = 1; i < asked_when_let_in.size(); ++i)
    longest = std::max(longest, asked_when_let_in[i] - asked_when_let_in[i - 1]);
  EXPECT_LE(longest, 256u);
}

}  // namespace
}  // namespace hazgate::modbus
