// load(): the demonstration as it is, small files, and what becomes of limits, units and defaults.
#include "settings/load.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "settings/calendar.hpp"

namespace hazgate::settings {
namespace load_test {

using namespace std::chrono_literals;
using core::Basis;
using core::Level;
using core::LimitKind;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::filesystem::path share = SOURCE_DIR "/config";

/// A gateway.toml of its own in a folder that goes with it.
class Written {
 public:
  explicit Written(std::string_view text)
      : folder_{std::filesystem::path{testing::TempDir()} /
                ("load-" + std::to_string(::getpid()) + "-" + std::to_string(count_++))} {
    std::filesystem::create_directories(folder_);
    std::ofstream{folder_ / "gateway.toml", std::ios::binary} << text;
  }
  ~Written() { std::filesystem::remove_all(folder_); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  const std::filesystem::path& folder() const { return folder_; }
  auto load() const { return settings::load(folder_ / "gateway.toml", share); }

 private:
  static inline int count_ = 0;
  std::filesystem::path folder_;
};

std::string all(const Problems& problems) {
  std::string text;
  for (const Problem& p : problems) text += to_string(p) + "\n";
  return text;
}

Settings good(const boost::system::result<Settings, Problems>& answer) {
  EXPECT_TRUE(answer.has_value()) << (answer ? "" : all(answer.error()));
  return answer ? *answer : Settings{};
}

const std::string smallest = R"(
[gateway]
id = "gw"
site = "park"
[[bus]]
id = "b"
transport = "tcp"
host = "127.0.0.1"
[mqtt]
url = "mqtt://127.0.0.1:1883"
)";

std::string s8(std::string_view device_keys, std::string_view rest = "") {
  return smallest + "[[device]]\nid = \"d\"\nbus = \"b\"\nunit = 1\n" + std::string{device_keys} + std::string{rest};
}

TEST(Load, ADustWithMuchFreeSilicaIsJudgedByItsBand) {  // GBZ 2.1-2019 Table 2, footnote
  struct Row {
    const char* percent;
    const char* agent;
    double pc_twa;
  };
  for (const auto& [percent, agent, pc_twa] :
       {Row{"9.9", "dust:49:total", 8}, Row{"10", "dust:40-1:total", 1}, Row{"50", "dust:40-1:total", 1},
        Row{"50.1", "dust:40-2:total", 0.7}, Row{"80", "dust:40-2:total", 0.7}, Row{"80.1", "dust:40-3:total", 0.5}}) {
    const Settings s = good(Written(s8("profile = \"trolex-tx8005\"\naddress_base = 0\n[[device.point]]\nmeasure = "
                                       "\"pm_a\"\nagent = \"dust:49:total\"\nsio2_percent = ",
                                       percent))
                                .load());
    ASSERT_TRUE(s.site.points.front().agent) << percent;
    const auto& judged = s.site.agents[core::at(*s.site.points.front().agent)];
    EXPECT_EQ(judged.id, agent) << percent;
    EXPECT_EQ(judged.limit(LimitKind::pc_twa)->value, pc_twa) << percent;
  }
}

const std::string two_solvents =
    s8("profile = \"drager-polytron-8000\"\n[[device.point]]\nmeasure = \"gas\"\nunit = \"ppm\"\nagent = "
       "\"cas:108-88-3\"\n[[device]]\nid = \"e\"\nbus = \"b\"\nunit = 2\nprofile = "
       "\"drager-polytron-8000\"\n[[device.point]]\nmeasure = \"gas\"\nunit = \"ppm\"\nagent = \"cas:1330-20-7\"\n");

TEST(Load, TheReductionForLongShiftsIsADecisionAboutOneAgent) {  // GBZ 2.1-2019 A.7.4
  const auto s =
      good(Written(two_solvents + "[[agent]]\nagent = \"cas:108-88-3\"\nreduced_for_long_shifts = true\n").load());
  ASSERT_THAT(s.site.agents, SizeIs(2));
  EXPECT_TRUE(s.site.agents[0].reduced_for_long_shifts);
  EXPECT_FALSE(s.site.agents[1].reduced_for_long_shifts);
}

TEST(Load, AMixtureRaisesAtTheFirstPointOfItsFirstAgent) {  // GBZ 2.1-2019 A.3.2.2, 3.9
  const auto s = good(Written(two_solvents + "[[mixture]]\nagents = [\"cas:1330-20-7\", \"cas:108-88-3\"]\n").load());
  ASSERT_THAT(s.mixtures, SizeIs(1));
  ASSERT_THAT(s.mixtures[0].agents, SizeIs(2));
  const auto leader = s.mixtures[0].agents[0].at(0);
  EXPECT_EQ(s.site.points[core::at(leader)].id, "e.gas");
  std::vector<std::tuple<Level, double, std::string>> raised;
  for (std::size_t p = 0; p < s.points.size(); ++p) {
    for (const auto& rule : s.points[p].levels) {
      if (rule.basis != Basis::mixture) continue;
      EXPECT_EQ(p, core::at(leader));
      raised.emplace_back(rule.level, rule.raise_above, rule.limit.source);
    }
  }
  EXPECT_THAT(raised, ElementsAre(std::tuple(Level::warning, 0.5, "GBZ 2.1-2019 3.9, half of GBZ 2.1-2019 A.3.2.2"),
                                  std::tuple(Level::exceed, 1.0, "GBZ 2.1-2019 A.3.2.2")));
}

TEST(Load, TakesTheDemonstration) {
  const Settings s = good(load(SOURCE_DIR "/config/gateway.toml", share));
  EXPECT_EQ(s.site.gateway_id, "gw-01");
  EXPECT_THAT(s.site.buses, SizeIs(4));
  ASSERT_THAT(s.site.devices, SizeIs(9));
  EXPECT_EQ(s.points.size(), s.site.points.size());
  EXPECT_EQ(s.devices.size(), s.site.devices.size());
  EXPECT_EQ(s.profiles.size(), s.site.devices.size());
  EXPECT_EQ(std::get<modbus::TcpLinkOptions>(s.buses[0].link).max_in_flight, 4u);
  EXPECT_THAT(s.buses[0].devices, SizeIs(5));
  EXPECT_EQ(s.site.devices[8].point_count, 119u);
  EXPECT_EQ(s.site.devices[8].derived_count, 3u);
  EXPECT_EQ(s.mqtt->url, "mqtt://127.0.0.1:18830");
}

TEST(Load, GivesEachDeviceItsPointsInARow) {
  const Settings s = good(load(SOURCE_DIR "/config/gateway.toml", share));
  std::size_t next = 0;
  for (std::size_t d = 0; d < s.site.devices.size(); ++d) {
    const core::Device& device = s.site.devices[d];
    EXPECT_EQ(core::at(device.first_point), next);
    std::vector<std::string> ids;
    for (const auto& measure : s.profiles[d].measures) ids.push_back(device.id + "." + measure.id);
    for (const auto& derived : s.profiles[d].derived) ids.push_back(device.id + "." + derived);
    ASSERT_EQ(device.point_count, ids.size());
    EXPECT_EQ(device.derived_count, s.profiles[d].derived.size());
    for (const auto& id : ids) {
      EXPECT_EQ(core::at(s.site.points[next].device), d);
      EXPECT_EQ(s.site.points[next++].id, id);
    }
  }
  EXPECT_EQ(next, s.site.points.size());
}

TEST(Load, NeedsNoPlacesForTheSmallestFile) {
  const Settings s = good(Written{s8("profile = \"senseair-s8\"\n")}.load());
  EXPECT_EQ(s.site.enterprises.at(0).id, "default");
  EXPECT_EQ(s.site.workplaces.at(0).id, "default");
  EXPECT_EQ(s.mqtt->client_id, "hazgate-gw");
  EXPECT_EQ(s.buses.at(0).devices.at(0).period, 1s);
}

std::vector<std::vector<std::string>> shifts_of_workplaces(const Settings& s) {
  std::vector<std::vector<std::string>> all;
  for (const core::Workplace& workplace : s.site.workplaces) {
    auto& ids = all.emplace_back();
    for (const core::ShiftIndex shift : workplace.shifts) ids.push_back(s.site.shifts.at(core::at(shift)).id);
  }
  return all;
}

const std::string co2 = "profile = \"senseair-s8\"\nworkplace = \"a\"\n";

TEST(Load, WithoutShiftsWatchesEveryPlaceOfWorkRoundTheClock) {
  const auto round_the_clock = ElementsAre("00-08", "08-16", "16-24");
  EXPECT_THAT(shifts_of_workplaces(good(Written{s8("profile = \"senseair-s8\"\n")}.load())),
              ElementsAre(round_the_clock));
  const Settings s = good(Written{s8(co2, R"(
[[workplace]]
id = "a"
[[workplace]]
id = "b"
shift = ["16-24", "00-08"]
[[workplace]]
id = "gate"
kind = "ambient"
)")}
                              .load());
  EXPECT_THAT(shifts_of_workplaces(s), ElementsAre(round_the_clock, ElementsAre("16-24", "00-08"), IsEmpty()));
  const auto calendar = make_calendar(s.shifts, s.gateway.timezone);
  core::Timestamp at{std::chrono::hours{24 * 20'000}};
  for (int hour = 0; hour < 24 * 7; ++hour, at += 1h) {
    const auto holds_it = [&](core::ShiftIndex shift) { return calendar(shift, at).begin <= at; };
    EXPECT_EQ(std::ranges::count_if(s.site.workplaces[0].shifts, holds_it), 1) << hour;
  }
  for (const core::Shift& shift : s.site.shifts) {
    EXPECT_EQ(shift.hours, 8);
    EXPECT_EQ(shift.days_per_week, 5) << "of a person; the place is watched on seven";
  }
}

TEST(Load, TakesTheOnlyShiftForAWorkplaceThatNamesNone) {
  const Settings s = good(Written{s8(co2, R"(
[[shift]]
id = "long"
start = "20:00"
hours = 12
days = ["sat", "mon", "tue", "wed"]
[[workplace]]
id = "a"
[[workplace]]
id = "gate"
kind = "ambient"
)")}
                              .load());
  EXPECT_THAT(shifts_of_workplaces(s), ElementsAre(ElementsAre("long"), IsEmpty()));
  EXPECT_EQ(s.site.shifts[0].hours, 12);
  EXPECT_EQ(s.site.shifts[0].days_per_week, 4);
  EXPECT_EQ(s.shifts[0].start_minute, 20 * 60);
  EXPECT_THAT(s.shifts[0].days, ElementsAre(1, 2, 3, 6));
}

TEST(Load, TakesOneShiftOrAListForAWorkplace) {
  const std::string shifts = "[[shift]]\nid = \"early\"\n[[shift]]\nid = \"late\"\n[[shift]]\nid = \"night\"\n";
  const Settings s = good(Written{s8(co2, shifts + R"(
[[workplace]]
id = "a"
shift = ["night", "early"]
[[workplace]]
id = "b"
shift = "late"
)")}
                              .load());
  EXPECT_THAT(shifts_of_workplaces(s), ElementsAre(ElementsAre("night", "early"), ElementsAre("late")));
  // Without any [[workplace]] there is nobody who could choose.
  EXPECT_THAT(shifts_of_workplaces(good(Written{s8("profile = \"senseair-s8\"\n", shifts)}.load())),
              ElementsAre(ElementsAre("early", "late", "night")));
}

TEST(Load, KnowsTheClocksOfTheSite) {
  EXPECT_EQ(good(Written{s8("profile = \"senseair-s8\"\n")}.load()).site.utc_offset({}), 8h);
}

TEST(Load, ConvertsAFractionToTheLimitsUnitWithTheWorkplaceMolarVolume) {
  const Settings s =
      good(Written{s8("profile = \"senseair-s8\"\n[[device.point]]\nmeasure = \"co2\"\nmax = 2000\n")}.load());
  const double factor = 44.009 / 24.05;  // GBZ 2.1-2019 formula A.2
  EXPECT_EQ(s.site.points.at(0).unit, core::Unit::mg_per_m3);
  EXPECT_DOUBLE_EQ(s.points.at(0).scale, factor);
  EXPECT_DOUBLE_EQ(*s.points[0].max, 2000 * factor);
}

TEST(Load, CountsHydrogenFluorideAsFluorine) {
  const Settings s = good(Written{s8("profile = \"drager-polytron-8000\"\n[[device.point]]\nmeasure = \"gas\"\nunit = "
                                     "\"ppm\"\nagent = \"cas:7664-39-3\"\n")}
                              .load());
  EXPECT_THAT(s.points.at(0).scale, DoubleNear(18.998 / 24.05, 1e-12));
}

TEST(Load, JudgesAMacOnEachReading) {
  const Settings s = good(Written{s8("profile = \"drager-polytron-8000\"\n[[device.point]]\nmeasure = \"gas\"\nunit = "
                                     "\"ppm\"\nagent = \"cas:7783-06-4\"\n")}
                              .load());
  ASSERT_THAT(s.points.at(0).levels, SizeIs(3));
  const auto& [warning, exceed, danger] = std::tie(s.points[0].levels[0], s.points[0].levels[1], s.points[0].levels[2]);
  EXPECT_EQ(warning.level, Level::warning);
  EXPECT_DOUBLE_EQ(warning.raise_above, 5);
  EXPECT_DOUBLE_EQ(warning.clear_at, 4.75);
  EXPECT_EQ(warning.on_delay, 30s);
  EXPECT_EQ(warning.limit.kind, LimitKind::action);
  EXPECT_DOUBLE_EQ(exceed.raise_above, 10);
  EXPECT_EQ(exceed.on_samples, 2);
  EXPECT_EQ(exceed.limit, (core::Limit{LimitKind::mac, 10, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1 no. 175"}));
  EXPECT_DOUBLE_EQ(danger.raise_above, 20);
  EXPECT_EQ(danger.on_delay, 0s);
  for (const auto& rule : s.points[0].levels) EXPECT_EQ(rule.off_delay, 60s);
}

TEST(Load, JudgesAPcStelOnTheSlidingMeanAtOnce) {
  const Settings s = good(Written{s8("profile = \"senseair-s8\"\n")}.load());
  std::vector<core::LevelRule> by_stel;
  std::ranges::copy_if(s.points.at(0).levels, std::back_inserter(by_stel),
                       [](const auto& rule) { return rule.basis == Basis::c_ste; });
  ASSERT_THAT(by_stel, SizeIs(3));
  EXPECT_DOUBLE_EQ(by_stel[1].raise_above, 18000);
  EXPECT_EQ(by_stel[1].on_delay, 0s);
  EXPECT_EQ(by_stel[1].on_samples, 1);
}

TEST(Load, AddsTheSitesLevelBesideTheLegalOne) {
  const Settings s = good(Written{s8("profile = \"senseair-s8\"\n", R"(
[[limit]]
point = "d.co2"
level = "exceed"
value = 1000
unit = "ppm"
average = "15min"
on_delay = "5s"
dead_band = 100
)")}
                              .load());
  std::vector<LimitKind> kinds;
  std::optional<core::LevelRule> found;
  for (const auto& rule : s.points.at(0).levels) {
    if (rule.level != Level::exceed) continue;
    if (rule.basis == Basis::c_ste) kinds.push_back(rule.limit.kind);
    if (rule.limit.kind == LimitKind::site) found = rule;
  }
  EXPECT_THAT(kinds, ElementsAre(LimitKind::pc_stel, LimitKind::site));
  ASSERT_TRUE(found);
  const auto& own = *found;
  EXPECT_DOUBLE_EQ(own.raise_above, 1000 * 44.009 / 24.05);
  EXPECT_DOUBLE_EQ(own.clear_at, 900 * 44.009 / 24.05);
  EXPECT_EQ(own.limit.source, "site");
  EXPECT_EQ(own.on_delay, 5s);
}

TEST(Load, JudgesNoiseOnTheShift) {  // GBZ 2.2-2007 11.2.1, GBZ 188-2025 7.1.2.3
  const Settings s = good(Written{s8("profile = \"generic-rs-zs-n01\"\n")}.load());
  const auto& levels = s.points.at(0).levels;
  ASSERT_THAT(levels, SizeIs(3));
  EXPECT_EQ(std::tuple(levels[0].level, levels[0].basis, levels[0].raise_above),
            std::tuple(Level::notice, Basis::twa_projected, 85.0));
  EXPECT_EQ(std::tuple(levels[1].level, levels[1].basis, levels[1].raise_above),
            std::tuple(Level::warning, Basis::twa, 80.0));
  EXPECT_EQ(std::tuple(levels[2].level, levels[2].basis, levels[2].raise_above),
            std::tuple(Level::exceed, Basis::twa, 85.0));
}

TEST(Load, JudgesHeatByTheClimateOfThePlace) {  // GBZ 2.2-2007 Table 8, 10.2.2
  for (const auto& [climate, limit] : {std::pair{"", 28.0}, {"outdoor_ventilation_degc = 31\n", 29.0}}) {
    auto text =
        s8("profile = \"vaisala-wxt530\"\n[[device.point]]\nmeasure = \"temperature\"\nagent = \"wbgt:75:III\"\n");
    text.insert(text.find("[[bus]]"), climate);
    const Settings s = good(Written{text}.load());
    ASSERT_EQ(s.site.agents.size(), 1U);
    EXPECT_EQ(s.site.agents[0].limits.at(0).value, limit);
    for (const auto& rule : s.points.at(3).levels) {
      EXPECT_EQ(rule.raise_above, limit);
      EXPECT_EQ(rule.limit, s.site.agents[0].limits[0]);
    }
    EXPECT_EQ(s.points[3].levels.size(), 3U);
  }
}

TEST(Load, JudgesNoShiftWhereTheAirIsAmbient) {
  const Settings s = good(Written{s8("profile = \"generic-rs-zs-n01\"\nworkplace = \"fence\"\n",
                                     "[[workplace]]\nid = \"fence\"\nkind = \"ambient\"\n")}
                              .load());
  EXPECT_THAT(s.points.at(0).levels, IsEmpty());
}

TEST(Load, CountsPeaksWhereThereIsNoPcStel) {  // GBZ 2.1-2019 6.3.3
  const Settings s = good(Written{s8("profile = \"drager-polytron-8000\"\n[[device.point]]\nmeasure = \"gas\"\n"
                                     "unit = \"ppm\"\nagent = \"cas:67-66-3\"\n")}
                              .load());
  std::vector<std::pair<Level, Basis>> peaks;
  for (const auto& point : s.points)
    for (const auto& rule : point.levels)
      if (rule.limit.kind == LimitKind::pe) peaks.emplace_back(rule.level, rule.basis);
  EXPECT_THAT(peaks, testing::IsSupersetOf({std::pair(Level::warning, Basis::reading),
                                            std::pair(Level::exceed, Basis::short_time),
                                            std::pair(Level::danger, Basis::reading)}));
}

TEST(Load, SubtractsTheBaseThatTheSiteStates) {
  const Settings s = good(Written{s8("profile = \"trolex-tx8005\"\naddress_base = 1\n")}.load());
  EXPECT_EQ(s.buses.at(0).devices.at(0).channels.at(0).address, 36);
}

TEST(Load, AppliesTheStatedWordOrderToValuesAndExpectations) {
  const Settings s = good(Written{s8(R"(profile = "ionscience-falco"
word_order = "CDAB"
address_base = 0
[[device.point]]
measure = "gas"
agent = "cas:71-43-2"
[[device.expect]]
id = "response_factor"
equals = 0.53
)")}
                              .load());
  const auto& plan = s.buses.at(0).devices.at(0);
  EXPECT_EQ(plan.channels.at(0).order, modbus::WordOrder::cdab);
  EXPECT_EQ(plan.expects.at(1).channel.order, modbus::WordOrder::cdab);
  EXPECT_DOUBLE_EQ(plan.expects[1].equals, 0.53);
}

TEST(Load, PutsStatesAndHeartbeatAfterTheMeasures) {
  const Settings s = good(Written{s8(R"(profile = "honeywell-sensepoint-xrl"
word_order = "ABCD"
[[device.point]]
measure = "gas"
agent = "cas:630-08-0"
)")}
                              .load());
  const auto& channels = s.buses.at(0).devices.at(0).channels;
  ASSERT_THAT(channels, SizeIs(3));
  EXPECT_EQ(channels[1].address, 104);
  EXPECT_EQ(channels[2].address, 107);
  EXPECT_EQ(s.devices.at(0).heartbeat_within, 15s);
  EXPECT_EQ(s.devices[0].states.at(0).map.at(1203), 'D');
}

TEST(Load, ReportsAProfilesMistakeOnceThoughManyDevicesShareIt) {
  std::string text = smallest;
  for (int i = 1; i <= 3; ++i)
    text += "[[device]]\nid = \"d" + std::to_string(i) + "\"\nbus = \"b\"\nunit = " + std::to_string(i) +
            "\nprofile = \"own\"\n";
  const Written file{text};
  std::filesystem::create_directories(file.folder() / "profiles");
  std::ofstream{file.folder() / "profiles" / "own.toml"} << "profile = \"own\"\nmaker = \"m\"\nmodel = \"m\"\nmanual = "
                                                            "\"m\"\n[[measure]]\nid = \"v\"\nregister = \"input 1\"\n"
                                                            "type = \"uint61\"\nunit = \"ppm\"\n";
  const auto answer = file.load();
  ASSERT_TRUE(answer.has_error());
  ASSERT_THAT(answer.error(), SizeIs(1)) << all(answer.error());
  EXPECT_THAT(to_string(answer.error()[0]), HasSubstr("own.toml:8:8: measure[0].type: \"uint61\" is not known"));
}

TEST(Load, ReadsFiveThousandDevicesThatShareAProfile) {
  std::string text = "[gateway]\nid = \"gw\"\nsite = \"park\"\n";
  for (int bus = 0; bus < 25; ++bus) {
    text += "[[bus]]\nid = \"b" + std::to_string(bus) + "\"\ntransport = \"tcp\"\nhost = \"10.0.0.1\"\n";
    for (int unit = 1; unit <= 200; ++unit)
      text += "[[device]]\nid = \"d" + std::to_string(bus) + "-" + std::to_string(unit) + "\"\nbus = \"b" +
              std::to_string(bus) + "\"\nunit = " + std::to_string(unit) + "\nprofile = \"senseair-s8\"\n";
  }
  const Settings s = good(Written{text}.load());
  EXPECT_THAT(s.site.points, SizeIs(5000));
  EXPECT_THAT(s.site.agents, SizeIs(1));
}

TEST(Load, SurvivesHostileFiles) {
  std::string garbage(1 << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : garbage) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  std::string dotted = "a";
  for (int i = 0; i < 300'000; ++i) dotted += ".a";
  for (const std::string& text : std::vector<std::string>{
           garbage, std::string(1 << 20, '\0'), "x = " + std::string(500'000, '['), "x = " + std::string(500'000, '{'),
           dotted + " = 1", "[" + dotted + "]", std::string(1 << 20, '"'), "[[bus]]\nid = \"\\u0000\\u001b[2J\"\n",
           std::string{"\xff\xfe[\x00g\x00", 6}, "[gateway]\nid = \"" + std::string(1 << 20, 'x') + "\"\n"}) {
    const auto answer = Written{text}.load();
    ASSERT_TRUE(answer.has_error());
    for (const Problem& p : answer.error()) {
      EXPECT_LT(p.text.size(), 600u);
      EXPECT_THAT(p.text, testing::Not(testing::HasSubstr("\x1b")));
    }
  }
}

TEST(Load, NamesAFileThatIsNotThere) {
  const auto answer = load("/nonexistent/gateway.toml", share);
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(to_string(answer.error().at(0)), "/nonexistent/gateway.toml: no such file");
}

TEST(Load, RefusesAPasswordFileThatEverybodyMayRead) {
  const Written file{""};
  const auto secret = file.folder() / "password";
  std::ofstream{secret} << "secret\n";
  std::filesystem::permissions(secret, std::filesystem::perms{0644});
  const std::string text = s8("profile = \"senseair-s8\"\n");
  const std::string with = text.substr(0, text.find("[[device]]")) + "username = \"u\"\npassword_file = \"" +
                           secret.string() + "\"\n" + text.substr(text.find("[[device]]"));
  const auto open = Written{with}.load();
  ASSERT_TRUE(open.has_error());
  EXPECT_THAT(all(open.error()), HasSubstr("mqtt.password_file: everybody on this machine may read"));
  std::filesystem::permissions(secret, std::filesystem::perms{0600});
  EXPECT_EQ(good(Written{with}.load()).mqtt->password_file, secret);
}

}  // namespace load_test
}  // namespace hazgate::settings
