// Replaying what was stored gives the same alarms and exposure records, bit for bit; a restart in between changes
// nothing but the outage.
#include "app/replay.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "example_life.hpp"
#include "support/gateway_folder.hpp"

namespace hazgate::app {
namespace {

namespace fs = std::filesystem;

struct Replayed : testing::Test, test::GatewayFolder {
  Replayed() : GatewayFolder("replay", life_config) {}
};

TEST_F(Replayed, GivesTheSameAlarmsAndRecordsAlsoAcrossARestart) {
  live(settings("live"), 0, 500);
  live(settings("live"), 520, 900);  // away for 200 s
  int told = 0;
  replay(settings("again"), {folder / "live" / "hazgate.sqlite", folder / "again"},
         [&](const auto&, const auto&) { ++told; });
  EXPECT_GT(told, 5);
  EXPECT_EQ(rows("again", test::alarm_history), rows("live", test::alarm_history));
  EXPECT_EQ(rows("again", test::exposure_records), rows("live", test::exposure_records));
  EXPECT_NE(rows("live", test::exposure_records).find("exceeds"), std::string::npos) << "something was judged";
  EXPECT_EQ(rows("live", "SELECT count(*) FROM exposure WHERE final = 1"), "2|\n") << "the shift has ended";
}

/// Sorted by time is enough: the readings of a device make one frame wherever they stand.
TEST_F(Replayed, TakesTheRowsOfATimeInAnyOrder) {
  std::ofstream(folder / "gateway.toml", std::ios::app) << R"(
[[device]]
id = "dust"
bus = "b"
unit = 3
profile = "trolex-tx8005"
period = "10s"
address_base = 0
)";
  const auto frames = [&](const std::string& data, const std::vector<const char*>& points) {
    std::string csv = "t,point,value\n";
    for (int s = 0; s < 60; s += 10)
      for (const auto* point : points)
        csv += "2026-11-23T00:00:" + std::to_string(s + 10) + "Z," + point + "," + std::to_string(40 + s) + "\n";
    std::ofstream(folder / "in.csv") << csv;
    replay(settings(data), {folder / "in.csv", folder / data}, [](const auto&, const auto&) {});
    return rows(data, "SELECT layout, at, hex(samples) FROM frame ORDER BY at, layout");
  };
  const auto grouped = frames("grouped", {"slm.la", "dust.pm_a", "dust.pm_b", "dust.humidity"});
  EXPECT_EQ(frames("mixed", {"dust.humidity", "slm.la", "dust.pm_b", "dust.pm_a"}), grouped);
  EXPECT_EQ(std::count(grouped.begin(), grouped.end(), '\n'), 12);
}

TEST_F(Replayed, CountsTheFramesThatItCannotRead) {
  live(settings("live"), 0, 50);
  {
    SQLite::Database store((folder / "live" / "hazgate.sqlite").string(), SQLite::OPEN_READWRITE);
    store.exec("UPDATE frame SET samples = x'03' WHERE id IN (10, 20)");  // as a later version may write
  }
  const auto summary = replay(settings("again"), {folder / "live" / "hazgate.sqlite", folder / "again"},
                              [](const auto&, const auto&) {});
  EXPECT_EQ(summary.frames, 98u);
  EXPECT_EQ(summary.damaged_frames, 2u);
}

TEST_F(Replayed, NamesTheLineOfABadRecording) {
  const auto said = [&](const std::string& csv) -> std::string {
    std::ofstream(folder / "in.csv") << csv;
    fs::remove_all(folder / "out");
    try {
      replay(settings("out"), {folder / "in.csv", folder / "out"}, [](const auto&, const auto&) {});
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "taken";
  };
  const std::string head = "t,point,value,flag\n", row = "2026-11-23T00:00:10Z,slm.la,80,N\n";
  EXPECT_EQ(said(head + row), "taken");
  EXPECT_NE(said("").find("in.csv:0: is empty"), std::string::npos);
  EXPECT_NE(said("time,point\n").find("in.csv:1: expected the header"), std::string::npos);
  EXPECT_NE(said(head + row + "2026-11-23T00:00:09Z,slm.la,80,N\n").find(":3: goes back in time"), std::string::npos);
  EXPECT_NE(said(head + row + "2026-11-23T00:00:10Z,pid.gas,1,N\n2026-11-23T08:00:10+08:00,slm.la,80,N\n")
                .find(":4: \"slm.la\" has a value of this time already, in line 2; remove one of the two"),
            std::string::npos);
  EXPECT_EQ(said(head + row + "2026-11-23T00:00:11Z,slm.la,80,N\n"), "taken");
  EXPECT_NE(said(head + "2026-11-23T00:00:09Z,slm.lb,80,N\n").find(":2: \"slm.lb\" is no point"), std::string::npos);
  EXPECT_NE(said(head + "2026-11-23T00:00:09Z,slm.la,nan,N\n").find("no finite number"), std::string::npos);
  EXPECT_NE(said(head + "2026-11-23T00:00:09Z,slm.la,80,X\n").find("no flag"), std::string::npos);
  EXPECT_NE(said(head + "yesterday,slm.la,80,N\n").find("no time"), std::string::npos);
  EXPECT_NE(said(head + ",slm.la,80,N\n").find(":2: \"\" is no time"), std::string::npos);
  EXPECT_NE(said(head + "2026-11-23T00:00:09Z,slm\r\x1b,80\n").find("\"slm\\x0d\\x1b\" is no point"),
            std::string::npos);
}

}  // namespace
}  // namespace hazgate::app
