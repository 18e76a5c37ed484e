// Everything that can be wrong with an instrument, from its registers to the store: what was stored tells the same
// notices again, in every column, whether the gateway lived on, was killed, or somebody replays its store.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "app/ingest.hpp"
#include "app/replay.hpp"
#include "app/resume.hpp"
#include "app/writer.hpp"
#include "support/gateway_folder.hpp"

namespace hazgate::app {
namespace notice_replay_test {

using core::Doubt;
using modbus::modbus_errc;
using std::chrono::seconds;

const std::string site = R"(
[gateway]
id = "gw"
site = "park"
[[shift]]
id = "day"
start = "08:00"
hours = 0.5
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
[[workplace]]
id = "hall"
[[bus]]
id = "b"
transport = "tcp"
host = "127.0.0.1"
[[device]]
id = "left"
bus = "b"
unit = 1
profile = "pair-meter"
period = "5s"
[[device]]
id = "alone"
bus = "b"
unit = 2
profile = "pair-meter"
period = "10s"
[[device]]
id = "right"
bus = "b"
unit = 3
profile = "pair-meter"
period = "5s"
)";

const std::string cross_check = R"(
[[cross_check]]
points = ["left.co", "right.co"]
ratio = 2
above = 1
window = "2m"
)";

constexpr const char* profile = R"(
profile = "pair-meter"
maker = "nobody"
model = "pair"
manual = "none"
warm_up = "40s"
[[measure]]
id = "temperature"
register = "holding 0"
type = "float32"
word_order = "ABCD"
unit = "degC"
[[measure]]
id = "co"
register = "holding 2"
type = "float32"
word_order = "ABCD"
unit = "mg/m3"
agent = "cas:630-08-0"
min = 0
max = 200
max_rate = 2
stuck_after = "1m"
error_values = [999]
[[state]]
register = "holding 4"
map = {0 = "N", 1 = "D", 2 = "C"}
[heartbeat]
register = "holding 5"
within = "20s"
)";

/// What an instrument answers: temperature, CO, its state, its counter; or the error instead.
struct Answer {
  std::vector<double> values;
  boost::system::error_code error;
};

struct Episode {
  int from, to;  ///< seconds of the instrument's own script
  Doubt doubt;
};
constexpr std::array episodes{Episode{120, 160, Doubt::error_value},   Episode{200, 240, Doubt::below_range},
                              Episode{280, 320, Doubt::not_a_number},  Episode{360, 400, Doubt::rate},
                              Episode{440, 550, Doubt::stuck},         Episode{600, 640, Doubt::device_state},
                              Episode{700, 770, Doubt::heartbeat},     Episode{800, 860, Doubt::no_answer},
                              Episode{860, 890, Doubt::refused},       Episode{890, 920, Doubt::garbled},
                              Episode{920, 950, Doubt::no_connection}, Episode{950, 990, Doubt::wrong_identity}};

modbus_errc error_of(Doubt doubt) {
  switch (doubt) {
    case Doubt::refused:
      return modbus_errc::illegal_address;
    case Doubt::garbled:
      return modbus_errc::broken_frame;
    case Doubt::no_connection:
      return modbus_errc::not_connected;
    case Doubt::wrong_identity:
      return modbus_errc::identity_mismatch;
    default:
      return modbus_errc::no_answer;
  }
}

void spoil(Answer& a, const Episode& e, int t, double level) {
  double& co = a.values[1];
  switch (e.doubt) {
    case Doubt::error_value:
      co = 999;
      break;
    case Doubt::below_range:
      co = -0.25 - t % 3;
      break;
    case Doubt::not_a_number:
      co = core::no_value;
      break;
    case Doubt::rate:
      co = level + 5 * (t - e.from + 5);
      break;
    case Doubt::stuck:
      co = level;
      break;
    case Doubt::device_state:  // first a fault, then span gas
      a.values[2] = t < e.from + 30 ? 1 : 2;
      co = level + 90;
      break;
    case Doubt::heartbeat:
      a.values[3] = e.from;
      break;
    default:
      a = {{}, make_error_code(error_of(e.doubt))};
  }
}

/// A quiet instrument at second `t` of its script, and what is wrong with it then. At the end its errors take turns:
/// the cause that was told first stands.
Answer answer(int t, double level) {
  if (t >= 1040 && t < 1200)
    return {{}, make_error_code(t % 2 == 0 ? modbus_errc::no_answer : modbus_errc::broken_frame)};
  Answer a{.values = {20 + t % 7 / 10.0, level + t % 11 / 10.0, 0, t / 5.0}};
  for (const auto& e : episodes)
    if (t >= e.from && t < e.to) spoil(a, e, t, level);
  return a;
}

struct Poll {
  core::Timestamp at;
  std::uint32_t device;
  Answer answer;
};

/// 42 min from 07:50 in Shanghai. The scripts of the two that are compared lie 45 s apart; in between they differ by a
/// factor of three.
std::vector<Poll> all_polls() {
  std::vector<Poll> polls;
  for (int t = 0; t < 2520; t += 5) {
    const core::Timestamp at{seconds(1'795'391'400 + t)};
    const double higher = t > 1200 && t < 1700 ? 30 : 10;
    polls.push_back({at, 0, answer(t, 10)});
    if (t % 10 == 0) polls.push_back({at + seconds(1), 1, answer(t - 300, 10)});
    polls.push_back({at + seconds(2), 2, answer(t - 45, higher)});
    // The link that is lost while the two disagree hides it.
    if (t >= 1400 && t < 1500) polls.back().answer = {{}, make_error_code(modbus_errc::no_answer)};
  }
  return polls;
}

struct Notices : testing::Test, test::GatewayFolder {
  Notices() : GatewayFolder("notices", site + cross_check) {
    std::filesystem::create_directories(folder / "profiles");
    std::ofstream(folder / "profiles" / "pair-meter.toml") << profile;
  }
  /// One life of a gateway. Its last `unsaved` polls are on disk without a checkpoint, as kill -9 leaves them.
  void live(const std::string& data, std::size_t from, std::size_t to, std::size_t unsaved = 0) {
    const auto s = settings(data);
    Writer writer(s);
    Ingest ingest(s, make_monitor(s, writer.last_alarm_number()));
    core::Batch batch;
    resume(s, writer, ingest, polls[from].at, batch);
    std::array<bool, 3> answered{};
    for (auto i = from; i < to; ++i) {
      const auto& [at, device, answer] = polls[i];
      ingest.on_outcome({.device = device,
                         .error = answer.error,
                         .values = answer.values,
                         .first_after_loss = !answer.error && !answered[device]},
                        at, batch);
      answered[device] = !answer.error;
      if (i + unsaved < to) ingest.add_checkpoints(at, batch);
      if (!batch.checkpoints.empty() || i + 1 == to) writer.submit(batch, at);
    }
  }
  /// Alarms and exposures, every column.
  std::string stored(const std::string& data) const {
    return rows(data, test::alarm_history) + rows(data, test::exposure_records);
  }
  std::set<Doubt> doubts_stored(const std::string& data) const {
    const auto s = settings(data);
    Writer writer(s);
    std::set<Doubt> met;
    writer.readings().for_each_frame_after(0, [&](const auto& frame) {
      for (const auto& sample : frame.samples) met.insert(sample.doubt);
    });
    return met;
  }
  std::string replayed(const std::string& data) const {
    replay(settings(data + "-again"), {folder / data / "hazgate.sqlite", folder / (data + "-again")},
           [](const auto&, const auto&) {});
    return stored(data + "-again");
  }
  const std::vector<Poll> polls = all_polls();
};

TEST_F(Notices, OfEveryKindAreToldAgainByAReplay) {
  live("straight", 0, polls.size());
  const auto met = doubts_stored("straight");
  const auto told = rows("straight", "SELECT limit_source FROM alarm_history");
  for (auto number = 0U; const auto doubt = core::doubt_of_sample(static_cast<std::uint8_t>(number)); ++number) {
    EXPECT_TRUE(met.contains(*doubt)) << core::name(*doubt);
    const bool sound = *doubt == Doubt::none || *doubt == Doubt::warm_up;
    EXPECT_EQ(told.find(core::name(*doubt)) != std::string::npos, !sound) << core::name(*doubt);
  }
  EXPECT_NE(told.find("disagreement:right.co:left.co"), std::string::npos);
  EXPECT_EQ(rows("straight", "SELECT count(*) FROM exposure WHERE final = 1"), "3|\n");
  EXPECT_EQ(replayed("straight"), stored("straight"));
}

/// Now and then, and at every other poll from where a counter stops to where the last has begun to move again: `left`
/// stands from 700 s to 770 s, `right` from 745 s to 815 s. There are five polls in ten seconds. Two tests share them:
/// the one begins with the `first`, the other with the one behind it.
std::set<std::size_t> moments(std::size_t polls, std::size_t first) {
  std::set<std::size_t> at;
  for (std::size_t killed = 130 + 26 * first; killed + 100 < polls; killed += 52) at.insert(killed);
  for (std::size_t killed = 700 / 2 + first; killed < 820 / 2; killed += 2) at.insert(killed);
  return at;
}

TEST_F(Notices, AreNeitherForgottenNorToldTwiceByAGatewayThatWasKilled) {
  live("straight", 0, polls.size());
  const auto expected = stored("straight");
  for (const auto killed : moments(polls.size(), 0)) {
    const auto data = "killed-" + std::to_string(killed);
    live(data, 0, killed, killed % 30);
    live(data, killed, polls.size());
    EXPECT_EQ(stored(data), expected) << killed;
    EXPECT_EQ(replayed(data), stored(data)) << killed;
  }
}

/// Of a device that was new there are frames and no state: what they tell goes before the record of its alarm.
TEST_F(Notices, AreTheSameWhereNoStateWasSavedYet) {
  live("straight", 0, polls.size());
  const auto expected = stored("straight");
  for (const auto killed : moments(polls.size(), 1)) {
    const auto data = "young-" + std::to_string(killed);
    live(data, 0, killed, killed);
    live(data, killed, polls.size());
    EXPECT_EQ(stored(data), expected) << killed;
  }
}

/// `left` is silent from 800 s to 860 s. At 850 s another shift makes its state worthless, and the gateway is killed
/// again before anything has answered.
TEST_F(Notices, GoOnFromTheirRecordWhereTheStateWasOfOtherRulesAndNoNewOneIsSaved) {
  constexpr std::size_t silent = 850 / 2, later = silent + 60;
  live("once", 0, silent);
  live("twice", 0, silent);
  auto other = site + cross_check;
  configure(other.replace(other.find("hours = 0.5"), 11, "hours = 0.6"));
  live("once", silent, later);
  live("twice", silent, silent);
  live("twice", silent, later);
  EXPECT_EQ(stored("twice"), stored("once"));
}

/// The disagreement is told at 1372 s, and from 1400 s to 1500 s the link that is lost hides it.
TEST_F(Notices, OfADisagreementEndWhenNobodyComparesAnyMore) {
  const auto* disagreements = "SELECT level, state, changed_at FROM alarm_history WHERE limit_source LIKE 'disagree%'";
  for (const bool hidden : {false, true}) {
    const std::string data = hidden ? "hidden" : "seen";
    const std::size_t removed = (hidden ? 1450 : 1390) / 2;
    configure(site + cross_check);
    live(data, 0, removed);
    const auto before = rows(data, disagreements);
    ASSERT_NE(before, "");
    configure(site);
    live(data, removed, 1650 / 2);
    const auto now = std::to_string(polls[removed].at.time_since_epoch().count());
    EXPECT_EQ(rows(data, disagreements), hidden ? before : before + "none|NORM|" + now + "|\n");
    EXPECT_EQ(rows(data, "SELECT count(*) FROM alarm WHERE subject = 'right' AND state <> 'NORM'"), "0|\n") << data;
  }
}

}  // namespace notice_replay_test
}  // namespace hazgate::app
