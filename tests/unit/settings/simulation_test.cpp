// The other end of the lines: the demonstration's own files, and what is said about mistakes.
#include "settings/simulation.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "core/time_text.hpp"
#include "settings/load.hpp"
#include "settings/simulation_recording.hpp"
#include "support/process.hpp"

namespace hazgate::settings {
namespace simulation_test {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path config = fs::path(SOURCE_DIR) / "config" / "gateway.toml";

const modbus::SimulatedDevice* device(const std::vector<modbus::SimulatedBus>& buses, std::string_view id) {
  for (const auto& bus : buses) {
    for (const auto& device : bus.devices) {
      if (device.id == id) return &device;
    }
  }
  return nullptr;
}

class LoadSimulation : public testing::Test {
 protected:
  /// Problems of a simulation.toml, without the folder in front.
  std::vector<std::string> problems(const std::string& text) {
    folder.write("simulation.toml", text);
    auto loaded = load_simulation(config, folder.path());
    std::vector<std::string> all;
    if (loaded) return all;
    for (auto& problem : loaded.error()) {
      problem.file = fs::path(problem.file).filename().string();
      all.push_back(to_string(problem));
    }
    return all;
  }
  const modbus::Track& track(const std::string& play) {
    EXPECT_THAT(problems(play), ElementsAre());
    buses = *load_simulation(config, folder.path());
    return device(buses, "dust-1")->tracks.at(0);
  }
  test::TemporaryFolder folder;
  std::vector<modbus::SimulatedBus> buses;
};

TEST(Demonstration, PlaysARecordingOnEveryInstrument) {
  const auto loaded = load_simulation(config, fs::path(SOURCE_DIR) / "tests" / "data");
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  for (const auto& bus : *loaded) {
    // The relays show what is written to them.
    for (const auto& device : bus.devices) EXPECT_EQ(device.tracks.empty(), device.id == "io-1") << device.id;
  }
  EXPECT_EQ(device(*loaded, "voc-1")->tracks.size(), 45U);
  EXPECT_EQ(device(*loaded, "weather-1")->faults.size(), 1U);
}

/// What the recorded station did not look for must be no mass in TVOC, and no code in the place of a value.
TEST(Demonstration, ACompoundThatNobodyRecordedRestsAtZeroAndNoneShowsACode) {
  const auto loaded = load_simulation(config, fs::path(SOURCE_DIR) / "tests" / "data");
  ASSERT_TRUE(loaded);
  const auto* station = device(*loaded, "voc-1");
  EXPECT_EQ(station->constants.size(), 116U);
  for (const auto& [channel, value] : station->constants) EXPECT_EQ(value, 0) << channel.address;
  for (const auto& track : station->tracks)
    for (const double value : track.values) EXPECT_FALSE(value < 0) << track.channel.address;
}

TEST(Demonstration, AnswersIdentityChecksAndStatesAsAHealthyInstrumentDoes) {
  const auto loaded = load_simulation(config, fs::path(SOURCE_DIR) / "tests" / "data");
  ASSERT_TRUE(loaded);
  std::map<int, double> gas, pid;
  for (const auto& [channel, value] : device(*loaded, "gas-1")->constants) gas[channel.address] = value;
  for (const auto& [channel, value] : device(*loaded, "pid-1")->constants) pid[channel.address] = value;
  EXPECT_EQ(gas.at(10), 4);  // unit is ppm
  EXPECT_EQ(gas.at(6), 1);   // mode normal
  EXPECT_EQ(pid.at(1005), 0x70);
  EXPECT_DOUBLE_EQ(pid.at(1010), 0.53);
}

TEST_F(LoadSimulation, PlaysFromTheStartAskedForAtTheRateAskedForInTheMeasuresOwnUnit) {
  folder.write("r.csv", "elapsed_s,v\n10,1\n20,2\n30,\n40,4\n");
  const auto& played = track(R"([[play]]
point = "dust-1.pm_a"
file = "r.csv"
column = "v"
time = "elapsed_s"
start = "10s"
rate = 10
scale = 2
offset = 1
)");
  EXPECT_THAT(played.seconds, ElementsAre(0, 1, 2));
  EXPECT_THAT(played.values, ElementsAre(5, testing::IsNan(), 9));
  EXPECT_EQ(played.channel.address, 37);
  EXPECT_DOUBLE_EQ(played.scale, 0.001);  // mg/m3 of a raw ug/m3
}

TEST_F(LoadSimulation, TakesThePartAskedForAndBeginsWhenAskedFor) {
  folder.write("r.csv", "elapsed_s,v\n0,1\n10,2\n20,3\n30,4\n40,5\n");
  const std::string play = "[[play]]\npoint=\"dust-1.pm_a\"\nfile=\"r.csv\"\ncolumn=\"v\"\ntime=\"elapsed_s\"\n";
  const auto& played = track(play + "start=\"15s\"\nfor=\"20s\"\nfrom=\"2h\"\n");
  EXPECT_THAT(played.seconds, ElementsAre(0, 5, 15)) << "the value that stands at the start is the first";
  EXPECT_THAT(played.values, ElementsAre(2, 3, 4));
  EXPECT_EQ(played.from, 7200);
}

TEST_F(LoadSimulation, PlaysEachCompoundOfAListOnTheMeasureThatHasIt) {
  folder.write("r.csv", "at,a,b\n0,1,2\n60,3,4\n");
  folder.write("list.csv", "column,cas\na,74-98-6\nb,74-84-0\nwind,\n");
  const std::string play = "[[play]]\ndevice=\"voc-1\"\ncompounds=\"list.csv\"\nfile=\"r.csv\"\ntime=\"at\"\n";
  ASSERT_THAT(problems(play), ElementsAre());
  const auto loaded = load_simulation(config, folder.path());
  const auto& tracks = device(*loaded, "voc-1")->tracks;
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[0].channel.address, 2) << "propane is the second of the station";
  EXPECT_THAT(tracks[0].values, ElementsAre(1, 3));
  EXPECT_EQ(tracks[1].channel.address, 0);
  folder.write("list.csv", "column,cas\nc,74-98-6\nb,7440-37-1\n");
  EXPECT_THAT(problems(play), ElementsAre(HasSubstr("list.csv:2:1: \"c\" is not a column of"),
                                          HasSubstr("\"7440-37-1\" is no compound of \"voc-1\"")));
  EXPECT_THAT(problems("[[play]]\ndevice=\"voc-2\"\ncompounds=\"list.csv\"\nfile=\"r.csv\"\ntime=\"at\"\n"),
              testing::Contains(HasSubstr("simulation.toml:2:8: play[0].device: \"voc-2\" is not a device")));
}

TEST_F(LoadSimulation, ReadsDatesAndRowsWithoutATime) {
  folder.write("r.csv", "at,v\n2025-03-22 23:59:30,1\n2025-03-23T00:00:30Z,2\n");
  EXPECT_THAT(track("[[play]]\npoint=\"dust-1.pm_a\"\nfile=\"r.csv\"\ncolumn=\"v\"\ntime=\"at\"\n").seconds,
              ElementsAre(0, 60));
  EXPECT_THAT(track("[[play]]\npoint=\"dust-1.pm_a\"\nfile=\"r.csv\"\ncolumn=\"v\"\ninterval=\"500ms\"\n").seconds,
              ElementsAre(0, 0.5));
}

TEST_F(LoadSimulation, CannotPlayWhatNoRegisterHas) {
  folder.write("r.csv", "elapsed_s,v\n1,1\n");
  EXPECT_THAT(problems("[[play]]\npoint=\"voc-1.tvoc\"\nfile=\"r.csv\"\ncolumn=\"v\"\ntime=\"elapsed_s\"\n"),
              ElementsAre(HasSubstr("\"voc-1.tvoc\" is derived from other points; no register has it")));
}

TEST_F(LoadSimulation, NamesEveryMistakeWithItsPlaceAndTheNearestWord) {
  folder.write("r.csv", "elapsed_s,value\n1,1\n");
  EXPECT_THAT(
      problems(R"([[play]]
point = "dust-1.pm_aa"
file = "r.csv"
column = "valu"
time = "elapsed_s"
rat = 2
[[play]]
point = "dust-1.pm_a"
file = "missing.csv"
column = "value"
time = "elapsed_s"
[[fault]]
device = "dust-9"
kind = "silense"
)"),
      ElementsAre(HasSubstr("simulation.toml:4:10: play[0].column"), HasSubstr("simulation.toml:6:1: play[0].rat"),
                  AllOf(HasSubstr("simulation.toml:2:9"), HasSubstr("dust-1.pm_a\"")),
                  AllOf(HasSubstr("simulation.toml:9:8"), HasSubstr("no such file")),
                  AllOf(HasSubstr("simulation.toml:14:8"), HasSubstr("silence")),
                  AllOf(HasSubstr("simulation.toml:13:10"), HasSubstr("dust-1"))));
}

TEST_F(LoadSimulation, RefusesRecordingsThatCannotBePlayed) {
  const std::string play = "[[play]]\npoint=\"dust-1.pm_a\"\nfile=\"r.csv\"\ncolumn=\"v\"\ntime=\"t\"\n";
  folder.write("r.csv", "t,v\n2,1\n1,2\n");
  EXPECT_THAT(problems(play), ElementsAre(HasSubstr("r.csv:3:1: goes back in time")));
  folder.write("r.csv", "t,v\n1,x\n");
  EXPECT_THAT(problems(play), ElementsAre(HasSubstr("is not a number")));
  folder.write("r.csv", "t,v\nyesterday,1\n");
  EXPECT_THAT(problems(play), ElementsAre(HasSubstr("neither seconds nor a date")));
  folder.write("r.csv", "t,v\n1,\n");
  EXPECT_THAT(problems(play), ElementsAre(HasSubstr("holds no value")));
  folder.write("r.csv", "t,v\n1,1\n2,1\n");
  EXPECT_THAT(problems(play + "start=\"5s\"\n"), ElementsAre(HasSubstr("after the end")));
  EXPECT_THAT(problems(play + "rate=0\n"), ElementsAre(HasSubstr("greater than 0")));
  EXPECT_THAT(problems(play + "interval=\"1s\"\n"), ElementsAre(HasSubstr("either time")));
  EXPECT_THAT(problems(play + play), ElementsAre(HasSubstr("played already")));
}

/// The file of the demonstration in virtual time, on its own configuration.
TEST(Workday, PlaysARecordingOnEveryInstrumentFromMondayOn) {
  const auto settings = load(fs::path(SOURCE_DIR) / "config" / "workday.toml");
  ASSERT_TRUE(settings) << to_string(settings.error().front());
  const auto played = load_playback(*settings, fs::path(SOURCE_DIR) / "tests" / "data" / "workday.toml");
  ASSERT_TRUE(played) << to_string(played.error().front());
  EXPECT_EQ(played->from, core::time_from("2025-04-06T16:00:00Z"));
  for (const auto* id : {"dust", "noise", "pid"}) EXPECT_FALSE(device(played->buses, id)->tracks.empty()) << id;
  EXPECT_EQ(device(played->buses, "voc")->tracks.size(), 45U);
}

TEST(Workday, NamesWhatIsMissingInAFileWithItsPlace) {
  const test::TemporaryFolder folder;
  const auto settings = load(config);
  ASSERT_TRUE(settings);
  const auto said = [&](const std::string& text) {
    folder.write("day.toml", text);
    const auto played = load_playback(*settings, folder.path() / "day.toml");
    return played ? "taken" : to_string(played.error().front()).substr(folder.path().string().size() + 1);
  };
  folder.write("r.csv", "elapsed_s,v\n0,1\n10,2\n");
  const std::string from = "from = \"2026-11-23T08:00:00+08:00\"\n";
  const std::string play = "[[play]]\npoint=\"dust-1.pm_a\"\nfile=\"r.csv\"\ncolumn=\"v\"\ntime=\"elapsed_s\"\n";
  EXPECT_EQ(said(from + play), "taken");
  EXPECT_THAT(said(play), testing::StartsWith("day.toml:1:1: from: is required"));
  EXPECT_THAT(said("from = \"monday\"\n" + play), testing::StartsWith("day.toml:1:8: from: \"monday\" is no time"));
  EXPECT_THAT(said(from), testing::StartsWith("day.toml:1:1: play: is required"));
  EXPECT_THAT(said(from + play + "[[fault]]\ndevice=\"dust-1\"\nkind=\"silence\"\n"), HasSubstr(": fault: is for"));
  EXPECT_THAT(said(from + "[[play]]\npoint=\"dust-9.pm_a\"\nfile=\"r.csv\"\ncolumn=\"v\"\ntime=\"elapsed_s\"\n"),
              testing::StartsWith("day.toml:3:7: play[0].point: \"dust-9.pm_a\" is not a point"));
  EXPECT_THAT(said(from + "[[play]]\npoint=\"dust-1.pm_a\"\nfile=\"no.csv\"\ncolumn=\"v\"\ntime=\"elapsed_s\"\n"),
              testing::StartsWith("day.toml:4:6: play[0].file:"));
}

TEST(SecondsOfRecording, ReadsNumbersAndMomentsAndNothingElse) {
  EXPECT_EQ(seconds_of_recording("1.5"), 1.5);
  EXPECT_EQ(*seconds_of_recording("1970-01-02 00:00"), 86400);
  EXPECT_EQ(*seconds_of_recording("1970-01-01T00:01:05Z"), 65);
  for (const auto* bad : {"", "1970-02-30 00:00", "1970-01-01 24:00", "1970-01-01", "1970/01/01 00:00", "x", "inf"}) {
    EXPECT_EQ(seconds_of_recording(bad), std::nullopt) << bad;
  }
}

}  // namespace simulation_test
}  // namespace hazgate::settings
