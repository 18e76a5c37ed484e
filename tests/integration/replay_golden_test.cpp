// Real recordings through the built program: cases/replayed-<what>/ has the configuration, what plays on its point
// (play.csv: a recording of tests/data, asked every period_s from `begin`, times scale plus offset; at `end` nobody
// answers, and every shift is over), and expected.txt: the exposure records and the alarm history as they stand in the
// store afterwards.
//
// How the expected figures were checked, once: another program (Python, intervals of time out of play.csv and the
// recording, with the limits, set points and delays of the README and the clauses typed into it) gave each of the six
// files line by line, and each file begins with what was worked out on paper. Where one has to change, do both again.
// (The lines "missed" came later, and with them the numbers of revisions: by hand, from the targets of the README.)
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/chrono.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "support/process.hpp"
#include "support/recording.hpp"

namespace hazgate::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::sys_seconds;

const fs::path cases = SOURCE_DIR "/tests/cases";

std::vector<std::string> replayed_cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{cases}) {
    if (fs::exists(entry.path() / "play.csv")) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string text_of(sys_seconds at) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(at)); }

/// The rows of play.csv as the input of a replay.
std::string readings(const fs::path& play) {
  std::vector<std::pair<sys_seconds, std::string>> rows;
  for (const auto& row : table(play)) {
    const Recording recording{.file = row.at("file"), .column = row.at("column"), .time = row.at("time")};
    const auto begin = iso(row.at("begin")), end = iso(row.at("end"));
    for (const auto& [second, value] : asked(recording, std::stol(row.at("period_s")))) {
      const auto at = begin + std::chrono::seconds(second);
      const double shown = value * figure(row, "scale") + figure(row, "offset");
      rows.emplace_back(at, fmt::format("{},{},{},\n", text_of(at), row.at("point"),
                                        std::isnan(value) ? "" : fmt::format("{}", shown)));
    }
    rows.emplace_back(end, fmt::format("{},{},,B\n", text_of(end), row.at("point")));
  }
  std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.first; });
  std::string text = "t,point,value,flag\n";
  for (const auto& row : rows) text += row.second;
  return text;
}

/// "name=value", times as words, figures to six digits; nothing where nothing is.
std::string shown(const std::string& name, const SQLite::Column& column) {
  if (column.isNull() || column.getString().empty()) return "";
  std::string value = column.getString();
  if (name == "at" || name.ends_with("_at"))
    value = text_of(std::chrono::floor<std::chrono::seconds>(
        std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(column.getInt64()))));
  if (column.isFloat()) value = fmt::format("{:.6g}", column.getDouble());
  return fmt::format(" {}={}", name, value);
}

std::string line(SQLite::Statement& row, const std::string& head, const std::vector<std::string>& columns) {
  std::string text = head;
  for (const auto& name : columns) text += shown(name, row.getColumn(name.c_str()));
  return text + "\n";
}

std::string stored(const fs::path& file) {
  SQLite::Database store(file.string());
  std::string text;
  SQLite::Statement exposure(store, "SELECT * FROM exposure ORDER BY begin_at, shift, point");
  while (exposure.executeStep()) {
    text += line(exposure, "exposure", {"point", "shift", "begin_at", "end_at", "agent", "final"});
    text += line(exposure, " ", {"rule", "limit_value", "reduction_factor", "limit_at"});
    text += line(exposure, " ", {"twa_so_far", "twa", "at_least", "mean", "week", "ratio", "class"});
    text += line(exposure, " ", {"stel_max", "stel_max_at", "stel_at_least", "max", "max_at"});
    text += line(exposure, " ", {"episodes", "longest_minutes", "closest_minutes"});
    text += line(exposure, " ", {"measured_s", "over_range_s", "fault_s", "link_lost_s", "missing_s"});
    text += line(exposure, " ", {"verdict", "breaches"});
  }
  SQLite::Statement alarm(store, "SELECT * FROM alarm_history ORDER BY id");
  while (alarm.executeStep()) {
    // Nobody answers in a replay: each target that the level has is missed at its moment.
    if (alarm.getColumn("change").getString() == "target_missed") {
      text += line(alarm, "missed", {"number", "revision", "subject", "note", "highest", "detected_at", "changed_at"});
      continue;
    }
    text += line(alarm, "alarm", {"number", "revision", "subject", "level", "state", "detected_at", "changed_at"});
    text += line(alarm, " ", {"basis", "value", "peak", "at_least", "limit_kind", "limit_value", "limit_unit"});
  }
  return text;
}

/// Without the lines that begin with "#".
std::string expected(const fs::path& file) {
  std::ifstream in(file);
  EXPECT_TRUE(in) << file;
  std::string text;
  for (std::string one; std::getline(in, one);) {
    if (!one.starts_with('#')) text += one + "\n";
  }
  return text;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsWhatTheBuiltProgramMakesOfTheRecording) {
  const TemporaryFolder folder;
  const auto input = folder.write("readings.csv", readings(cases / GetParam() / "play.csv"));
  for (const char* name : {"limits", "voc116.csv", "profiles"})
    fs::create_symlink(fs::path(SOURCE_DIR) / "config" / name, folder.path() / name);
  fs::copy_file(cases / GetParam() / "gateway.toml", folder.path() / "gateway.toml");
  Process process({HAZGATE_PROGRAM, "replay", "--config", (folder.path() / "gateway.toml").string(), "--input",
                   input.string(), "--data-dir", (folder.path() / "data").string()});
  ASSERT_EQ(process.wait(std::chrono::seconds(60)), 0) << process.output();
  EXPECT_EQ(stored(folder.path() / "data" / "hazgate.sqlite"), expected(cases / GetParam() / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(Replay, Golden, testing::ValuesIn(replayed_cases()), [](const auto& one) {
  std::string name = one.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace hazgate::test
