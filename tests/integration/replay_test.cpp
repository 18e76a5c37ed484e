// The command as a user runs it on recordings: what it prints, and what it says of a bad file.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/process.hpp"

namespace hazgate::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A dust monitor read once a minute from 08:00 on, an hour longer than its shift of eight hours, out of use from
/// 10:00 to 13:30.
std::string day_with_a_long_stop() {
  std::string csv = "t,point,value,flag\n";
  for (int minute = 0; minute < 540; ++minute) {
    const bool stopped = minute >= 120 && minute < 330;
    csv += fmt::format("2026-11-23T{:02}:{:02}:00Z,dust.pm_a,{}\n", 8 + minute / 60, minute % 60,
                       stopped ? ",F" : "0.5,N");
  }
  return csv;
}

class ReplayCommand : public testing::Test {
 protected:
  int run(const std::string& input, const std::string& config = SOURCE_DIR "/config/workday.toml") {
    Process process({HAZGATE_PROGRAM, "replay", "--config", config, "--input", input, "--data-dir",
                     (folder.path() / "data").string()});
    const auto code = process.wait(std::chrono::seconds(60)).value_or(-1);
    process.wait_for("\n", std::chrono::seconds(5));
    said = process.output();
    return code;
  }
  TemporaryFolder folder;
  std::string said;
};

TEST_F(ReplayCommand, ShowsEveryKindOfAlarmAndTheRecordsOfTheDemonstration) {
  EXPECT_EQ(run(SOURCE_DIR "/tests/data/workday.toml"), 0);
  EXPECT_THAT(said, AllOf(HasSubstr("notice    twa_projected  PC-TWA    dust.pm_a\n"),
                          HasSubstr("warning   twa            ACTION    noise.la\n"),
                          HasSubstr("exceed    twa            LEX_8h    noise.la\n"),
                          HasSubstr("notice    baseline       SITE      voc.tvoc\n"), HasSubstr("合格 Compliant\n"),
                          HasSubstr("\nreadings=233332\n")));
}

TEST_F(ReplayCommand, AShiftOfWhichTooMuchIsMissingIsOneAlarmFromThatMomentToItsEnd) {
  for (const char* name : {"limits", "voc116.csv", "profiles"})
    std::filesystem::create_symlink(std::filesystem::path(SOURCE_DIR) / "config" / name, folder.path() / name);
  const auto config = folder.write(
      "gateway.toml",
      "[gateway]\nid = \"gw\"\nsite = \"park\"\ntimezone = \"Etc/UTC\"\nlanguage = \"en\"\n"
      "[[shift]]\nid = \"day\"\nstart = \"08:00\"\nhours = 8\ndays = [\"mon\"]\n[[workplace]]\nid = \"hall\"\n"
      "[[bus]]\nid = \"b\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\n[[device]]\nid = \"dust\"\nbus = \"b\"\n"
      "unit = 1\nprofile = \"trolex-tx8005\"\nperiod = \"60s\"\naddress_base = 0\n"
      "[[device.point]]\nmeasure = \"pm_a\"\nagent = \"dust:49:total\"\n");
  EXPECT_EQ(run(folder.write("day.csv", day_with_a_long_stop()).string(), config.string()), 0);
  // A quarter of eight hours was lost at 12:00, and the shift's record closes at 16:00.
  EXPECT_THAT(said, HasSubstr("2026-11-23 12:00:00  notice    coverage       SITE      coverage\n    Notice: 1 point "
                              "lacks so much of its shift that it cannot be judged (below 75 %)"));
  EXPECT_THAT(said, HasSubstr("2026-11-23 16:00:00  returned  -              -         coverage\n"));
}

TEST_F(ReplayCommand, SaysWhatIsWrongWithAFileInOneLineAndLeavesNoStore) {
  const auto play = [&](const std::string& point, const std::string& file) {
    folder.write("day.toml", "from = \"2026-11-23T08:00:00+08:00\"\n[[play]]\npoint = \"" + point + "\"\nfile = \"" +
                                 file + "\"\ncolumn = \"v\"\ninterval = \"1s\"\n");
    return run((folder.path() / "day.toml").string());
  };
  folder.write("r.csv", "v\n1\n2\n");
  EXPECT_EQ(play("dust.pm_x", "r.csv"), 2);
  EXPECT_THAT(said, HasSubstr("day.toml:3:9: play[0].point: \"dust.pm_x\" is not a point of the configuration"));
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
  EXPECT_EQ(play("dust.pm_a", "gone.csv"), 2);
  EXPECT_THAT(said, HasSubstr("day.toml:4:8: play[0].file: "));
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
  EXPECT_EQ(run((folder.path() / "gone.toml").string()), 2);
  EXPECT_THAT(said, HasSubstr("gone.toml: no such file"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data"));
  EXPECT_EQ(play("dust.pm_a", "r.csv"), 0) << said;
}

}  // namespace
}  // namespace hazgate::test
