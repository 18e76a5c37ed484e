#include "app/evaluate.hpp"

#include <gtest/gtest.h>

namespace hazgate::app {
namespace {

const settings::LimitTable& limits() {
  static const auto table = [] {
    settings::Problems problems;
    return settings::LimitTable::read({SOURCE_DIR "/config"}, problems);
  }();
  return table;
}

struct Wrong {
  const char *input, *said;
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
    Input, Evaluate,
    testing::Values(
        Wrong{"", "input: is empty"}, Wrong{"{\"agent\":", "ends within the JSON"}, Wrong{"{} {}", "something follows"},
        Wrong{"[1]", "input: is not an object"}, Wrong{"{\"agent\":NaN}", "is not JSON"},
        Wrong{"{\"agent\":\"cas:108-88-3\"}", "expected one of segments, readings, mixture or days"},
        Wrong{R"({"agent":"cas:108-88-3","segments":[]})", "segments: is not a list with something in it"},
        Wrong{R"({"agent":"cas:108-88-3","segments":[{"minutes":0,"value":1}]})",
              "segments[0].minutes: is not above 0"},
        Wrong{R"({"agent":"cas:108-88-3","segments":[{"minutes":1,"value":"1"}]})",
              "segments[0].value: is not a number"},
        Wrong{R"({"agent":"cas:108-88-3","segments":[{"minutes":1,"valu":1}]})",
              "segments[0].valu: is not known; did you mean"},
        Wrong{R"({"agent":"cas:108-88-4","segments":[{"minutes":1,"value":1}]})", "agent: "},
        Wrong{R"({"agent":"cas:108-88-3","segments":[{"minutes":1441,"value":1}]})", "a day has 1440"},
        Wrong{R"({"agent":"noise","hours_per_day":25,"segments":[{"minutes":1,"value":1}]})", "hours_per_day"},
        Wrong{R"({"agent":"noise","readings":[{"t":"2026-01-01T00:00:00Z","value":1}]})", "shift_start: is missing"},
        Wrong{
            R"({"agent":"noise","shift_start":"2026-01-01T00:00:00Z","readings":[{"t":"2026-01-01T00:01:00Z","value":1},{"t":"2026-01-01T00:00:30Z","value":1}]})",
            "readings[1].t: goes back in time"},
        Wrong{
            R"({"agent":"noise","shift_start":"2026-01-01T00:00:00Z","readings":[{"t":"2026-01-01T09:00:00Z","value":1}]})",
            "lies after the shift"},
        Wrong{
            R"({"agent":"noise","shift_start":"2026-02-30T00:00:00Z","readings":[{"t":"2026-01-01T09:00:00Z","value":1}]})",
            "shift_start: \"2026-02-30T00:00:00Z\" is no time"},
        Wrong{R"({"agent":"noise","shift_start":"2026-01-01T00:00:00Z","readings":[{"t":"2026-01-01T00:01:00Z"}]})",
              "readings[0].value: is missing; flag N needs it"}));

struct Right {
  const char *input, *part;
};
class Evaluated : public testing::TestWithParam<Right> {};
TEST_P(Evaluated, Says) {
  const auto out = evaluate(GetParam().input, limits());
  EXPECT_NE(out.find(GetParam().part), std::string::npos) << out;
}
INSTANTIATE_TEST_SUITE_P(
    Answers, Evaluated,
    testing::Values(
        Right{R"({"agent":"cas:71-43-2","segments":[{"minutes":480,"value":3}]})", R"("verdict":"compliant")"},
        Right{R"({"agent":"cas:71-43-2","segments":[{"minutes":480,"value":3}]})", R"("pc_twa":3,"pc_stel":6)"},
        Right{R"({"agent":"dust:49:total","sio2_percent":15,"segments":[{"minutes":480,"value":1.2}]})",
              R"("breaches":["PC-TWA"],"verdict":"exceeds")"},
        Right{R"({"agent":"dust:49:total","sio2_percent":9,"segments":[{"minutes":480,"value":1.2}]})",
              R"("verdict":"compliant")"},
        Right{R"({"agent":"noise","segments":[{"minutes":480,"value":85.03}]})",
              R"("reported":{"lex_8h":85,"note":"judged unrounded)"},
        Right{R"({"agent":"cas:108-88-3","segments":[{"minutes":480,"value":0.1,"below_loq":true}]})",
              R"("reported":{"twa":"<0.1")"},
        Right{R"({"agent":"cas:74-98-6","segments":[{"minutes":480,"value":1}]})", R"("verdict":"no_limit")"},
        Right{R"({"agent":"cas:7783-06-4","segments":[{"minutes":5,"value":10.1}]})", R"("breaches":["MAC"])"},
        Right{R"({"agent":"cas:108-88-3","shift_start":"2026-11-23T08:00:00+08:00","hours_per_day":0.05,"readings":[
                 {"t":"2026-11-23T08:01:00+08:00","value":10},{"t":"2026-11-23T00:02:00Z","value":12,"flag":"C"},
                 {"t":"2026-11-23T00:03:00Z","value":14}]})",
              R"("measured_minutes":2,"below_loq_minutes":0,"over_range_minutes":0,"calibrating_minutes":1,)"}));

}  // namespace
}  // namespace hazgate::app
