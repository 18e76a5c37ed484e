// What goes wrong in the field, against the built program: design section "faults", as far as line, device and broker
// go.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "integration/gateway_fixture.hpp"

namespace hazgate::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const char* const ramp_profile =
    "[[measure]]\nid = \"v\"\nregister = \"holding 0x0000\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n";

std::string device(const std::string& id, const std::string& bus, int unit) {
  return fmt::format("[[device]]\nid = \"{}\"\nbus = \"{}\"\nunit = {}\nprofile = \"ramp\"\nperiod = \"500ms\"\n", id,
                     bus, unit);
}
std::string play(const std::string& id) {
  return fmt::format("[[play]]\npoint = \"{}.v\"\nfile = \"ramp.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n", id);
}
std::string tcp_bus(const std::string& id, std::uint16_t port) {
  return fmt::format(
      "[[bus]]\nid = \"{}\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\ntimeout = \"300ms\"\nretries = 0\n",
      id, port);
}
std::string rtu_bus(const std::string& id, const std::filesystem::path& path) {
  return fmt::format(
      "[[bus]]\nid = \"{}\"\ntransport = \"rtu\"\npath = \"{}\"\nbaud = 9600\ntimeout = \"300ms\"\nretries = 0\n", id,
      path.string());
}
const char* const mqtt = "[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"";

/// How far each good value is from what the ramp had at its time, in seconds of the ramp; the common offset is removed.
double worst_disagreement(const std::vector<SeenReading>& readings) {
  std::vector<double> offsets;
  for (const auto& r : readings) {
    if (r.flag == 'N') offsets.push_back(r.time - r.value / 10);
  }
  if (offsets.empty()) return 1e9;
  auto sorted = offsets;
  std::sort(sorted.begin(), sorted.end());
  const double middle = sorted[sorted.size() / 2];
  double worst = 0;
  for (double o : offsets) worst = std::max(worst, std::abs(o - middle));
  return worst;
}
std::size_t count(const std::vector<SeenReading>& readings, char flag) {
  return static_cast<std::size_t>(
      std::count_if(readings.begin(), readings.end(), [&](auto& r) { return r.flag == flag; }));
}

struct Misbehaviour {
  std::string kind;
  bool recovers_by_itself;  ///< the answer is whole in the end: no reading need be lost
};
const std::vector<Misbehaviour> misbehaviours{
    {"silence", false},    {"half-frame", false},        {"wrong-crc", false},
    {"wrong-unit", false}, {"wrong-transaction", false}, {"late-answer", false},
    {"exception", false},  {"garbage", false},           {"single-bytes", true}};

/// A site where every misbehaviour happens for four seconds, each on a line of its own, beside two good lines.
void misbehaving_site(SiteOnThisMachine& site, const std::string& transport) {
  site.ramp().profile("ramp", ramp_profile);
  auto add = [&](const std::string& id) {
    site.config(transport == "tcp" ? tcp_bus("bus-" + id, free_port())
                                   : rtu_bus("bus-" + id, site.folder.path() / (id + ".tty")));
    site.config(device(id, "bus-" + id, 1));
    site.simulation(play(id));
  };
  for (const auto& m : misbehaviours) {
    add(m.kind);
    site.simulation(fmt::format(
        "[[fault]]\ndevice = \"{}\"\nkind = \"{}\"\nfrom = \"3s\"\nfor = \"4s\"\ndelay = \"450ms\"\n", m.kind, m.kind));
  }
  add("good-1");
  add("good-2");
  site.config(mqtt);
}

class Misbehaving : public testing::TestWithParam<std::string> {};

TEST_P(Misbehaving, DevicesNeverYieldAWrongValueAndNeverDelayTheGoodOnes) {
  SiteOnThisMachine site;
  misbehaving_site(site, GetParam());
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  site.start_simulator();
  site.start_gateway();
  std::this_thread::sleep_for(seconds(18));
  ASSERT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  ASSERT_TRUE(
      eventually([&] { return readings_of(subscriber.heard()).size() >= misbehaviours.size() + 2; }, seconds(5)));

  auto readings = readings_of(subscriber.heard());
  const auto alarms = alarms_of(subscriber.heard());
  for (const auto& m : misbehaviours) {
    SCOPED_TRACE(m.kind);
    const auto& seen = readings[m.kind + ".v"];
    EXPECT_LT(worst_disagreement(seen), 0.28) << "a value that was not the one asked for";
    EXPECT_GE(count(seen, 'N'), 8u) << "before and after the fault";
    EXPECT_EQ(seen.back().flag, 'N') << "recovered";
    auto notice = [&](const boost::json::object& a) {
      return a.contains("device") && a.at("device") == boost::json::value(m.kind);
    };
    if (m.recovers_by_itself) continue;
    EXPECT_GE(count(seen, 'B') + count(seen, 'D'), 2u);
    EXPECT_TRUE(std::any_of(alarms.begin(), alarms.end(), notice)) << "no notice";
  }
  for (const auto* id : {"good-1.v", "good-2.v"}) {
    EXPECT_EQ(count(readings[id], 'N'), readings[id].size());
    EXPECT_GE(readings[id].size(), 33u);
    EXPECT_LT(worst_disagreement(readings[id]), 0.28);
  }
  EXPECT_LE(site.summary()["lateness_p99_ms"], 50);
  EXPECT_EQ(sequence_faults(subscriber.heard()), "");
}
INSTANTIATE_TEST_SUITE_P(Lines, Misbehaving, testing::Values("tcp", "rtu"),
                         [](const auto& param) { return param.param; });

TEST(Unplugged, SerialLineIsOpenedAgainUnderTheSamePath) {
  SiteOnThisMachine site;
  site.ramp().profile("ramp", ramp_profile);
  site.config(rtu_bus("line", site.folder.path() / "line.tty")).config(device("d", "line", 1)).config(mqtt);
  site.simulation(play("d"));
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  site.start_gateway();  // before the line exists
  EXPECT_TRUE(site.gateway->wait_for("bus=line state=down", seconds(5))) << site.gateway->output();
  for (int round = 0; round < 2; ++round) {
    const auto heard_before = count(readings_of(subscriber.heard())["d.v"], 'N');
    site.start_simulator();
    EXPECT_TRUE(
        eventually([&] { return count(readings_of(subscriber.heard())["d.v"], 'N') >= heard_before + 3; }, seconds(20)))
        << round;
    site.simulator->signal(SIGTERM);
    site.simulator->wait(seconds(5));
    EXPECT_TRUE(eventually([&] { return readings_of(subscriber.heard())["d.v"].back().flag == 'B'; }, seconds(10)));
  }
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

/// An alarm would wait behind all that was gathered before it.
TEST(ManyReadings, AFullBatchIsOnDiskBeforeItsTime) {
  constexpr int units = 5, values = 1900;
  SiteOnThisMachine site;
  std::string profile;
  for (int i = 0; i < values; ++i)
    profile += fmt::format(
        "[[measure]]\nid = \"m{}\"\nregister = \"holding {}\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n", i, i);
  site.profile("wide", profile).config("commit_interval = \"10s\"").config(tcp_bus("bus", free_port()));
  for (int unit = 1; unit <= units; ++unit)
    site.config(fmt::format(
        "[[device]]\nid = \"d{}\"\nbus = \"bus\"\nunit = {}\nprofile = \"wide\"\nperiod = \"60s\"\n", unit, unit));
  site.config(mqtt);
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/1/park/+/+/readings", "check");
  site.start_simulator();
  const auto began = std::chrono::steady_clock::now();
  site.start_gateway();
  EXPECT_TRUE(eventually([&] { return !subscriber.heard().empty(); }, seconds(8)));
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(9)) << "that was the interval, and proves nothing";
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

TEST(ManyLinks, ElevenHundredAnswerBeyondTheDescriptorsOfSelect) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // for the server, which does not do so itself
  if (limit.rlim_max < 2400) GTEST_SKIP() << "the system allows too few descriptors";
  SiteOnThisMachine site;
  const auto port = free_port();
  Process server(
      {"/usr/bin/python3", SOURCE_DIR "/tests/integration/pymodbus_server.py", "--tcp", std::to_string(port)});
  ASSERT_TRUE(eventually([&] { return listening(port); }, seconds(10))) << server.output();
  site.profile("ramp", ramp_profile);
  std::string text;
  for (int i = 0; i < 1100; ++i) {
    text += tcp_bus(fmt::format("b{}", i), port);
    text += fmt::format(
        "[[device]]\nid = \"d{}\"\nbus = \"b{}\"\nunit = 1\nprofile = \"ramp\"\nperiod = \"5s\"\ntimeout = \"3s\"\n", i,
        i);
  }
  site.config(text).config(mqtt);
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  site.start_gateway();
  auto answering = [&] {
    std::size_t n = 0;
    for (const auto& [point, seen] : readings_of(subscriber.heard())) n += count(seen, 'N') > 0 ? 1 : 0;
    return n;
  };
  EXPECT_TRUE(eventually(
      [&] {
        std::this_thread::sleep_for(milliseconds(500));
        return answering() == 1100;
      },
      seconds(60)))
      << answering();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output().substr(0, 2000);
}

void one_ramp(SiteOnThisMachine& site) {
  site.ramp().profile("ramp", ramp_profile);
  site.config(tcp_bus("bus", free_port())).config(device("d", "bus", 1)).config(mqtt);
  site.config("[[limit]]\npoint = \"d.v\"\nlevel = \"warning\"\nvalue = 20\nunit = \"mg/m3\"\non_delay = \"0s\"\n");
  site.simulation(play("d"));
}

TEST(Broker, AbsentAtStartAndLostInTheMiddleCostsNothingAndKeepsTheOrder) {
  SiteOnThisMachine site;
  one_ramp(site);
  site.start_simulator();
  site.start_gateway();  // no broker yet
  std::this_thread::sleep_for(seconds(3));
  for (int round = 0; round < 3; ++round) {
    site.broker.start();
    Subscriber subscriber(site.broker, "hazgate/#");
    EXPECT_TRUE(subscriber.wait_for(8, seconds(40))) << site.gateway->output();
    site.broker.kill();
    // What this broker acknowledged before the subscriber came is not to be seen; from there on there is no hole.
    EXPECT_EQ(sequence_faults(subscriber.heard(), from_the_first_seen), "");
    std::this_thread::sleep_for(seconds(1));
  }
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/#");
  EXPECT_TRUE(subscriber.wait_for(8, seconds(60))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(site.summary()["messages_owed"], 0);
  EXPECT_GT(site.summary()["messages_delivered"], 20);
}

TEST(Broker, GoneForAWhileMissesNoMessageOfALastingSession) {
  SiteOnThisMachine site;
  one_ramp(site);
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/#", "regulator");
  site.start_simulator();
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for(10, seconds(20)));
  for (int round = 0; round < 2; ++round) {
    site.broker.freeze();  // half-open: connected, and nobody there
    std::this_thread::sleep_for(seconds(2));
    site.broker.thaw();
    std::this_thread::sleep_for(seconds(2));
  }
  ASSERT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_EQ(sequence_faults(subscriber.heard()), "");
  EXPECT_EQ(site.summary()["messages_owed"], 0);
}

TEST(KillMinusNine, LosesNoCommittedRowRepeatsNoNumberAndAnnouncesNoAlarmTwice) {
  SiteOnThisMachine site;
  one_ramp(site);
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/#", "regulator");
  site.start_simulator();
  for (int round = 0; round < 4; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    site.start_gateway();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2)) << "start";
    std::this_thread::sleep_for(milliseconds(2300 + 170 * round));
    site.gateway->signal(SIGKILL);
    site.gateway->wait(seconds(5));
  }
  site.start_gateway();
  std::this_thread::sleep_for(seconds(2));
  ASSERT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  std::this_thread::sleep_for(milliseconds(500));
  const auto heard = subscriber.heard();
  EXPECT_EQ(sequence_faults(heard), "");
  std::map<std::uint64_t, std::string> by_seq;
  for (const auto& alarm : alarms_of(heard)) {
    const auto seq = alarm.at("seq").to_number<std::uint64_t>();
    const auto text = boost::json::serialize(alarm);
    const auto [place, fresh] = by_seq.try_emplace(seq, text);
    EXPECT_TRUE(fresh || place->second == text) << "two messages under one number: " << text;
  }
  EXPECT_EQ(std::count_if(by_seq.begin(), by_seq.end(),
                          [](auto& a) { return a.second.find("\"point\":\"d.v\"") != std::string::npos; }),
            1)
      << "the ramp passes its level once";
  // Every reading that a subscriber saw is in the store.
  Process rows({"sqlite3", site.store().string(), "pragma integrity_check; select count(*) > 0 from frame;"});
  rows.wait(seconds(10));
  EXPECT_TRUE(rows.wait_for("ok\n1", seconds(5))) << rows.output();
}

TEST(Partner, PymodbusServerIsReadAndMosquittoSubSeesIt) {
  SiteOnThisMachine site;
  const auto port = free_port();
  Process server(
      {"/usr/bin/python3", SOURCE_DIR "/tests/integration/pymodbus_server.py", "--tcp", std::to_string(port)});
  ASSERT_TRUE(eventually([&] { return listening(port); }, seconds(10))) << server.output();
  site.profile("ramp", ramp_profile);
  site.config(tcp_bus("bus", port)).config(device("d", "bus", 1)).config(mqtt);
  site.broker.start();
  Subscriber subscriber(site.broker, "hazgate/1/park/+/+/readings", "check");
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for(4, seconds(20))) << site.gateway->output();
  ASSERT_EQ(site.stop_gateway(), 0);
  const auto readings = readings_of(subscriber.heard())["d.v"];
  EXPECT_GE(readings.size(), 4u);
  EXPECT_EQ(count(readings, 'N'), readings.size());
  for (const auto& reading : readings) EXPECT_EQ(reading.value, 630);
}

TEST(Action, AnAlarmDrivesItsCoilAndAnotherMasterReadsItThere) {
  SiteOnThisMachine site;
  const auto port = free_port();
  site.ramp().profile("ramp", ramp_profile);
  site.config(tcp_bus("bus", port)).config(device("d", "bus", 1));
  site.config("[[limit]]\npoint = \"d.v\"\nlevel = \"exceed\"\nvalue = 30\nunit = \"mg/m3\"\non_delay = \"0s\"\n");
  site.config("[[action]]\non = \"exceed\"\ndevice = \"d\"\ncoil = 5\n");
  site.simulation(play("d"));
  site.start_simulator();
  site.start_gateway();
  EXPECT_TRUE(site.gateway->wait_for("output=0 value=0 state=confirmed", seconds(10))) << site.gateway->output();
  EXPECT_TRUE(site.gateway->wait_for("output=0 value=1 state=confirmed", seconds(10))) << site.gateway->output();
  Process master(
      {"mbpoll", "-m", "tcp", "-t", "0", "-0", "-r", "5", "-c", "1", "-1", "-p", std::to_string(port), "127.0.0.1"});
  EXPECT_TRUE(master.wait_for("[5]: \t1", seconds(10))) << master.output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

TEST(Config, RunRefusesToStartOnAnyMistakeAndSaysWhereItIs) {
  SiteOnThisMachine site;
  site.config("[[bus]]\nid = \"b\"\ntransport = \"tpc\"\n");
  for (const char* command : {"check", "run"}) {
    Process process({HAZGATE_PROGRAM, command, "--config", site.config_file().string()});
    EXPECT_EQ(process.wait(seconds(10)), 2);
    EXPECT_TRUE(process.wait_for("gateway.toml:7:", seconds(1))) << process.output();
    EXPECT_TRUE(process.wait_for("tcp", seconds(1))) << process.output();
  }
}

}  // namespace
}  // namespace hazgate::test
