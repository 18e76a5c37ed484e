// The description of the API (openapi.json, as the gateway itself gives it) against what a running gateway answers:
// every operation, every role, and errors of each kind. Judged by an independent validator (api_check.py).
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <iostream>

#include "integration/api_exchanges.hpp"
#include "integration/api_record_story.hpp"
#include "integration/gateway_fixture.hpp"
#include "support/http_client.hpp"

namespace hazgate::test {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr auto* password = "three words and one";

/// Of the demonstration: one shift that always runs, and one that is over 45 s from now, for a final record; and a
/// mixture, of agents that are measured at one workplace.
SiteOnThisMachine::Changes changes() {
  const auto local = std::chrono::system_clock::now() + std::chrono::hours(8);  // Asia/Shanghai
  const auto minute = std::chrono::floor<std::chrono::minutes>(local);
  const auto over_s = std::chrono::duration<double>(local - minute + seconds(45)).count();
  const std::string days = R"(days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])";
  return {{R"(start = "08:00")", R"(start = "00:00")"},
          {"hours = 8.0", "hours = 24.0"},
          {R"(days = ["mon", "tue", "wed", "thu", "fri"])",
           fmt::format("{}\n[[shift]]\nid = \"short\"\nstart = \"{:%H:%M}\"\nhours = {:.6f}\n{}", days, minute,
                       over_s / 3600, days)},
          {R"(shift = "day")", R"(shift = ["day", "short"])"},
          {R"(workplace = "solvent-store")", R"(workplace = "spray-booth")"},
          {"[[agent]]\nagent = \"cas:71-43-2\"",
           "[[mixture]]\nworkplace = \"spray-booth\"\nagents = [\"cas:108-88-3\", \"cas:71-43-2\"]\n\n"
           "[[agent]]\nagent = \"cas:71-43-2\""}};
}

struct RunningDemonstration : SiteOnThisMachine {
  RunningDemonstration() {
    demonstration(changes());
    broker.start();
    start_simulator();
    start_gateway();
  }
};

class ApiSchema : public testing::Test {
 public:
  void TearDown() override {
    if (HasFailure()) std::cerr << "gateway:\n" << site.gateway->output();
  }

  /// Asks, and keeps question and answer for the judgement.
  HttpAnswer ask(HttpClient& client, const std::string& method, const std::string& target,
                 const std::optional<json::value>& form = {}, HttpClient::Headers headers = {}) {
    return exchanges.ask(client, method, target, form, std::move(headers));
  }
  HttpAnswer get(HttpClient& client, const std::string& target) { return ask(client, "GET", target); }
  /// The first administrator by the one-time token, and a user of every other role; all are signed in.
  void sign_in() {
    get(nobody, "/api/v1/session");
    std::string token;
    std::ifstream(site.store().parent_path() / "one-time-token") >> token;
    const json::object form{{"token", token}, {"user", "root"}, {"password", password}};
    auto wrong = form, weak = form;
    wrong["token"] = "guessed";
    weak["password"] = "short";
    EXPECT_EQ(ask(nobody, "POST", "/api/v1/setup", wrong).code(), "wrong_token");
    EXPECT_EQ(ask(nobody, "POST", "/api/v1/setup", weak).code(), "bad_input");
    EXPECT_EQ(ask(admin, "POST", "/api/v1/setup", form).status, 200U);
    get(admin, "/api/v1/session");
    for (const auto* role : {"operator", "enterprise", "regulator"}) {
      json::object user{{"name", role}, {"role", role}, {"password", password}};
      if (role == std::string_view("enterprise")) user["enterprise"] = "huaxin-stone";
      EXPECT_EQ(ask(admin, "POST", "/api/v1/users", user).status, 201U);
      EXPECT_EQ(ask(admin, "POST", "/api/v1/users", user).status, 409U);
    }
    EXPECT_EQ(ask(admin, "POST", "/api/v1/users", json::object{{"name", "x"}}).status, 422U);
    for (auto& [name, client] : everybody())
      EXPECT_EQ(ask(*client, "POST", "/api/v1/session", json::object{{"user", name}, {"password", password}}).status,
                200U);
    EXPECT_EQ(ask(nobody, "POST", "/api/v1/session", json::object{{"user", "root"}, {"password", "wrong"}}).status,
              401U);
  }
  std::vector<std::pair<std::string, HttpClient*>> everybody() {
    return {{"root", &admin}, {"operator", &site_operator}, {"enterprise", &enterprise}, {"regulator", &regulator}};
  }

  /// Follows the site until `condition`, which is asked after each frame.
  void watch_until(HttpClient& client, const std::string& what,
                   const std::function<bool(const json::object&)>& condition) {
    LiveConnection live(client);
    for (int frames = 0; frames < 120; ++frames)
      if (condition(json::parse(exchanges.frame(live)).as_object())) return;
    ADD_FAILURE() << "not within 120 frames: " << what << "\n" << site.gateway->output();
  }

  /// Every question that only asks, as each role.
  void ask_everything(const std::string& alarm) {
    const auto day = fmt::format("{:%F}", std::chrono::floor<seconds>(std::chrono::system_clock::now()));
    const auto now = fmt::format("{:%FT%T}Z", std::chrono::floor<seconds>(std::chrono::system_clock::now()));
    const auto before =
        fmt::format("{:%FT%T}Z", std::chrono::floor<seconds>(std::chrono::system_clock::now()) - seconds(90));
    const auto range = "?from=" + before + "&to=" + now;
    for (auto& [name, client] : everybody()) {
      for (const auto* plain : {"session", "overview", "points", "devices", "status", "alarms", "exposures",
                                "exceedances", "ledger", "gaps", "config", "users", "audit"})
        get(*client, std::string("/api/v1/") + plain);
      for (const auto& target :
           {"alarms?state=all&level=warning&limit=2", "alarms?enterprise=huaxin-stone&workplace=cutting-hall",
            "alarms?point=dust-1.pm_a&before=1000", "points/dust-1.pm_a", "points/voc-1.tvoc", "points/noise-1.la",
            "points/h2s-1.gas", "points/none", "exposures?workplace=polishing-line&to=2026-01-02",
            "exposures?enterprise=none", "exceedances?enterprise=huaxin-stone&after_seq=1",
            "devices/gas-1/registers?table=input&count=4", "devices/io-1/registers?table=coil&first=0&count=2",
            "devices/dust-1/registers?first=65535&count=64", "devices/none/registers", "gaps?workplace=cutting-hall",
            "audit?limit=2&before=5", "exposures?point=dust-1.pm_a&from=yesterday", "alarms?levels=warning"})
        get(*client, std::string("/api/v1/") + target);
      get(*client, "/api/v1/exposures?from=" + day + "&to=" + day);
      get(*client, "/api/v1/gaps" + range);
      get(*client, "/api/v1/alarms/" + alarm);
      for (const auto* point : {"dust-1.pm_a", "noise-1.la", "voc-1.tvoc"}) {
        get(*client, "/api/v1/points/" + std::string(point) + "/readings" + range);
        get(*client, "/api/v1/points/" + std::string(point) + "/readings" + range + "&resolution=7&format=csv");
      }
    }
    for (const auto* target : {"/api/v1/openapi.json", "/healthz", "/readyz", "/metrics"}) get(nobody, target);
    for (const auto* target : {"/api/v1/openapi.json", "/api/v1/points"}) {
      const auto etag = get(site_operator, target).headers["etag"];
      EXPECT_EQ(ask(site_operator, "GET", target, {}, {{"If-None-Match", etag}}).status, 304U) << target;
      EXPECT_EQ(ask(site_operator, "HEAD", target).status, 200U) << target;
    }
  }

  /// Nobody is turned away because somebody else looks, too.
  void look_at_the_configuration_together() {
    auto look = [client = admin]() mutable {
      std::vector<unsigned> statuses;
      for (int i = 0; i < 5; ++i) statuses.push_back(client.get("/api/v1/config").status);
      return statuses;
    };
    auto other = std::async(std::launch::async, look);
    EXPECT_THAT(look(), testing::Each(200U));
    EXPECT_THAT(other.get(), testing::Each(200U));
  }

  HttpAnswer act(HttpClient& client, const std::string& what, const json::object& form = {}) {
    return ask(client, "POST", "/api/v1/" + what, form);
  }

  /// What persons do with an alarm that stands, and with a point that has none.
  void act_on(const std::string& id) {
    const auto alarm = "alarms/" + id + "/";
    EXPECT_EQ(act(site_operator, alarm + "ack", {{"note", "on my way"}, {"revision", 0}}).code(), "changed_since");
    EXPECT_EQ(act(site_operator, alarm + "comment", {{"note", "看到了"}}).status, 200U);
    EXPECT_EQ(act(site_operator, alarm + "comment").code(), "note_needed");
    EXPECT_EQ(act(site_operator, alarm + "comment", {{"by", "somebody else"}}).code(), "bad_input");
    EXPECT_EQ(act(site_operator, alarm + "comment", {{"notes", "x"}}).code(), "unknown_member");
    EXPECT_EQ(act(site_operator, alarm + "confirm").code(), "verdict_needed");
    EXPECT_EQ(act(site_operator, alarm + "confirm", {{"verdict", "maybe"}}).code(), "unknown_verdict");
    EXPECT_EQ(act(site_operator, alarm + "reset").status, 409U);
    EXPECT_EQ(act(site_operator, alarm + "forget").status, 404U);
    EXPECT_EQ(act(site_operator, "alarms/gw-01-999/ack").code(), "no_such_alarm");
    EXPECT_EQ(act(site_operator, "alarms/another-1/ack").code(), "not_found");
    EXPECT_EQ(act(regulator, alarm + "ack").code(), "not_allowed");
    EXPECT_EQ(act(site_operator, alarm + "out_of_service", {{"note", "calibration"}}).status, 200U);
    EXPECT_EQ(act(site_operator, alarm + "in_service").status, 200U);
    EXPECT_EQ(act(enterprise, "points/dust-1.humidity/out_of_service", {{"note", "calibration"}}).status, 200U);
    EXPECT_EQ(act(enterprise, "points/dust-1.humidity/in_service").status, 200U);
    EXPECT_EQ(act(enterprise, "points/gas-1.gas/comment", {{"note", "not mine"}}).code(), "not_found");
  }

  void manage_users() {
    const auto change = [&](const std::string& name, const json::object& form) {
      return ask(admin, "PATCH", "/api/v1/users/" + name, form);
    };
    EXPECT_EQ(change("regulator", {{"role", "enterprise"}, {"enterprise", "park"}}).status, 200U);
    EXPECT_EQ(change("regulator", {{"role", "regulator"}, {"disabled", true}}).status, 200U);
    EXPECT_EQ(change("root", {{"disabled", true}}).code(), "last_admin");
    EXPECT_EQ(change("regulator", {{"enterprise", "none"}}).code(), "bad_input");
    EXPECT_EQ(change("none", {}).status, 404U);
    EXPECT_EQ(ask(admin, "PUT", "/api/v1/users/regulator/password", json::object{{"password", "four words and a half"}})
                  .status,
              204U);
    EXPECT_EQ(ask(admin, "PUT", "/api/v1/users/regulator/password", json::object{{"password", "short"}}).status, 422U);
    EXPECT_EQ(ask(admin, "DELETE", "/api/v1/users/regulator/sessions").status, 204U);
    EXPECT_EQ(ask(admin, "DELETE", "/api/v1/users/none/sessions").status, 404U);
  }

  void ask_what_is_wrong() {
    EXPECT_EQ(get(nobody, "/api/v1/points").status, 401U);
    EXPECT_EQ(get(nobody, "/api/v1/live").status, 401U);
    EXPECT_EQ(get(site_operator, "/api/v1/live").status, 426U);
    EXPECT_EQ(ask(admin, "POST", "/api/v1/points", json::object{}).status, 405U);
    EXPECT_EQ(ask(admin, "POST", "/api/v1/ledger/verify", "{}", {{"Content-Type", "text/plain"}}).status, 415U);
    EXPECT_EQ(ask(admin, "POST", "/api/v1/ledger/verify", json::object{}, {{"X-CSRF-Token", "another"}}).code(),
              "csrf");
    EXPECT_EQ(ask(admin, "POST", "/api/v1/ledger/verify", json::object{}, {{"Origin", "http://elsewhere"}}).code(),
              "foreign_origin");
    EXPECT_EQ(
        ask(admin, "POST", "/api/v1/ledger/verify", json::object{{"enterprise", std::string(70'000, 'x')}}).status,
        413U);
    EXPECT_EQ(get(admin, "/api/v1/points/%FF").code(), "bad_target");
    EXPECT_EQ(ask(admin, "DELETE", "/api/v1/session?everywhere=perhaps").status, 422U);
  }

  void sign_out() {
    LiveConnection live(enterprise);
    exchanges.frame(live);
    EXPECT_EQ(ask(enterprise, "DELETE", "/api/v1/session").status, 204U);
    while (!exchanges.frame(live).empty()) continue;
    EXPECT_EQ(live.close_code(), 4401U);
    EXPECT_EQ(ask(site_operator, "DELETE", "/api/v1/session?everywhere=true").status, 204U);
    EXPECT_EQ(get(site_operator, "/api/v1/session").json().at("signed_in"), false);
    json::object form{{"old", "wrong"}, {"new", "another three words"}};
    EXPECT_EQ(ask(admin, "PUT", "/api/v1/session/password", form).status, 422U);
    form["old"] = password;
    EXPECT_EQ(ask(admin, "PUT", "/api/v1/session/password", form).status, 204U);
    EXPECT_EQ(get(admin, "/api/v1/status").status, 401U) << "all sessions have ended with the old password";
  }

  void try_the_bounds(const json::object& description, const std::string& alarm) {
    const DescribedBounds::Words words{{"point", "dust-1.pm_a"},
                                       {"alarm", alarm},
                                       {"device", "dust-1"},
                                       {"enterprise", "huaxin-stone"},
                                       {"assessment", record.assessment()},
                                       {"hash", record.attachment()},
                                       {"from", "2026-01-01T00:00:00Z"},
                                       {"to", "2026-01-02T00:00:00Z"},
                                       {"group", RecordStory::group},
                                       {"agent", RecordStory::group_agent},
                                       {"format", "en689"}};
    DescribedBounds(description, words, [&](const std::string& target) { return get(admin, target).status; }).try_all();
  }

  std::string judged(const std::string& description) const {
    const auto described = site.folder.write("openapi.json", description);
    const auto answers = site.folder.write("exchanges.jsonl", exchanges.lines());
    Process python(
        {"/usr/bin/python3", SOURCE_DIR "/tests/integration/api_check.py", described.string(), answers.string()});
    const auto code = python.wait(seconds(60));
    python.wait_for_end(seconds(5));
    return code == 0 ? python.output() : "failed: " + python.output();
  }

  RunningDemonstration site;
  HttpClient nobody{site.http_port()}, admin{site.http_port()}, site_operator{site.http_port()},
      enterprise{site.http_port()}, regulator{site.http_port()};
  Exchanges exchanges;
  RecordStory record{exchanges, {admin, site_operator, enterprise, regulator}};
};

/// The id of the alarm of dust at the cutting hall, once it has come to exceed.
std::string exceeding(const json::object& frame) {
  for (const auto& alarm : frame.at("alarms").as_array())
    if (alarm.as_object().contains("point") && alarm.at("point") == "dust-1.pm_a" && alarm.at("highest") == "exceed")
      return std::string(alarm.at("id").as_string());
  return {};
}

TEST_F(ApiSchema, KnowsEveryAnswerOfARunningGateway) {
  sign_in();
  std::string alarm;
  watch_until(enterprise, "dust above its level", [&](const json::object& frame) {
    alarm = exceeding(frame);
    return !alarm.empty();
  });
  act_on(alarm);
  record.write();
  watch_until(site_operator, "a final exposure, and an exceedance", [&](const json::object&) {
    const auto exposures = site_operator.get("/api/v1/exposures").body;
    const auto records = site_operator.get("/api/v1/exceedances").body;
    return exposures.find("\"final\":true") != std::string::npos &&
           records.find("\"event\":\"began\"") != std::string::npos;
  });
  EXPECT_THAT(get(enterprise, "/api/v1/points/dust-1.pm_a").body, testing::Not(testing::HasSubstr("\"final\":true")))
      << "a shift that is over is asked for among the exposures";
  EXPECT_THAT(get(site_operator, "/api/v1/devices/gas-1/registers?first=2&count=2").body, HasSubstr("\"float32\""));
  ASSERT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  site.start_gateway();  // what was stopped is a gap; who was signed in still is
  ask_everything(alarm);
  look_at_the_configuration_together();
  record.read();
  EXPECT_THAT(get(regulator, "/api/v1/gaps").body, HasSubstr("\"reason\""));
  for (auto& [name, client] : everybody()) ask(*client, "POST", "/api/v1/ledger/verify", json::object{});
  ask(site_operator, "POST", "/api/v1/ledger/verify", json::object{{"enterprise", "none"}});
  const auto description = get(nobody, "/api/v1/openapi.json").body;
  try_the_bounds(json::parse(description).as_object(), alarm);
  ask_what_is_wrong();
  manage_users();
  sign_out();
  EXPECT_EQ(site.stop_gateway(), 0) << site.gateway->output();
  EXPECT_EQ(judged(description), "");
}

}  // namespace
}  // namespace hazgate::test
