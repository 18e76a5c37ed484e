#include "app/evaluate.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "core/time_text.hpp"

namespace hazgate::app {
namespace {

using namespace std::string_literals;

const settings::LimitTable& limits() {
  static const auto table = [] {
    settings::Problems problems;
    return settings::LimitTable::read({SOURCE_DIR "/config"}, problems);
  }();
  return table;
}

constexpr auto toluene = R"({"agent":"cas:108-88-3",)";
constexpr auto shift = R"({"agent":"noise","shift_start":"2026-01-01T00:00:00Z","readings":[)";

struct Wrong {
  std::string input;
  const char* said;
};
class Evaluate : public testing::TestWithParam<Wrong> {};
TEST_P(Evaluate, SaysWhereTheInputIsWrong) {
  try {
    const auto out = evaluate(GetParam().input, limits());
    FAIL() << "took it: " << out;
  } catch (const BadInput& e) {
    EXPECT_NE(std::string(e.what()).find(GetParam().said), std::string::npos) << e.what();
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Json, Evaluate,
    testing::Values(Wrong{"", "input: is empty"}, Wrong{" \n\t", "input: is empty"},
                    Wrong{"{\"agent\":", "input, byte 9 (line 1): ends within the JSON"},
                    Wrong{"{} {}", "byte 3 (line 1): something follows the object"},
                    Wrong{"[1]", "input: is not an object"}, Wrong{"3", "input: is not an object"},
                    Wrong{"{\n\"agent\":NaN}", "byte 10 (line 2): is not JSON"}, Wrong{"{\"agent\":NaN}", "write null"},
                    Wrong{"{'agent':1}", "strings stand in double quotes"},
                    Wrong{"{\"agent\":\"\xff\"}", "byte 10 (line 1): is not JSON"},
                    Wrong{std::string(100, '[') + std::string(100, ']'), "input: is not an object"},
                    Wrong{"{\"a\\nb\":1}", "a\\x0ab: is not known"}));
INSTANTIATE_TEST_SUITE_P(
    Fields, Evaluate,
    testing::Values(
        Wrong{toluene + R"("hours":8})"s, "hours: is not known"},
        Wrong{R"({"agnet":"noise"})", "agnet: is not known; did you mean \"agent\"?"},
        Wrong{R"({"agent":"noise","agent":"noise"})", "agent: is given twice"},
        Wrong{R"({"agent":["noise"]})", "agent: expected a string"},
        Wrong{R"({"agent":{"a":1}})", "agent: expected a string"},
        Wrong{toluene + R"("segments":3})"s, "segments: expected a list"},
        Wrong{toluene + R"("segments":[[1]]})"s, "segments[0]: is not an object"},
        Wrong{toluene + R"("segments":[3]})"s, "segments[0]: is not an object"},
        Wrong{toluene + R"("segments":[{"minutes":1,"value":"1"}]})"s, "segments[0].value: expected a number, or null"},
        Wrong{toluene + R"("segments":[{"minutes":1,"value":{}}]})"s, "segments[0].value: expected a number"},
        Wrong{toluene + R"("segments":[{"minutes":1,"valu":1}]})"s,
              "segments[0].valu: is not known; did you mean \"value\""},
        Wrong{toluene + R"("segments":[{"minutes":1},{"value":1}]})"s, "segments[1].minutes: is missing"},
        Wrong{toluene + R"("segments":[{"minutes":1,"value":1,"value":2}]})"s, "segments[0].value: is given twice"},
        Wrong{toluene + R"("segments":[{"minutes":1,"value":1e999}]})"s, "segments[0].value: is not a finite number"},
        Wrong{toluene + R"("segments":[{"minutes":0,"value":1}]})"s, "segments[0].minutes: expected more than 0"},
        Wrong{toluene + R"("segments":[{"minutes":1,"below_loq":true}]})"s, "segments[0].value: is missing; below_loq"},
        Wrong{toluene + R"("segments":[{"minutes":1,"exposed":1}]})"s, "segments[0].exposed: expected true or false"},
        Wrong{toluene + R"("adjust":null,"segments":[{"minutes":1,"value":1}]})"s, "adjust: expected true or false"},
        Wrong{toluene + R"("hours_per_day":25})"s, "hours_per_day: expected more than 0 and at most 24"},
        Wrong{toluene + R"("days_per_week":8})"s, "days_per_week: expected one of 1 to 7"},
        Wrong{toluene + R"("sio2_percent":101})"s, "sio2_percent: expected 0 to 100"},
        Wrong{toluene + R"("segments":[],"readings":[]})"s, "readings: expected one of segments, readings"}));
INSTANTIATE_TEST_SUITE_P(
    Meaning, Evaluate,
    testing::Values(
        Wrong{R"({"agent":"noise"})", "input: expected one of segments, readings, mixture or days"},
        Wrong{R"({"segments":[{"minutes":1,"value":1}]})", "agent: is missing"},
        Wrong{R"({"agent":"cas:108-88-4","segments":[{"minutes":1,"value":1}]})", "did you mean \"cas:108-88-3\""},
        Wrong{toluene + R"("segments":[]})"s, "segments: is empty"},
        Wrong{toluene + R"("segments":[{"minutes":1,"value":-1}]})"s, "segments[0].value: -1 is no concentration"},
        Wrong{R"({"agent":"noise","segments":[{"minutes":1,"value":1},{"minutes":1,"value":300}]})",
              "segments[1].value: 300 is no level"},
        Wrong{toluene + R"("segments":[{"minutes":1440,"value":1},{"minutes":1,"value":1}]})"s,
              "1441 minutes; a day has 1440"},
        Wrong{toluene + R"("sio2_percent":5,"segments":[{"minutes":1,"value":1}]})"s,
              "sio2_percent: belongs to a dust"},
        Wrong{toluene + R"("period_s":5,"segments":[{"minutes":1,"value":1}]})"s, "period_s: belongs to readings"},
        Wrong{toluene + R"("days":[]})"s, "days: has 0 entries; expected 1 to 7"},
        Wrong{toluene + R"("days":[{"hours":8}]})"s, "days[0].value: is missing"},
        Wrong{toluene + R"("days_per_week":5,"days":[{"hours":8,"value":1}]})"s, "days_per_week: is 5, but days has 1"},
        Wrong{R"({"agent":"cas:7783-06-4","days":[{"hours":8,"value":1}]})", "days: cas:7783-06-4 has a MAC"},
        Wrong{R"({"mixture":[]})", "mixture: is empty"},
        Wrong{R"({"agent":"wbgt:75:V","segments":[{"minutes":1,"value":28}]})",
              "expected wbgt:<contact time rate 25|50|75|100>:<work class I|II|III|IV>"},
        Wrong{R"({"agent":"wbgt:75:III","segments":[{"minutes":1,"value":300}]})",
              "segments[0].value: 300 is no WBGT; expected -50 to 100 degC"},
        Wrong{R"({"agent":"wbgt:75:III","days":[{"hours":8,"value":28}]})", "days: heat is judged by the day"},
        Wrong{R"({"agent":"wbgt:75:III","outdoor_ventilation_degc":88,"segments":[{"minutes":1,"value":28}]})",
              "outdoor_ventilation_degc: expected 0 to 50"},
        Wrong{toluene + R"("outdoor_ventilation_degc":31,"segments":[{"minutes":1,"value":28}]})"s,
              "outdoor_ventilation_degc: belongs to heat; remove it"},
        Wrong{R"({"mixture":[{"agent":"wbgt:75:III","twa":1}]})", "mixture[0].agent: wbgt:75:III adds to no mixture"},
        Wrong{R"({"mixture":[{"twa":1}]})", "mixture[0].agent: is missing"},
        Wrong{R"({"mixture":[{"agent":"noise","twa":1}]})", "mixture[0].agent: noise adds to no mixture"},
        Wrong{R"({"mixture":[{"agent":"cas:108-88-3"}]})", "mixture[0].twa: is missing"},
        Wrong{R"({"mixture":[{"agent":"gbz:2","twa":1},{"agent":"gbz:2","twa":1}]})",
              "mixture[1].agent: gbz:2 is there already"}));
INSTANTIATE_TEST_SUITE_P(
    Times, Evaluate,
    testing::Values(
        Wrong{R"({"agent":"noise","readings":[{"t":"2026-01-01T00:00:00Z","value":1}]})", "shift_start: is missing"},
        Wrong{shift + R"({"t":"2026-01-01T00:01:00Z","value":60},{"t":"2026-01-01T00:00:30Z","value":60}]})"s,
              "readings[1].t: 2026-01-01T00:00:30.000Z goes back behind readings[0]"},
        Wrong{shift + R"({"t":"2026-01-01T00:01:00Z","value":60},{"t":"2026-01-01T08:01:00+08:00","value":70}]})"s,
              "readings[1].t: 2026-01-01T00:01:00.000Z is the time of readings[0] already; remove one of the two"},
        Wrong{shift + R"({"t":"2026-01-01T09:00:00Z","value":60}]})"s,
              "readings[0].t: 2026-01-01T09:00:00.000Z lies outside"},
        Wrong{shift + R"({"t":"2025-12-31T23:59:59Z","value":60}]})"s,
              "readings[0].t: 2025-12-31T23:59:59.000Z lies outside"},
        Wrong{shift + R"({"t":"2026-01-01T00:01:00","value":60}]})"s,
              "readings[0].t: \"2026-01-01T00:01:00\" is no time"},
        Wrong{shift + R"({"t":"yesterday\n","value":60}]})"s, "is no time; expected RFC 3339"},
        Wrong{shift + R"({"t":"2026-01-01T00:01:00Z"}]})"s, "readings[0].value: is missing"},
        Wrong{shift + R"({"t":"2026-01-01T00:01:00Z","value":null}]})"s, "or a flag that tells why"},
        Wrong{shift + R"({"t":"2026-01-01T00:01:00Z","value":1,"flag":"X"}]})"s, "readings[0].flag: \"X\" is no flag"},
        Wrong{shift + R"({"value":1}]})"s, "readings[0].t: is missing; expected a string"},
        Wrong{R"({"agent":"noise","shift_start":"2026-02-30T00:00:00Z"})",
              "shift_start: \"2026-02-30T00:00:00Z\" is no time"}));

TEST(Evaluate, RefusesWhatIsTooLarge) {
  EXPECT_THROW(evaluate(std::string(most_input + 1, ' '), limits()), BadInput);
  std::string many = toluene + R"("segments":[)"s;
  for (std::size_t i = 0; i <= most_entries; ++i) many += R"({"minutes":1e-9},)";
  try {
    evaluate(many, limits());
    FAIL();
  } catch (const BadInput& e) {
    EXPECT_STREQ(e.what(), "segments[2000000]: expected at most 2000000 entries");
  }
}

/// Cut anywhere, also within a number or a word.
TEST(Evaluate, ReadsPiecesAsItReadsTheWhole) {
  const std::string whole =
      R"({"agent":"cas:108-88-3","hours_per_day":0.05,"shift_start":"2026-11-23T08:00:00+08:00","readings":[)"
      R"({"t":"2026-11-23T08:01:00.5+08:00","value":12.3456789},{"t":"2026-11-23T00:02:00Z","value":1e1,"flag":"L"}]})";
  const auto said = evaluate(whole, limits());
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    EvaluateReader reader;
    reader.feed(std::string_view(whole).substr(0, cut));
    reader.feed(std::string_view(whole).substr(cut));
    const auto input = reader.take();
    ASSERT_EQ(input.readings.size(), 2u);
    EXPECT_EQ(input.readings[0].value, 12.3456789) << cut;
    EXPECT_EQ(input.readings[1].value, 10) << cut;
    EXPECT_EQ(input.readings[1].flag, core::Flag::below_loq) << cut;
    EXPECT_EQ((input.readings[0].at - *input.shift_start).count(), 60'500'000) << cut;
  }
  EXPECT_NE(said.find(R"("max":12.3456789)"), std::string::npos);
}

struct Right {
  std::string input;
  const char* part;
};
class Evaluated : public testing::TestWithParam<Right> {};
TEST_P(Evaluated, Says) {
  const auto out = evaluate(GetParam().input, limits());
  EXPECT_NE(out.find(GetParam().part), std::string::npos) << out;
  EXPECT_EQ(out.find('\n'), std::string::npos);
}
constexpr auto three_minutes =
    R"({"agent":"cas:108-88-3","shift_start":"2026-11-23T08:00:00+08:00","hours_per_day":0.05,"readings":[)";
INSTANTIATE_TEST_SUITE_P(
    Answers, Evaluated,
    testing::Values(
        Right{R"({"agent":"cas:71-43-2","segments":[{"minutes":480,"value":3}]})", R"("verdict":"compliant")"},
        Right{R"({"agent":"cas:71-43-2","segments":[{"minutes":480,"value":3}]})",
              R"("pc_twa":3,"pc_stel":6,"unit":"mg/m3")"},
        Right{R"({"agent":"dust:49:total","sio2_percent":15,"segments":[{"minutes":480,"value":1.2}]})",
              R"("breaches":["PC-TWA"],"verdict":"exceeds")"},
        Right{R"({"agent":"dust:49:total","sio2_percent":15,"segments":[{"minutes":480,"value":1.2}]})",
              "no. 40-1, total dust, for free SiO2 of 15 %"},
        Right{R"({"agent":"dust:49:total","sio2_percent":9,"segments":[{"minutes":480,"value":1.2}]})",
              R"("verdict":"compliant")"},
        Right{R"({"agent":"dust:34-1:total","sio2_percent":15,"segments":[{"minutes":480,"value":0.8}]})",
              R"("agent":"dust:34-1:total","limit":{"pc_twa":0.8)"},  // asbestos stays what it is
        Right{R"({"agent":"noise","segments":[{"minutes":480,"value":85.03}]})",
              R"("reported":{"max":85,"laeq":85,"lex_8h":85,"note":"judged unrounded: lex_8h)"},
        Right{R"({"agent":"noise","segments":[{"minutes":480,"value":85.03}]})", R"("source":"GBZ 2.2-2007 11.2.1"},)"},
        Right{R"({"agent":"cas:71-43-2","adjust":true,"hours_per_day":12,"segments":[{"minutes":720,"value":1.449}]})",
              R"("twa":1.449,"twa_rule":"real_time","pc_twa_adjusted":1.5,"reduction_factor":0.5)"},
        Right{R"({"agent":"cas:71-43-2","adjust":true,"days_per_week":6,"segments":[{"minutes":480,"value":2.349}]})",
              R"("reported":{"twa":2.3,"pc_twa_adjusted":2.3,"stel_max":2.3,"max":2.3,"note":"judged unrounded: twa)"},
        Right{R"({"agent":"cas:71-43-2","segments":[{"minutes":480,"value":2.25}]})", R"("reported":{"twa":2.2,)"},
        Right{R"({"agent":"cas:108-88-3","segments":[{"minutes":480,"value":0.1,"below_loq":true}]})",
              R"("reported":{"twa":"<0.1","stel_max":"<0.1","max":"<0.1"})"},
        Right{R"({"agent":"cas:74-98-6","segments":[{"minutes":480,"value":1}]})", R"("verdict":"no_limit")"},
        Right{R"({"agent":"cas:7783-06-4","segments":[{"minutes":5,"value":10.1}]})", R"("breaches":["MAC"])"},
        Right{R"({"agent":"wbgt:75:III","segments":[{"minutes":90,"value":30},{"minutes":30,"value":26}]})",
              R"({"agent":"wbgt:75:III","limit":{"wbgt":28,"unit":"degC","source":"GBZ 2.2-2007 Table 8, contact )"
              R"(time rate 75 %, work class III"},"max":30,"wbgt":29,"coverage":1,"time":)"},
        Right{R"({"agent":"wbgt:75:III","segments":[{"minutes":90,"value":30},{"minutes":30,"value":26}]})",
              R"("breaches":["WBGT"],"verdict":"exceeds","reported":{"max":30,"wbgt":29}})"},
        Right{R"({"agent":"wbgt:75:III","outdoor_ventilation_degc":31,"segments":[{"minutes":9,"value":29}]})",
              R"("breaches":[],"verdict":"compliant","reported":{"max":29,"wbgt":29}})"},
        Right{R"({"agent":"wbgt:100:IV","segments":[{"minutes":480,"value":25.04}]})",
              R"("reported":{"max":25,"wbgt":25,"note":"judged unrounded: wbgt as rounded here)"},
        Right{R"({"agent":"noise:peak","segments":[{"minutes":1,"value":139}]})",
              R"x("limit":{"peak":140,"unit":"dB(A)")x"},
        Right{R"({"agent":"noise","days":[{"hours":8,"value":84},{"hours":4,"value":84}]})",
              R"("days":[{"hours":8,"lex_8h":84},)"},
        Right{R"({"mixture":[{"agent":"cas:108-88-3","twa":30,"stel_max":null},{"agent":"cas:1330-20-7","twa":25}]})",
              R"("breaches":["MIXTURE"],"verdict":"exceeds","reported":{"mixture_index":1.1})"},
        Right{R"({"agent":"noise","mixture":[{"agent":"cas:108-88-3","twa":30}]})",
              R"("mixture_index":0.6,"mixture_index_twa":0.6)"},
        Right{three_minutes + R"({"t":"2026-11-23T08:01:00+08:00","value":10},
                 {"t":"2026-11-23T00:02:00Z","value":null,"flag":"C"},{"t":"2026-11-23T00:03:00Z","value":14}]})"s,
              R"("measured_minutes":2,"below_loq_minutes":0,"over_range_minutes":0,"calibrating_minutes":1,)"},
        Right{three_minutes + R"({"t":"2026-11-23T00:01:00Z","value":10},{"t":"2026-11-23T00:02:00Z","flag":"T"},
                 {"t":"2026-11-23T00:03:00Z","value":14,"flag":"S"}]})"s,
              R"("at_least":true)"},
        Right{three_minutes + R"({"t":"2026-11-23T00:00:00Z","value":900},{"t":"2026-11-23T00:01:00Z","value":10}]})"s,
              R"("max":900)"},  // at the very beginning: for no time, and yet seen
        Right{three_minutes + R"(]})"s, R"("verdict":"insufficient")"}));

/// What a reading covers, of a shift of an hour.
struct Cover {
  const char* what;
  std::vector<int> at_s;
  double period_s;  ///< 0: not given
  double measured_minutes;
};
class Coverage : public testing::TestWithParam<Cover> {};
TEST_P(Coverage, IsTheTimeSinceTheReadingBeforeAtMostThreePeriods) {
  const auto& p = GetParam();
  std::string input = R"({"agent":"cas:108-88-3","hours_per_day":1,"shift_start":"2026-01-01T00:00:00Z",)";
  if (p.period_s > 0) input += R"("period_s":)" + std::to_string(p.period_s) + ",";
  input += R"("readings":[)";
  for (const int t : p.at_s) {
    char reading[80];
    std::snprintf(reading, sizeof reading, R"(%s{"t":"2026-01-01T00:%02d:%02dZ","value":1})",
                  input.back() == '[' ? "" : ",", t / 60 % 60, t % 60);
    input += reading;
  }
  const auto out = evaluate(input + "]}", limits());
  const auto at = out.find(R"("measured_minutes":)");
  ASSERT_NE(at, std::string::npos) << out;
  EXPECT_NEAR(std::stod(out.substr(at + 19)), p.measured_minutes, 1e-9) << p.what;
}
INSTANTIATE_TEST_SUITE_P(Readings, Coverage,
                         testing::Values(Cover{"each its minute", {60, 120, 180}, 0, 3},
                                         Cover{"first from the shift's begin", {180, 240, 300}, 0, 5},
                                         Cover{"first too late: one period", {181, 241, 301}, 0, 3},
                                         Cover{"three periods", {60, 120, 180, 360}, 0, 6},
                                         Cover{"a longer gap is missing", {60, 120, 180, 600}, 0, 6},
                                         Cover{"period given", {60, 120, 180, 600}, 140, 10},
                                         Cover{"alone, nothing is known of its time", {60}, 0, 0},
                                         Cover{"alone with its period", {60}, 20, 1}));

TEST(TimeText, IsRfc3339AndNothingElse) {
  const auto at = core::time_from("2026-11-23T08:00:00Z");
  ASSERT_TRUE(at);
  for (const char* same : {"2026-11-23T16:00:00+08:00", "2026-11-23t08:00:00z", "2026-11-23 08:00:00.000Z",
                           "2026-11-23T02:30:00-05:30", "2026-11-23T08:00:00.0000009Z"})
    EXPECT_EQ(core::time_from(same), at) << same;
  EXPECT_EQ(*core::time_from("2026-11-23T08:00:00.25Z") - *at, std::chrono::milliseconds(250));
  for (const char* none :
       {"", "2026-11-23", "2026-11-23T08:00:00", "2026-02-29T08:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T-1:00:00Z",
        "2026-11-23T08:00:00.Z", "2026-11-23T08:00:00.5", "2026-11-23T08:00:00+8:00", "2026-11-23T08:00:00+24:00",
        "2026-11-23T08:00:00Z ", "+026-11-23T08:00:00Z", "2026-11-23T08:60:00Z"})
    EXPECT_FALSE(core::time_from(none)) << none;
}

}  // namespace
}  // namespace hazgate::app
