// The command as a user runs it on recordings: what it prints, and what it says of a bad file.
#include <gmock/gmock.h>

#include "support/process.hpp"

namespace hazgate::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ReplayCommand : public testing::Test {
 protected:
  int run(const std::string& input) {
    Process process({HAZGATE_PROGRAM, "replay", "--config", SOURCE_DIR "/config/workday.toml", "--input", input,
                     "--data-dir", (folder.path() / "data").string()});
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
