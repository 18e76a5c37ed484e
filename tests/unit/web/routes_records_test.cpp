// The table of URLs of the enterprise's record: what a request is comes to the Api as the right values, or not at all.
#include <gmock/gmock.h>

#include "unit/web/fake_api.hpp"

namespace hazgate::web::routes_records_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

class RoutesRecordsTest : public testing::Test, public FakeApi {
 protected:
  Response send(Method method, std::string_view target, std::string body = "{}", std::string token = "operator") const {
    auto made = request(method, target, std::move(token));
    made.body = std::move(body);
    return run(made);
  }
};

/// An address of the record that the pattern fits.
std::vector<std::pair<Method, std::string>> addresses() {
  std::vector<std::pair<Method, std::string>> all;
  for (const auto& route : Routes::table()) {
    std::string target(route.pattern);
    const auto begins = [&](std::string_view word) { return target.starts_with("/api/v1/" + std::string(word)); };
    if (!begins("assessments") && !begins("attachments") && !begins("posts") && !begins("statistics") &&
        !begins("duties") && !begins("reports"))
      continue;
    for (auto at = target.find('{'); at != std::string::npos; at = target.find('{'))
      target.replace(at, target.find('}') - at + 1, "x");
    all.emplace_back(route.method, target);
  }
  return all;
}

TEST_F(RoutesRecordsTest, WhatIsAskedReachesTheApi) {
  struct Case {
    const char *target, *answer;
  };
  for (const auto& [target, answer] :
       {Case{"assessments", "assessments|li||||||no|json|"},
        Case{"assessments?enterprise=acme&workplace=mixing&agent=cas:71-43-2&from=2026-11-20&to=2026-11-20"
             "&withdrawn=true&format=csv&language=en",
             "assessments|li|acme|20777|20777|mixing|cas:71-43-2|yes|csv|en"},
        Case{"assessments?withdrawn=false&format=xlsx&language=zh", "assessments|li||||||no|xlsx|zh"},
        Case{"assessments?to=2026-11-20&format=json", "assessments|li|||20777|||no|json|"},
        Case{"assessments/template", "template|li|xlsx|"},
        Case{"assessments/template?format=csv&language=en", "template|li|csv|en"},
        Case{"assessments/12", "assessment|li|12"},
        Case{"attachments/ab12", "attachment|li|ab12"},
        Case{"posts?enterprise=acme&from=2026-11-20", "posts|li|acme|20777|"},
        Case{"statistics", "groups|li|||"},
        Case{"statistics/group?enterprise=acme&group=SEG-1&agent=noise", "group|li|acme|||SEG-1|noise|no|"},
        Case{"statistics/group?source=online", "group|li||||||yes|"},
        Case{"statistics/plot?group=SEG-1&agent=noise&source=laboratory&language=en", "plot|li||||SEG-1|noise|no|en"},
        Case{"statistics/export?group=SEG-1&to=2026-11-20&format=ihstat", "export|li|||20777|SEG-1||no||ihstat"},
        Case{"duties", "duties|li|"},
        Case{"duties?enterprise=acme", "duties|li|acme"},
        Case{"reports", "park|li||||html|"},
        Case{"reports?from=2026-11-20&format=pdf", "park|li||20777||pdf|"},
        Case{"reports/acme", "report|li|acme|||html|"},
        Case{"reports/acme?from=2026-11-20&to=2026-11-21&format=xlsx&language=zh",
             "report|li|acme|20777|20778|xlsx|zh"}}) {
    const auto response = get("/api/v1/" + std::string(target));
    EXPECT_EQ(response.status, 200U) << target;
    EXPECT_EQ(text_of(response), answer) << target;
  }
}

TEST_F(RoutesRecordsTest, WhatIsEnteredReachesTheApi) {
  struct Case {
    Method method;
    const char *target, *body, *answer;
  };
  for (const auto& [method, target, body, answer] :
       {Case{Method::post, "assessments", R"({"date":"2026-11-20","shift_hours":8})",
             R"(enter|li||{"date":"2026-11-20","shift_hours":8}|no)"},
        Case{Method::post, "assessments?dry=true", "{}", "enter|li||{}|yes"},
        Case{Method::put, "assessments/12", R"({"version":2})", R"(correct|li|12|{"version":2}|no)"},
        Case{Method::put, "assessments/12?dry=true", "{}", "correct|li|12|{}|yes"},
        Case{Method::post, "assessments/12/withdraw", R"({"version":2,"why":"x"})",
             R"(withdraw|li|12|{"version":2,"why":"x"}|no)"},
        Case{Method::post, "assessments/import?file=a.csv", "no JSON", "import|li|a.csv|no JSON||no|no"},
        Case{Method::post, "assessments/import?file=%E6%A3%80%E6%B5%8B.xlsx&keep=good&dry=true&enterprise=acme", "x",
             "import|li|检测.xlsx|x|acme|yes|yes"},
        Case{Method::post, "assessments/import?file=a.csv&keep=all&dry=false", "x", "import|li|a.csv|x||no|no"},
        Case{Method::post, "attachments?file=r.pdf&enterprise=acme", "%PDF-1.7", "attach|li|r.pdf|%PDF-1.7|acme"}}) {
    const auto response = send(method, "/api/v1/" + std::string(target), body);
    EXPECT_EQ(response.status, 200U) << target;
    EXPECT_EQ(text_of(response), answer) << target;
  }
  const auto done =
      send(Method::post, "/api/v1/duties", R"({"kind":"calibration","device":"dust-1","date":"2026-11-20"})");
  EXPECT_EQ(done.status, 204U);
  EXPECT_EQ(done.body, nullptr);
  EXPECT_THAT(asked, ElementsAre(R"(li did {"kind":"calibration","device":"dust-1","date":"2026-11-20"})"));
}

TEST_F(RoutesRecordsTest, AFileIsTakenWhateverItIsCalledAndAFormIsJson) {
  for (const auto& [target, status] : {std::pair{"assessments/import?file=a.csv", 200U},
                                       {"attachments?file=a.pdf", 200U},
                                       {"assessments", 415U},
                                       {"assessments/12/withdraw", 415U},
                                       {"duties", 415U}}) {
    auto made = request(Method::post, "/api/v1/" + std::string(target));
    made.content_type = "application/octet-stream";
    EXPECT_EQ(run(made).status, status) << target;
  }
}

TEST_F(RoutesRecordsTest, WhatIsAskedInAWrongWayGoesNoFurther) {
  for (const auto* target : {"assessments?format=html",
                             "assessments?format=CSV",
                             "assessments?language=fr",
                             "assessments?from=2026-11-21&to=2026-11-20",
                             "assessments?from=2026-11-31",
                             "assessments?from=2026-11-20T00:00:00Z",
                             "assessments?withdrawn=1",
                             "assessments?colour=red",
                             "assessments?agent=a&agent=b",
                             "assessments/template?format=json",
                             "assessments/12?format=csv",
                             "posts?from=2026-11-21&to=2026-11-20",
                             "posts?agent=noise",
                             "statistics?from=x",
                             "statistics/group?source=both",
                             "statistics/group?language=zh",
                             "statistics/plot?language=fr",
                             "statistics/export?to=x",
                             "duties?to=2026-11-20",
                             "reports?enterprise=acme",
                             "reports?format=json",
                             "reports/acme?enterprise=other",
                             "reports/acme?format=doc",
                             "reports/acme?from=2026-11-21&to=2026-11-20"}) {
    const auto response = get("/api/v1/" + std::string(target));
    ASSERT_EQ(response.status, 422U) << target;
    EXPECT_EQ(code_of(response), "bad_input") << target;
  }
}

TEST_F(RoutesRecordsTest, WhatIsEnteredInAWrongWayGoesNoFurther) {
  const std::string name_of_201(201, 'x');
  struct Case {
    Method method;
    std::string target, body = "{}";
  };
  for (const auto& [method, target, body] :
       {Case{Method::post, "assessments?dry=yes"},
        Case{Method::post, "assessments?file=a.csv"},
        Case{Method::post, "assessments", "[]"},
        Case{Method::post, "assessments", ""},
        Case{Method::post, "assessments", R"({"shift_hours":1e999})"},
        Case{Method::put, "assessments/12", "12"},
        Case{Method::post, "assessments/12/withdraw?dry=true"},
        Case{Method::post, "assessments/12/withdraw", R"({"version":1,"why":"x","note":"y"})"},
        Case{Method::post, "assessments/import"},
        Case{Method::post, "assessments/import?file=&dry=true"},
        Case{Method::post, "assessments/import?file=" + name_of_201},
        Case{Method::post, "assessments/import?file=a.csv", ""},
        Case{Method::post, "assessments/import?file=a.csv&keep=some"},
        Case{Method::post, "assessments/import?file=a.csv&dry=1"},
        Case{Method::post, "assessments/import?file=a.csv&format=csv"},
        Case{Method::post, "attachments"},
        Case{Method::post, "attachments?file=a.pdf", ""},
        Case{Method::post, "attachments?file=" + name_of_201},
        Case{Method::post, "attachments?file=a.pdf&dry=true"},
        Case{Method::post, "duties", R"({"kind":"calibration","months":12})"},
        Case{Method::post, "duties?dry=true"}}) {
    const auto response = send(method, "/api/v1/" + target, body);
    ASSERT_EQ(response.status, 422U) << target << " " << body;
    EXPECT_EQ(code_of(response), "bad_input") << target << " " << body;
  }
  EXPECT_TRUE(asked.empty());
}

TEST_F(RoutesRecordsTest, ARegulatorReadsAndTheParkReportIsTheSitesOwn) {
  EXPECT_EQ(addresses().size(), 18U);
  for (const auto& [method, target] : addresses()) {
    for (const auto& [role, session] : sessions) {
      const bool its = target == "/api/v1/reports" ? role == "admin" || role == "operator"
                                                   : method == Method::get || role != "regulator";
      EXPECT_EQ(send(method, target, "{}", role).status != 403, its) << name(method) << " " << target << " " << role;
    }
    EXPECT_EQ(send(method, target, "{}", "nobody").status, 401U) << target;
  }
}

TEST_F(RoutesRecordsTest, AReportIsShownWithItsOwnStylesAndNothingThatRuns) {
  for (const auto* target : {"/api/v1/reports/acme", "/api/v1/reports/acme?format=html", "/api/v1/reports"})
    EXPECT_THAT(get(target).headers,
                ElementsAre(Pair("Content-Security-Policy",
                                 AllOf(HasSubstr("default-src 'none'"), HasSubstr("style-src 'unsafe-inline'"),
                                       HasSubstr("frame-ancestors 'none'"), HasSubstr("sandbox"),
                                       Not(HasSubstr("script")), Not(HasSubstr("allow-same-origin"))))))
        << target;
  for (const auto& [method, target] : addresses()) {
    if (method != Method::get || target.starts_with("/api/v1/reports")) continue;
    EXPECT_THAT(get(target).headers, Not(Contains(Key("Content-Security-Policy")))) << target;
  }
}

TEST_F(RoutesRecordsTest, AFileIsSavedUnderItsName) {
  for (const auto& [target, file] : {std::pair{"assessments?format=csv", "made.csv"},
                                     {"assessments?format=xlsx", "made.xlsx"},
                                     {"assessments/template", "made.xlsx"},
                                     {"attachments/ab12", "made.pdf"},
                                     {"statistics/export?format=en689", "made.csv"},
                                     {"reports?format=csv", "made.csv"},
                                     {"reports/acme?format=pdf", "made.pdf"}})
    EXPECT_THAT(get("/api/v1/" + std::string(target)).headers,
                ElementsAre(Pair("Content-Disposition", std::string("attachment; filename=\"") + file + "\"")))
        << target;
  for (const auto* target : {"assessments", "assessments/12", "posts", "statistics/group", "reports/acme"})
    EXPECT_THAT(get("/api/v1/" + std::string(target)).headers, Not(Contains(Key("Content-Disposition")))) << target;
}

TEST_F(RoutesRecordsTest, WhatARequestMayCostIsKnownByItsAddress) {
  struct Case {
    Method method;
    const char* target;
    Weight weight;
  };
  for (const auto& [method, target, weight] :
       {Case{Method::post, "/api/v1/assessments/import?file=a.csv", Weight::upload},
        Case{Method::post, "/api/v1/attachments", Weight::upload},
        Case{Method::get, "/api/v1/assessments/import", Weight::ordinary},
        Case{Method::put, "/api/v1/assessments/import", Weight::ordinary},
        Case{Method::put, "/api/v1/attachments", Weight::ordinary},
        Case{Method::post, "/api/v1/assessments", Weight::ordinary},
        Case{Method::get, "/api/v1/attachments/ab12", Weight::ordinary},
        Case{Method::get, "/api/v1/reports", Weight::report},
        Case{Method::get, "/api/v1/reports/acme?format=pdf", Weight::report},
        Case{Method::head, "/api/v1/reports/acme", Weight::report},
        Case{Method::post, "/api/v1/reports/acme", Weight::ordinary},
        Case{Method::get, "/api/v1/posts", Weight::report}, Case{Method::get, "/api/v1/assessments", Weight::ordinary},
        Case{Method::post, "/api/v1/session", Weight::ordinary},
        Case{Method::post, "/no/such/address", Weight::ordinary}})
    EXPECT_EQ(Routes::weight(method, target_from(target).value(), Role::admin), weight)
        << name(method) << " " << target;
}

}  // namespace
}  // namespace hazgate::web::routes_records_test
