// The life of an alarm through the built program: persons over MQTT, targets, a horn, silence, a kill in the middle;
// and all of it again out of the store.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "integration/gateway_fixture.hpp"
#include "support/stored_rows.hpp"

namespace hazgate::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

/// A module whose figure rises by 10 a second, with a horn on coil 5; above 30 it warns, above 60 it exceeds.
struct AlarmStory : testing::Test {
  SiteOnThisMachine site;
  const std::uint16_t port = free_port();

  AlarmStory() {
    site.profile("module", "[[measure]]\nid = \"v\"\nregister = \"holding 0\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n");
    site.config(
        fmt::format("[[bus]]\nid = \"bus\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n"
                    "timeout = \"300ms\"\nretries = 0\n",
                    port));
    site.config("[[device]]\nid = \"m\"\nbus = \"bus\"\nunit = 1\nprofile = \"module\"\nperiod = \"200ms\"\n");
    for (const auto& [level, value] : {std::pair{"warning", 30}, std::pair{"exceed", 60}})
      site.config(
          fmt::format("[[limit]]\npoint = \"m.v\"\nlevel = \"{}\"\nvalue = {}\nunit = \"mg/m3\"\n"
                      "on_delay = \"0s\"\noff_delay = \"0s\"\n",
                      level, value));
    site.config("[[action]]\nid = \"horn\"\non = \"exceed\"\ndevice = \"m\"\ncoil = 5\nuntil = \"acknowledged\"\n");
    site.config("[mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\n");
    site.config("[alarm]\ncontacts = [\"first\", \"second\"]\ndecided_by = \"Zhao\"\n");
    site.config("[alarm.exceed]\nconfirm_within = \"1s\"\ndispose_within = \"2s\"\n");
    site.broker.start();
  }
  /// Quiet for 3 s, then 40, then 80 until 12 s, then quiet again.
  void play(const std::string& csv = "elapsed_s,value\n0,10\n3,40\n5,80\n12,10\n3000,10\n") {
    site.folder.write("recordings/wave.csv", csv);
    site.simulation("[[play]]\npoint = \"m.v\"\nfile = \"wave.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n");
    site.start_simulator();
  }
  /// One alarm through the whole of its life, with a kill in the middle.
  void live_through_it(Subscriber& subscriber) {
    ASSERT_TRUE(subscriber.wait_for("\"level\":\"exceed\"", seconds(20))) << site.gateway->output();
    ASSERT_TRUE(site.gateway->wait_for("output=0 value=1 state=confirmed", seconds(5))) << site.gateway->output();
    site.gateway->signal(SIGKILL);
    site.gateway->wait(seconds(5));
    site.start_gateway();
    EXPECT_THAT(ask(R"({"op":"alarm","id":"gw-1","action":"dispose","by":"Qian","note":"too early"})"),
                HasSubstr("\"code\":\"condition_holds\""));
    EXPECT_THAT(ask(R"({"op":"alarm","id":"gw-1","action":"acknowledge","note":"on my way"})", "/Li"),
                AllOf(HasSubstr("\"ok\":true"), HasSubstr("\"acknowledged_by\":\"Li\"")));
    EXPECT_TRUE(site.gateway->wait_for("output=0 value=0 state=confirmed", seconds(5))) << site.gateway->output();
    EXPECT_TRUE(subscriber.wait_for("/escalation/first {", seconds(10)));
    EXPECT_TRUE(subscriber.wait_for("\"what\":\"returned\"", seconds(15)));
    EXPECT_THAT(ask(R"({"op":"alarm","id":"gw-1","action":"dispose","by":"Qian","note":"fan repaired"})"),
                HasSubstr("\"ok\":true"));
    EXPECT_TRUE(subscriber.wait_for("\"what\":\"disposed\"", seconds(5)));
  }
  /// What mosquitto_rr hears.
  std::string ask(const std::string& request, const std::string& user = "") {
    Process rr({"/usr/bin/mosquitto_rr", "-V", "5", "-q", "1", "-h", "127.0.0.1", "-p",
                std::to_string(site.broker.port()), "-W", "5", "-t", "hazgate/1/park/gateway/gw/request" + user, "-e",
                "hazgate/1/park/gateway/gw/response" + (user.empty() ? "/test" : user), "-m", request});
    rr.wait(seconds(10));
    rr.wait_for_end(seconds(2));
    return rr.output();
  }
  std::string rows(const std::string& query) { return stored_rows(site.store().parent_path(), query); }
};

TEST_F(AlarmStory, IsToldFromTheFirstSignToItsDisposalAlsoThroughAKill) {
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  play();
  site.start_gateway();
  live_through_it(subscriber);
  ASSERT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(sequence_faults(subscriber.heard()), "");
  const auto alarms = alarms_of(subscriber.heard());
  ASSERT_FALSE(alarms.empty());
  for (const auto& alarm : alarms) EXPECT_TRUE(!alarm.contains("point") || alarm.at("id") == "gw-1") << "never split";
  const auto& last = alarms.back();
  EXPECT_EQ(last.at("state"), "NORM");
  EXPECT_EQ(last.at("measure"), "fan repaired");
  EXPECT_EQ(last.at("disposed_by"), "Qian");
  const auto stamp = [&](const char* key) { return std::string(last.at(key).as_string()); };
  EXPECT_LE(stamp("detected_at"), stamp("warned_at"));
  EXPECT_LE(stamp("warned_at"), stamp("confirmed_at"));
  EXPECT_LE(stamp("confirmed_at"), stamp("disposed_at"));
  EXPECT_EQ(rows("SELECT change FROM alarm_history WHERE number = 1"),
            "raised|\nrose|\nacknowledged|\ntarget_missed|\nreturned|\ndisposed|\n");
  EXPECT_EQ(rows("SELECT action, person, refusal FROM alarm_input"),
            "dispose|Qian|condition_holds|\nacknowledge|Li||\ndispose|Qian||\n");
  const auto again = site.folder.path() / "again";
  Process replay({HAZGATE_PROGRAM, "replay", "--config", site.config_file().string(), "--input", site.store().string(),
                  "--data-dir", again.string()});
  ASSERT_EQ(replay.wait(seconds(30)), 0) << replay.output();
  EXPECT_EQ(stored_rows(again, alarm_history), rows(alarm_history)) << "what persons did is replayed, too";
}

TEST_F(AlarmStory, AnswersWhatIsNoRequestOfItsOwn) {
  play();
  site.start_gateway();
  ASSERT_TRUE(site.gateway->wait_for("state=up reason=\"connected", seconds(5))) << site.gateway->output();
  EXPECT_THAT(ask("no json"), HasSubstr("\"code\":\"not_json\""));
  EXPECT_THAT(ask(R"({"op":"alarm","id":"gw-99","action":"acknowledge","by":"Li"})"),
              HasSubstr("\"code\":\"no_such_alarm\""));
  EXPECT_THAT(ask(R"({"op":"alarm","id":"gw-1","action":"acknowledge","by":"Wang"})", "/Li"),
              HasSubstr("\"code\":\"not_you\""));
  EXPECT_THAT(ask(R"({"op":"alarm","point":"m.v","action":"out_of_service","by":"Li","note":"calibration"})"),
              AllOf(HasSubstr("\"ok\":true"), HasSubstr("\"state\":\"OOSRV\"")));
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

TEST_F(AlarmStory, ABusThatIsUnpluggedIsOneAlarmAndNotOneADevice) {
  for (int unit = 2; unit <= 6; ++unit)
    site.config(
        fmt::format("[[device]]\nid = \"m{}\"\nbus = \"bus\"\nunit = {}\nprofile = \"module\"\n"
                    "period = \"200ms\"\n",
                    unit, unit));
  Subscriber subscriber(site.broker, "hazgate/1/park/#", "check");
  play();
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for("/readings ", seconds(10)));
  site.simulator->signal(SIGKILL);
  EXPECT_TRUE(subscriber.wait_for("hazgate/1/park/gateway/gw/alarm/gw-", seconds(10))) << site.gateway->output();
  std::this_thread::sleep_for(seconds(3));
  site.start_simulator();
  EXPECT_TRUE(subscriber.wait_for("bus bus answers again", seconds(15))) << site.gateway->output();
  std::this_thread::sleep_for(seconds(2));
  EXPECT_EQ(site.stop_gateway(), 0);
  EXPECT_EQ(rows("SELECT subject_kind, subject, level FROM alarm_history WHERE subject_kind <> 'point'"),
            "bus|bus|notice|\nbus|bus|none|\n");
}

TEST_F(AlarmStory, ChangesOfLimitsAreRecordedWithOldNewAndWho) {
  play();
  site.start_gateway();
  site.stop_gateway();
  EXPECT_EQ(rows("SELECT count(*) FROM rule_change WHERE before IS NOT NULL"), "0|\n");
  site.config("[[limit]]\npoint = \"m.v\"\nlevel = \"danger\"\nvalue = 90\nunit = \"mg/m3\"\n");
  site.start_gateway();
  site.stop_gateway();
  EXPECT_EQ(rows("SELECT subject, rule, before, after, who FROM rule_change ORDER BY id DESC LIMIT 1"),
            "m.v|reading danger||above 90 mg/m3, clears at 85.5, on after 0 s, off after 60 s, 1 sample (SITE "
            "site)|Zhao|\n");
  site.start_gateway();
  site.stop_gateway();
  EXPECT_EQ(rows("SELECT count(*) FROM rule_change WHERE rule = 'reading danger'"), "1|\n");
}

/// The shelf of 3 s is over while the gateway is down.
TEST_F(AlarmStory, AShelfThatEndsWhileTheGatewayIsDownEndsAtItsTime) {
  play("elapsed_s,value\n0,10\n2,40\n3000,40\n");
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for("\"level\":\"warning\"", seconds(20))) << site.gateway->output();
  EXPECT_THAT(ask(R"({"op":"alarm","id":"gw-1","action":"shelve","minutes":0.05,"by":"Li","note":"filter change"})"),
              HasSubstr("\"state\":\"SHLVD\""));
  site.gateway->signal(SIGKILL);
  site.gateway->wait(seconds(5));
  std::this_thread::sleep_for(seconds(4));
  site.start_gateway();
  EXPECT_TRUE(subscriber.wait_for("\"what\":\"shelf_ended\"", seconds(5))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(
      rows("SELECT change, state, changed_at = (SELECT shelved_until FROM alarm_history WHERE change = 'shelved') "
           "FROM alarm_history ORDER BY id"),
      "raised|UNACK|0|\nshelved|SHLVD|0|\nshelf_ended|UNACK|1|\n");
}

/// The plant stands until 6 s; what is too high before that is recorded and rings no horn.
TEST_F(AlarmStory, ThePlantItselfSilencesAnAlarm) {
  site.config("[[device]]\nid = \"plant\"\nbus = \"bus\"\nunit = 2\nprofile = \"module\"\nperiod = \"200ms\"\n");
  site.config("[[suppress]]\npoints = [\"m.v\"]\nwhile = \"plant.v\"\nbelow = 0.5\n");
  site.folder.write("recordings/plant.csv", "elapsed_s,value\n0,0\n6,1\n3000,1\n");
  site.simulation("[[play]]\npoint = \"plant.v\"\nfile = \"plant.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n");
  play("elapsed_s,value\n0,10\n3,80\n3000,80\n");
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for("\"state\":\"DSUPR\"", seconds(20))) << site.gateway->output();
  EXPECT_FALSE(site.gateway->wait_for("output=0 value=1", milliseconds(500))) << site.gateway->output();
  EXPECT_TRUE(subscriber.wait_for("\"what\":\"released\"", seconds(10)));
  EXPECT_TRUE(site.gateway->wait_for("output=0 value=1 state=confirmed", seconds(5))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(rows("SELECT change, state FROM alarm_history ORDER BY id"), "raised|DSUPR|\nreleased|UNACK|\n");
}

TEST_F(AlarmStory, ABrokerThatStaysAwayIsAnAlarmThatItHearsOfLater) {
  play();
  Subscriber before(site.broker, "hazgate/#", "before");
  site.start_gateway();
  ASSERT_TRUE(before.wait_for("/readings ", seconds(10)));
  site.broker.kill();
  std::this_thread::sleep_for(seconds(34));
  site.broker.start();
  Subscriber after(site.broker, "hazgate/1/park/gateway/gw/alarm/#", "after");
  EXPECT_TRUE(after.wait_for("\"part\":\"broker\"", seconds(40))) << site.gateway->output();
  EXPECT_TRUE(after.wait_for("\"what\":\"returned\"", seconds(10))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(rows("SELECT subject, level FROM alarm_history WHERE subject_kind = 'gateway'"),
            "broker|notice|\nbroker|none|\n");
}

/// A disk that takes nothing more: files of the gateway may not grow.
TEST_F(AlarmStory, AStoreThatFailsIsAnAlarmOfItsOwn) {
  play("elapsed_s,value\n0,10\n3000,10\n");
  Subscriber subscriber(site.broker, "hazgate/1/park/gateway/gw/alarm/#", "check");
  site.start_gateway();
  const auto limit_files = [&](const std::string& bytes) {
    Process({"/usr/bin/prlimit", "--pid", std::to_string(site.gateway->pid()), "--fsize=" + bytes}).wait(seconds(5));
  };
  std::this_thread::sleep_for(seconds(2));
  limit_files("4096:unlimited");
  ASSERT_TRUE(site.gateway->wait_for("store state=\"failing", seconds(10))) << site.gateway->output();
  std::this_thread::sleep_for(seconds(3));
  limit_files("unlimited:unlimited");
  EXPECT_TRUE(subscriber.wait_for("\"part\":\"store\"", seconds(10))) << site.gateway->output();
  EXPECT_TRUE(subscriber.wait_for("\"what\":\"returned\"", seconds(10))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(rows("SELECT subject, level FROM alarm_history WHERE subject_kind = 'gateway'"),
            "store|warning|\nstore|none|\n");
  EXPECT_EQ(site.summary()["readings_lost"], 0);
}

TEST_F(AlarmStory, AFirstSignThatNobodyAnswersGoesToTheFirstGroupAndIsCounted) {
  site.config(
      "[[limit]]\npoint = \"m.v\"\nlevel = \"notice\"\nvalue = 5\nunit = \"mg/m3\"\non_delay = \"0s\"\n"
      "[alarm.notice]\nwarn_within = \"1s\"\n");
  play("elapsed_s,value\n0,10\n3000,10\n");
  Subscriber subscriber(site.broker, "hazgate/#", "check");
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for("\"step\":\"warn\"", seconds(20))) << site.gateway->output();
  EXPECT_TRUE(subscriber.wait_for("\"warn_missed\":1", seconds(15))) << "on status";
  EXPECT_TRUE(subscriber.wait_for("\"alarms\":{\"open\":1,\"unacknowledged\":1,", seconds(1)));
}

/// The enterprise of the one workplace is the site's own: it is asked of the store.
TEST_F(AlarmStory, WhatIsOverdueIsANoticeUntilItIsDone) {
  site.config("[[device.point]]\nmeasure = \"v\"\nagent = \"cas:7783-06-4\"\n");
  play("elapsed_s,value\n0,1\n3000,1\n");
  site.start_gateway();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  const auto done = [&](std::int64_t days_ago) {
    SQLite::Database database(site.store(), SQLite::OPEN_READWRITE);
    const auto today =
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
    database.exec(
        fmt::format("INSERT INTO duty_done (at, by, kind, enterprise, workplace, device, agent, day, note) "
                    "SELECT 0, 'Li', 'calibration', enterprise, '', 'm', '', {}, '' FROM home LIMIT 1",
                    today - days_ago));
  };
  done(800);
  Subscriber subscriber(site.broker, "hazgate/1/park/gateway/gw/alarm/#", "check");
  site.start_gateway();
  ASSERT_TRUE(subscriber.wait_for("\"part\":\"duties\"", seconds(15))) << site.gateway->output();
  EXPECT_THAT(
      subscriber.heard().back().payload,
      AllOf(HasSubstr("\"level\":\"notice\""),
            HasSubstr("1 overdue of tests, calibrations and health surveillance, the longest: calibration of m, "
                      "due 20"),
            HasSubstr("1 项逾期")));
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  done(1);
  site.start_gateway();
  EXPECT_TRUE(subscriber.wait_for("\"what\":\"returned\"", seconds(15))) << site.gateway->output();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
}

}  // namespace
}  // namespace hazgate::test
