#include "feed/exposure_payload.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "example_site.hpp"
#include "feed/exposure_text.hpp"

namespace hazgate::feed {
namespace {

using namespace test;
using core::Exposure;
namespace json = boost::json;

core::Site site_with_shifts() {
  auto site = example_site();
  site.shifts = {{"day"}, {"night"}};
  site.agents[0].limits.push_back({core::LimitKind::pc_twa, 50, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"});
  site.agents[1].limits = {{core::LimitKind::lex_8h, 85, core::Unit::db_a, "GBZ 2.2-2007 11.2.1"}};
  return site;
}

/// Half of a shift at a third of the limit, with a stretch above it in which the instrument was once over range.
Exposure toluene() {
  Exposure e{.shift = core::ShiftIndex{1},
             .window = {.begin = at(0s), .end = at(8h), .day = 20'780, .week = 20'779},
             .at = at(4h),
             .limit = 25,
             .reduction_factor = 0.5,
             .twa_so_far = 8.3333333333,
             .twa_projected = 16.6666666667,
             .limit_at = at(5h),
             .at_least = true,
             .mean = 16.6666666667,
             .stel_max = 60.5,
             .stel_at_least = 70.5,
             .max = 400,
             .stel_max_at = at(61s),
             .max_at = at(62s)};
  e.episodes = {.count = 1, .longest_minutes = 10.1234567};
  e.mixture_index = 1.25;
  e.ratio = 0.66666666;
  e.exposure_class = core::ExposureClass::class_3;
  e.time = {.measured = 14000.0004,
            .below_loq = 100,
            .over_range = 1,
            .fault = 2,
            .link_lost = 3,
            .calibrating = 4,
            .maintenance = 5,
            .stopped = 6,
            .missing = 7};
  e.breaches.add(core::Breach::pc_stel);
  e.breaches.add(core::Breach::mac);
  e.verdict = core::Verdict::exceeds;
  return e;
}

json::value sent(const core::Site& site, const std::vector<Exposure>& exposures) {
  return json::parse(exposure_message(site, core::WorkplaceIndex{0}, exposures, 7, at(4h)));
}
json::object first(const core::Site& site, const Exposure& exposure) {
  return sent(site, {exposure}).at("exposures").at(0).as_object();
}

TEST(ExposureTopic, IsOnePerWorkplaceAndAConfiguredIdStaysInIt) {
  auto site = example_site();
  EXPECT_EQ(exposure_topic(site, core::WorkplaceIndex{0}), "hazgate/1/fengxian/acme/paint/exposure");
  site.enterprises[0].id = "a/#";
  EXPECT_EQ(exposure_topic(site, core::WorkplaceIndex{0}), "hazgate/1/fengxian/a%2F%23/paint/exposure");
}

TEST(ExposureMessage, CarriesTheWholeRecord) {
  EXPECT_EQ(sent(site_with_shifts(), {toluene()}), json::parse(R"({"v":1,"gateway":"gw-01","seq":7,
    "sent_at":"2026-11-24T00:00:00.000Z","enterprise":"acme","workplace":"paint","exposures":[{
    "point":"voc-1.toluene","agent":"cas:108-88-3","unit":"mg/m3","shift":"night","day":"2026-11-23",
    "begin":"2026-11-23T20:00:00.000Z","end":"2026-11-24T04:00:00.000Z","at":"2026-11-24T00:00:00.000Z","final":false,
    "rule":"8h","limit":{"kind":"PC-TWA","value":25,"unit":"mg/m3","source":"GBZ 2.1-2019 Table 1"},"at_least":true,
    "reduction_factor":0.5,"twa_so_far":8.33333,"twa_projected":16.6667,"limit_at":"2026-11-24T01:00:00.000Z",
    "twa":null,"mean":16.6667,"twa_week":null,"stel_max":60.5,"stel_max_at":"2026-11-23T20:01:01.000Z","stel_at_least":70.5,"mixture_index":1.25,
    "episodes":{"count":1,"longest_minutes":10.1235,"closest_minutes":null},"ratio":0.666667,"class":"III",
    "max":400,"max_at":"2026-11-23T20:01:02.000Z","coverage":0.998004,
    "time_s":{"measured":14000,"below_loq":100,"over_range":1,"fault":2,"link_lost":3,"calibrating":4,"maintenance":5,
    "stopped":6,"missing":7},"breaches":["MAC","PC-STEL"],"verdict":"exceeds","text":{
    "zh":"超标：甲苯 本班至今 C_TWA 至少 8.33 mg/m³，限值 PC-TWA 25 mg/m³（GBZ 2.1-2019 Table 1）；联合作用指数 1.25，限值 1（GBZ 2.1-2019 A.3.2.2）；有效数据 99.8 %；违反：MAC, PC-STEL",
    "en":"Exceeds: Toluene C_TWA so far at least 8.33 mg/m³, limit PC-TWA 25 mg/m³ (GBZ 2.1-2019 Table 1); mixture index 1.25, limit 1 (GBZ 2.1-2019 A.3.2.2); 99.8 % measured; breaches: MAC, PC-STEL"}}]})"));
}

std::string english(const core::Site& site, const Exposure& e) { return exposure_text(site, e).en; }

TEST(ExposureText, SaysWhatWasHeldAgainstWhichLimitAndHowMuchIsKnown) {
  const auto site = site_with_shifts();
  auto e = toluene();
  e.breaches = {};
  e.at_least = false;
  e.mixture_index = core::no_value;
  e.verdict = core::Verdict::compliant;
  EXPECT_EQ(english(site, e),
            "Compliant so far: Toluene C_TWA so far 8.33 mg/m³, limit PC-TWA 25 mg/m³ (GBZ 2.1-2019 "
            "Table 1); 99.8 % measured");
  e.time = {.measured = 7400, .missing = 2600};
  EXPECT_THAT(english(site, e), testing::HasSubstr("C_TWA so far at least 8.33 mg/m³"));
  e.time = toluene().time;
  e.final = true;
  e.twa = 12.5;
  EXPECT_EQ(english(site, e),
            "Compliant: Toluene C_TWA of the shift 12.5 mg/m³, limit PC-TWA 25 mg/m³ (GBZ 2.1-2019 Table 1); "
            "99.8 % measured");
  e.twa = core::no_value;
  e.verdict = core::Verdict::insufficient;
  e.time = {.measured = 7499.9, .missing = 2500.1};
  EXPECT_EQ(english(site, e),
            "Insufficient data to call it compliant: Toluene C_TWA so far at least 8.33 mg/m³, limit PC-TWA 25 mg/m³ "
            "(GBZ 2.1-2019 Table 1); 74.9 % measured");
  EXPECT_EQ(
      exposure_text(site, e).zh,
      "数据不足，不能判定合格：甲苯 本班至今 C_TWA 至少 8.33 mg/m³，限值 PC-TWA 25 mg/m³（GBZ 2.1-2019 Table 1）；"
      "有效数据 74.9 %");
}

TEST(ExposureText, NamesTheFigureOfEachKindOfLimit) {
  auto site = site_with_shifts();
  auto e = toluene();
  e.rule = core::TwaRule::none;
  e.limit = core::no_value;
  EXPECT_THAT(english(site, e), testing::HasSubstr("greatest 15 min mean at least 70.5 mg/m³, limit PC-STEL 100"));
  e.at_least = false;
  EXPECT_THAT(english(site, e), testing::HasSubstr("greatest 15 min mean at least 70.5 mg/m³"));
  e.stel_at_least = core::no_value;
  EXPECT_THAT(english(site, e), testing::HasSubstr("greatest 15 min mean 60.5 mg/m³"));
  e.at_least = true;
  site.agents[0].limits = {{core::LimitKind::mac, 10, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"}};
  EXPECT_THAT(english(site, e), testing::HasSubstr("greatest reading at least 400 mg/m³, limit MAC 10"));
  e.max = core::no_value;
  EXPECT_THAT(english(site, e), testing::HasSubstr("greatest reading below the quantification limit, limit MAC 10"));
  e.time.below_loq = 0;
  EXPECT_THAT(english(site, e), testing::HasSubstr("greatest reading no valid data, limit MAC 10"));
  site.agents[0].limits.clear();
  e.verdict = core::Verdict::no_limit;
  EXPECT_THAT(english(site, e),
              testing::StartsWith("Not judged, there is no limit: Toluene C_TWA so far at least 8.33"));
  e.point = core::PointIndex{2};
  e.rule = core::TwaRule::h40;
  e.limit = 85;
  e.week = 85.03;
  EXPECT_THAT(english(site, e), testing::HasSubstr("Noise L_EX,40h so far at least 85.03 dB(A), limit LEX_8h 85 dB(A)"))
      << "rounded to no figure that complies";
  site.agents[1].id = "noise:peak";
  e.impulses = 120;
  e.max = 131;
  EXPECT_THAT(english(site, e),
              testing::HasSubstr("greatest of 120 peaks 131 dB(A), limit PE 130 dB(A) (GBZ 2.2-2007"));
}

TEST(ExposureMessage, GivesLevelsAndImpulsesTheirOwnNamesAndNoneOfAnother) {
  auto site = site_with_shifts();
  auto noise = toluene();
  noise.point = core::PointIndex{2};
  noise.limit = 85;
  noise.week = 81.5;
  noise.ratio = core::no_value;
  const auto level = first(site, noise);
  for (auto name : {"lex_8h_so_far", "lex_8h_projected", "laeq", "lex_40h"}) EXPECT_TRUE(level.at(name).is_double());
  EXPECT_TRUE(level.at("lex_8h").is_null());
  EXPECT_EQ(level.at("limit").at("kind").as_string(), "LEX_8h");
  site.agents[1].id = "noise:peak";
  noise.impulses = 3;
  const auto impulse = first(site, noise);
  EXPECT_EQ(impulse.at("impulses").as_int64(), 3);
  EXPECT_EQ(impulse.at("max").as_int64(), 400);
  for (auto name :
       {"twa_so_far", "twa", "mean", "stel_max", "stel_at_least", "episodes", "ratio", "class", "reduction_factor"}) {
    EXPECT_FALSE(level.contains(name)) << name;
    EXPECT_FALSE(impulse.contains(name)) << name;
  }
  for (auto name : {"lex_8h_so_far", "laeq", "limit_at"}) EXPECT_FALSE(impulse.contains(name)) << name;
}

core::Site hot_site() {
  auto site = site_with_shifts();
  site.agents[0] = {.id = "wbgt:75:III", .name_zh = "高温（WBGT）", .name_en = "Heat (WBGT)"};
  site.agents[0].limits = {{core::LimitKind::wbgt, 28, core::Unit::degree_celsius, "GBZ 2.2-2007 Table 8"}};
  site.points[0].unit = core::Unit::degree_celsius;
  return site;
}

Exposure hot_shift() {
  auto e = toluene();
  e.rule = core::TwaRule::mean;
  e.limit = 28;
  e.reduction_factor = 1;
  e.twa_so_far = 28.0000001;
  e.twa_projected = 27.5;
  e.limit_at.reset();
  e.max = 33;
  e.at_least = false;
  e.breaches = {};
  e.breaches.add(core::Breach::wbgt);
  e.ratio = e.stel_max = e.stel_at_least = e.mixture_index = core::no_value;
  return e;
}

TEST(ExposureMessage, GivesHeatItsOwnNamesAndNoneOfAnother) {
  const auto heat = first(hot_site(), hot_shift());
  EXPECT_EQ(heat.at("limit"),
            json::parse(R"({"kind":"WBGT","value":28,"unit":"degC","source":"GBZ 2.2-2007 Table 8"})"));
  EXPECT_EQ(heat.at("rule").as_string(), "mean");
  EXPECT_EQ(heat.at("wbgt_so_far").as_double(), 28.0000001) << "not rounded to the limit that it exceeds";
  EXPECT_EQ(heat.at("wbgt_projected").as_double(), 27.5);
  EXPECT_TRUE(heat.at("wbgt").is_null());
  EXPECT_EQ(heat.at("max").as_int64(), 33);
  EXPECT_TRUE(heat.contains("max_at"));
  EXPECT_EQ(heat.at("breaches"), json::parse(R"(["WBGT"])"));
  for (auto name : {"twa_so_far", "twa", "mean", "limit_at", "stel_max", "stel_at_least", "episodes", "ratio", "class",
                    "reduction_factor", "laeq", "impulses", "mixture_index"})
    EXPECT_FALSE(heat.contains(name)) << name;
}

TEST(ExposureText, OfHeatSaysThatAMeanIsOneOnlySoFar) {
  auto e = hot_shift();
  EXPECT_EQ(exposure_text(hot_site(), e).zh,
            "至今超标：高温（WBGT） 本班至今均值 28.0000001 °C，限值 WBGT 28 °C（GBZ 2.2-2007 Table 8）；有效数据 "
            "99.8 %；违反：WBGT");
  e.final = true;
  e.twa = e.twa_so_far = 27.3;
  e.breaches = {};
  e.verdict = core::Verdict::compliant;
  EXPECT_EQ(english(hot_site(), e),
            "Compliant: Heat (WBGT) mean of the shift 27.3 °C, limit WBGT 28 °C (GBZ 2.2-2007 Table 8); 99.8 % "
            "measured");
  e.twa = core::no_value;
  e.time = {.measured = 7000, .missing = 3000};
  EXPECT_THAT(english(hot_site(), e), testing::HasSubstr("mean so far 27.3 °C")) << "a gap makes no lower bound of it";
}

TEST(ExposureMessage, OfAnAgentWithAMacShowsTheMac) {
  auto site = site_with_shifts();
  site.agents[0].limits = {{core::LimitKind::mac, 10, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"}};
  auto e = toluene();
  e.limit = core::no_value;
  EXPECT_EQ(first(site, e).at("limit"),
            json::parse(R"({"kind":"MAC","value":10,"unit":"mg/m3","source":"GBZ 2.1-2019 Table 1"})"));
  site.agents[0].limits.clear();
  EXPECT_TRUE(first(site, e).at("limit").is_null());
  site.points[0].agent.reset();
  EXPECT_TRUE(first(site, e).at("limit").is_null());
}

// Judged unrounded (GB/T 8170-2008 4.3): what is shown must lead whoever compares to the same verdict.
TEST(ExposureMessage, RoundsNoFigureAcrossItsLimit) {
  struct Row {
    double exact, shown;
  };
  auto e = toluene();
  for (const auto& [exact, shown] :
       {Row{25.00000001, 25}, Row{25.0000001, 25.0000001}, Row{24.9999999, 24.9999999}, Row{25.00001, 25.00001},
        Row{25 + 4e-15, 25}, Row{25.0001, 25.0001}, Row{12.345678, 12.3457}, Row{1e-310, 1e-310}, Row{0, 0}}) {
    e.twa_so_far = exact;
    const auto text = exposure_message(site_with_shifts(), core::WorkplaceIndex{0}, {&e, 1}, 1, at(0s));
    const auto place = text.find("\"twa_so_far\":") + 13;
    EXPECT_EQ(std::strtod(text.c_str() + place, nullptr), shown) << exact;
  }
  e.time = {.measured = 7499.9999, .missing = 2500.0001};
  EXPECT_LT(first(site_with_shifts(), e).at("coverage").to_number<double>(), core::least_coverage);
}

TEST(ExposureMessage, KeepsShiftsThatOverlapSideBySide) {
  auto other = toluene();
  other.shift = core::ShiftIndex{0};
  other.final = true;
  const auto message = sent(site_with_shifts(), {toluene(), other});
  const auto& both = message.at("exposures").as_array();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].at("shift").as_string(), "night");
  EXPECT_EQ(both[1].at("shift").as_string(), "day");
  EXPECT_TRUE(both[1].at("final").as_bool());
}

}  // namespace
}  // namespace hazgate::feed
