// The serial link against lines that misbehave, and against partners that are not ours.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fstream>

#include "async/task_group.hpp"
#include "drivers/rtu_link.hpp"
#include "drivers/simulator.hpp"
#include "support/process.hpp"

namespace hazgate::modbus {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
using std::chrono::milliseconds;
using test::Process;
using test::TemporaryFolder;

constexpr Channel counting{.table = Table::holding, .address = 7, .type = Type::uint16};

/// Counts milliseconds since the start of the simulator, so that a value tells when it was made.
Track millisecond_count() {
  Track track{.channel = counting};
  for (int ms = 0; ms < 60'000; ++ms) {
    track.seconds.push_back(ms / 1000.0);
    track.values.push_back(ms);
  }
  return track;
}

SimulatedDevice counter(std::uint8_t unit, std::vector<FaultWindow> faults = {}) {
  return {.id = "counter", .unit = unit, .tracks = {millisecond_count()}, .faults = std::move(faults)};
}

/// A link with its loop; ask() runs the loop until the answer is there.
class Asking {
 public:
  explicit Asking(RtuLinkOptions options) : link_(make_rtu_link(io_, std::move(options))) {
    group_.start("link", link_->run());
  }
  ~Asking() {
    group_.stop("end of test");
    io_.restart();
    io_.run_for(3s);
  }
  bool open_within(milliseconds limit) {
    return until([this] { return link_->is_open(); }, limit);
  }
  bool until(const std::function<bool()>& condition, milliseconds limit) {
    const auto end = Clock::now() + limit;
    io_.restart();
    while (!condition() && Clock::now() < end) io_.run_one_for(10ms);
    return condition();
  }
  error_code ask(Request request, milliseconds timeout) {
    bool done = false;
    error_code error;
    asio::co_spawn(
        io_,
        [&]() -> asio::awaitable<void> {
          error = co_await link_->transact(request, words, Clock::now() + timeout);
          done = true;
        },
        asio::detached);
    EXPECT_TRUE(until([&] { return done; }, timeout + 2s));
    return error;
  }
  void idle(milliseconds time) {
    until([] { return false; }, time);
  }
  Link& link() { return *link_; }
  std::array<std::uint16_t, 125> words{};

 private:
  asio::io_context io_;
  async::TaskGroup group_{io_};
  std::unique_ptr<Link> link_;
};

struct SimulatedPty {
  explicit SimulatedPty(std::vector<SimulatedDevice> devices)
      : port{.path = (folder.path() / "line" / "tty").string()}, simulator({{"line", port, std::move(devices)}}, 1) {}
  TemporaryFolder folder;
  SerialPort port;
  Simulator simulator;
};

constexpr Request count_of_one{.unit = 1, .function = Function::read_holding, .address = 7, .count = 1};

TEST(RtuLink, ReadsARegisterOverAPseudoTerminal) {
  SimulatedPty line({counter(1)});
  Asking asking({.end = line.port, .timeout = 500ms});
  ASSERT_TRUE(asking.open_within(2s)) << asking.link().trouble();
  ASSERT_EQ(asking.ask(count_of_one, 500ms), error_code{});
  const auto first = asking.words[0];
  asking.idle(100ms);
  ASSERT_EQ(asking.ask(count_of_one, 500ms), error_code{});
  EXPECT_GT(asking.words[0], first);
}

TEST(RtuLink, ReportsTheDevicesOwnRefusal) {
  SimulatedPty line({counter(1)});
  Asking asking({.end = line.port, .timeout = 500ms});
  ASSERT_TRUE(asking.open_within(2s));
  EXPECT_EQ(asking.ask({.unit = 1, .function = Function::read_holding, .address = 8, .count = 1}, 500ms),
            modbus_errc::illegal_address);
}

/// Lateness as a multiple of the timeout, in tenths.
class LateAnswers : public testing::TestWithParam<int> {};

TEST_P(LateAnswers, AreNeverTakenForThoseOfALaterRequest) {
  constexpr auto timeout = 100ms;
  const auto delay = timeout * GetParam() / 10;
  SimulatedPty line(
      {counter(1, {{.fault = Fault::late_answer, .from = 300ms, .duration = 2500ms, .delay = delay}}), counter(2)});
  Asking asking({.end = line.port, .timeout = timeout});
  const auto start = Clock::now();
  ASSERT_TRUE(asking.open_within(2s));
  int good = 0, late = 0, good_neighbour = 0, after_fault = 0;
  while (Clock::now() - start < 6s) {
    const auto asked = Clock::now() - start;
    const auto error = asking.ask(count_of_one, timeout);
    error ? ++late : ++good;
    if (!error) {
      // The value says when it was made; the simulator started before us.
      ASSERT_GE(milliseconds(asking.words[0] + 1), asked) << "an old answer was taken for a new one";
      if (asked > 3s) ++after_fault;
    }
    if (!asking.ask({.unit = 2, .function = Function::read_holding, .address = 7, .count = 1}, timeout)) {
      ++good_neighbour;
    }
    asking.idle(20ms);
  }
  EXPECT_GT(good, 5);
  EXPECT_GT(late, 3) << "the fault did not bite";
  EXPECT_GT(after_fault, 5) << "the line did not come back";
  EXPECT_EQ(good_neighbour, good + late) << "a late answer of its neighbour failed a good unit";
}
INSTANTIATE_TEST_SUITE_P(RtuLink, LateAnswers, testing::Values(12, 20, 50));

class Faults : public testing::TestWithParam<Fault> {};

TEST_P(Faults, EndInTimeAndTheLineComesBack) {
  SimulatedPty line({counter(1, {{.fault = GetParam(), .from = 0ms, .duration = 700ms}})});
  Asking asking({.end = line.port, .timeout = 200ms});
  ASSERT_TRUE(asking.open_within(2s));
  const auto start = Clock::now();
  EXPECT_TRUE(asking.ask(count_of_one, 200ms)) << "the fault did not bite";
  EXPECT_LT(Clock::now() - start, 300ms);
  asking.idle(800ms);
  bool back = false;
  for (int i = 0; i < 3 && !back; ++i) back = !asking.ask(count_of_one, 200ms);
  EXPECT_TRUE(back);
  EXPECT_GE(asking.words[0], 700);
}
INSTANTIATE_TEST_SUITE_P(RtuLink, Faults,
                         testing::Values(Fault::silence, Fault::half_frame, Fault::wrong_crc, Fault::wrong_unit,
                                         Fault::wrong_transaction, Fault::exception, Fault::garbage),
                         [](const auto& fault) {
                           std::string text(name(fault.param));
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

TEST(RtuLink, PutsSingleBytesTogether) {
  SimulatedPty line({counter(1, {{.fault = Fault::single_bytes}})});
  Asking asking({.end = line.port, .timeout = 500ms});
  ASSERT_TRUE(asking.open_within(2s));
  EXPECT_EQ(asking.ask(count_of_one, 500ms), error_code{});
}

TEST(RtuLink, ReopensTheSamePathAfterTheAdapterWasUnplugged) {
  TemporaryFolder folder;
  const SerialPort port{.path = (folder.path() / "tty").string()};
  auto simulator = std::make_unique<Simulator>(std::vector<SimulatedBus>{{"line", port, {counter(1)}}}, 1);
  Asking asking({.end = port, .timeout = 200ms});
  ASSERT_TRUE(asking.open_within(2s));
  ASSERT_EQ(asking.ask(count_of_one, 200ms), error_code{});
  simulator.reset();  // hang-up, and the path is gone
  ASSERT_TRUE(asking.until([&] { return asking.ask(count_of_one, 200ms) == modbus_errc::not_connected; }, 2s));
  EXPECT_FALSE(asking.link().is_open());
  asking.idle(1200ms);
  EXPECT_NE(asking.link().trouble().find(port.path), std::string::npos);
  simulator = std::make_unique<Simulator>(std::vector<SimulatedBus>{{"line", port, {counter(1)}}}, 1);
  ASSERT_TRUE(asking.open_within(9s));
  EXPECT_EQ(asking.ask(count_of_one, 200ms), error_code{});
  EXPECT_EQ(asking.link().counters().opened, 2U);
}

TEST(RtuLink, ReadsThroughASerialServer) {
  const SerialServer server{.host = "127.0.0.1", .port = test::free_port()};
  Simulator simulator({{"server", server, {counter(1)}}}, 1);
  Asking asking({.end = server, .timeout = 500ms});
  ASSERT_TRUE(asking.open_within(2s)) << asking.link().trouble();
  EXPECT_EQ(asking.ask(count_of_one, 500ms), error_code{});
}

TEST(RtuLink, ReconnectsWhenTheSerialServerComesBack) {
  const SerialServer server{.host = "127.0.0.1", .port = test::free_port()};
  auto simulator = std::make_unique<Simulator>(std::vector<SimulatedBus>{{"server", server, {counter(1)}}}, 1);
  Asking asking({.end = server, .timeout = 200ms});
  ASSERT_TRUE(asking.open_within(2s));
  simulator.reset();
  ASSERT_TRUE(asking.until([&] { return asking.ask(count_of_one, 200ms) == modbus_errc::not_connected; }, 2s));
  simulator = std::make_unique<Simulator>(std::vector<SimulatedBus>{{"server", server, {counter(1)}}}, 1);
  ASSERT_TRUE(asking.open_within(5s));
  EXPECT_EQ(asking.ask(count_of_one, 200ms), error_code{});
}

TEST(RtuLink, RefusesADescriptorThatWouldAbortLibmodbus) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < 1100) GTEST_SKIP() << "the system allows too few descriptors";
  SimulatedPty line({counter(1)});
  std::vector<int> taken;
  for (int fd = 0; fd < 1024;) {
    fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) break;
    taken.push_back(fd);
  }
  if (taken.empty() || taken.back() < 1023) {
    for (const int fd : taken) ::close(fd);
    GTEST_SKIP() << "the system allows fewer than 1,024 descriptors";
  }
  // The link's own loop needs some that are allowed to be high.
  {
    Asking asking({.end = line.port, .timeout = 200ms});
    EXPECT_FALSE(asking.open_within(500ms));
    EXPECT_NE(asking.link().trouble().find("1024"), std::string::npos) << asking.link().trouble();
  }
  for (const int fd : taken) ::close(fd);
}

TEST(RtuLink, StopsWithinOneResponseTimeout) {
  SimulatedPty line({counter(1, {{.fault = Fault::silence}})});
  Clock::time_point stopping;
  {
    asio::io_context io;
    async::TaskGroup group(io);
    auto link = make_rtu_link(io, {.end = line.port, .timeout = 500ms});
    group.start("link", link->run());
    for (int i = 0; i < 200 && !link->is_open(); ++i) io.run_one_for(10ms);
    ASSERT_TRUE(link->is_open());
    std::array<std::uint16_t, 1> words{};
    group.start("asking", [](Link& l, std::span<std::uint16_t> w) -> asio::awaitable<void> {
      for (;;) co_await l.transact(count_of_one, w, Clock::now() + 500ms);
    }(*link, words));
    io.restart();
    io.run_for(50ms);
    stopping = Clock::now();
    group.stop("test");
    io.restart();
    io.run();
    EXPECT_TRUE(group.empty());
  }
  EXPECT_LT(Clock::now() - stopping, 600ms);
}

/// Two terminals joined by a wire.
struct NullModem {
  NullModem() : wire({"socat", "pty,raw,echo=0,link=" + end("ours"), "pty,raw,echo=0,link=" + end("theirs")}) {
    EXPECT_TRUE(test::eventually(
        [this] { return std::filesystem::exists(end("ours")) && std::filesystem::exists(end("theirs")); }, 5s));
  }
  std::string end(const std::string& name) const { return (folder.path() / name).string(); }
  TemporaryFolder folder;
  Process wire;
};

const std::string scripts = SOURCE_DIR "/tests/integration/";

TEST(RtuLink, ReadsAndWritesAPymodbusServer) {
  NullModem modem;
  Process server({"/usr/bin/python3", scripts + "pymodbus_rtu_server.py", modem.end("theirs")});
  ASSERT_TRUE(server.wait_for("serving", 10s)) << server.output();
  Asking asking({.end = SerialPort{.path = modem.end("ours")}, .timeout = 500ms});
  ASSERT_TRUE(asking.open_within(2s)) << asking.link().trouble();
  bool there = false;
  for (int i = 0; i < 10 && !there; ++i) {
    there = !asking.ask({.unit = 1, .function = Function::read_holding, .address = 5, .count = 100}, 500ms);
  }
  ASSERT_TRUE(there) << server.output();
  EXPECT_EQ(asking.words[0], 1005);
  EXPECT_EQ(asking.words[99], 1104);
  EXPECT_EQ(asking.ask({.unit = 1, .function = Function::read_input, .address = 7, .count = 2}, 500ms), error_code{});
  EXPECT_EQ(asking.words[1], 1008);
  EXPECT_EQ(asking.ask({.unit = 1, .function = Function::read_coils, .address = 0, .count = 10}, 500ms), error_code{});
  EXPECT_EQ(asking.words[3], 1);
  EXPECT_EQ(asking.words[4], 0);
  EXPECT_EQ(asking.ask({.unit = 1, .function = Function::write_register, .address = 9, .value = 77}, 500ms),
            error_code{});
  EXPECT_EQ(asking.ask({.unit = 1, .function = Function::read_holding, .address = 9}, 500ms), error_code{});
  EXPECT_EQ(asking.words[0], 77);
  EXPECT_EQ(asking.ask({.unit = 1, .function = Function::read_holding, .address = 500}, 500ms),
            modbus_errc::illegal_address);
}

SimulatedDevice for_strangers() {
  return {.id = "d",
          .unit = 1,
          .constants = {{{.table = Table::holding, .address = 7}, 630},
                        {{.table = Table::holding, .address = 8}, 4242},
                        {{.table = Table::coil, .address = 3, .type = Type::bit}, 0}}};
}

int connected_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? fd : -1;
}

TEST(Simulator, AnswersElevenHundredClientsThoughLibmodbusKnowsOnlyAThousandDescriptors) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < 2400) GTEST_SKIP() << "the system allows fewer than 2,400 descriptors";
  const auto port = test::free_port();
  Simulator simulator({{"tcp", SimulatedBus::TcpListener{"127.0.0.1", port}, {for_strangers()}}}, 1);
  constexpr std::array<std::uint8_t, 12> request{0, 9, 0, 0, 0, 6, 1, 3, 0, 7, 0, 1};
  constexpr std::array<std::uint8_t, 11> wanted{0, 9, 0, 0, 0, 5, 1, 3, 2, 630 >> 8, 630 & 0xFF};
  std::vector<int> clients;
  for (int i = 0; i < 1100; ++i) clients.push_back(connected_to(port));
  int answered = 0;
  for (const int client : clients) {
    std::array<std::uint8_t, 11> answer{};
    if (client < 0 || ::send(client, request.data(), request.size(), MSG_NOSIGNAL) != 12) continue;
    answered += ::recv(client, answer.data(), answer.size(), MSG_WAITALL) == 11 && answer == wanted ? 1 : 0;
  }
  EXPECT_EQ(answered, 1100);
  for (const int client : clients) ::close(client);
}

TEST(Simulator, DropsAClientThatSendsGarbageAndServesTheOthers) {
  const auto port = test::free_port();
  Simulator simulator({{"tcp", SimulatedBus::TcpListener{"127.0.0.1", port}, {for_strangers()}}}, 1);
  const int rude = connected_to(port);
  const std::string garbage(5000, '\xEE');
  ASSERT_GT(::send(rude, garbage.data(), garbage.size(), MSG_NOSIGNAL), 0);
  char byte = 0;
  EXPECT_LE(::recv(rude, &byte, 1, 0), 0);
  ::close(rude);
  Process client({"/usr/bin/python3", scripts + "pymodbus_read.py", "tcp", std::to_string(port)});
  EXPECT_EQ(client.wait(20s), 0) << client.output();
}

const std::string seen_by_pymodbus = "registers [630, 4242]\nhole 2\nwritten False True\n";

TEST(Simulator, IsReadByPymodbusOverTcpAndOverATerminalThatIsClosedAndOpenedAgain) {
  const auto port = test::free_port();
  SimulatedPty line({for_strangers()});
  Simulator tcp({{"tcp", SimulatedBus::TcpListener{"127.0.0.1", port}, {for_strangers()}}}, 1);
  const std::vector<std::pair<std::string, std::string>> partners{
      {"tcp", std::to_string(port)}, {"rtu", line.port.path}, {"rtu", line.port.path}};
  for (const auto& [kind, where] : partners) {
    Process client({"/usr/bin/python3", scripts + "pymodbus_read.py", kind, where});
    EXPECT_EQ(client.wait(20s), 0) << client.output();
    EXPECT_EQ(client.output(), seen_by_pymodbus) << kind;
  }
}

TEST(Simulator, IsReadByMbpollOverTcpAndOverATerminal) {
  const auto port = test::free_port();
  SimulatedPty line({for_strangers()});
  Simulator tcp({{"tcp", SimulatedBus::TcpListener{"127.0.0.1", port}, {for_strangers()}}}, 1);
  const std::vector<std::string> question{"-a", "1", "-0", "-r", "7", "-c", "2", "-t", "4", "-1", "-q"};
  for (const bool rtu : {false, true}) {
    std::vector<std::string> argv{"mbpoll", "-m", rtu ? "rtu" : "tcp"};
    argv.insert(argv.end(), question.begin(), question.end());
    const std::vector<std::string> where = rtu ? std::vector<std::string>{"-b", "9600", "-P", "none", line.port.path}
                                               : std::vector<std::string>{"-p", std::to_string(port), "127.0.0.1"};
    argv.insert(argv.end(), where.begin(), where.end());
    Process mbpoll(argv);
    EXPECT_EQ(mbpoll.wait(10s), 0) << mbpoll.output();
    EXPECT_NE(mbpoll.output().find("630"), std::string::npos) << mbpoll.output();
    EXPECT_NE(mbpoll.output().find("4242"), std::string::npos) << mbpoll.output();
  }
}

}  // namespace
}  // namespace hazgate::modbus
