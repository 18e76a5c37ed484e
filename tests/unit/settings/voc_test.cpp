// What load() makes of a VOC station: channels, derived points, baselines; held against a recorded week.
#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "settings/csv.hpp"
#include "settings/load.hpp"
#include "settings/toml_document.hpp"

namespace hazgate::settings {
namespace voc_test {

using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;

const std::filesystem::path share = SOURCE_DIR "/config";

Settings load_text(const std::string& device_keys) {
  const auto folder = std::filesystem::path{testing::TempDir()} / ("voc-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "gateway.toml"} << "[gateway]\nid = \"g\"\nsite = \"s\"\n[[bus]]\nid = \"b\"\ntransport = "
                                            "\"tcp\"\nhost = \"127.0.0.1\"\n[mqtt]\nurl = \"mqtt://127.0.0.1\"\n"
                                            "[[device]]\nid = \"voc\"\nbus = \"b\"\nunit = 1\nprofile = "
                                            "\"generic-voc-station-116\"\n"
                                         << device_keys;
  const auto answer = load(folder / "gateway.toml", share);
  std::filesystem::remove_all(folder);
  if (answer.has_error())
    for (const Problem& p : answer.error()) ADD_FAILURE() << to_string(p);
  return answer ? *answer : Settings{};
}

/// The recording's columns by CAS number; its station has 45 of the compounds.
const std::map<std::string, std::string> column_of{
    {"74-84-0", "43202"},  {"74-85-1", "43203"},  {"74-98-6", "43204"},  {"115-07-1", "43205"}, {"106-97-8", "43212"},
    {"75-28-5", "43214"},  {"624-64-6", "43216"}, {"590-18-1", "43217"}, {"106-99-0", "43218"}, {"109-66-0", "43220"},
    {"78-78-4", "43221"},  {"109-67-1", "43224"}, {"646-04-8", "43226"}, {"627-20-3", "43227"}, {"110-54-3", "43231"},
    {"142-82-5", "43232"}, {"111-65-9", "43233"}, {"111-84-2", "43235"}, {"124-18-5", "43238"}, {"287-92-3", "43242"},
    {"78-79-5", "43243"},  {"75-83-2", "43244"},  {"108-08-7", "43247"}, {"110-82-7", "43248"}, {"589-34-4", "43249"},
    {"540-84-1", "43250"}, {"565-75-3", "43252"}, {"589-81-1", "43253"}, {"108-87-2", "43261"}, {"96-37-7", "43262"},
    {"591-76-4", "43263"}, {"106-98-9", "43280"}, {"565-59-3", "43291"}, {"592-27-8", "43960"}, {"106-42-3", "45109"},
    {"71-43-2", "45201"},  {"108-88-3", "45202"}, {"100-41-4", "45203"}, {"95-47-6", "45204"},  {"108-67-8", "45207"},
    {"95-63-6", "45208"},  {"103-65-1", "45209"}, {"98-82-8", "45210"},  {"100-42-5", "45220"}, {"526-73-8", "45225"}};

/// The station's samples as its points hold them: ppb * scale; what the recording's station lacks is missing.
std::vector<core::Sample> recorded(const Settings& s, const std::string& hour) {
  Problems problems;
  const std::string file = SOURCE_DIR "/tests/data/voc_autogc_hourly.csv";
  const CsvTable table = parse_csv(read_text(file, problems).value(), file, problems);
  const auto row = std::ranges::find_if(table.rows, [&](const CsvRow& r) { return r.fields[0] == hour; });
  std::vector<core::Sample> samples(s.points.size(), {core::no_value, core::Flag::device_fault});
  const VocStation& voc = s.devices[0].voc;
  for (std::size_t c = 0; c < voc.channels.size(); ++c) {
    const auto column = column_of.find(voc.compounds[c].cas.back());
    if (column == column_of.end()) continue;
    const std::string& field = row->fields[*table.column(column->second)];
    const auto place = voc.channels[c].place;
    samples[place] = {std::stod(field) * s.points[place].scale, core::Flag::normal};
  }
  return samples;
}

// Sums of ppb * M / 24.465 and of that * MIR over the row, by an independent program.
struct Hour {
  const char* at;
  double tvoc, ofp;
  unsigned not_detected;
};
class RecordedHour : public testing::TestWithParam<Hour> {};
TEST_P(RecordedHour, HasTheMassAndOzoneOfItsCompounds) {
  const Settings s = load_text("");
  const auto scan = core::scan(recorded(s, GetParam().at), s.devices.at(0).voc.channels);
  EXPECT_NEAR(scan.tvoc_ug_m3, GetParam().tvoc, 1e-6);
  EXPECT_NEAR(scan.ofp_ug_m3, GetParam().ofp, 1e-6);
  EXPECT_EQ(scan.counted, 45u);
  EXPECT_EQ(scan.missing, 71u);
  EXPECT_EQ(scan.not_detected, GetParam().not_detected);
}
INSTANTIATE_TEST_SUITE_P(Voc, RecordedHour,
                         testing::Values(Hour{"2025-04-07T00:00", 238.85008579, 215.27171520, 10},
                                         Hour{"2025-04-11T04:00", 1030.54686703, 875.80476972, 8}));

TEST(VocStationSettings, NameWhoMakesUpAPlume) {
  const Settings s = load_text("");
  const VocStation& voc = s.devices.at(0).voc;
  const auto samples = recorded(s, "2025-04-11T04:00");
  const auto names = [&](core::VocFigure figure) {
    std::vector<std::string> out;
    for (const auto& part : core::top(samples, voc.channels, figure, 3))
      out.push_back(voc.compounds[part.channel].name_en);
    return out;
  };
  EXPECT_THAT(names(core::VocFigure::tvoc), ElementsAre("Ethane", "Propane", "n-Butane"));
  EXPECT_THAT(names(core::VocFigure::ofp), ElementsAre("n-Butane", "Propane", "Isopentane"));
  const auto classes =
      core::group_sums(samples, voc.channels, core::VocFigure::tvoc, &core::VocChannel::chemical_class);
  ASSERT_EQ(classes.size(), voc.classes.size());
  const auto alkane = static_cast<std::size_t>(std::ranges::find(voc.classes, "alkane") - voc.classes.begin());
  EXPECT_NEAR(classes.at(alkane), 1017.71969193, 1e-6);
  EXPECT_THAT(voc.families, ElementsAre("PAMS", "OVOC", "TO15"));
}

/// The list has 13 compounds without a reactivity, a true zero and a negative one.
TEST(VocStationSettings, KeepNoReactivityApartFromZero) {
  const Settings s = load_text("");
  const VocStation& voc = s.devices.at(0).voc;
  ASSERT_THAT(voc.channels, SizeIs(116));
  EXPECT_EQ(std::ranges::count_if(voc.channels, [](const auto& c) { return !c.mir; }), 13);
  const auto channel = [&](const char* name) {
    const auto found = std::ranges::find(voc.compounds, name, &VocCompound::name_en);
    return static_cast<std::size_t>(found - voc.compounds.begin());
  };
  EXPECT_EQ(voc.channels.at(channel("Carbon tetrachloride")).mir, 0);
  EXPECT_EQ(voc.channels.at(channel("Benzaldehyde")).mir, -0.67);
  EXPECT_THAT(voc.compounds.at(channel("m/p-Xylene")).cas, ElementsAre("108-38-3", "106-42-3"));
}

TEST(VocStationSettings, AddThreePointsBehindTheMeasures) {
  const Settings s = load_text("");
  const core::Device& device = s.site.devices.at(0);
  EXPECT_EQ(device.point_count, 119u);
  EXPECT_EQ(device.derived_count, 3u);
  EXPECT_EQ(s.site.points.at(116).id, "voc.tvoc");
  EXPECT_EQ(s.site.points.at(117).id, "voc.ofp");
  EXPECT_EQ(s.site.points.at(117).unit, core::Unit::ug_per_m3);
  EXPECT_FALSE(s.site.points.at(117).agent);
  EXPECT_EQ(s.site.points.at(118).id, "voc.ofp_left_out");
  EXPECT_EQ(s.site.points.at(118).unit, core::Unit::one);
  EXPECT_THAT(s.devices[0].voc.derived,
              ElementsAre(core::VocFigure::tvoc, core::VocFigure::ofp, core::VocFigure::ofp_left_out));
  EXPECT_THAT(s.buses[0].devices[0].channels, SizeIs(116)) << "no register has them";
}

TEST(VocStationSettings, LetTheSiteSetALevelOnADerivedPoint) {
  const Settings s = load_text("[[limit]]\npoint = \"voc.tvoc\"\nlevel = \"warning\"\nvalue = 600\n");
  EXPECT_THAT(s.points.at(116).levels, SizeIs(1));
}

TEST(VocStationSettings, HoldEveryPointAgainstItsBaseline) {
  const Settings s = load_text("period = \"10s\"\n");
  for (std::size_t i = 0; i < 118; ++i) EXPECT_TRUE(s.points.at(i).baseline) << s.site.points[i].id;
  EXPECT_FALSE(s.points.at(118).baseline) << "a number of compounds is no air";
  const auto& ethane = *s.points.at(0).baseline;
  EXPECT_DOUBLE_EQ(ethane.resolution, 0.05);  // ppb, its canonical unit
  EXPECT_EQ(ethane.scan_interval, core::Duration{0});
  EXPECT_EQ(ethane.longest_gap, std::chrono::seconds(30));
  // Benzene is judged, so its points are in mg/m3: 0.05 ppb * 78.114 / 24.05 / 1000
  EXPECT_NEAR(s.points.at(40).baseline->resolution, 1.62399e-4, 1e-9);
}

TEST(VocStationSettings, LeaveTheBaselineToTheSite) {
  const Settings s = load_text(
      "baseline = false\nscan_interval = \"1h\"\n[[device.point]]\nmeasure = \"c001\"\nbaseline = true\nloq = 0.2\n");
  EXPECT_EQ(std::ranges::count_if(s.points, [](const auto& p) { return p.baseline.has_value(); }), 1);
  EXPECT_DOUBLE_EQ(s.points.at(0).baseline->resolution, 0.2);
  EXPECT_EQ(s.points.at(0).baseline->scan_interval, std::chrono::hours(1));
  EXPECT_EQ(s.points.at(0).baseline->longest_gap, std::chrono::hours(3));
}

TEST(VocStationSettings, TakeNothingFromDevicesWithoutCompounds) {
  const auto s = load(SOURCE_DIR "/config/gateway.toml", share);
  ASSERT_TRUE(s);
  for (std::size_t d = 0; d + 1 < s->devices.size(); ++d) {
    EXPECT_THAT(s->devices[d].voc.channels, SizeIs(0));
    EXPECT_EQ(s->site.devices[d].derived_count, 0u);
    EXPECT_FALSE(s->points[core::at(s->site.devices[d].first_point)].baseline);
  }
}

}  // namespace voc_test
}  // namespace hazgate::settings
