// What persons do with the enterprise's record at the site of the demonstration: results of laboratories and their
// reports, files, duties; and every question about it. Answers are judged by status and code here, by api_check.py in
// full.
#pragma once

#include <fmt/chrono.h>
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <chrono>
#include <string>

#include "integration/api_exchanges.hpp"

namespace hazgate::test {

/// Somebody of each role, signed in.
struct EachRole {
  HttpClient &admin, &site_operator, &enterprise, &regulator;
};

/// A user may write to the record 50 times at once: the work is shared among them.
class RecordStory {
 public:
  RecordStory(Exchanges& exchanges, EachRole roles) : exchanges_(exchanges), roles_(roles) {}

  /// Everything that is written.
  void write() {
    bring_reports();
    enter_assessments();
    refuse_assessments();
    correct_and_withdraw();
    import_files();
    tell_duties();
  }

  /// Everything that is read: as each role, then in each form.
  void read() {
    for (auto* client : {&roles_.admin, &roles_.site_operator, &roles_.enterprise, &roles_.regulator}) read_as(*client);
    EXPECT_EQ(get(roles_.enterprise, "attachments/" + other_report_).status, 404U) << "another enterprise's";
    EXPECT_EQ(get(roles_.enterprise, "reports/acme-coatings").status, 404U);
    EXPECT_EQ(get(roles_.regulator, "reports/acme-coatings").status, 200U);
    for (auto* client : {&roles_.enterprise, &roles_.regulator})
      EXPECT_EQ(get(*client, "reports").code(), "not_allowed");
    EXPECT_EQ(get(roles_.admin, "reports").status, 200U);
    read_files();
    read_groups();
    refuse_questions();
    EXPECT_THAT(get(roles_.site_operator, "posts").body, testing::HasSubstr("\"parts\"")) << "the mixture";
    const auto audit = get(roles_.admin, "audit?limit=1000").body;
    for (const auto* action : {"assessment_enter", "assessment_correct", "assessment_withdraw", "assessment_import",
                               "attachment", "duty_done", "export"})
      EXPECT_THAT(audit, testing::HasSubstr(fmt::format("\"{}\"", action)));
  }

  /// Ids for addresses.
  const std::string& assessment() const { return assessment_; }
  const std::string& attachment() const { return report_; }
  static constexpr const char *group = "SEG-1", *group_agent = "dust:49:total";

 private:
  using Form = boost::json::object;

  std::string day(int ago) const { return fmt::format("{:%F}", today_ - std::chrono::days(ago)); }
  HttpAnswer get(HttpClient& client, const std::string& what) {
    return exchanges_.ask(client, "GET", "/api/v1/" + what);
  }
  HttpAnswer post(HttpClient& client, const std::string& what, const Form& form) {
    return exchanges_.ask(client, "POST", "/api/v1/" + what, form);
  }
  HttpAnswer bring(HttpClient& client, const std::string& what, const std::string& bytes) {
    return exchanges_.bring(client, "/api/v1/" + what, bytes);
  }

  /// Benzene at the cutting hall, but for what `instead` says.
  Form entry(const Form& instead = {}) const {
    Form form{{"workplace", "cutting-hall"},
              {"agent", "cas:71-43-2"},
              {"date", day(3)},
              {"report_no", "R1"},
              {"laboratory", "Lab"},
              {"method", "GBZ/T 300.66-2017"},
              {"subject_kind", "person"},
              {"subject", "张三"},
              {"shift_hours", 8},
              {"work_class", "II"},
              {"toxicity", "high"},
              {"note", ""},
              {"samples",
               {{{"start", "08:00"}, {"end", "12:00"}, {"result", "1.20"}, {"volume_l", 12}},
                {{"start", "13:00"}, {"end", "13:15"}, {"result", "<0.30"}, {"unit", "mg/m3"}}}}};
    for (const auto& [name, value] : instead) form[name] = value;
    return form;
  }
  static boost::json::array sample(const char* start, const char* end, const boost::json::value& result) {
    return {Form{{"start", start}, {"end", end}, {"result", result}}};
  }
  static boost::json::array files(const std::string& hash) { return {Form{{"hash", hash}, {"file", "report.pdf"}}}; }
  /// Its id.
  std::string enter(const Form& instead) {
    const auto answer = post(roles_.site_operator, "assessments", entry(instead));
    EXPECT_EQ(answer.status, 200U) << answer.body;
    return answer.status == 200 ? std::string(answer.json().at("assessment").at("id").as_string()) : "";
  }

  void bring_reports() {
    const auto brought = [&](const std::string& query, const std::string& bytes) {
      const auto answer = bring(roles_.site_operator, "attachments" + query, bytes);
      EXPECT_EQ(answer.status, 200U) << answer.body;
      return std::string(answer.json().at("hash").as_string());
    };
    report_ = brought("?file=%E6%A3%80%E6%B5%8B%20report.pdf&enterprise=huaxin-stone", report_bytes);
    other_report_ = brought("?file=b.pdf&enterprise=acme-coatings", report_bytes + "other");
    nobodys_report_ = brought("?file=" + std::string(200, 'x'), report_bytes + "nobody's");
    const auto code = [&](const std::string& query, const std::string& bytes) {
      return bring(roles_.admin, "attachments" + query, bytes).code();
    };
    EXPECT_EQ(code("?file=b.pdf", "no PDF"), "bad_input");
    EXPECT_EQ(code("?file=", report_bytes), "bad_input");
    EXPECT_EQ(code("?file=" + std::string(201, 'x'), report_bytes), "bad_input");
    EXPECT_EQ(code("?file=b.pdf&enterprise=none", report_bytes), "not_found");
    EXPECT_EQ(code("?file=b.pdf", report_bytes + std::string(std::size_t{10} << 20U, 'x')), "body_too_large");
    EXPECT_EQ(bring(roles_.regulator, "attachments?file=b.pdf", report_bytes).code(), "not_allowed");
  }

  /// One of every kind of judgement, and enough of one group for its statistics.
  void enter_assessments() {
    EXPECT_EQ(post(roles_.site_operator, "assessments?dry=true", entry()).status, 200U);
    assessment_ = enter({});
    for (int i = 0; i < 7; ++i) {
      const boost::json::string result(fmt::format("{:.1f}", 0.2 + 0.1 * i));
      Form person{{"agent", group_agent}, {"group", group},       {"subject", fmt::format("worker {}", i)},
                  {"date", day(4 + i)},   {"sio2_percent", "12"}, {"samples", sample("22:00", "06:00", result)}};
      if (i < 2) person["attachments"] = files(i == 0 ? report_ : nobodys_report_);
      withdrawn_ = enter(person);
    }
    const Form fixed{{"agent", "noise"}, {"subject_kind", "fixed"}, {"days_per_week", 6}};
    for (const auto& [ago, level] : {std::pair{3, 91.5}, {5, 84.0}}) {
      auto noise = fixed;
      noise["date"] = day(ago);
      noise["samples"] = sample("09:00", "17:00", level);
      enter(noise);
    }
    enter({{"agent", "cas:50-00-0"}, {"samples", sample("09:00", "09:10", "0.6")}});  // MAC
    enter({{"agent", "cas:67-64-1"}, {"exposure_hours", 0.8}, {"samples", sample("08:00", "08:48", "10")}});
    enter({{"agent", "cas:67-64-1"}, {"date", day(4)}, {"samples", sample("08:00", "16:00", "<900")}});
    enter({{"agent", "wbgt:75:III"}, {"work_class", "III"}, {"samples", sample("08:00", "16:00", "31")}});
    for (const auto* part : {"cas:108-88-3", "cas:71-43-2"})  // a mixture, beyond its limit
      enter({{"workplace", "spray-booth"}, {"agent", part}, {"samples", sample("08:00", "16:00", "900")}});
    EXPECT_EQ(post(roles_.enterprise, "assessments", entry({{"report_no", "R2"}})).status, 200U);
  }

  void refuse_assessments() {
    const auto code = [&](const Form& form, const std::string& query = {}) {
      return post(roles_.admin, "assessments" + query, form).code();
    };
    EXPECT_EQ(code(entry()), "already_there");
    EXPECT_EQ(code({{"workplace", "none"}}), "bad_assessment");
    EXPECT_EQ(code(entry({{"colour", "red"}, {"date", "2031-01-01"}, {"samples", {Form{{"start", "x"}}}}})),
              "bad_assessment");
    EXPECT_EQ(code(entry({{"agent", "wbgt:III"}})), "bad_assessment");
    EXPECT_EQ(code(entry({{"report_no", "R3"}, {"attachments", files("none")}})), "bad_assessment");
    EXPECT_EQ(code(entry(), "?colour=red"), "bad_input");
    EXPECT_EQ(code(entry(), "?dry=perhaps"), "bad_input");
    EXPECT_EQ(bring(roles_.admin, "assessments", "{}").code(), "not_json");
    EXPECT_EQ(post(roles_.regulator, "assessments", entry()).code(), "not_allowed");
    EXPECT_EQ(post(roles_.enterprise, "assessments", entry({{"workplace", "spray-booth"}})).code(), "bad_assessment");
  }

  void correct_and_withdraw() {
    const auto correct = [&](const std::string& id, const Form& instead) {
      return exchanges_.ask(roles_.admin, "PUT", "/api/v1/assessments/" + id, entry(instead));
    };
    const Form first{{"version", 1}, {"why", "typing error"}, {"note", "x"}};
    EXPECT_EQ(correct(assessment_ + "?dry=true", first).status, 200U);
    EXPECT_EQ(correct(assessment_, first).status, 200U);
    EXPECT_EQ(correct(assessment_, first).code(), "changed_since");
    EXPECT_EQ(correct(assessment_, {{"version", 2}}).code(), "bad_assessment");
    EXPECT_EQ(correct(assessment_, {{"version", 2}, {"why", "x"}, {"workplace", "spray-booth"}}).code(),
              "bad_assessment");
    EXPECT_EQ(correct("999", first).code(), "not_found");
    const auto withdraw = [&](const std::string& id, const Form& form) {
      return post(roles_.admin, "assessments/" + id + "/withdraw", form);
    };
    EXPECT_EQ(withdraw(withdrawn_, {{"version", 2}, {"why", "wrong person"}}).code(), "changed_since");
    EXPECT_EQ(withdraw(withdrawn_, {{"version", 1}}).code(), "bad_assessment");
    EXPECT_EQ(withdraw(withdrawn_, {{"version", 1}, {"why", "x"}, {"z", 1}}).code(), "bad_input");
    EXPECT_EQ(withdraw(withdrawn_, {{"version", 1}, {"why", "wrong person"}}).status, 200U);
    EXPECT_EQ(withdraw(withdrawn_, {{"version", 2}, {"why", "again"}}).code(), "withdrawn");
    EXPECT_EQ(correct(withdrawn_, {{"version", 2}, {"why", "again"}}).code(), "withdrawn");
    EXPECT_EQ(withdraw("x", {{"version", 2}, {"why", "x"}}).code(), "not_found");
    EXPECT_EQ(exchanges_.ask(roles_.regulator, "PUT", "/api/v1/assessments/" + assessment_, entry(first)).code(),
              "not_allowed");
  }

  /// What the template gives is what the import takes.
  void import_files() {
    const auto stored = [&](const std::string& query, const std::string& bytes) {
      const auto answer = bring(roles_.site_operator, "assessments/import" + query, bytes);
      EXPECT_EQ(answer.status, 200U) << answer.body;
      return answer.status == 200 ? answer.json().at("stored").as_int64() : -1;
    };
    const auto csv = get(roles_.site_operator, "assessments/template?format=csv&language=zh").body;
    const auto xlsx = get(roles_.site_operator, "assessments/template?format=xlsx&language=en").body;
    EXPECT_EQ(xlsx.substr(0, 2), "PK");
    EXPECT_EQ(stored("?file=%E6%A3%80%E6%B5%8B.csv&dry=true", csv), 0);
    EXPECT_GT(stored("?file=a.xlsx", xlsx), 0);
    EXPECT_EQ(stored("?file=again.csv", xlsx), 0) << "what is there already is a problem of its line";
    EXPECT_EQ(stored("?file=a.csv&enterprise=huaxin-stone", csv), 0) << "the rows name a workplace of acme-coatings";
    EXPECT_EQ(stored("?file=a.csv&keep=good", "a,b\n1,2\n\xff"), 0);
    const auto code = [&](const std::string& query, const std::string& bytes) {
      return bring(roles_.admin, "assessments/import" + query, bytes).code();
    };
    EXPECT_EQ(code("?file=a.csv&keep=x", csv), "bad_input");
    EXPECT_EQ(code("?file=a.csv&dry=perhaps", csv), "bad_input");
    EXPECT_EQ(code("", csv), "bad_input");
    EXPECT_EQ(code("?file=a.csv&enterprise=none", csv), "not_found");
    EXPECT_EQ(code("?file=a.csv", ""), "bad_input");
    EXPECT_EQ(bring(roles_.regulator, "assessments/import?file=a.csv", csv).code(), "not_allowed");
  }

  void tell_duties() {
    const auto tell = [&](HttpClient& client, const Form& form) { return post(client, "duties", form); };
    const Form calibrated{{"kind", "calibration"}, {"device", "dust-1"}, {"date", day(2)}, {"note", "ok"}};
    EXPECT_EQ(tell(roles_.enterprise, calibrated).status, 204U);
    EXPECT_EQ(
        tell(roles_.site_operator,
             {{"kind", "surveillance"}, {"workplace", "cutting-hall"}, {"agent", group_agent}, {"date", day(500)}})
            .status,
        204U);
    EXPECT_EQ(tell(roles_.enterprise, {{"kind", "calibration"}, {"device", "gas-1"}, {"date", day(1)}}).code(),
              "bad_duty")
        << "another enterprise's";
    EXPECT_EQ(tell(roles_.admin, {{"kind", "test"}, {"date", "x"}}).code(), "bad_duty");
    EXPECT_EQ(tell(roles_.admin, {{"kind", "calibration"}, {"device", "dust-1"}, {"date", day(-2)}}).code(),
              "bad_duty");
    EXPECT_EQ(tell(roles_.admin, {{"months", 1}}).code(), "bad_input");
    EXPECT_EQ(bring(roles_.admin, "duties", "{}").code(), "not_json");
    EXPECT_EQ(tell(roles_.regulator, calibrated).code(), "not_allowed");
  }

  void read_as(HttpClient& client) {
    const auto of_group = fmt::format("?group={}&agent={}", group, group_agent);
    for (const auto& what :
         {std::string("assessments"), "assessments/" + assessment_, "assessments/" + withdrawn_,
          std::string("assessments?withdrawn=true&workplace=cutting-hall&agent=noise"), "attachments/" + report_,
          std::string("posts"), std::string("posts?enterprise=huaxin-stone&from=2026-01-01"), std::string("statistics"),
          "statistics/group" + of_group, "statistics/plot" + of_group, "statistics/export" + of_group + "&format=en689",
          std::string("duties"), std::string("duties?enterprise=huaxin-stone"), std::string("reports/huaxin-stone")})
      EXPECT_EQ(get(client, what).status, 200U) << what;
    for (const auto* none : {"assessments/999", "assessments/x", "assessments?enterprise=none", "attachments/x",
                             "posts?enterprise=none", "statistics?enterprise=none", "duties?enterprise=none",
                             "statistics/group?group=none&agent=noise", "reports/none"})
      EXPECT_EQ(get(client, none).status, 404U) << none;
  }

  void read_files() {
    EXPECT_EQ(get(roles_.enterprise, "attachments/" + report_).body, report_bytes);
    EXPECT_EQ(exchanges_.ask(roles_.site_operator, "HEAD", "/api/v1/attachments/" + report_).status, 200U);
    const auto today = "&from=" + day(0) + "&to=" + day(0);
    for (const auto* table : {"assessments", "reports", "reports/huaxin-stone"})
      for (const auto* language : {"zh", "en"}) {
        const auto form = fmt::format("{}?language={}&format=", table, language);
        EXPECT_THAT(get(roles_.site_operator, form + "csv").body, testing::StartsWith("\xEF\xBB\xBF")) << form;
        EXPECT_THAT(get(roles_.site_operator, form + "xlsx").body, testing::StartsWith("PK")) << form;
        EXPECT_EQ(get(roles_.site_operator, form + "csv" + today).status, 200U) << form;
      }
    for (const auto* html : {"reports?language=en", "reports/acme-coatings?language=en&format=html", "reports/park"})
      EXPECT_EQ(get(roles_.site_operator, html).type, "text/html") << html;
  }

  void read_groups() {
    const auto statistics = [&](const std::string& query) { return get(roles_.site_operator, "statistics/" + query); };
    const auto of_group = fmt::format("?group={}&agent={}", group, group_agent);
    EXPECT_THAT(statistics("group" + of_group).body, testing::HasSubstr("\"bayes_p95\""));
    EXPECT_EQ(statistics("plot" + of_group + "&language=en").type, "image/svg+xml");
    for (const auto& [form, type] :
         {std::pair{"expostats", "text/plain"}, {"ihstat", "text/csv"}, {"en689", "text/csv"}})
      EXPECT_EQ(statistics("export" + of_group + "&format=" + form).type, type) << form;
    for (const auto* other :
         {"agent=noise", "agent=cas:71-43-2", "agent=cas:67-64-1", "agent=noise&enterprise=huaxin-stone",
          "agent=dust:49:total&source=online", "agent=noise&source=online"})
      EXPECT_EQ(statistics(std::string("group?group=cutting-hall&") + other).status, 200U) << other;
  }

  void refuse_questions() {
    const auto code = [&](const std::string& what) { return get(roles_.site_operator, what).code(); };
    for (const auto* bad :
         {"assessments?from=2026-13-01", "assessments?format=doc", "assessments?withdrawn=perhaps",
          "posts?from=2026-02-02&to=2026-02-01", "reports?from=2020-01-01", "reports/huaxin-stone?from=2020-01-01",
          "statistics/group?source=x", "statistics/export?format=none-of-them",
          "statistics/export?group=SEG-1&agent=dust:49:total", "duties?from=2026-01-01"})
      EXPECT_EQ(code(bad), "bad_input") << bad;
    EXPECT_EQ(code("statistics/group"), "not_found");
    EXPECT_EQ(code("statistics/plot?group=none&agent=noise"), "not_found");
  }

  Exchanges& exchanges_;
  EachRole roles_;
  /// At the site, which is in China.
  const std::chrono::sys_days today_ =
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now() + std::chrono::hours(8));
  const std::string report_bytes = "%PDF-1.7\n\xff\xfe" + std::string(1, '\0') + "binary";
  std::string assessment_, withdrawn_, report_, other_report_, nobodys_report_;
};

}  // namespace hazgate::test
