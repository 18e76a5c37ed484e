#include "app/live_board.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "unit/feed/example_site.hpp"

namespace hazgate::app {
namespace {

using namespace std::chrono_literals;
using core::DeviceIndex;
using core::EnterpriseIndex;
using core::Flag;
using core::Sample;
using test::at;
namespace json = boost::json;

/// The example site, and a second enterprise with a workplace, a device and a point of its own.
core::Site two_enterprises() {
  auto site = test::example_site();
  site.areas = {{"north", "北区"}};
  site.enterprises[0].area = "north";
  site.enterprises.push_back({"beta", "Beta Foundry", ""});
  site.workplaces.push_back({"melt", "熔炼", EnterpriseIndex{1}, core::WorkplaceKind::workplace, {}});
  site.devices.push_back({"dust-1", core::BusIndex{0}, core::WorkplaceIndex{2}, 1s, core::PointIndex{3}, 1});
  site.points.push_back({.id = "dust-1.pm",
                         .device = DeviceIndex{2},
                         .workplace = core::WorkplaceIndex{2},
                         .unit = core::Unit::mg_per_m3,
                         .agent = {},
                         .name = {}});
  return site;
}

class LiveBoardTest : public testing::Test {
 protected:
  json::value snapshot(Eyes eyes) const { return json::parse(board.snapshot(eyes, at(1s))); }
  /// Frames of all who watch, by the enterprise that they see.
  std::map<std::string, json::value> take() {
    std::map<std::string, json::value> frames;
    board.take(
        at(1s), [](Eyes) { return true; },
        [&](Eyes eyes, const std::string& frame) {
          frames[eyes ? site.enterprises[core::at(*eyes)].id : "all"] = json::parse(frame);
        });
    return frames;
  }
  json::value tile(const json::value& overview, std::string_view workplace) const {
    for (const auto& area : overview.at("areas").as_array())
      for (const auto& enterprise : area.at("enterprises").as_array())
        for (const auto& tile : enterprise.at("workplaces").as_array())
          if (tile.at("id").as_string() == workplace) return tile;
    return {};
  }
  json::value overview(Eyes eyes = {}) const { return json::parse(board.overview(eyes, at(1s))); }

  const core::Site site = two_enterprises();
  LiveBoard board{site};
  const Eyes acme = EnterpriseIndex{0}, beta = EnterpriseIndex{1};
};

TEST_F(LiveBoardTest, ADeltaTellsWhatChangedAndASnapshotAll) {
  board.on_frame(DeviceIndex{0}, at(0s), std::array{Sample{1.5}, Sample{20}});
  board.on_frame(DeviceIndex{2}, at(0s), std::array{Sample{0.2}});
  EXPECT_EQ(take().at("all").at("values"), json::parse(R"([[0,1.5,"N"],[1,20,"N"],[3,0.2,"N"]])"));
  EXPECT_EQ(take().at("all").at("values").as_array().size(), 0U) << "it was told";
  board.on_frame(DeviceIndex{0}, at(1s), std::array{Sample{1.5}, Sample{21}});
  const auto delta = take().at("all");
  EXPECT_EQ(delta.at("values"), json::parse(R"([[1,21,"N"]])"));
  EXPECT_EQ(delta.at("times"), json::parse("[[0,1795464001000]]")) << "a device that was polled, also without a change";
  EXPECT_EQ(snapshot({}).at("values").as_array().size(), 3U) << "who never gave anything is not in it";
}

TEST_F(LiveBoardTest, NumbersItsFramesSoThatALostOneIsSeen) {
  EXPECT_EQ(snapshot({}).at("seq"), 0);
  EXPECT_EQ(take().at("all").at("seq"), 1);
  EXPECT_EQ(snapshot({}).at("seq"), 1);
  EXPECT_EQ(take().at("all").at("seq"), 2);
}

TEST_F(LiveBoardTest, AnEnterpriseSeesItsOwnAndNothingElse) {
  board.on_frame(DeviceIndex{0}, at(0s), std::array{Sample{1.5}, Sample{20}});
  board.on_frame(DeviceIndex{2}, at(0s), std::array{Sample{0.2}});
  board.on_alarm(test::toluene_alarm());
  auto of_bus = test::silent_device_alarm();
  of_bus.number = 9;
  of_bus.subject = core::AlarmSubject::bus;
  of_bus.index = 0;
  board.on_alarm(of_bus);
  board.on_status(R"({"broker":"down"})");
  EXPECT_EQ(snapshot(acme).at("values").as_array().size(), 2U);
  EXPECT_EQ(snapshot(acme).at("alarms").as_array().size(), 1U);
  EXPECT_EQ(snapshot(acme).at("status"), nullptr);
  EXPECT_EQ(snapshot(beta).at("values"), json::parse(R"([[3,0.2,"N"]])"));
  EXPECT_EQ(snapshot(beta).at("alarms").as_array().size(), 0U);
  const auto frames = take();
  EXPECT_EQ(frames.at("beta").at("values").as_array().size(), 1U);
  EXPECT_EQ(frames.at("beta").at("times").as_array().size(), 1U);
  EXPECT_EQ(frames.at("beta").at("alarms").as_array().size(), 0U);
  EXPECT_FALSE(frames.at("beta").as_object().contains("status"));
  EXPECT_EQ(frames.at("all").at("alarms").as_array().size(), 2U);
  EXPECT_THAT(board.overview(beta, at(1s)), testing::Not(testing::HasSubstr("acme")));
}

TEST_F(LiveBoardTest, AnAlarmThatHasEndedIsToldOnceMoreAndLeaves) {
  auto alarm = test::toluene_alarm();
  board.on_alarm(alarm);
  EXPECT_EQ(take().at("all").at("alarms").at(0).at("ended"), false);
  EXPECT_NE(board.alarm_at(core::PointIndex{0}), nullptr);
  alarm.level = core::Level::none;
  alarm.state = core::AlarmState::normal;
  board.on_alarm(alarm);
  EXPECT_EQ(take().at("all").at("alarms").at(0).at("ended"), true);
  EXPECT_EQ(snapshot({}).at("alarms").as_array().size(), 0U);
  EXPECT_EQ(board.alarm_at(core::PointIndex{0}), nullptr);
}

TEST_F(LiveBoardTest, OfAnAlarmThatChangedTwiceBetweenTwoFramesTheLastWordIsTold) {
  auto alarm = test::toluene_alarm();
  board.on_alarm(alarm);
  alarm.revision = 3;
  board.on_alarm(alarm);
  const auto alarms = take().at("all").at("alarms").as_array();
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].at("revision"), 3);
}

TEST_F(LiveBoardTest, APointThatSaysNothingIsSilentAndNotWell) {
  EXPECT_EQ(tile(overview(), "paint").at("silent"), 2) << "never read";
  board.on_frame(DeviceIndex{0}, at(0s), std::array{Sample{1.5}, Sample{20, Flag::below_loq}});
  EXPECT_EQ(tile(overview(), "paint").at("silent"), 0);
  for (const auto flag : {Flag::device_fault, Flag::link_lost, Flag::calibrating, Flag::maintenance, Flag::stopped}) {
    board.on_frame(DeviceIndex{0}, at(0s), std::array{Sample{1.5}, Sample{20, flag}});
    EXPECT_EQ(tile(overview(), "paint").at("silent"), 1) << static_cast<char>(flag);
  }
  board.on_frame(DeviceIndex{0}, at(0s), std::array{Sample{1.5}, Sample{20, Flag::over_range}});
  EXPECT_EQ(tile(overview(), "paint").at("silent"), 0) << "at least so much is known";
}

TEST_F(LiveBoardTest, ATileShowsTheWorstThatNobodyHasSilenced) {
  auto exceed = test::toluene_alarm();
  auto notice = test::silent_device_alarm();
  notice.index = 0;
  board.on_alarm(exceed);
  board.on_alarm(notice);
  EXPECT_EQ(tile(overview(), "paint").at("level").as_string(), "exceed");
  EXPECT_EQ(tile(overview(), "paint").at("worst").at("id").as_string(), "gw-01-7");
  EXPECT_EQ(tile(overview(), "paint").at("unacknowledged"), 2);
  EXPECT_EQ(tile(overview(), "gate").at("level").as_string(), "none");
  exceed.state = core::AlarmState::shelved;
  exceed.shelved_until = at(1h);
  board.on_alarm(exceed);
  EXPECT_EQ(tile(overview(), "paint").at("level").as_string(), "notice");
  EXPECT_EQ(tile(overview(), "paint").at("alarms").at("exceed"), 0);
}

TEST_F(LiveBoardTest, AnEnterpriseWithoutAnAreaIsSeenAllTheSame) {
  EXPECT_EQ(overview().at("areas").as_array().size(), 2U);
  EXPECT_EQ(tile(overview(), "melt").at("id").as_string(), "melt");
}

TEST_F(LiveBoardTest, AnInstrumentInTroubleSaysWhyInBothLanguages) {
  board.on_frame(DeviceIndex{2}, at(0s), std::array{Sample{core::no_value, Flag::link_lost, core::Doubt::no_answer}});
  ASSERT_TRUE(board.trouble(DeviceIndex{2}));
  EXPECT_EQ(board.trouble(DeviceIndex{2})->zh, "无应答");
  EXPECT_EQ(board.trouble(DeviceIndex{2})->en, "no answer");
  board.on_frame(DeviceIndex{2}, at(1s), std::array{Sample{1}});
  EXPECT_FALSE(board.trouble(DeviceIndex{2}));
  EXPECT_FALSE(board.trouble(DeviceIndex{0})) << "it was never asked";
}

}  // namespace
}  // namespace hazgate::app
