// Real messages against the published schemas, judged by an independent validator (python3-jsonschema).
#include <gmock/gmock.h>

#include "core/exposure_meter.hpp"
#include "core/reason.hpp"
#include "feed/answer_payload.hpp"
#include "feed/exposure_payload.hpp"
#include "feed/payload.hpp"
#include "integration/schema_validator.hpp"
#include "unit/feed/example_site.hpp"

namespace hazgate::feed {
namespace {

using namespace test;

std::string readings(std::string_view thinned = {}) {
  ReadingsEncoder encoder(example_site());
  std::string out;
  ReadingsEncoder::begin(out, "gw", 1, at(0s));
  for (char flag : std::string("NTDBCMFSL")) {
    encoder.add(out, {core::PointIndex{0}, at(1s), flag == 'B' ? core::no_value : 0.5, *core::flag_from(flag)});
  }
  encoder.end(out, {.thinned = thinned, .unreadable = thinned.empty() ? 0U : 2U});
  return out;
}

/// A shift of toluene, one of noise, one of impulses and one of heat, by the meter that makes the real ones.
std::string exposures(bool final) {
  auto site = example_site();
  site.shifts = {{"day"}};
  std::vector<core::Exposure> records;
  site.agents[0].limits.push_back({core::LimitKind::pc_twa, 50, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"});
  site.points.push_back({.id = "hall.wbgt", .unit = core::Unit::degree_celsius});
  for (const std::uint32_t p : {0U, 2U, 1U, 3U}) {
    auto& point = site.points[p];
    if (p == 3) {
      point.agent = core::AgentIndex{static_cast<std::uint32_t>(site.agents.size())};
      site.agents.push_back({.id = "wbgt:75:III",
                             .limits = {{core::LimitKind::wbgt, 28, point.unit, "GBZ 2.2-2007 Table 8"}},
                             .unit = point.unit});
    }
    if (p == 1) {
      point.unit = core::Unit::db_a;
      point.agent = core::AgentIndex{static_cast<std::uint32_t>(site.agents.size())};
      site.agents.push_back({.id = "noise:peak", .unit = core::Unit::db_a});
    }
    if (p == 2) {
      point.unit = core::Unit::db_a;
      point.agent = core::AgentIndex{static_cast<std::uint32_t>(site.agents.size())};
      site.agents.push_back({.id = "noise",
                             .limits = {{core::LimitKind::lex_8h, 85, core::Unit::db_a, "GBZ 2.2-2007 11.2.1"}},
                             .unit = core::Unit::db_a});
    }
    const auto rule = core::exposure_rule(site.agents[core::at(*point.agent)], point.unit, site.shifts[0]);
    core::ExposureMeter meter({at(0s), at(8h), 20780, 20780}, {});
    meter.add(rule, {rule.levels, at(0s), at(1s), 90, core::Flag::normal});
    records.push_back(meter.record(rule, final ? at(8h) : at(1h), {}));
    records.back().point = core::PointIndex{p};
  }
  return exposure_message(site, core::WorkplaceIndex{0}, records, 1, at(1h));
}

TEST(Schema, OfExposuresTakesWhatIsSentAndNothingElse) {
  const auto good = exposures(false);
  EXPECT_EQ(validated("exposure", {good, exposures(true)}), "ok\nok\n") << good;
  const auto bad = validated(
      "exposure",
      {with(good, "\"lex_8h_so_far\"", "\"twa_so_far\""), with(good, "\"seq\":1", "\"seq\":0"),
       with(good, "\"verdict\":\"", "\"verdict\":\"quite "), with(good, "\"coverage\":0", "\"coverage\":1"),
       with(good, "\"laeq\":", "\"mean\":1,\"laeq\":"), with(good, "\"impulses\":", "\"laeq\":90,\"impulses\":"),
       with(good, "\"max\":", "\"maximum\":"), with(good, ".000Z", "Z"), with(good, "\"missing\":", "\"lost\":"),
       with(good, "\"zh\":", "\"cn\":"), with(good, "\"mixture_index\":null", "\"mixture_index\":\"1\""),
       with(good, "\"wbgt_so_far\":", "\"ratio\":1,\"wbgt_so_far\":"), with(good, "\"wbgt\":", "\"wbgt_final\":"),
       with(good, "\"twa_so_far\":", "\"wbgt\":1,\"twa_so_far\":"),
       with(good, "\"stel_at_least\":", "\"stel_least\":")});
  EXPECT_EQ(std::count(bad.begin(), bad.end(), '\n'), 15);
  EXPECT_THAT(bad, testing::Not(testing::HasSubstr("ok\n")));
}

TEST(Schema, OfReadingsTakesWhatIsSentAndNothingElse) {
  auto good = readings();
  EXPECT_EQ(validated("readings", {good, readings("outbox full")}), "ok\nok\n");
  auto bad =
      validated("readings", {with(good, "\"seq\":1", "\"seq\":0"), with(good, "\"flag\":\"N\"", "\"flag\":\"X\""),
                             with(good, "\"v\":1", "\"v\":1,\"extra\":1"), with(good, ".000Z", "Z")});
  EXPECT_EQ(std::count(bad.begin(), bad.end(), '\n'), 4);
  EXPECT_THAT(bad, testing::Not(testing::HasSubstr("ok\n")));
}

std::vector<core::Alarm> alarms_of_the_gateway() {
  std::vector<core::Alarm> alarms;
  const auto add = [&](core::AlarmSubject subject, std::uint32_t index, core::Basis basis, std::string why) {
    core::Alarm alarm = silent_device_alarm();
    alarm.subject = subject;
    alarm.index = index;
    alarm.basis = alarm.detected_by = basis;
    alarm.limit = {core::LimitKind::site, 0, core::Unit::one, std::move(why)};
    alarms.push_back(alarm);
  };
  add(core::AlarmSubject::bus, 0, core::Basis::bus, "no_connection");
  add(core::AlarmSubject::output, 0, core::Basis::output, "no answer");
  add(core::AlarmSubject::gateway, 0, core::Basis::broker, "connection refused");
  add(core::AlarmSubject::gateway, 1, core::Basis::store, "disk full");
  add(core::AlarmSubject::gateway, 2, core::Basis::clock, "no NTP");
  add(core::AlarmSubject::gateway, 3, core::Basis::coverage, "coverage");
  add(core::AlarmSubject::gateway, 4, core::Basis::duties, "calibration of gas-1, due 2026-01-01");
  core::Alarm parked;
  parked.number = 9;
  core::act(parked, {.kind = core::ActionKind::out_of_service, .by = "Li", .note = "calibration"}, at(1s), {});
  alarms.push_back(parked);
  return alarms;
}

/// Everything that persons and time can do with one.
core::Alarm handled_alarm() {
  auto alarm = toluene_alarm();
  alarm.nearby = {{1, core::Level::warning}};
  alarm.confirm_due_at = alarm.dispose_due_at = at(50s);
  core::on_time(alarm, {});
  core::act(alarm, {.kind = core::ActionKind::acknowledge, .by = "Li"}, at(60s), {});
  core::act(alarm, {.kind = core::ActionKind::confirm, .by = "Li", .verdict = core::EventVerdict::real}, at(61s), {});
  core::act(alarm, {.kind = core::ActionKind::shelve, .by = "Li", .note = "repair"}, at(62s), {});
  return alarm;
}

TEST(Schema, OfAnEscalationAndAnAnswerTakeWhatIsSentAndNothingElse) {
  const auto site = example_site();
  auto late = toluene_alarm();
  late.confirm_due_at = at(50s);
  core::on_time(late, {});
  const auto escalation = escalation_message(site, late, "safety-office", 1, at(51s));
  const auto of_step = [&](const std::string& step) {
    return with(escalation, "\"step\":\"confirm\"", "\"step\":\"" + step + "\"");
  };
  const auto said = validated("escalation", {escalation, of_step("warn"), of_step("dispose"), of_step("none")});
  EXPECT_THAT(said, testing::StartsWith("ok\nok\nok\n"));
  EXPECT_THAT(said.substr(9), testing::Not(testing::HasSubstr("ok\n")));
  const auto done = action_answer(site, core::Refusal::none, handled_alarm());
  const auto refused = action_answer(site, core::Refusal::condition_holds, toluene_alarm());
  EXPECT_EQ(validated("answer", {done, refused, action_answer(site, core::Refusal::no_such_alarm, {}),
                                 error_answer("not_json", {"不是 JSON", "no JSON"})}),
            "ok\nok\nok\nok\n");
  EXPECT_THAT(validated("answer", {with(done, "\"ok\":true", "\"ok\":1"), with(refused, "\"zh\":", "\"cn\":")}),
              testing::Not(testing::HasSubstr("ok\n")));
}

TEST(Schema, OfAnAlarmTakesEachStageOfItsLifeAndNothingElse) {
  auto site = example_site();
  auto returned = toluene_alarm();
  returned.level = core::Level::none;
  returned.state = core::AlarmState::normal;
  returned.confirmed_at = returned.disposed_at = returned.returned_at = at(99s);
  auto over_range = toluene_alarm();
  over_range.at_least = true;
  over_range.value = core::no_value;
  auto without_agent = toluene_alarm();
  without_agent.index = 1;
  without_agent.limit = {core::LimitKind::site, 40, core::Unit::degree_celsius, ""};
  auto stuck = silent_device_alarm();
  stuck.limit = core::as_limit({.doubt = core::Doubt::stuck, .point = "slm-1.la", .bound = 600});
  stuck.value = 63.2;
  auto apart = silent_device_alarm();
  apart.limit = core::as_limit({.doubt = core::Doubt::disagreement, .point = "slm-1.la", .other = "voc-1.toluene"});
  apart.basis = core::Basis::cross_check;
  auto hot = without_agent;
  hot.limit = {core::LimitKind::wbgt, 28, core::Unit::degree_celsius, "GBZ 2.2-2007 Table 8"};
  std::vector<core::Alarm> alarms{
      toluene_alarm(), returned, over_range, without_agent, silent_device_alarm(), stuck, apart, unusual_alarm(), hot};
  for (const auto& alarm : alarms_of_the_gateway()) alarms.push_back(alarm);
  alarms.push_back(handled_alarm());
  site.advice = {
      {.subject = "cas:*", .level = core::Level::warning, .zh = "加大通风", .en = "Ventilate", .source = "GBZ"}};
  site.outputs = {{"horn", "喇叭"}};
  std::vector<std::string> good;
  std::string all_good;
  for (const auto& alarm : alarms) {
    good.push_back(alarm_message(site, alarm, 1, at(100s)));
    all_good += "ok\n";
  }
  EXPECT_EQ(validated("alarm", good), all_good);
  auto bad = validated(
      "alarm", {with(good[0], "\"point\"", "\"device\":\"x\",\"point\""), with(good[0], "\"at_least\":false,", ""),
                with(good[0], "UNACK", "OPEN"), with(good[5], "\"stuck\"", "\"odd\""),
                with(good[7], "\"share\":0.2462", "\"share\":0"), with(good[7], "\"z\":11.25", "\"zz\":11.25"),
                with(good[7], "\"contributors\":", "\"contributions\":")});
  EXPECT_EQ(std::count(bad.begin(), bad.end(), '\n'), 7);
  EXPECT_THAT(bad, testing::Not(testing::HasSubstr("ok\n")));
}

TEST(Schema, OfTheStatusTakesOnlineAndOffline) {
  Status status;
  status.version = "0.1.0";
  status.buses = {{"bus-1", false, "no answer", 10, 3, 1, 2}};
  status.devices = {{"voc-1", true}};
  status.store = "failing: disk full";
  auto online = status_message(example_site(), status);
  EXPECT_EQ(validated("status", {online, offline_message(example_site())}), "ok\nok\n");
  EXPECT_THAT(validated("status", {with(online, "\"online\":true", "\"online\":false")}),
              testing::Not(testing::HasSubstr("ok\n")));
}

}  // namespace
}  // namespace hazgate::feed
