#include "app/alarm_request.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace hazgate::app {
namespace {

using core::ActionKind;
using core::AlarmSubject;
using std::chrono::minutes;

core::Site site() {
  core::Site s;
  s.gateway_id = "gw-01";
  s.buses = {{"hall-a"}, {"hall-b"}};
  s.outputs = {{"horn", "警报器"}, {"fan", ""}};
  s.devices = {{.id = "gas-1"}, {.id = "dust-1"}};
  s.points = {{.id = "gas-1.gas"}, {.id = "dust-1.pm10"}, {.id = "dust-1.pm25"}};
  return s;
}

boost::system::result<core::PersonInput, BadRequest> parse(std::string_view request, std::string_view user = {}) {
  return parse_alarm_request(site(), request, user);
}

/// A good request about `subject`, with more members as they stand.
std::string about(const std::string& subject, const std::string& more = "") {
  return R"({"op":"alarm",)" + subject + R"(,"action":"acknowledge","by":"Li Wei")" + more + "}";
}

core::PersonInput good(const std::string& request, std::string_view user = {}) {
  const auto input = parse(request, user);
  EXPECT_TRUE(input.has_value()) << request << ": " << (input ? "" : input.error().text.en);
  return input ? *input : core::PersonInput{};
}

TEST(AlarmRequest, NamesAnAlarmByItsIdOrByWhomItIsAbout) {
  EXPECT_EQ(good(about(R"("id":"gw-01-12")")).number, 12u);
  struct Row {
    const char* member;
    AlarmSubject subject;
    std::uint32_t index;
  };
  const std::array rows{
      Row{R"("point":"dust-1.pm25")", AlarmSubject::point, 2}, Row{R"("device":"dust-1")", AlarmSubject::device, 1},
      Row{R"("bus":"hall-b")", AlarmSubject::bus, 1},          Row{R"("output":"fan")", AlarmSubject::output, 1},
      Row{R"("part":"broker")", AlarmSubject::gateway, 0},     Row{R"("part":"coverage")", AlarmSubject::gateway, 3}};
  for (const auto& row : rows) {
    const auto input = good(about(row.member));
    EXPECT_EQ(input.number, 0u) << row.member;
    EXPECT_EQ(input.subject, row.subject) << row.member;
    EXPECT_EQ(input.index, row.index) << row.member;
  }
}

TEST(AlarmRequest, TakesWhatAPersonSays) {
  const auto plain = good(about(R"("id":"gw-01-1")")).action;
  EXPECT_EQ(plain, (core::Action{.kind = ActionKind::acknowledge, .by = "Li Wei"}));
  const auto shelf = good(
      R"({"op":"alarm","id":"gw-01-1","action":"shelve","by":"李伟","note":"更换传感器","minutes":1.5,"revision":9000})");
  EXPECT_EQ(shelf.action, (core::Action{.kind = ActionKind::shelve,
                                        .by = "李伟",
                                        .note = "更换传感器",
                                        .duration = std::chrono::seconds(90),
                                        .revision = 9000}));
  EXPECT_EQ(good(about(R"("id":"gw-01-1")", R"(,"minutes":144000)")).action.duration, minutes(144000));
  EXPECT_EQ(good(about(R"("id":"gw-01-1")", R"(,"verdict":"device_fault")")).action.verdict,
            core::EventVerdict::device_fault);
  for (int kind = 0; kind < 9; ++kind) {
    const auto word = std::string(core::name(static_cast<ActionKind>(kind)));
    const auto input = good(R"({"op":"alarm","part":"store","by":"Li Wei","action":")" + word + R"("})");
    EXPECT_EQ(input.action.kind, static_cast<ActionKind>(kind)) << word;
  }
}

TEST(AlarmRequest, WhoIsSignedInAtTheBrokerSpeaksForHimselfOnly) {
  const std::string nameless = R"({"op":"alarm","id":"gw-01-1","action":"acknowledge"})";
  EXPECT_EQ(good(nameless, "Li Wei").action.by, "Li Wei");
  EXPECT_EQ(good(about(R"("id":"gw-01-1")"), "Li Wei").action.by, "Li Wei");
  EXPECT_EQ(parse(about(R"("id":"gw-01-1")"), "Zhao").error().code, "not_you");
  EXPECT_EQ(parse(nameless).error().code, "missing_member") << "nobody has asked";
}

TEST(AlarmRequest, TellsTheSenderOfABadRequestWhatIsWrong) {
  struct Row {
    std::string request, code, part_of_the_text;
  };
  const auto id = [](const std::string& text) { return about(R"("id":")" + text + R"(")"); };
  const auto with = [](const std::string& member) { return about(R"("id":"gw-01-1")", "," + member); };
  const std::vector<Row> rows{
      {"", "not_json", ""},
      {"{", "not_json", ""},
      {R"({"op":"alarm",})", "not_json", ""},
      {"\xff\xfe", "not_json", ""},
      {std::string(100000, '['), "not_json", ""},
      {R"({"op":)" + std::string(100000, '[') + std::string(100000, ']') + "}", "not_json", ""},
      {"[]", "not_json", "no object"},
      {"\"alarm\"", "not_json", "no object"},
      {"{}", "missing_member", "\"op\""},
      {R"({"op":"readings"})", "unknown_op", "\"alarm\""},
      {R"({"op":5})", "wrong_type", "\"op\""},
      {with(R"("revison":1)"), "unknown_member", "did you mean \"revision\"?"},
      {with(R"("":1)"), "unknown_member", ""},
      {R"({"op":"alarm","id":"gw-01-1","by":"Li","action":"acknowlege"})", "unknown_action",
       "did you mean \"acknowledge\"?"},
      {R"({"op":"alarm","id":"gw-01-1","by":"Li","action":"silence_everything_now"})", "unknown_action", "expected"},
      {R"({"op":"alarm","id":"gw-01-1","by":"Li","action":null})", "wrong_type", "\"action\""},
      {R"({"op":"alarm","id":"gw-01-1","by":"Li"})", "missing_member", "\"action\""},
      {R"({"op":"alarm","id":"gw-01-1","by":["Li"],"action":"reset"})", "wrong_type", "\"by\""},
      {R"({"op":"alarm","id":"gw-01-1","by":"","action":"reset"})", "missing_member", "name of the person"},
      {R"({"op":"alarm","action":"reset","by":"Li"})", "missing_member", "one of"},
      {about(R"("id":"gw-01-1","point":"gas-1.gas")"), "missing_member", "one of"},
      {about(R"("id":17)"), "wrong_type", "\"id\""},
      {about(R"("part":17)"), "wrong_type", "\"part\""},
      {about(R"("point":{})"), "wrong_type", "\"point\""},
      {with(R"("note":7)"), "wrong_type", "\"note\""},
      {with(R"("verdict":true)"), "wrong_type", "\"verdict\""},
      {with(R"("verdict":"false_alarn")"), "unknown_verdict", "did you mean \"false_alarm\"?"},
      {with(R"("minutes":"60")"), "wrong_type", "\"minutes\""},
      {with(R"("minutes":-1)"), "wrong_type", "\"minutes\""},
      {with(R"("minutes":144001)"), "wrong_type", "144000"},
      {with(R"("minutes":1e308)"), "wrong_type", "\"minutes\""},
      {with(R"("minutes":NaN)"), "not_json", ""},
      {with(R"("minutes":Infinity)"), "not_json", ""},
      {with(R"("minutes":null)"), "wrong_type", "\"minutes\""},
      {with(R"("revision":-1)"), "wrong_type", "\"revision\""},
      {with(R"("revision":18446744073709551615)"), "wrong_type", "\"revision\""},
      {with(R"("revision":[1])"), "wrong_type", "\"revision\""},
      {id("gw-02-7"), "unknown_id", "gw-01-<number>"},
      {id("gw-01-1-7"), "unknown_id", ""},
      {id("gw-01"), "unknown_id", ""},
      {id("gw-01-"), "unknown_id", ""},
      {id("gw-01-0"), "unknown_id", ""},
      {id("gw-01-7x"), "unknown_id", ""},
      {id("gw-01- 7"), "unknown_id", ""},
      {id("gw-01--7"), "unknown_id", ""},
      {id("gw-01-18446744073709551616"), "unknown_id", ""},
      {id("7"), "unknown_id", ""},
      {id(""), "unknown_id", ""},
      {about(R"("point":"gas-1.ga")"), "unknown_subject", "gas-1.ga"},
      {about(R"("point":"gas-1")"), "unknown_subject", "no point"},
      {about(R"("device":"gas-1.gas")"), "unknown_subject", "no device"},
      {about(R"("bus":"")"), "unknown_subject", "no bus"},
      {about(R"("output":"lamp")"), "unknown_subject", "no output"},
      {about(R"("part":"link")"), "unknown_subject", "no part"}};
  for (const auto& row : rows) {
    const auto shown = row.request.substr(0, 100);
    const auto input = parse(row.request);
    ASSERT_TRUE(input.has_error()) << shown;
    EXPECT_EQ(input.error().code, row.code) << shown << ": " << input.error().text.en;
    EXPECT_NE(input.error().text.en.find(row.part_of_the_text), std::string::npos)
        << shown << ": " << input.error().text.en;
    EXPECT_FALSE(input.error().text.zh.empty()) << shown;
  }
}

/// What comes from outside is taken or refused, and what is taken makes sense.
TEST(AlarmRequest, SurvivesRandomBytes) {
  const std::vector<std::string> originals{
      about(R"("id":"gw-01-12")"), about(R"("part":"coverage")", R"(,"minutes":30,"revision":7)"),
      R"({"op":"alarm","point":"dust-1.pm25","action":"confirm","by":"李伟","verdict":"real","note":"\u6d4b"})"};
  std::mt19937 random(42);
  const auto any = [&](std::size_t n) { return random() % n; };
  const auto s = site();
  int taken = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    auto request = originals[any(originals.size())];
    for (auto changes = any(4); changes-- > 0 && !request.empty();) {
      const auto place = any(request.size());
      switch (any(4)) {
        case 0:
          request[place] = static_cast<char>(any(256));
          break;
        case 1:
          request.erase(place, 1 + any(4));
          break;
        case 2:
          request.insert(place, 1, "\"\\{}[]:,0-9e."[any(13)]);
          break;
        default:
          request.insert(place, request.substr(any(request.size()), any(20)));
      }
    }
    const auto input = parse_alarm_request(s, request, any(2) == 0 ? "" : "Li Wei");
    if (input.has_error()) {
      EXPECT_FALSE(input.error().code.empty());
      continue;
    }
    ++taken;
    EXPECT_FALSE(input->action.by.empty()) << request;
    EXPECT_TRUE(input->number != 0 || input->index < core::gateway_parts) << request;
    EXPECT_TRUE(!input->action.duration || *input->action.duration <= minutes(144000)) << request;
  }
  EXPECT_GT(taken, 1000) << "otherwise nothing was tried";
}

}  // namespace
}  // namespace hazgate::app
