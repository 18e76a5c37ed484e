#include "settings/profile_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "settings/csv.hpp"
#include "settings/limit_table.hpp"

namespace hazgate::settings {
namespace profile_file_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::filesystem::path folder = SOURCE_DIR "/config/profiles";

ProfileFile shipped(const std::string& name) {
  Problems problems;
  const auto text = read_text(folder / (name + ".toml"), problems);
  auto file = parse_profile(text.value_or(""), name + ".toml", name, problems);
  EXPECT_TRUE(file) << name;
  for (const Problem& p : problems) ADD_FAILURE() << to_string(p);
  return file.value_or(ProfileFile{});
}

const std::string head = "profile = \"x\"\nmaker = \"m\"\nmodel = \"m\"\nmanual = \"m\"\n";
const std::string measure = "[[measure]]\nid = \"v\"\nregister = \"input 1\"\nunit = \"ppm\"\n";

std::vector<std::string> problems_of(const std::string& text) {
  Problems problems;
  std::vector<std::string> texts;
  const bool loaded = parse_profile(text, "x.toml", "x", problems).has_value();
  EXPECT_EQ(loaded, problems.empty());
  for (const Problem& p : problems) texts.push_back(to_string(p));
  return texts;
}

TEST(Profiles, ShippedOnesAllLoadAndCiteAManual) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const ProfileFile file = shipped(entry.path().stem().string());
    EXPECT_FALSE(file.profile.manual.empty());
    ++count;
  }
  EXPECT_GE(count, 13);
}

TEST(Profiles, VocStationFollowsTheListOfCompounds) {
  Problems problems;
  const std::string list = SOURCE_DIR "/config/voc116.csv";
  const CsvTable compounds = parse_csv(read_text(list, problems).value(), list, problems);
  const LimitTable limits = LimitTable::read({SOURCE_DIR "/config"}, problems);
  const modbus::Profile station = shipped("generic-voc-station-116").profile;
  ASSERT_EQ(station.measures.size(), compounds.rows.size());
  for (std::size_t i = 0; i < station.measures.size(); ++i) {
    const modbus::Measure& m = station.measures[i];
    const std::string cas = compounds.rows[i].fields[*compounds.column("cas")];
    EXPECT_EQ(m.channel.address, 2 * i);
    EXPECT_EQ(m.id, fmt::format("c{:03}", i + 1));
    EXPECT_EQ(m.compound, cas);
    const auto listed = limits.agent("cas:" + cas.substr(0, cas.find('/')));
    ASSERT_TRUE(listed) << cas;
    if (listed->limits.empty()) {
      EXPECT_EQ(m.agent, "none") << cas;
    } else {
      EXPECT_EQ(limits.agent(m.agent)->limits, listed->limits) << cas;
    }
  }
}

TEST(Profiles, LeaveToTheSiteWhatTheManualDoesNotSay) {
  EXPECT_THAT(shipped("ionscience-falco").open, ElementsAre("word_order", "address_base"));
  EXPECT_THAT(shipped("wuhan-bolin-dust").open_in_measure[0], ElementsAre("unit"));
  EXPECT_THAT(shipped("ionscience-falco").open_expects, ElementsAre(false, true));
}

TEST(Profiles, ExpandARangeOfStateValues) {
  const auto map = shipped("honeywell-sensepoint-xcd").profile.states[1].map;
  EXPECT_THAT(map, SizeIs(99));
  EXPECT_EQ(map.at(1101), 'D');
  EXPECT_FALSE(map.contains(1200));
}

struct Case {
  const char* claim;
  std::string text, problem;
};
class ProfileProblem : public testing::TestWithParam<Case> {};
TEST_P(ProfileProblem, IsNamedWithItsPlace) {
  EXPECT_THAT(problems_of(GetParam().text), ElementsAre(GetParam().problem));
}
INSTANTIATE_TEST_SUITE_P(
    Profiles, ProfileProblem,
    testing::Values(
        Case{"UnknownKey", head + measure + "scal = 2\n",
             "x.toml:9:1: measure[0].scal: unknown key; did you mean \"scale\"?"},
        Case{"OtherName", "profile = \"y\"\nmaker = \"m\"\nmodel = \"m\"\nmanual = \"m\"\n" + measure,
             "x.toml:1:11: profile: \"y\" differs from the name of the file; expected \"x\""},
        Case{"NoManual", "profile = \"x\"\nmaker = \"m\"\nmodel = \"m\"\n" + measure,
             "x.toml:1:1: manual: is required"},
        Case{"BadRegister", head + "[[measure]]\nid = \"v\"\nregister = \"40001\"\nunit = \"ppm\"\n",
             "x.toml:7:12: measure[0].register: \"40001\" is not a register; expected coil, discrete, input or holding "
             "and "
             "the address on the wire, e.g. \"holding 0x0010\""},
        Case{"NoWordOrder", head + measure + "type = \"float32\"\n",
             "x.toml:5:1: measure[0].word_order: is required for float32; if the manual does not print it, say so with "
             "confirm = [\"word_order\"] at the head of the file"},
        Case{"BeyondTheTable",
             head + "[[measure]]\nid = \"v\"\nregister = \"input 0xFFFF\"\nunit = \"ppm\"\ntype = "
                    "\"uint32\"\nword_order = \"ABCD\"\n",
             "x.toml:7:12: measure[0].register: the value ends beyond the last address 0xFFFF"},
        Case{"BadUnit", head + "[[measure]]\nid = \"v\"\nregister = \"input 1\"\nunit = \"dBA\"\n",
             "x.toml:8:8: measure[0].unit: \"dBA\" is not a unit; expected mg/m3, ug/m3, g/m3, ppm, ppb, %vol, %LEL, "
             "dB(A), dB(C), degC, %RH, hPa, Pa, m/s, deg, lx, 1/cm3, mV, 1"},
        Case{"NothingToRead", head, "x.toml:1:1: has neither a [[measure]] nor a [[state]]: nothing to read"},
        Case{"BadStateLetter", head + "[[state]]\nregister = \"input 1\"\nmap = {1 = \"Q\"}\n",
             "x.toml:7:7: state[0].map: \"Q\" is not a flag letter: N T D B C M F S L"},
        Case{"SameMeasureTwice", head + measure + measure,
             "x.toml:10:6: measure[1].id: \"v\" is used by another measure"},
        Case{"MinAboveMax", head + measure + "min = 5\nmax = 1\n", "x.toml:10:7: measure[0].max: 1 is not above min 5"},
        Case{"DerivedWordUnknown", head + "derived = [\"tvocs\"]\n" + measure,
             "x.toml:5:11: derived: \"tvocs\" cannot be derived; did you mean \"tvoc\"?"},
        Case{"DerivedOfNoCompound", head + "derived = [\"tvoc\"]\n" + measure,
             "x.toml:5:11: derived: no measure has a compound to derive it from"},
        Case{"DerivedTwice", head + "derived = [\"ofp\", \"ofp\"]\n" + measure + "compound = \"74-84-0\"\n",
             "x.toml:5:11: derived: \"ofp\" is named twice"},
        Case{"DerivedNamedLikeAMeasure",
             head + "derived = [\"tvoc\"]\n" + "[[measure]]\nid = \"tvoc\"\nregister = \"input 1\"\nunit = \"ppb\"\n",
             "x.toml:5:11: derived: \"tvoc\" is the id of a measure"}),
    [](const auto& one) { return one.param.claim; });

TEST(Profiles, ReportAllMistakesTogether) {
  EXPECT_THAT(problems_of("profile = 1\n[[measure]]\nid = \"a.b\"\n[heartbeat]\nwithin = 15\n"),
              SizeIs(testing::Ge(8)));
}

}  // namespace profile_file_test
}  // namespace hazgate::settings
