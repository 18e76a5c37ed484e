#include "app/export.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "app/keeper.hpp"
#include "app/replay.hpp"
#include "example_life.hpp"
#include "storage/backup.hpp"
#include "support/gateway_folder.hpp"

namespace hazgate::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Exported : testing::Test, test::GatewayFolder {
  Exported() : GatewayFolder("export", life_config) {}
  std::string text(ExportOptions options) {
    options.store = folder / "live" / "hazgate.sqlite";
    std::ostringstream out;
    summary = export_readings(options, out, [this](double part) { last_part = part; });
    return out.str();
  }
  static core::Timestamp poll(int i) { return core::Timestamp(std::chrono::seconds(life_begins + 10 * i)); }
  ExportSummary summary;
  double last_part = 0;
};

TEST_F(Exported, GivesUnitsFlagsAndEveryDigit) {
  live(settings("live"), 0, 3);
  const auto csv = text({});
  EXPECT_THAT(csv, StartsWith("t,point,value,unit,flag\n2026-11-22T23:50:00.000Z,pid.gas,"));
  EXPECT_THAT(csv, HasSubstr("Z,slm.la,"));
  EXPECT_THAT(csv, HasSubstr(",dB(A),N\n"));
  EXPECT_EQ(summary.readings, static_cast<std::uint64_t>(std::ranges::count(csv, '\n') - 1));
  EXPECT_EQ(last_part, 1);
  const auto json = text({.format = ExportFormat::jsonl});
  EXPECT_THAT(json, StartsWith(R"({"t":"2026-11-22T23:50:00.000Z","point":"pid.gas","value":)"));
  EXPECT_THAT(json, HasSubstr(R"~(,"unit":"dB(A)","flag":"N"})~"));
}

TEST_F(Exported, AsksForSomePointsAndATime) {
  live(settings("live"), 0, 800);
  const auto csv = text({.points = {"slm.la"}, .from = poll(100), .to = poll(700)});
  EXPECT_EQ(summary.readings, 600U);
  EXPECT_EQ(csv.find("pid.gas"), std::string::npos);
  EXPECT_EQ(text({.from = poll(900)}), "t,point,value,unit,flag\n");
  try {
    text({.points = {"slm.lb"}});
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("\"slm.lb\" names no point of"));
    EXPECT_THAT(e.what(), HasSubstr("slm.la"));
  }
}

TEST_F(Exported, IsTheSameOfACompactedStore) {
  live(settings("live"), 0, 1200);
  const auto before = text({});
  const auto kept = settings("live");
  {
    Writer writer(kept);
    Keeper(kept, writer, Keeper::NotStarted{}).keep_house(poll(1190), {});
  }
  EXPECT_NE(rows("live", "SELECT count(*) FROM chunk"), "0|\n");
  EXPECT_EQ(text({}), before);
}

TEST_F(Exported, IsTakenByReplayWithItsUnits) {
  live(settings("live"), 0, 900);
  std::ofstream(folder / "out.csv") << text({});
  replay(settings("again"), {folder / "out.csv", folder / "again"}, [](const auto&, const auto&) {});
  EXPECT_EQ(rows("again", test::alarm_history), rows("live", test::alarm_history));
  const auto other = "t,point,value,unit,flag\n2026-11-23T00:00:10Z,slm.la,80,ppm,N\n";
  std::ofstream(folder / "other.csv") << other;
  try {
    replay(settings("other"), {folder / "other.csv", folder / "other"}, [](const auto&, const auto&) {});
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("other.csv:2: slm.la is in \"ppm\"; the configuration has it in dB(A)"));
  }
}

TEST_F(Exported, IntoAFileIsWholeOrNotThere) {
  live(settings("live"), 0, 800);
  const ExportOptions options{.store = folder / "live" / "hazgate.sqlite"};
  const auto file = folder / "out" / "x.csv";
  std::filesystem::create_directories(file.parent_path());
  const auto left = [&] { return std::filesystem::is_empty(file.parent_path()) ? "nothing" : "something"; };
  const auto stop = [](double) { throw OutputFailed("stopped"); };
  EXPECT_THROW(export_to_file(options, file, stop), OutputFailed);
  EXPECT_STREQ(left(), "nothing");

  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto signals = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 40'000, .rlim_max = before.rlim_max};  // a file that may not grow is a full disk
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string said;
  try {
    export_to_file(options, file, [](double) {});
  } catch (const OutputFailed& e) {
    said = e.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, signals);
  EXPECT_THAT(said, HasSubstr("File too large; free some space on that disk"));
  EXPECT_STREQ(left(), "nothing");

  const auto all = text({});
  export_to_file(options, file, [](double) {});
  std::ostringstream written;
  written << std::ifstream(file).rdbuf();
  EXPECT_EQ(written.str(), all);
  EXPECT_THROW(export_to_file(options, file, [](double) {}), storage::StoreError) << "there is such a file already";
}

TEST_F(Exported, OfNothingSaysWhyAndOfDamageWhere) {
  live(settings("live"), 0, 800);
  text({.from = poll(900'000)});
  EXPECT_EQ(summary.why_none,
            "those that the store holds are from 2026-11-22T23:00:00.000Z to 2026-11-23T03:00:00.000Z");
  text({.points = {"slm.la"}, .from = poll(100), .to = poll(100)});
  EXPECT_EQ(summary.why_none, "of these points the store holds none of that time");
  text({});
  EXPECT_EQ(summary.why_none, "");
  EXPECT_THAT(summary.damaged_hours, testing::IsEmpty());
  SQLite::Database(folder / "live" / "hazgate.sqlite", SQLite::OPEN_READWRITE)
      .exec("UPDATE frame SET samples = x'ff' WHERE id IN (SELECT id FROM frame ORDER BY id LIMIT 2)");
  text({});
  EXPECT_EQ(summary.damaged_frames, 2U);
  EXPECT_THAT(summary.damaged_hours, testing::ElementsAre("2026-11-22T23:00:00.000Z"));
}

TEST_F(Exported, BacksUpARunningStoreAndNeverWritesOverAFile) {
  const auto kept = settings("live");
  live(kept, 0, 500);
  Writer running(kept);
  const auto store = folder / "live" / "hazgate.sqlite", copy = folder / "copy" / "hazgate.sqlite";
  std::filesystem::create_directories(copy.parent_path());
  double part = 0;
  storage::back_up(store, copy, [&](double p) { part = p; });
  EXPECT_EQ(part, 1);
  EXPECT_EQ(rows("copy", "SELECT count(*) FROM frame"), rows("live", "SELECT count(*) FROM frame"));
  EXPECT_EQ(rows("copy", test::alarm_history), rows("live", test::alarm_history));
  EXPECT_EQ(rows("copy", "PRAGMA integrity_check"), "ok|\n");
  EXPECT_THROW(storage::back_up(store, copy, [](double) {}), storage::StoreError);
  EXPECT_THROW(storage::back_up(folder / "none.sqlite", folder / "x.sqlite", [](double) {}), storage::StoreError);
  EXPECT_FALSE(std::filesystem::exists(folder / "x.sqlite.part"));
  EXPECT_FALSE(std::filesystem::exists(copy.string() + ".part"));
}

}  // namespace
}  // namespace hazgate::app
