#include "feed/alarm_text.hpp"

#include <gmock/gmock.h>

#include <set>

#include "example_site.hpp"
#include "feed/reason_text.hpp"

namespace hazgate::feed {
namespace {

using namespace test;
using testing::HasSubstr;

Phrase text_of(const core::Alarm& alarm) { return alarm_text(example_site(), alarm); }

TEST(Phrase, SaysWhatHowMuchAgainstWhichLimitWhereAndSinceWhen) {
  auto text = text_of(toluene_alarm());
  EXPECT_EQ(text.zh,
            "超标：甲苯 15 分钟均值 120 mg/m³ 超过 PC-STEL 100 mg/m³（GBZ 2.1-2019 Table 1），岗位：喷漆间，"
            "自 2026-11-23 20:00:00（UTC）起");
  EXPECT_EQ(text.en,
            "Exceedance: Toluene 15 min mean 120 mg/m³ exceeds PC-STEL 100 mg/m³ (GBZ 2.1-2019 Table 1) at 喷漆间, "
            "since 2026-11-23 20:00:00 (UTC)");
}

TEST(Phrase, WhatIsUnusualIsHeldAgainstTheUsualAndNamesWhoMakesItUp) {
  auto alarm = unusual_alarm();
  auto text = text_of(alarm);
  EXPECT_EQ(text.zh,
            "提示：甲苯 932 mg/m³ 高于该时段常值 234 mg/m³（前 14 日同时段中位数，稳健 z = 11.2），"
            "主要成分：乙烷 24.6 %、间/对-二甲苯 12.5 %、1-2-3 3.1 %，岗位：喷漆间，自 2026-11-23 20:00:00（UTC）起");
  EXPECT_EQ(
      text.en,
      "Notice: Toluene 932 mg/m³ is above the usual 234 mg/m³ at this hour (median of the last 14 days, robust z = "
      "11.2), mainly Ethane 24.6 %, m/p-Xylene 12.5 %, 1-2-3 3.1 % at 喷漆间, since 2026-11-23 20:00:00 (UTC)");
  alarm.level = core::Level::none;
  alarm.basis = core::Basis::reading;
  alarm.value = 200;
  alarm.returned_at = at(2h);
  text = text_of(alarm);
  EXPECT_EQ(text.zh,
            "恢复：甲苯 现为 200 mg/m³，最高 932 mg/m³，报警时该时段常值 234 mg/m³，岗位：喷漆间，历时 2 小时 0 分");
  EXPECT_EQ(
      text.en,
      "Returned: Toluene now 200 mg/m³, peak 932 mg/m³, usual 234 mg/m³ at the hour of the alarm at 喷漆间, lasted 2 "
      "h 0 min");
}

TEST(Phrase, OfHeatIsAboutAMeanAndKnowsNoPartOfATemperature) {
  auto site = example_site();
  site.agents[0] = {.id = "wbgt:75:III", .name_zh = "高温（WBGT）", .name_en = "Heat (WBGT)"};
  site.agents[0].limits = {{core::LimitKind::wbgt, 28, core::Unit::degree_celsius, "GBZ 2.2-2007 Table 8"}};
  site.points[0].unit = core::Unit::degree_celsius;
  auto alarm = toluene_alarm();
  alarm.basis = core::Basis::twa;
  alarm.value = 28.03;
  alarm.limit = site.agents[0].limits[0];
  EXPECT_EQ(alarm_text(site, alarm).zh,
            "超标：高温（WBGT） 本班至今 均值 28.03 °C 超过 WBGT 28 °C（GBZ 2.2-2007 Table 8），岗位：喷漆间，"
            "自 2026-11-23 20:00:00（UTC）起");
  EXPECT_EQ(alarm_text(site, alarm).en,
            "Exceedance: Heat (WBGT) mean of the shift so far 28.03 °C exceeds WBGT 28 °C (GBZ 2.2-2007 Table 8) at "
            "喷漆间, since 2026-11-23 20:00:00 (UTC)");
  alarm.basis = core::Basis::twa_projected;
  alarm.level = core::Level::notice;
  alarm.value = 27.8;
  EXPECT_THAT(alarm_text(site, alarm).zh, HasSubstr("预计本班结束时 均值 27.8 °C 接近 WBGT 28 °C"));
  EXPECT_THAT(alarm_text(site, alarm).en,
              HasSubstr("mean forecast for the end of the shift 27.8 °C approaches WBGT 28 °C"));
}

TEST(Phrase, ALevelOfTvocNamesWhoMakesItUpToo) {
  auto alarm = toluene_alarm();
  alarm.contributors = {{"74-84-0", 0.5}};
  EXPECT_THAT(text_of(alarm).zh, HasSubstr("（GBZ 2.1-2019 Table 1），主要成分：乙烷 50 %，岗位"));
  EXPECT_THAT(text_of(alarm).en, HasSubstr("(GBZ 2.1-2019 Table 1), mainly Ethane 50 % at"));
}

TEST(Phrase, TellsTheTimeAsTheClocksOfTheSiteDo) {
  struct Row {
    std::chrono::seconds offset;
    const char *zh, *en;
  };
  auto site = example_site();
  for (const auto& [offset, zh, en] :
       {Row{8h, "，自 2026-11-24 04:00:00（UTC+8）起", ", since 2026-11-24 04:00:00 (UTC+8)"},
        Row{5h + 30min, "，自 2026-11-24 01:30:00（UTC+5:30）起", ", since 2026-11-24 01:30:00 (UTC+5:30)"},
        Row{-(3h + 30min), "，自 2026-11-23 16:30:00（UTC-3:30）起", ", since 2026-11-23 16:30:00 (UTC-3:30)"},
        Row{-30min, "，自 2026-11-23 19:30:00（UTC-0:30）起", ", since 2026-11-23 19:30:00 (UTC-0:30)"},
        Row{0s, "，自 2026-11-23 20:00:00（UTC）起", ", since 2026-11-23 20:00:00 (UTC)"}}) {
    site.utc_offset = [offset = offset](core::Timestamp) { return offset; };
    for (const auto& alarm : {toluene_alarm(), silent_device_alarm()}) {
      EXPECT_THAT(alarm_text(site, alarm).zh, testing::EndsWith(zh));
      EXPECT_THAT(alarm_text(site, alarm).en, testing::EndsWith(en));
    }
  }
}

TEST(Phrase, TakesTheOffsetOfTheMomentThatItTells) {
  auto site = example_site();
  const auto alarm = toluene_alarm();
  site.utc_offset = [](core::Timestamp t) { return t == toluene_alarm().detected_at ? 2h : 1h; };
  EXPECT_THAT(alarm_text(site, alarm).en, HasSubstr("(UTC+2)"));
}

TEST(Phrase, AnIndexHasNoUnit) {
  auto alarm = toluene_alarm();
  alarm.basis = core::Basis::mixture;
  alarm.value = 1.04;
  alarm.limit = {core::LimitKind::mixture, 1, core::Unit::one, "GBZ 2.1-2019 A.3.2.2"};
  EXPECT_THAT(text_of(alarm).en,
              HasSubstr("Toluene and others, mixture index 1.04 exceeds MIXTURE 1 (GBZ 2.1-2019 A.3.2.2)"));
  EXPECT_THAT(text_of(alarm).zh, HasSubstr("甲苯 等联合作用指数 1.04 超过 MIXTURE 1（GBZ 2.1-2019 A.3.2.2）"));
}

TEST(Phrase, AWarningBelowTheLimitNeverClaimsThatTheLimitIsExceeded) {
  auto alarm = toluene_alarm();
  alarm.level = core::Level::warning;
  alarm.value = 99.99;
  auto text = text_of(alarm);
  EXPECT_THAT(text.en, HasSubstr("Warning: Toluene 15 min mean 99.99 mg/m³ has reached 99 % of PC-STEL 100 mg/m³"));
  EXPECT_THAT(text.zh, HasSubstr("预警：甲苯 15 分钟均值 99.99 mg/m³ 已达 PC-STEL 100 mg/m³ 的 99 %"));
}

TEST(Phrase, DecibelsAreNotGivenAsAShareOfTheirLimit) {
  auto alarm = toluene_alarm();
  alarm.index = 2;
  alarm.basis = core::Basis::reading;
  alarm.level = core::Level::warning;
  alarm.value = 81.04;
  alarm.limit = {core::LimitKind::lex_8h, 85, core::Unit::db_a, "GBZ 2.2"};
  auto text = text_of(alarm);
  EXPECT_THAT(text.en, HasSubstr("Noise 81 dB(A) approaches LEX_8h 85 dB(A)"));
  EXPECT_THAT(text.zh, HasSubstr("噪声 81 dB(A) 接近 LEX_8h 85 dB(A)（GBZ 2.2），场所：厂界"));
}

TEST(Phrase, APointThatIsJudgedAsNoAgentGoesByItsNameOrItsId) {
  auto site = example_site();
  auto alarm = toluene_alarm();
  alarm.index = 1;
  alarm.basis = core::Basis::reading;
  alarm.limit = {core::LimitKind::site, 40, core::Unit::degree_celsius, ""};
  EXPECT_THAT(alarm_text(site, alarm).en, HasSubstr("voc-1.temperature 120"));
  site.points[1].name = "烘箱温度";
  EXPECT_THAT(alarm_text(site, alarm).zh, HasSubstr("烘箱温度 120"));
  EXPECT_THAT(alarm_text(site, alarm).zh, HasSubstr("超过 本单位限值 40"));
}

TEST(Phrase, OverRangeIsAtLeastAndNotAFigure) {
  auto alarm = toluene_alarm();
  alarm.at_least = true;
  EXPECT_THAT(text_of(alarm).en, HasSubstr("15 min mean at least 120 mg/m³ exceeds")) << "proved by the dose so far";
  alarm.basis = core::Basis::reading;
  EXPECT_THAT(text_of(alarm).en, HasSubstr("at least 120 mg/m³ (over range) exceeds"));
  EXPECT_THAT(text_of(alarm).zh, HasSubstr("至少 120 mg/m³（超量程） 超过"));
  alarm.value = 80;  // the instrument ends below the limit: nothing is proved
  EXPECT_THAT(text_of(alarm).en, HasSubstr("may exceed PC-STEL"));
  alarm.value = core::no_value;
  EXPECT_THAT(text_of(alarm).zh, HasSubstr("超量程 可能超过 PC-STEL"));
}

TEST(Phrase, AReturnedAlarmTellsItsPeakAndHowLongItLasted) {
  auto alarm = toluene_alarm();
  alarm.level = core::Level::none;
  alarm.state = core::AlarmState::returned_unacknowledged;
  alarm.value = 40;
  alarm.returned_at = at(200s);
  EXPECT_THAT(text_of(alarm).en,
              HasSubstr("Returned: Toluene 15 min mean now 40 mg/m³, peak 120 mg/m³, limit PC-STEL"));
  EXPECT_THAT(text_of(alarm).en, HasSubstr("lasted 3 min 20 s"));
  EXPECT_THAT(text_of(alarm).zh, HasSubstr("历时 3 分 20 秒"));
}

TEST(Phrase, ADeviceThatDoesNotAnswerIsSaidInWords) {
  auto alarm = silent_device_alarm();
  EXPECT_EQ(text_of(alarm).en,
            "Notice: device slm-1 gives no valid data: no answer, a refusal or a sensor fault at 厂界, since "
            "2026-11-23 20:00:00 (UTC)");
  EXPECT_EQ(text_of(alarm).zh,
            "提示：设备 slm-1 无有效数据：无应答、拒绝或传感器故障，场所：厂界，自 2026-11-23 20:00:00（UTC）起");
  alarm.level = core::Level::none;
  alarm.returned_at = at(7500s);
  EXPECT_EQ(text_of(alarm).en, "Returned: device slm-1 gives valid data again at 厂界, after 2 h 5 min");
}

core::Alarm device_alarm(const core::Reason& why) {
  auto alarm = silent_device_alarm();
  alarm.limit = core::as_limit(why);
  alarm.value = why.value;
  return alarm;
}

TEST(Phrase, ADeviceSaysWhyAndAtWhichPoint) {
  using core::Doubt;
  auto site = example_site();
  site.points[1].name = "烘箱温度";
  const auto en = [&](const core::Reason& why) { return alarm_text(site, device_alarm(why)).en; };
  const auto zh = [&](const core::Reason& why) { return alarm_text(site, device_alarm(why)).zh; };
  const core::Reason stuck{.doubt = Doubt::stuck, .point = "slm-1.la", .value = 63.2, .bound = 600};
  EXPECT_THAT(en(stuck), HasSubstr("no valid data: slm-1.la has shown the same value, 63.2 dB(A), for 10 min at 厂界"));
  EXPECT_THAT(zh(stuck), HasSubstr("无有效数据：slm-1.la 示值 63.2 dB(A) 已 10 分钟不变，场所：厂界"));
  const core::Reason jump{.doubt = Doubt::rate, .point = "voc-1.temperature", .value = 90, .bound = 2.5};
  EXPECT_THAT(en(jump), HasSubstr("烘箱温度 (voc-1.temperature) went to 90 °C, a change of more than 2.5 °C a"));
  EXPECT_THAT(zh(jump), HasSubstr("烘箱温度（voc-1.temperature） 突变至 90 °C，变化快于每秒 2.5 °C"));
  const core::Reason below{.doubt = Doubt::below_range, .point = "voc-1.toluene", .value = -7, .bound = 0};
  EXPECT_THAT(en(below), HasSubstr("voc-1.toluene shows -7 mg/m³, less than it can measure (0 mg/m³)"));
  EXPECT_THAT(zh({.doubt = Doubt::no_answer}), HasSubstr("无有效数据：无应答，"));
  EXPECT_THAT(en({.doubt = Doubt::error_value, .point = "gone.x"}), HasSubstr("gone.x shows an error code at"));
}

TEST(Phrase, EveryDoubtIsSaidInBothLanguages) {
  const auto site = example_site();
  std::set<std::string> said;
  for (auto i = static_cast<int>(core::Doubt::none) + 1; i < static_cast<int>(core::Doubt::disagreement); ++i) {
    const auto text = reason_text(site, {.doubt = static_cast<core::Doubt>(i), .point = "slm-1.la"});
    EXPECT_TRUE(said.insert(text.zh).second && said.insert(text.en).second) << text.en;
  }
}

TEST(Phrase, TwoInstrumentsThatDisagreeAreNamedWithTheirMeans) {
  auto alarm = device_alarm({.doubt = core::Doubt::disagreement,
                             .point = "voc-1.toluene",
                             .other = "slm-1.la",
                             .value = 1.04,
                             .bound = 0.3125});
  EXPECT_THAT(text_of(alarm).en, HasSubstr("Notice: two instruments disagree: the mean of voc-1.toluene is 1.04 mg/m³, "
                                           "that of slm-1.la is 0.312 dB(A) at 厂界, since"));
  EXPECT_THAT(text_of(alarm).zh,
              HasSubstr("两台仪器示值不一致：voc-1.toluene 均值 1.04 mg/m³，slm-1.la 均值 0.312 dB(A)"));
  alarm.level = core::Level::none;
  alarm.returned_at = at(7500s);
  EXPECT_EQ(text_of(alarm).en, "Returned: voc-1.toluene and slm-1.la agree again at 厂界, after 2 h 5 min");
}

TEST(Rounded, HasThreeSignificantDigitsAndNoExponent) {
  EXPECT_EQ(rounded(120.34), "120");
  EXPECT_EQ(rounded(1.2345), "1.23");
  EXPECT_EQ(rounded(0.012345), "0.0123");
  EXPECT_EQ(rounded(12345.6), "12346");
  EXPECT_EQ(rounded(0.5), "0.5");
  EXPECT_EQ(rounded(0), "0");
  EXPECT_EQ(rounded(-0.0001), "-0.0001");
}

TEST(Rounded, NeverMovesAFigureAcrossOrOntoItsLimit) {
  EXPECT_EQ(rounded(100.004, 100), "100.004");
  EXPECT_EQ(rounded(99.996, 100), "99.996");
  EXPECT_EQ(rounded(100, 100), "100");
  EXPECT_EQ(rounded(0.30000000000000004, 0.3), "0.30000000000000004");
}

}  // namespace
}  // namespace hazgate::feed
