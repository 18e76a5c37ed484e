#include "feed/payload.hpp"
#include "feed/ledger_payload.hpp"
#include "ledger/canonical_json.hpp"
#include "ledger/signing.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <cmath>

#include "core/reason.hpp"
#include "example_site.hpp"

namespace hazgate::feed {
namespace {

using namespace test;
using core::PointIndex;
using core::Reading;
namespace json = boost::json;

std::string readings_of(const core::Site& site, const std::vector<Reading>& readings, std::string_view thinned = {}) {
  ReadingsEncoder encoder(site);
  std::string out;
  ReadingsEncoder::begin(out, site.gateway_id, 42, at(2s));
  for (const auto& reading : readings) encoder.add(out, reading);
  encoder.end(out, {.thinned = thinned});
  return out;
}

TEST(Topics, BeginWithSiteAndEnterpriseSoThatOneAclLineGivesATenantItsOwn) {
  auto site = example_site();
  EXPECT_EQ(readings_topic(site, core::WorkplaceIndex{0}), "hazgate/1/fengxian/acme/paint/readings");
  EXPECT_EQ(alarm_topic(site, toluene_alarm()), "hazgate/1/fengxian/acme/paint/alarm/gw-01-7");
  EXPECT_EQ(alarm_topic(site, silent_device_alarm()), "hazgate/1/fengxian/acme/gate/alarm/gw-01-8");
  EXPECT_EQ(alarm_stream(site, silent_device_alarm()), "hazgate/1/fengxian/acme/alarm");
  EXPECT_EQ(status_topic(site), "hazgate/1/fengxian/gateway/gw-01/status");
}

TEST(Topics, AConfiguredIdCannotClimbIntoAnotherBranchNorActAsAWildcard) {
  auto site = example_site();
  site.enterprises[0].id = "a/b+c#d%e\n\xFF";
  site.workplaces[0].id = "";
  EXPECT_EQ(readings_topic(site, core::WorkplaceIndex{0}),
            "hazgate/1/fengxian/a%2Fb%2Bc%23d%25e%0A\xEF\xBF\xBD/_/readings");
}

TEST(Time, IsUtcWithMillisecondsNotRoundedUp) {
  std::string out;
  append_time(out, at(61s + 999'999us));
  EXPECT_EQ(out, "2026-11-23T20:01:01.999Z");
  out.clear();
  append_time(out, core::Timestamp(-1us));
  EXPECT_EQ(out, "1969-12-31T23:59:59.999Z");
}

TEST(Readings, AreOneBatchExactlyAsDescribed) {
  auto text = readings_of(example_site(), {{PointIndex{0}, at(1s), 0.1, core::Flag::normal},
                                           {PointIndex{2}, at(1s), 139.5, core::Flag::over_range}});
  EXPECT_EQ(text, R"j({"v":1,"gateway":"gw-01","seq":42,"sent_at":"2026-11-23T20:00:02.000Z","readings":[)j"
                  R"j({"point":"voc-1.toluene","t":"2026-11-23T20:00:01.000Z","value":0.1,"unit":"mg/m3","flag":"N"},)j"
                  R"j({"point":"slm-1.la","t":"2026-11-23T20:00:01.000Z","value":139.5,"unit":"dB(A)","flag":"T"}]})j");
}

TEST(Readings, CarryEveryDoubleExactly) {
  for (double value : {0.1 + 0.2, 1e-300, 5e-324, 1.7976931348623157e308, -0.0, 123456789.123456789}) {
    // strtod, because Boost.JSON 1.81 reads doubles one unit in the last place off
    auto text = readings_of(example_site(), {{PointIndex{0}, at(1s), value, core::Flag::normal}});
    EXPECT_EQ(std::strtod(text.c_str() + text.find("\"value\":") + 8, nullptr), value);
  }
}

TEST(Readings, AFigureThatDoesNotExistIsNull) {
  for (double value : {core::no_value, double(INFINITY), -double(INFINITY)}) {
    auto doc = json::parse(readings_of(example_site(), {{PointIndex{0}, at(1s), value, core::Flag::link_lost}}));
    EXPECT_TRUE(doc.at("readings").at(0).at("value").is_null());
  }
}

TEST(Readings, ThinnedOnesSaySo) {
  auto doc = json::parse(readings_of(example_site(), {}, "outbox full"));
  EXPECT_EQ(doc.at("thinned"), json::parse(R"({"reason":"outbox full","resolution_s":60})"));
  EXPECT_TRUE(doc.at("readings").as_array().empty());
}

TEST(Readings, HostileBytesOfTheConfigurationStayOneValidString) {
  auto site = example_site();
  // cut short, overlong, surrogate, beyond U+10FFFF, control, quote, backslash, and good 4-byte text
  site.points[0].id = "\xE4\xBD|\xC0\x80|\xED\xA0\x80|\xF5\x80\x80\x80|\x01\"\\|\xF0\x9F\x94\x94|\xC3";
  auto doc = json::parse(readings_of(site, {{PointIndex{0}, at(1s), 1, core::Flag::normal}}));
  EXPECT_EQ(doc.at("readings").at(0).at("point").as_string(), "��|��|���|����|\x01\"\\|🔔|�");
}

TEST(AlarmMessage, CarriesTheWholeRecord) {
  auto site = example_site();
  site.advice = {
      {.subject = "cas:*", .level = core::Level::warning, .zh = "加大通风", .en = "Ventilate", .source = {}}};
  auto alarm = toluene_alarm();
  alarm.nearby = {{1, core::Level::warning}};
  auto doc = json::parse(alarm_message(site, alarm, 3, at(6s))).as_object();
  auto text = doc.at("text").as_object();
  doc.erase("text");
  EXPECT_EQ(json::value(doc), json::parse(R"({"v":1,"id":"gw-01-7","seq":3,"sent_at":"2026-11-23T20:00:06.000Z",
    "gateway":"gw-01","enterprise":"acme","workplace":"paint","point":"voc-1.toluene","agent":"cas:108-88-3",
    "level":"exceed","highest":"exceed","state":"UNACK","basis":"c_ste","value":120.25,"peak":120.25,"at_least":false,
    "unit":"mg/m3","limit":{"kind":"PC-STEL","value":100,"unit":"mg/m3","source":"GBZ 2.1-2019 Table 1"},"excess":20.25,
    "ratio":1.2025,"reason":null,
    "usual":null,"contributors":[],
    "detected_at":"2026-11-23T20:00:00.000Z","warned_at":"2026-11-23T20:00:05.000Z","confirmed_at":null,
    "disposed_at":null,"detected_by":"reading","warned_by":"reading","confirmed_by":null,"disposed_by":null,
    "verdict":null,"verdict_by":null,"measure":null,"returned_at":null,"changed_at":"2026-11-23T20:00:05.000Z",
    "targets":{"warn_at":null,"confirm_at":null,"dispose_at":null,"warn_missed":false,"confirm_missed":false,"dispose_missed":false,"disposal_owed":false,
    "escalations":0},"acknowledged":false,"acknowledged_at":null,"acknowledged_by":null,"shelved_until":null,
    "suppressed":false,"out_of_service":false,"latched":false,"chattering":false,"activations":1,"annunciations":1,
    "change":{"what":"raised","by":null,"note":null},"nearby":[{"point":"voc-1.temperature","level":"warning"}],
    "revision":2,"advice":{"zh":"加大通风","en":"Ventilate","source":null}})"));
  EXPECT_EQ(text.size(), 2u);
}

TEST(AlarmMessage, OfWhatIsUnusualHasTheUsualAndTheContributors) {
  auto doc = json::parse(alarm_message(example_site(), unusual_alarm(), 3, at(6s)));
  EXPECT_EQ(doc.at("usual"), json::parse(R"({"median":233.76,"z":11.25})"));
  EXPECT_EQ(doc.at("contributors"), json::parse(R"([{"cas":"74-84-0","zh":"乙烷","en":"Ethane","share":0.2462},
              {"cas":"108-38-3/106-42-3","zh":"间/对-二甲苯","en":"m/p-Xylene","share":0.1249},
              {"cas":"1-2-3","zh":null,"en":null,"share":0.031}])"));
}

TEST(AlarmMessage, OfADeviceHasNoFigureAndNoLimit) {
  auto doc = json::parse(alarm_message(example_site(), silent_device_alarm(), 1, at(0s))).as_object();
  EXPECT_EQ(doc.at("device").as_string(), "slm-1");
  EXPECT_FALSE(doc.contains("point"));
  for (auto key : {"agent", "value", "peak", "unit", "limit", "reason"}) EXPECT_TRUE(doc.at(key).is_null()) << key;
}

TEST(AlarmMessage, OfADeviceSaysWhy) {
  const auto reason = [](const core::Reason& why) {
    auto alarm = silent_device_alarm();
    alarm.limit = core::as_limit(why);
    alarm.value = why.value;
    return json::parse(alarm_message(example_site(), alarm, 1, at(0s))).at("reason");
  };
  EXPECT_EQ(reason({.doubt = core::Doubt::no_answer}),
            json::parse(R"({"doubt":"no_answer","point":null,"other":null,"value":null,"bound":null,"unit":null})"));
  EXPECT_EQ(
      reason({.doubt = core::Doubt::stuck, .point = "slm-1.la", .value = 63.25, .bound = 600}),
      json::parse(R"j({"doubt":"stuck","point":"slm-1.la","other":null,"value":63.25,"bound":600,"unit":"dB(A)"})j"));
}

TEST(StatusMessage, TellsBusesDevicesAndWhatIsOwed) {
  Status status;
  status.at = at(0s);
  status.version = "0.1.0";
  status.uptime_s = 1.5;
  status.buses = {{"bus-1", false, "no \"answer\"", 10, 3, 1, 2}};
  status.devices = {{"voc-1", true}, {"slm-1", false}};
  status.outbox_rows = 4;
  status.outbox_bytes = 5000;
  status.store = "failing: disk full";
  status.alarms.this_window = status.alarms.peak = 12;
  status.alarms.peak_from = status.alarms.in_flood_since = at(0s);
  status.alarms.by_level[3] = 3;
  status.alarms.flood_day = {.number = 1, .duration = 60s, .share = 0.5};
  status.alarms.to_acknowledge = {.count = 2, .median = 30s, .p95 = 90s};
  status.alarms.warn_missed = 3;
  status.alarms.confirm_missed = 4;
  EXPECT_EQ(json::parse(status_message(example_site(), status)), json::parse(R"({"v":1,"gateway":"gw-01","online":true,
    "at":"2026-11-23T20:00:00.000Z","version":"0.1.0","uptime_s":1.5,
    "buses":[{"id":"bus-1","open":false,"trouble":"no \"answer\"","polls":10,"failed":3,"skipped":1,"reopened":2}],
    "devices":[{"id":"voc-1","answering":true},{"id":"slm-1","answering":false}],
    "outbox":{"rows":4,"bytes":5000},"store":"failing: disk full","clock":"ok","alarms":{"open":0,"unacknowledged":0,
    "shelved":0,"suppressed":0,"out_of_service":0,"stale":0,"longest_standing":null,"annunciated_10min":12,
    "annunciated_last_10min":0,"annunciated_hour":0,"annunciated_day":0,"mean_10min":0,"peak_10min":12,
    "peak_from":"2026-11-23T20:00:00.000Z","by_level":{"notice":0,"warning":0,"exceed":3,"danger":0},
    "activations_day":0,"chattering":0,"in_flood_since":"2026-11-23T20:00:00.000Z",
    "flood_day":{"number":1,"duration_s":60,"share":0.5},"flood_month":{"number":0,"duration_s":0,"share":0},
    "to_acknowledge":{"count":2,"median_s":30,"p95_s":90},"to_return":{"count":0,"median_s":null,"p95_s":null},
    "to_dispose":{"count":0,"median_s":null,"p95_s":null},"warn_missed":3,"confirm_missed":4,"dispose_missed":0},
    "worst_lateness_ms":0})"));
}

TEST(RulesRecord, HasTheDigestOfItsCanonicalListAlsoWhereTheListIsTooLongToStandThere) {
  const std::string before = "above 50 mg/m3", after = "above 40 mg/m3";
  std::vector<RuleChanged> changes{{"voc-1.toluene", "c_ste exceed", &before, &after},
                                   {"noise-1.la", "twa warning", nullptr, &before},
                                   {"", "retention", &after, nullptr}};
  const auto digest = [](const json::value& list) { return ledger::hex(ledger::sha256(ledger::canonical(list))); };
  const auto told = rules_record(changes, "Zhao", at(0s));
  EXPECT_EQ(told.at("changes").as_array().size(), 3U);
  EXPECT_EQ(told.at("digest").as_string(), digest(told.at("changes")));
  EXPECT_EQ(rules_record({}, "Zhao", at(0s)).at("digest").as_string(), digest(json::array()));
  changes.resize(101, changes.front());
  json::array list = told.at("changes").as_array();
  while (list.size() < changes.size()) list.push_back(list.front());
  const auto long_one = rules_record(changes, "Zhao", at(0s));
  EXPECT_FALSE(long_one.contains("changes"));
  EXPECT_EQ(long_one.at("digest").as_string(), digest(list));
}

TEST(OfflineMessage, SaysOfflineAndNothingElse) {
  EXPECT_EQ(offline_message(example_site()), R"({"v":1,"gateway":"gw-01","online":false})");
}

}  // namespace
}  // namespace hazgate::feed
