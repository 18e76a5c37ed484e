// A changed configuration, taken over while everything runs.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "integration/gateway_fixture.hpp"

namespace hazgate::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

struct Reload : testing::Test {
  SiteOnThisMachine site;
  const std::uint16_t port = free_port();

  Reload() {
    site.ramp().profile("ramp",
                        "[[measure]]\nid = \"v\"\nregister = \"holding 0\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n");
    write(100);
    site.simulation("[[play]]\npoint = \"m.v\"\nfile = \"ramp.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n");
    site.broker.start();
    site.start_simulator();
  }
  /// The whole file, with a limit.
  void write(int limit, const std::string& more = "", const std::string& id = "gw") const {
    std::ofstream(site.config_file()) << fmt::format(
        "[gateway]\nid = \"{}\"\nsite = \"park\"\ndata_dir = \"{}\"\n[mqtt]\nurl = \"{}\"\n"
        "[[bus]]\nid = \"bus\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n"
        "[[device]]\nid = \"m\"\nbus = \"bus\"\nunit = 1\nprofile = \"ramp\"\nperiod = \"200ms\"\n"
        "[[limit]]\npoint = \"m.v\"\nlevel = \"exceed\"\nvalue = {}\nunit = \"mg/m3\"\n{}",
        id, (site.folder.path() / "data").string(), site.broker.url(), port, limit, more);
  }
  Answer reload() const { return answer_of({HAZGATE_PROGRAM, "reload", "--config", site.config_file().string()}); }
};

TEST_F(Reload, TakesOverALimitWithoutALostReadingAndWithoutLeavingTheBroker) {
  site.start_gateway();
  Subscriber all(site.broker, "hazgate/1/#");
  ASSERT_TRUE(all.wait_for(20, seconds(20)));
  for (const int limit : {200, 300, 50}) {
    write(limit);
    const auto answer = reload();
    EXPECT_EQ(answer.code, 0) << answer.text << site.gateway->output();
    EXPECT_THAT(answer.text, HasSubstr("taken over"));
    std::this_thread::sleep_for(milliseconds(700));
  }
  EXPECT_TRUE(all.wait_for("\"value\":50,", seconds(10))) << "the new limit judges";
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  std::this_thread::sleep_for(milliseconds(500));
  const auto heard = all.heard();
  EXPECT_EQ(sequence_faults(heard, from_the_first_seen), "");
  std::set<double> times;
  const auto readings = readings_of(heard);
  for (const auto& reading : readings.at("m.v")) times.insert(reading.time);
  double widest = 0;
  for (auto at = times.begin(); std::next(at) != times.end(); ++at) widest = std::max(widest, *std::next(at) - *at);
  EXPECT_LT(widest, 3.0) << "no hole between two readings";
  std::size_t offline = 0;
  for (const auto& message : heard) offline += message.payload.find("\"online\":false") != std::string::npos ? 1U : 0U;
  EXPECT_LE(offline, 1U) << "said at the end, and not before";
  SQLite::Database store(site.store().string());
  EXPECT_EQ(store.execAndGet("SELECT count(*) FROM ledger WHERE record LIKE '%\"kind\":\"rules\"%'").getInt(), 4);
  EXPECT_EQ(store.execAndGet("SELECT count(*) FROM gap").getInt(), 0);
  EXPECT_EQ(site.summary().at("readings_lost"), 0);
}

TEST_F(Reload, IsRefusedWithItsReasonAndTheOldConfigurationRunsOn) {
  site.start_gateway();
  Subscriber all(site.broker, "hazgate/1/#");
  ASSERT_TRUE(all.wait_for(10, seconds(20)));
  write(100, "", "another");
  const auto other_id = reload();
  EXPECT_EQ(other_id.code, 1);
  EXPECT_THAT(other_id.text, HasSubstr("gateway.id cannot change while the gateway runs"));
  write(100, "[nonsense]\nx = 1\n");
  const auto mistaken = reload();
  EXPECT_EQ(mistaken.code, 2);
  EXPECT_THAT(mistaken.text, HasSubstr("nonsense"));
  site.gateway->signal(SIGHUP);  // as a service manager does it
  EXPECT_TRUE(site.gateway->wait_for("reload refused=", seconds(10)));
  const auto before = all.heard().size();
  EXPECT_TRUE(all.wait_for(before + 5, seconds(10))) << "it runs on";
  EXPECT_THAT(site.gateway->output(), Not(HasSubstr("stopping")));
  write(100, "[mqtt2]\n");
  EXPECT_EQ(site.stop_gateway(), 0);
  write(100);
  const auto nobody = reload();
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.text, HasSubstr("no gateway runs"));
}

TEST_F(Reload, OfAnotherFileIsRefused) {
  site.start_gateway();
  const auto other = site.config_file().string() + ".other.toml";
  std::filesystem::copy_file(site.config_file(), other);
  const auto answer = answer_of({HAZGATE_PROGRAM, "reload", "--config", other});
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.text, HasSubstr(site.config_file().string()));
  EXPECT_EQ(site.stop_gateway(), 0);
}

TEST_F(Reload, LeavesTheStoreToNobodyElse) {
  site.start_gateway();
  const int lock = ::open((site.store().string() + ".lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(lock, 0);
  std::jthread another([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (::flock(lock, LOCK_EX | LOCK_NB) != 0) continue;
      ADD_FAILURE() << "somebody else could have had it";
      return ::close(lock), void();
    }
    ::close(lock);
  });
  for (const int limit : {200, 300, 400}) {
    write(limit);
    const auto answer = reload();
    EXPECT_EQ(answer.code, 0) << answer.text;
  }
  another.request_stop();
  another.join();
  EXPECT_EQ(site.stop_gateway(), 0);
}

TEST_F(Reload, OfABrokenFileWithACertificateThatIsNotThereChangesNothing) {
  site.start_gateway();
  write(100);
  std::ofstream(site.config_file(), std::ios::app) << "";
  std::string text;
  {
    std::ifstream in(site.config_file());
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  text.replace(text.find("[[bus]]"), 0, "ca = \"/nowhere/ca.pem\"\n");
  std::ofstream(site.config_file()) << text;
  const auto answer = reload();
  EXPECT_NE(answer.code, 0);
  EXPECT_THAT(answer.text, HasSubstr("/nowhere/ca.pem"));
  EXPECT_EQ(site.stop_gateway(), 0);
}

}  // namespace
}  // namespace hazgate::test
