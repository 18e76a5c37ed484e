// What people really hand in: `replay` and `evaluate` answer each bad input with one line that names the place, exit
// code 2 and bounded memory. HAZGATE_TEST_LINES=10000000 makes the long ones as long as the promise is (ordinarily
// 100,000, for the time of the suite).
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "support/process.hpp"

namespace hazgate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* site = R"([gateway]
id = "gw"
site = "park"
[[bus]]
id = "b"
transport = "tcp"
host = "127.0.0.1"
[[device]]
id = "slm"
bus = "b"
unit = 1
profile = "generic-rs-zs-n01"
period = "1s"
)";

struct Replaying {
  TemporaryFolder folder;
  fs::path config = folder.write("gateway.toml", site);
  fs::path data = folder.path() / "data";
  Replaying() {
    for (const char* name : {"limits", "voc116.csv", "profiles"})
      fs::create_symlink(fs::path(SOURCE_DIR) / "config" / name, folder.path() / name);
  }
  Answer run(const fs::path& input, std::chrono::milliseconds timeout = std::chrono::seconds(60)) const {
    return answer_of({HAZGATE_PROGRAM, "replay", "--config", config.string(), "--input", input.string(), "--data-dir",
                      data.string()},
                     {}, timeout);
  }
};

void expect_one_line_and_two(const Answer& answer, const std::string& begin, const std::string& part) {
  EXPECT_EQ(answer.code, 2) << answer.text;
  EXPECT_EQ(answer.lines, 1) << answer.text;
  EXPECT_THAT(answer.text, StartsWith(begin));
  EXPECT_THAT(answer.text, HasSubstr(part));
}

struct Bad {
  const char* what;
  std::string csv, said;  ///< behind the name of the file
};
void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.what; }

const std::string head = "t,point,value,flag\n", good = "2026-11-23T00:00:01Z,slm.la,80,N\n";

class BadRecording : public testing::TestWithParam<Bad> {};
TEST_P(BadRecording, IsOneLineThatNamesItsPlaceAndTwo) {
  const Replaying replaying;
  const auto input = replaying.folder.write("in.csv", GetParam().csv);
  expect_one_line_and_two(replaying.run(input), "hazgate: " + input.string() + ":", "in.csv:" + GetParam().said);
}
INSTANTIATE_TEST_SUITE_P(
    Replay, BadRecording,
    testing::Values(
        Bad{"empty", "", "0: is empty; expected the header t,point,value,flag\n"},
        Bad{"blank line", "\n", "1: expected the header"}, Bad{"no header", good, "1: expected the header"},
        Bad{"another separator", "t;point;value\n", "1: expected the header"},
        Bad{"a byte order mark", "\xEF\xBB\xBF" + head, "1: expected the header"},
        Bad{"a unit of its own", "t,point,value,unit\n", "1: expected the header"},
        Bad{"binary", std::string("\x00\x01\xFE\n", 4), "1: expected the header"},
        Bad{"NaN", head + good + "2026-11-23T00:00:02Z,slm.la,NaN,N\n", "3: \"NaN\" is no finite number\n"},
        Bad{"infinity", head + "2026-11-23T00:00:02Z,slm.la,inf,N\n", "2: \"inf\" is no finite number\n"},
        Bad{"too large", head + "2026-11-23T00:00:02Z,slm.la,1e999,N\n", "2: \"1e999\" is no finite number\n"},
        Bad{"a unit behind it", head + "2026-11-23T00:00:02Z,slm.la,80 dB,N\n", "2: \"80 dB\" is no finite number\n"},
        Bad{"a decimal comma", head + "2026-11-23T00:00:02Z,slm.la,80,5,N\n", "2: \"5,N\" is no flag"},
        Bad{"an empty value that counts", head + "2026-11-23T00:00:02Z,slm.la,,N\n", "2: flag N needs a value\n"},
        Bad{"an unknown flag", head + "2026-11-23T00:00:02Z,slm.la,80,n\n", "2: \"n\" is no flag"},
        Bad{"an unknown point", head + "2026-11-23T00:00:02Z,slm.lb,80,N\n", "2: \"slm.lb\" is no point"},
        Bad{"back in time", head + good + "2026-11-23T00:00:00Z,slm.la,80,N\n", "3: goes back in time; sort the rows"},
        Bad{"twice at a time", head + good + "2026-11-23T08:00:01+08:00,slm.la,81,N\n",
            "3: \"slm.la\" has a value of this time already, in line 2; remove one of the two\n"},
        Bad{"no zone", head + "2026-11-23T00:00:02,slm.la,80,N\n", "2: \"2026-11-23T00:00:02\" is no time"},
        Bad{"no such day", head + "2026-02-30T00:00:02Z,slm.la,80,N\n", "2: \"2026-02-30T00:00:02Z\" is no time"},
        Bad{"one word", head + "good morning\n", "2: \"good morning\" is no time"},
        Bad{"a control character", head + "2026-11-23T00:00:02Z,a\rb\x1b[2J,80,N\n", "2: \"a\\x0db\\x1b[2J\" is no"},
        Bad{"a line without an end", head + std::string(5'000'000, '8'), "2: is longer than 1000 bytes"}));

struct BadSite {
  const char* what;
  std::string more;
  std::string said;
};
void PrintTo(const BadSite& bad, std::ostream* out) { *out << bad.what; }
class BadConfiguration : public testing::TestWithParam<BadSite> {};
TEST_P(BadConfiguration, IsOneLineThatNamesItsPlaceAndTwo) {
  const Replaying replaying;
  std::ofstream(replaying.config, std::ios::app) << GetParam().more;
  const auto input = replaying.folder.write("in.csv", head + good);
  expect_one_line_and_two(replaying.run(input), replaying.config.string() + ":", GetParam().said);
  EXPECT_FALSE(fs::exists(replaying.data));
}
INSTANTIATE_TEST_SUITE_P(
    Replay, BadConfiguration,
    testing::Values(BadSite{"an unknown agent", "[[device.point]]\nmeasure = \"la\"\nagent = \"nois\"\n", "noise"},
                    BadSite{"another dimension", "[[device.point]]\nmeasure = \"la\"\nunit = \"mg/m3\"\n", "mg/m3"},
                    BadSite{"no TOML", "[[device\n", "gateway.toml:14"}));

TEST(ReplayOf, WhatIsNoRecordingSaysSoInOneLine) {
  const TemporaryFolder folder;
  const auto garbage = folder.write("garbage.sqlite", std::string(100'000, 'x'));
  for (const auto& [path, said] : {std::pair{folder.path() / "nothing.csv", "nothing.csv:0: cannot be read"},
                                   {folder.path(), ":0: cannot be read"},
                                   {garbage, "not a database"},
                                   {folder.path() / "nothing.sqlite", "nothing.sqlite: cannot be read"}})
    expect_one_line_and_two(Replaying().run(path), "hazgate: ", said);
}

TEST(ReplayOf, ARecordingIntoAStoreThatIsThereAlreadyTouchesNothing) {
  const Replaying replaying;
  const auto input = replaying.folder.write("in.csv", head + good);
  EXPECT_EQ(replaying.run(input).code, 0);
  expect_one_line_and_two(replaying.run(input), "hazgate: " + replaying.data.string(), "there is a store already");
}

/// A store of three readings.
struct Exporting : Replaying {
  Exporting() {
    const auto input =
        folder.write("in.csv", head + good + "2026-11-23T00:00:02Z,slm.la,81,N\n2026-11-23T02:00:03Z,slm.la,82,N\n");
    EXPECT_EQ(run(input).code, 0);
  }
  Answer told(const std::string& options) const {
    return answer_of(
        {"sh", "-c",
         fmt::format("'{}' export --store '{}' {}", HAZGATE_PROGRAM, (data / "hazgate.sqlite").string(), options)});
  }
};

TEST(ExportOf, TimesInTheWrongOrderAndAWrongStoreAreBadInput) {
  const Exporting exporting;
  expect_one_line_and_two(exporting.told("--from 2026-11-23T02:00:00Z --to 2026-11-23T01:00:00Z"),
                          "hazgate export: ", "--from is after --to");
  const auto nothing = exporting.told("--from 2026-12-01T00:00:00Z 2>&1 >/dev/null");
  EXPECT_EQ(nothing.code, 0);
  EXPECT_EQ(nothing.text,
            "hazgate export: 0 readings: those that the store holds are from 2026-11-23T00:00:00.000Z to "
            "2026-11-23T03:00:00.000Z\n");
  const auto taken = exporting.folder.write("taken.csv", "mine");
  expect_one_line_and_two(exporting.told("--output " + taken.string()),
                          "hazgate export: ", "there is such a file already; give another name");
  EXPECT_EQ(fs::file_size(taken), 4U);
}

TEST(ExportOf, AFullDiskIsNamedAndAReaderThatHasEnoughIsNoMistake) {
  const Exporting exporting;
  const auto full = exporting.told("> /dev/full");
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.text, HasSubstr("No space left on device; free some space"));
  const auto left = exporting.told("| true");
  EXPECT_EQ(left.text, "");
}

TEST(ExportOf, DamagedPollsGivesTheOthersAndOne) {
  const Exporting exporting;
  SQLite::Database(exporting.data / "hazgate.sqlite", SQLite::OPEN_READWRITE)
      .exec("UPDATE frame SET samples = x'ff' WHERE id = 3");
  const auto file = exporting.folder.path() / "out.csv";
  const auto answer = exporting.told("--output " + file.string());
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.text, HasSubstr("1 polls are damaged in the store, and are missing: of the hours that begin at "
                                     "2026-11-23T02:00:00.000Z"));
  EXPECT_GT(fs::file_size(file), 40U);
}

TEST(RunOf, ASummaryThatCannotBeWrittenDoesNotBegin) {
  const Replaying replaying;
  expect_one_line_and_two(answer_of({HAZGATE_PROGRAM, "run", "--config", replaying.config.string(), "--seconds", "5",
                                     "--summary", (replaying.folder.path() / "none" / "x").string()}),
                          "hazgate run: --summary ", "No such file or directory");
}

long many_lines() {
  const char* wanted = std::getenv("HAZGATE_TEST_LINES");
  return wanted == nullptr ? 100'000 : std::max(1L, std::atol(wanted));
}
std::string time_after(long seconds) {
  return fmt::format("2026-{:02}-{:02}T{:02}:{:02}:{:02}Z", 1 + seconds / 86400 / 28, 1 + seconds / 86400 % 28,
                     seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}
/// The sanitizers' own memory is not the program's.
void expect_little_memory(const Answer& answer, [[maybe_unused]] long kib) {
  testing::Test::RecordProperty("resident_kib", std::to_string(answer.usage.peak_resident_kib));
  testing::Test::RecordProperty("cpu_seconds", std::to_string(answer.usage.cpu_seconds));
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(answer.usage.peak_resident_kib, kib);
#endif
}

TEST(ReplayOf, ManyLinesTakesNoMoreMemoryThanOfFewAndNamesTheLastOne) {
  const Replaying replaying;
  const auto input = replaying.folder.path() / "in.csv";
  std::ofstream out(input);
  out << head;
  const auto lines = many_lines();
  for (long i = 0; i < lines; ++i) out << time_after(i) << ",slm.la," << 60 + i % 30 << ",\n";
  out << time_after(lines) << ",slm.la,loud,\n";
  out.close();
  const auto answer = replaying.run(input, std::chrono::minutes(5));
  EXPECT_EQ(answer.code, 2);
  const auto last = answer.text.rfind('\n', answer.text.size() - 2) + 1;  // behind the alarms of what came before
  EXPECT_EQ(answer.text.substr(last),
            fmt::format("hazgate: {}:{}: \"loud\" is no finite number\n", input.string(), lines + 2));
  expect_little_memory(answer, 64 * 1024);
}

/// Beyond two million readings, or 128 MiB, that is said; below it the last reading has no number.
TEST(EvaluateOf, ManyReadingsEndsWithTheFirstThatCannotBeTakenAndBoundedMemory) {
  const auto lines = many_lines();
  const auto answer = answer_of({HAZGATE_PROGRAM, "evaluate", "--limits", SOURCE_DIR "/config"}, [&](Process& process) {
    std::string piece = R"({"agent":"noise","hours_per_day":24,"shift_start":"2026-01-01T00:00:00Z","readings":[)";
    for (long i = 0; i < lines; ++i) {
      piece += fmt::format("{{\"t\":\"{}\",\"value\":{}}},\n", time_after(i * 86400 / lines), 60 + i % 30);
      if (piece.size() < 1U << 16U) continue;
      if (!process.write(piece)) return;
      piece.clear();
    }
    process.write(piece + R"({"t":"2026-01-02T00:00:00Z","value":NaN}]})");
  });
  const bool within = lines < 2'000'000;
  expect_one_line_and_two(answer,
                          "hazgate evaluate: ", within ? "there is no such number in JSON" : "expected at most");
  if (within) {
    EXPECT_THAT(answer.text, HasSubstr(fmt::format("(line {})", lines + 1)));
  }
  expect_little_memory(answer, 256 * 1024);
}

}  // namespace
}  // namespace hazgate::test
