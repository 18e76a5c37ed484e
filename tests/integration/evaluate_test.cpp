// The command as a laboratory runs it: the built program, its standard input, one line back and an exit code.
#include <gmock/gmock.h>

#include <fstream>

#include "support/process.hpp"

namespace hazgate::test {
namespace {

using std::chrono::steady_clock;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

Answer evaluate(const std::string& input, std::vector<std::string> more = {"--limits", SOURCE_DIR "/config"}) {
  std::vector<std::string> argv{HAZGATE_PROGRAM, "evaluate"};
  argv.insert(argv.end(), more.begin(), more.end());
  return answer_of(argv, [&](Process& process) { process.write(input); });
}

TEST(EvaluateCommand, PrintsOneLineWhateverTheVerdict) {
  for (const char* value : {"1", "100", "null"}) {
    const auto answer =
        evaluate(std::string(R"({"agent":"cas:71-43-2","segments":[{"minutes":480,"value":)") + value + "}]}\n");
    EXPECT_EQ(answer.code, 0) << answer.text;
    EXPECT_EQ(answer.lines, 1) << answer.text;
    EXPECT_THAT(answer.text, StartsWith(R"({"agent":"cas:71-43-2",)"));
  }
}

class BadInput : public testing::TestWithParam<const char*> {};
TEST_P(BadInput, IsOneLineAndTwo) {
  const auto answer = evaluate(GetParam());
  EXPECT_EQ(answer.code, 2) << answer.text;
  EXPECT_EQ(answer.lines, 1) << answer.text;
  EXPECT_THAT(answer.text, StartsWith("hazgate evaluate: "));
  EXPECT_THAT(answer.text, EndsWith("\n"));
}
INSTANTIATE_TEST_SUITE_P(Evaluate, BadInput,
                         testing::Values("", "\n", "{", "null", "\"\\n\"", "{\"agent\":\"cas:71-43-2\"}",
                                         "\x01\x02\xff",
                                         R"({"agent":"cas:71-43-3","segments":[{"minutes":1,"value":1}]})",
                                         R"({"agent":"cas:71-43-2","segments":[{"minutes":1,"value":NaN}]})",
                                         R"({"agent":"cas:71-43-2","segments":[{"minutes":"1","value":1}]})",
                                         R"({"agent":"a\nb","segments":[{"minutes":1,"value":1}]})",
                                         R"({"agent":"noise","shift_start":"x","readings":[]})"));

TEST(EvaluateCommand, SaysSoWhereTheLimitsAreNot) {
  TemporaryFolder empty;
  const auto answer = evaluate("{}", {"--limits", empty.path().string()});
  EXPECT_EQ(answer.code, 2);
  EXPECT_THAT(answer.text, HasSubstr("no folder limits/"));
  EXPECT_EQ(evaluate("{}", {"--limit", "x"}).code, 2);
}

TEST(EvaluateCommand, HelpHasAnExampleThatWorks) {
  const auto help = evaluate("", {"--help"});
  EXPECT_EQ(help.code, 0);
  const auto begin = help.text.find("echo '") + 6;
  const auto example = help.text.substr(begin, help.text.find('\'', begin) - begin);
  EXPECT_THAT(evaluate(example).text, HasSubstr(R"("twa":40,)"));
}

/// Twelve hours at 23 a second. What is kept goes with the readings, not with their text of 60 MB.
TEST(EvaluateCommand, JudgesAMillionReadingsInLittleTimeAndMemory) {
  constexpr int count = 1'000'000;
  std::string input = R"({"agent":"cas:108-88-3","hours_per_day":12,"shift_start":"2026-01-05T00:00:00Z","readings":[)";
  for (int i = 1; i <= count; ++i) {
    const int ms = static_cast<int>(static_cast<std::int64_t>(i) * 43'200'000 / count);
    char reading[96];
    const int length =
        std::snprintf(reading, sizeof reading, R"(%s{"t":"2026-01-05T%02d:%02d:%02d.%03dZ","value":%d.5,"flag":"N"})",
                      i == 1 ? "" : ",", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000, i % 20);
    input.append(reading, static_cast<std::size_t>(length));
  }
  const auto begun = steady_clock::now();
  const auto answer = evaluate(input + "]}");
  const std::chrono::duration<double> took = steady_clock::now() - begun;
  EXPECT_EQ(answer.code, 0) << answer.text.substr(0, 500);
  EXPECT_THAT(answer.text, HasSubstr(R"("coverage":1,)"));
  EXPECT_THAT(answer.text, HasSubstr(R"("reported":{"twa":15,)"));  // 10 mg/m3 over 12 h, divided by 8 h
  RecordProperty("seconds", std::to_string(took.count()));
  RecordProperty("resident_kb", std::to_string(answer.usage.peak_resident_kib));
  EXPECT_LT(took.count(), 30);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(answer.usage.peak_resident_kib, 200 * 1024) << "kB";
#endif
}

}  // namespace
}  // namespace hazgate::test
