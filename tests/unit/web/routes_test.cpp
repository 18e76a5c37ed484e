#include <gmock/gmock.h>

#include "unit/web/fake_api.hpp"

namespace hazgate::web {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class RoutesTest : public testing::Test, public FakeApi {};

TEST_F(RoutesTest, NothingButTheGreetingIsAnsweredToWhoHasNotSignedIn) {
  for (const auto& route : Routes::table()) {
    if (route.pattern == live_path) continue;
    std::string target(route.pattern);
    for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
      target.replace(at, target.find('}') - at + 1, "x");
    const auto response = run(request(route.method, target, "nobody"));
    const bool open = target == "/api/v1/session" || target == "/api/v1/setup" || target == "/metrics" ||
                      target == "/healthz" || target == "/readyz" || target == "/api/v1/openapi.json";
    if (open && route.method != Method::delete_) {
      EXPECT_NE(response.status, 401U) << target;
    } else {
      EXPECT_EQ(response.status, 401U) << target;
    }
  }
}

TEST_F(RoutesTest, EachRoleGetsWhatIsItsOwn) {
  struct Case {
    const char* target;
    bool admin, site_operator, enterprise, regulator;
  };
  for (const auto& [target, admin, site_operator, enterprise, regulator] :
       {Case{"/api/v1/users", true, false, false, false}, Case{"/api/v1/overview", true, true, true, false},
        Case{"/api/v1/points", true, true, true, true}, Case{"/api/v1/points/a.b", true, true, true, false},
        Case{"/api/v1/alarms", true, true, true, false}, Case{"/api/v1/exceedances", true, true, true, true},
        Case{"/api/v1/points/a.b/readings?from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z", true, true, true,
             false}}) {
    EXPECT_EQ(get(target, "admin").status, admin ? 200U : 403U) << target;
    EXPECT_EQ(get(target, "operator").status, site_operator ? 200U : 403U) << target;
    EXPECT_EQ(get(target, "enterprise").status, enterprise ? 200U : 403U) << target;
    EXPECT_EQ(get(target, "regulator").status, regulator ? 200U : 403U) << target;
  }
}

TEST_F(RoutesTest, WhatChangesSomethingNeedsTheTokenOfThePageAndItsOrigin) {
  auto act = request(Method::post, "/api/v1/alarms/gw-01-3/ack");
  act.body = R"({"note":"seen"})";
  EXPECT_EQ(run(act).status, 200U);
  EXPECT_THAT(asked, ElementsAre(R"(li@10.0.0.7 gw-01-3 ack {"note":"seen"})"));
  auto stale = act;
  stale.csrf = "another";
  EXPECT_EQ(code_of(run(stale)), "csrf");
  stale.csrf.clear();
  EXPECT_EQ(code_of(run(stale)), "csrf");
  auto foreign = act;
  foreign.origin = "http://evil.example";
  EXPECT_EQ(code_of(run(foreign)), "foreign_origin");
  auto form = act;
  form.content_type = "application/x-www-form-urlencoded";
  EXPECT_EQ(run(form).status, 415U);
  EXPECT_EQ(asked.size(), 1U);
}

TEST_F(RoutesTest, SigningInSetsACookieThatNoScriptReads) {
  auto in = request(Method::post, "/api/v1/session", "");
  in.csrf.clear();
  in.body = R"({"user":"li","password":"right"})";
  const auto response = run(in);
  EXPECT_EQ(response.status, 200U);
  EXPECT_THAT(text_of(response), HasSubstr(R"("csrf":"csrf")"));
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "Set-Cookie");
  EXPECT_THAT(response.headers[0].second, testing::StartsWith("hazgate=operator; Path=/; HttpOnly; SameSite=Strict"));
  in.secure = true;
  in.origin = "https://gw:8080";
  EXPECT_THAT(run(in).headers[0].second, testing::AllOf(testing::StartsWith("__Host-hazgate="), HasSubstr("; Secure")));
  EXPECT_THAT(asked[0], testing::EndsWith("//10.0.0.7"));
  in.body = R"({"user":"li","password":"wrong"})";
  EXPECT_EQ(run(in).status, 401U);
  EXPECT_TRUE(run(in).headers.empty());
}

TEST_F(RoutesTest, SigningOutTakesTheCookieAway) {
  auto out = request(Method::delete_, "/api/v1/session");
  const auto response = run(out);
  EXPECT_EQ(response.status, 204U);
  EXPECT_THAT(response.headers[0].second, HasSubstr("Max-Age=0"));
  out = request(Method::delete_, "/api/v1/session?everywhere=true");
  EXPECT_EQ(run(out).status, 204U);
  EXPECT_THAT(asked, ElementsAre("sign_out operator", "everywhere li"));
}

TEST_F(RoutesTest, WhatIsAskedInAWrongWayIsToldByItsName) {
  for (const auto* target :
       {"/api/v1/alarms?state=shut", "/api/v1/alarms?level=high", "/api/v1/alarms?limit=0", "/api/v1/alarms?limit=x",
        "/api/v1/alarms?colour=red", "/api/v1/alarms?limit=5&limit=6", "/api/v1/points/a.b/readings",
        "/api/v1/points/a.b/readings?from=yesterday&to=2026-11-27T00:00:00Z",
        "/api/v1/points/a.b/readings?from=2026-11-27T00:00:00Z&to=2026-11-27T00:00:00Z",
        "/api/v1/points/a.b/readings?from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z&resolution=2001",
        "/api/v1/points/a.b/readings?from=1926-11-26T00:00:00Z&to=2026-11-27T00:00:00Z",
        "/api/v1/exceedances?after_seq=-1", "/api/v1/overview?level=danger"}) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 422U) << target;
    EXPECT_EQ(response.content_type, "application/problem+json") << target;
    EXPECT_EQ(code_of(response), "bad_input") << target;
  }
  auto post = request(Method::post, "/api/v1/session", "");
  for (const auto* body : {"", "[]", "{", R"({"user":1,"password":"x"})", R"({"user":"a"})",
                           R"({"user":"a","password":"right","role":"admin"})"}) {
    post.body = body;
    EXPECT_EQ(run(post).status, 422U) << body;
  }
}

TEST_F(RoutesTest, ANumberThatNoJsonCanSayGoesNoFurther) {
  auto comment = request(Method::post, "/api/v1/points/a.b/comment");
  for (const auto* body : {R"({"note":1e999})", R"({"note":[{"x":-1e999}]})"}) {
    comment.body = body;
    EXPECT_EQ(code_of(run(comment)), "bad_input") << body;
  }
  EXPECT_TRUE(asked.empty());
}

TEST_F(RoutesTest, AFormMayLeaveOutWhatItNeedNotSay) {
  auto verify = request(Method::post, "/api/v1/ledger/verify");
  EXPECT_EQ(text_of(run(verify)), "li:");
  verify.body = R"({"enterprise":"acme"})";
  EXPECT_EQ(text_of(run(verify)), "li:acme");
}

TEST_F(RoutesTest, AUrlTellsWhichMethodsItTakes) {
  const auto response = run(request(Method::put, "/api/v1/session"));
  EXPECT_EQ(response.status, 405U);
  EXPECT_THAT(response.headers, ElementsAre(Pair("Allow", "GET, POST, DELETE")));
  EXPECT_EQ(get("/api/v1/nothing").status, 404U);
  EXPECT_EQ(get("/api/v1/points/a/b/c").status, 404U);
  EXPECT_EQ(get("/no-such-file.js").status, 404U);
  auto head = request(Method::head, "/api/v1/overview");
  EXPECT_EQ(run(head).status, 200U);
}

TEST_F(RoutesTest, WhatABrowserHasAlreadyIsNotSentAgain) {
  auto ask = request(Method::get, "/api/v1/points");
  EXPECT_EQ(text_of(run(ask)), "points");
  ask.gzip = true;
  EXPECT_EQ(text_of(run(ask)), "packed");
  EXPECT_TRUE(run(ask).gzipped);
  ask.if_none_match = "\"e1\"";
  EXPECT_EQ(run(ask).status, 304U);
  EXPECT_EQ(run(ask).body, nullptr);
  ask.if_none_match = "\"e0\"";
  EXPECT_EQ(run(ask).status, 200U);
}

TEST_F(RoutesTest, ABugIsAnAnswerAndALine) {
  std::string told;
  routes.on_bug = [&](const Request& request, const std::string& why) { told = request.target.path + ": " + why; };
  const auto response = get("/api/v1/points/broken/readings?from=2026-11-26T00:00:00Z&to=2026-11-27T00:00:00Z");
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(code_of(response), "internal");
  EXPECT_THAT(text_of(response), testing::Not(HasSubstr("a bug")));
  EXPECT_EQ(told, "/api/v1/points/broken/readings: a bug");
}

TEST_F(RoutesTest, ReadyMeansThatWhatIsMeasuredGetsToDisk) {
  EXPECT_EQ(get("/readyz", "").status, 200U);
  not_ready = "store: failing";
  EXPECT_EQ(get("/readyz", "").status, 503U);
  EXPECT_THAT(text_of(get("/readyz", "")), HasSubstr("failing"));
  EXPECT_EQ(get("/healthz", "").status, 200U);
}

TEST_F(RoutesTest, MetricsAreForThisSitesEyesAndTheMachinesThatItNames) {
  EXPECT_EQ(get("/metrics", "").status, 403U);
  EXPECT_EQ(get("/metrics", "enterprise").status, 403U);
  EXPECT_EQ(get("/metrics", "operator").status, 200U);
  auto scraper = request(Method::get, "/metrics", "");
  scraper.address = "10.0.0.9";
  EXPECT_EQ(text_of(run(scraper)), "metric 1\n");
}

TEST_F(RoutesTest, OnlyThePageItselfMayWatch) {
  auto watch = request(Method::get, "/api/v1/live");
  watch.origin = "http://gw:8080";
  EXPECT_TRUE(routes.may_watch(watch).has_value());
  watch.origin.clear();  // a browser always names it
  EXPECT_FALSE(routes.may_watch(watch).has_value());
  watch.origin = "http://gw:8081";
  EXPECT_EQ(routes.may_watch(watch).error().status, 403U);
  watch.origin = "http://gw:8080";
  watch.session = "regulator";
  EXPECT_EQ(routes.may_watch(watch).error().status, 403U);
  watch.session.clear();
  EXPECT_EQ(routes.may_watch(watch).error().status, 401U);
}

}  // namespace
}  // namespace hazgate::web
