// Stores as every version left them (tests/data/stores): today's program brings each forward with all it holds, and
// replays it.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <fstream>

#include "storage/database.hpp"
#include "storage/migrate.hpp"
#include "storage/outbox.hpp"
#include "storage/readings.hpp"
#include "support/process.hpp"
#include "support/stored_rows.hpp"

namespace hazgate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path stores = SOURCE_DIR "/tests/data/stores";

/// Counted by hand in what the version wrote.
struct Figures {
  int version;
  std::uint64_t readings, alarm_changes, exposures, owed;
  std::int64_t last_readings_seq, last_alarm_seq;
  std::uint64_t last_alarm;
};
constexpr Figures all[]{{1, 39, 1, 0, 39, 38, 1, 1},  {2, 39, 1, 1, 40, 38, 1, 1},  {3, 39, 1, 1, 40, 38, 1, 1},
                        {4, 39, 1, 1, 40, 38, 1, 1},  {5, 39, 1, 1, 40, 38, 1, 1},  {6, 39, 1, 1, 41, 39, 1, 1},
                        {7, 39, 1, 2, 41, 38, 1, 1},  {8, 39, 1, 2, 42, 38, 1, 1},  {10, 39, 1, 2, 46, 38, 1, 1},
                        {11, 39, 1, 2, 46, 38, 1, 1}, {12, 39, 1, 2, 46, 38, 1, 1}, {13, 39, 1, 2, 46, 38, 1, 1}};

class OldStore : public testing::TestWithParam<Figures> {
 protected:
  OldStore() {
    fs::create_directories(data());
    std::ifstream in(stores / ("schema-" + std::to_string(GetParam().version) + ".sql"));
    const std::string text(std::istreambuf_iterator<char>(in), {});
    SQLite::Database store((data() / "hazgate.sqlite").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store.exec(text);
  }
  fs::path data() const { return folder.path() / "data"; }
  /// What every version has columns for.
  std::string rows() const {
    std::string text;
    for (const auto* query :
         {"SELECT id, layout, at, hex(samples) FROM frame ORDER BY id",
          "SELECT layout, place, point, unit FROM layout_point ORDER BY 1, 2",
          "SELECT number, revision, subject_kind, subject, level, highest, value, peak, at_least, basis, limit_kind, "
          "limit_value, detected_at, warned_at, returned_at, changed_at FROM alarm ORDER BY 1",
          "SELECT id, number, revision, level, value, limit_value, changed_at FROM alarm_history ORDER BY id",
          "SELECT id, lane, retain, topic, hex(payload) FROM outbox ORDER BY id",
          "SELECT stream, last FROM sequence ORDER BY stream", "SELECT seq FROM sqlite_sequence WHERE name='outbox'"})
      text += stored_rows(data(), query);
    if (GetParam().version >= 2)
      text += stored_rows(data(),
                          "SELECT shift, point, begin_at, end_at, day, agent, unit, at, final, rule, limit_value, "
                          "twa_so_far, mean, max, max_at, missing_s, breaches, verdict FROM exposure ORDER BY 1, 2, 3");
    if (GetParam().version >= 3)
      text += stored_rows(data(), "SELECT mixture_index FROM exposure ORDER BY shift, point");
    if (GetParam().version >= 4) text += stored_rows(data(), "SELECT usual_median, usual_z, contributors FROM alarm");
    if (GetParam().version >= 5)
      text += stored_rows(data(), "SELECT stel_at_least FROM exposure ORDER BY shift, point");
    if (GetParam().version >= 6) text += stored_rows(data(), "SELECT text_bytes FROM outbox ORDER BY id");
    if (GetParam().version >= 13)
      text += stored_rows(data(), "SELECT * FROM assessment") + stored_rows(data(), "SELECT * FROM assessment_sample") +
              stored_rows(data(), "SELECT hash, hex(bytes) FROM attachment") +
              stored_rows(data(), "SELECT * FROM duty_done");
    return text;
  }
  std::int64_t number(const std::string& query) const { return std::stoll(stored_rows(data(), query)); }

  TemporaryFolder folder;
};

TEST_P(OldStore, ComesForwardWithAllItHolds) {
  const auto& figures = GetParam();
  ASSERT_EQ(number("PRAGMA user_version"), figures.version);
  const auto before = rows();
  const core::Site site;
  {
    storage::Database database(data() / "hazgate.sqlite");
    EXPECT_EQ(database.schema_version(), storage::newest_schema());
    storage::Readings readings(database, site);
    EXPECT_EQ(readings.count(), figures.readings);
    EXPECT_EQ(readings.damaged_frames(), 0U);
    EXPECT_EQ(storage::Outbox(database).depth().rows, figures.owed);
    EXPECT_EQ(database.handle().execAndGet("PRAGMA integrity_check").getString(), "ok");
  }
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(static_cast<std::uint64_t>(number("SELECT count(*) FROM alarm_history")), figures.alarm_changes);
  EXPECT_EQ(static_cast<std::uint64_t>(number("SELECT count(*) FROM exposure")), figures.exposures);
  EXPECT_EQ(number("SELECT last FROM sequence WHERE stream LIKE '%/readings'"), figures.last_readings_seq);
  EXPECT_EQ(number("SELECT last FROM sequence WHERE stream LIKE '%/alarm'"), figures.last_alarm_seq);
  EXPECT_EQ(static_cast<std::uint64_t>(number("SELECT max(number) FROM alarm")), figures.last_alarm);
}

TEST_P(OldStore, IsReplayedOnceItHasComeForward) {
  { const storage::Database database(data() / "hazgate.sqlite"); }
  const auto replayed = answer_of({"env", "HAZGATE_SHARE=" SOURCE_DIR "/config", HAZGATE_PROGRAM, "replay", "--config",
                                   (stores / "gateway.toml").string(), "--input", (data() / "hazgate.sqlite").string(),
                                   "--data-dir", (folder.path() / "again").string()});
  EXPECT_EQ(replayed.code, 0) << replayed.text;
  EXPECT_THAT(replayed.text, HasSubstr("readings=" + std::to_string(GetParam().readings) + "\n"));
  EXPECT_THAT(replayed.text, HasSubstr("damaged_frames=0\n"));
  EXPECT_GE(std::stoi(stored_rows(folder.path() / "again", "SELECT count(*) FROM alarm WHERE subject='noise-1.la'")),
            1);
}

INSTANTIATE_TEST_SUITE_P(Schema, OldStore, testing::ValuesIn(all),
                         [](const auto& one) { return std::to_string(one.param.version); });

TEST(OldStores, AreKeptOfEveryVersion) {
  for (int version = 1; version <= storage::newest_schema(); ++version) {
    if (version == 9) continue;  // came together with 10: no program ever stopped at it
    EXPECT_TRUE(fs::exists(stores / ("schema-" + std::to_string(version) + ".sql")))
        << "see tests/data/stores/README.md for how one is made";
  }
}

}  // namespace
}  // namespace hazgate::test
