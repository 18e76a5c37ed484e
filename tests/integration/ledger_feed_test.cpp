// The regulator's side with everything real: broker, gateway, `hazgate subscribe`, and kill -9 of each in turn.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "integration/gateway_fixture.hpp"

namespace hazgate::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// So many seconds from now, as RFC 3339.
std::string time_from_now(int seconds_from_now) {
  const auto at = std::chrono::system_clock::now() + seconds(seconds_from_now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

/// Four instruments that pass the MAC of hydrogen sulfide (10 mg/m3) every few seconds, not at the same moments.
struct LedgerFeed : testing::Test {
  SiteOnThisMachine site;
  const std::filesystem::path kept = site.folder.path() / "kept.jsonl";
  const std::string store = (site.folder.path() / "data/hazgate.sqlite").string();
  const std::string public_key = (site.folder.path() / "data/ledger.pub").string();

  LedgerFeed() {
    site.profile("module", "[[measure]]\nid = \"v\"\nregister = \"holding 0\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n");
    site.config("[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n[alarm.exceed]\noff_delay = \"1s\"\n");
    for (int i = 0; i < 4; ++i) {
      site.config(fmt::format(
          "[[bus]]\nid = \"bus-{0}\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {1}\n"
          "[[device]]\nid = \"m{0}\"\nbus = \"bus-{0}\"\nunit = 1\nprofile = \"module\"\nperiod = \"200ms\"\n"
          "[[device.point]]\nmeasure = \"v\"\nagent = \"cas:7783-06-4\"\n",
          i, free_port()));
      std::string csv = "elapsed_s,value\n";
      for (int s = 0; s < 600; ++s) csv += fmt::format("{},{}\n", s, (s + 2 * i) % 7 < 3 ? 25 + s % 50 : 1);
      site.folder.write(fmt::format("recordings/m{}.csv", i), csv);
      site.simulation(fmt::format(
          "[[play]]\npoint = \"m{0}.v\"\nfile = \"m{0}.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n", i));
    }
    site.broker.start();
    site.start_simulator();
  }
  std::vector<std::string> subscribe(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> argv{HAZGATE_PROGRAM, "subscribe", "--url",    site.broker.url(),
                                  "--site",        "park",      "--output", kept.string()};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
  }
  std::int64_t recorded() const {
    SQLite::Database database(store);
    return database.execAndGet("SELECT count(*) FROM ledger").getInt64();
  }
  void kill_gateway() {
    site.gateway->signal(SIGKILL);
    site.gateway->wait(seconds(5));
  }
  static Answer verify(const std::vector<std::string>& what) {
    std::vector<std::string> argv{HAZGATE_PROGRAM, "verify"};
    argv.insert(argv.end(), what.begin(), what.end());
    return answer_of(argv);
  }
  void expect_whole() {
    site.simulator.reset();  // no more records; the gateway still answers
    std::this_thread::sleep_for(seconds(1));
    const auto last = answer_of(subscribe({"--once", "--seconds", "30", "--key", public_key}), {}, seconds(40));
    EXPECT_EQ(last.code, 0) << last.text;
    const auto mine = verify({kept.string(), "--key", public_key});
    EXPECT_EQ(mine.code, 0) << mine.text;
    const auto theirs = verify({store, "--key", public_key});
    EXPECT_EQ(theirs.code, 0) << theirs.text;
    EXPECT_THAT(mine.text, HasSubstr(fmt::format("{} records, whole", recorded())));
  }
};

TEST_F(LedgerFeed, SubscriberHasNoHoleWhateverIsKilled) {
  site.start_gateway();
  auto subscriber = std::make_unique<Process>(subscribe());
  std::this_thread::sleep_for(seconds(3));
  kill_gateway();
  site.start_gateway();
  std::this_thread::sleep_for(seconds(2));
  site.broker.kill();
  std::this_thread::sleep_for(seconds(3));
  site.broker.start();
  std::this_thread::sleep_for(seconds(3));
  subscriber->signal(SIGKILL);
  subscriber->wait(seconds(5));
  // Killed in the middle of a write: the last line is torn.
  std::ofstream(kept, std::ios::app) << R"({"agent":{"en":"Hydro)";
  std::this_thread::sleep_for(seconds(2));
  site.broker.kill();  // whatever it kept for the subscriber is gone
  site.broker.start();
  std::this_thread::sleep_for(seconds(2));
  subscriber = std::make_unique<Process>(subscribe());
  std::this_thread::sleep_for(seconds(3));
  subscriber->signal(SIGTERM);
  EXPECT_EQ(subscriber->wait(seconds(5)), 0) << subscriber->output();
  EXPECT_GT(recorded(), 10);
  expect_whole();
  EXPECT_EQ(site.stop_gateway(), 0);
}

TEST_F(LedgerFeed, OnceEndsAlsoWhereRecordsNeverCeaseToCome) {
  site.start_gateway();
  Subscriber records(site.broker, "hazgate/1/park/+/exceedance");
  ASSERT_TRUE(records.wait_for(8, seconds(30)));
  const auto begin = std::chrono::steady_clock::now();
  const auto once = answer_of(subscribe({"--once", "--seconds", "60"}), {}, seconds(70));
  EXPECT_EQ(once.code, 0) << once.text;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(20));
}

TEST_F(LedgerFeed, AStoreThatWasTamperedWithIsToldApartByWhatTheBrokerKeeps) {
  site.start_gateway();
  Subscriber heads(site.broker, "hazgate/1/park/+/ledger");
  ASSERT_TRUE(heads.wait_for(8, seconds(30)));
  EXPECT_EQ(site.stop_gateway(), 0);
  std::this_thread::sleep_for(milliseconds(300));
  const auto head = heads.heard().back().payload;
  EXPECT_EQ(verify({store, "--head", head}).code, 0);
  {
    SQLite::Database database(store, SQLite::OPEN_READWRITE);
    database.exec(
        "DROP TRIGGER ledger_is_not_deleted; "
        "DELETE FROM ledger WHERE seq > (SELECT seq FROM ledger WHERE head<>'' ORDER BY seq LIMIT 1 OFFSET 3)");
  }
  EXPECT_EQ(verify({store}).code, 0);
  const auto cut = verify({store, "--head", head});
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.text, HasSubstr("cut off: the chain ends with record "));
}

TEST_F(LedgerFeed, AFileOfSomebodyElseIsNotTouched) {
  std::ofstream(kept) << "notes of mine, without an end";
  const auto refused = answer_of(subscribe({"--once", "--seconds", "5"}));
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.text, HasSubstr("is no file of hazgate subscribe"));
  EXPECT_EQ(std::filesystem::file_size(kept), 29U);
}

TEST_F(LedgerFeed, MissedRecordsAreAskedForPageByPage) {
  site.start_gateway();
  Subscriber records(site.broker, "hazgate/1/park/+/exceedance");
  ASSERT_TRUE(records.wait_for(6, seconds(30)));
  const auto ask = [&](const std::string& request) {
    return answer_of({"/usr/bin/mosquitto_rr", "-V", "5", "-q", "1", "-h", "127.0.0.1", "-p",
                      std::to_string(site.broker.port()), "-W", "5", "-t", "hazgate/1/park/gateway/gw/request", "-e",
                      "hazgate/1/park/gateway/gw/response/test", "-m", request})
        .text;
  };
  const auto parsed = boost::json::parse(ask(R"({"op":"exceedances","after_seq":3})")).as_object();
  EXPECT_EQ(parsed.at("ok"), true);
  ASSERT_GE(parsed.at("records").as_array().size(), 3U);
  EXPECT_EQ(parsed.at("records").at(0).at("seq"), 4);
  const auto& chain = parsed.at("chains").at(0).as_object();
  EXPECT_EQ(chain.at("gateway"), "gw");
  EXPECT_GE(chain.at("last_seq").to_number<int>(), 6);
  EXPECT_THAT(ask(R"({"op":"exceedances","after_seq":-1})"), HasSubstr("wrong_type"));
  EXPECT_THAT(ask(R"({"op":"exceedances","enterprise":"nobody"})"), HasSubstr("unknown_subject"));
  EXPECT_THAT(ask(R"({"op":"exceedances","after":3})"), HasSubstr("unknown_member"));
  boost::json::value past;
  const auto count_of_readings = [&] {
    past = boost::json::parse(ask(fmt::format(R"({{"op":"readings","point":"m0.v","from":"{}","to":"{}"}})",
                                              time_from_now(-300), time_from_now(60))));
    return past.at("readings").as_array().size();
  };
  const auto patience = std::chrono::steady_clock::now() + seconds(20);
  while (count_of_readings() < 10 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(milliseconds(200));
  }
  const auto& readings = past.at("readings").as_array();
  ASSERT_GE(readings.size(), 10U);
  EXPECT_EQ(readings[0].at("unit"), "mg/m3");
  EXPECT_LT(readings[0].at("t").as_string(), readings[9].at("t").as_string());
  EXPECT_TRUE(past.at("next").is_null());
  EXPECT_THAT(ask(R"({"op":"readings","point":"m0.v","from":"yesterday","to":"today"})"), HasSubstr("wrong_type"));
  EXPECT_THAT(ask(R"({"op":"readings","point":"none","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"})"),
              HasSubstr("unknown_subject"));
}

}  // namespace
}  // namespace hazgate::test
