// A store that is damaged when the gateway starts: it watches, tells, and gives no number twice.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "integration/gateway_fixture.hpp"
#include "support/stored_rows.hpp"

namespace hazgate::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct DamagedStore : testing::Test {
  SiteOnThisMachine site;
  const std::uint16_t port = free_port();
  const std::string readings = "hazgate/1/park/default/default/readings";

  DamagedStore() {
    site.profile("module", "[[measure]]\nid = \"v\"\nregister = \"holding 0\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n");
    site.config(fmt::format("[[bus]]\nid = \"bus\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n", port));
    site.config("[[device]]\nid = \"m\"\nbus = \"bus\"\nunit = 1\nprofile = \"module\"\nperiod = \"200ms\"\n");
    site.config("[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n");
    site.ramp().simulation(
        "[[play]]\npoint = \"m.v\"\nfile = \"ramp.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n");
    site.start_simulator();
    Subscriber first(site.broker, readings);
    site.start_gateway();
    EXPECT_TRUE(first.wait_for(8, seconds(20)));
    EXPECT_EQ(site.stop_gateway(), 0);
  }
  void overwrite(std::uintmax_t at, std::size_t count) const {
    std::fstream file(site.store(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(count, '\xa5');
  }
  std::uint64_t last_seq() const {
    return std::stoull(
        stored_rows(site.store().parent_path(), "SELECT last FROM sequence WHERE stream='" + readings + "'"));
  }
  std::vector<fs::path> set_aside() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(site.store().parent_path()))
      if (entry.path().filename().string().starts_with("hazgate.sqlite.damaged-")) found.push_back(entry.path());
    return found;
  }
  /// The number of the first message after the start.
  std::uint64_t go_on() {
    Subscriber again(site.broker, "hazgate/1/park/#");
    site.start_gateway();
    EXPECT_TRUE(again.wait_for(readings + " {", seconds(20))) << site.gateway->output();
    again.wait_for("hazgate/1/park/gateway/gw/alarm/", seconds(set_aside().empty() ? 0 : 10));
    heard = again.heard();
    for (const auto& message : heard)
      if (message.topic == readings) return boost::json::parse(message.payload).at("seq").to_number<std::uint64_t>();
    return 0;
  }
  void expect_told() {
    EXPECT_THAT(site.gateway->output(),
                AllOf(HasSubstr("store state=\"set aside\""), HasSubstr("hazgate.sqlite.damaged-")));
    std::string alarms;
    for (const auto& message : heard)
      if (message.topic.starts_with("hazgate/1/park/gateway/gw/alarm/")) alarms += message.payload;
    EXPECT_THAT(alarms, AllOf(HasSubstr("\"part\":\"store\""), HasSubstr(".damaged-")));
  }
  std::vector<Heard> heard;
};

constexpr std::uint64_t far_above = 1'700'000'000'000;

TEST_F(DamagedStore, WithABrokenHeaderIsSetAsideAndNumbersGoOnFarAbove) {
  overwrite(0, 100);
  EXPECT_GT(go_on(), far_above);
  expect_told();
  EXPECT_EQ(set_aside().size(), 1U);
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

TEST_F(DamagedStore, WithBrokenReadingsIsSetAsideAndNumbersGoOnWhereTheyWere) {
  const auto last = last_seq();
  const auto page =
      std::stoull(stored_rows(site.store().parent_path(), "SELECT rootpage FROM sqlite_schema WHERE name='frame'"));
  overwrite((page - 1) * 4096, 4096);
  EXPECT_EQ(go_on(), last + 1);
  expect_told();
  EXPECT_EQ(site.stop_gateway(), 0);
}

TEST_F(DamagedStore, ThatWasCutShortIsSetAsideAndNoNumberComesTwice) {
  const auto last = last_seq();
  fs::resize_file(site.store(), fs::file_size(site.store()) / 2);
  EXPECT_GT(go_on(), last);
  expect_told();
  EXPECT_EQ(site.stop_gateway(), 0);
}

TEST_F(DamagedStore, WithAGarbledLogGoesOn) {
  const auto last = last_seq();
  std::ofstream(site.store().string() + "-wal") << std::string(8192, '\xa5');
  EXPECT_EQ(go_on(), last + 1);
  EXPECT_TRUE(set_aside().empty());
  EXPECT_EQ(site.stop_gateway(), 0);
}

TEST_F(DamagedStore, OfANewerVersionIsNotTouched) {
  { SQLite::Database(site.store().string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version=99"); }
  const auto bytes = [&] {
    std::ifstream in(site.store(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto before = bytes();
  const auto refused = answer_of({HAZGATE_PROGRAM, "run", "--config", site.config_file().string(), "--seconds", "5"});
  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.text, HasSubstr("schema 99"));
  EXPECT_EQ(bytes(), before) << "byte for byte";
  EXPECT_TRUE(set_aside().empty());
}

}  // namespace
}  // namespace hazgate::test
