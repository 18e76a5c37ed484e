// An Api that knows three users by their tokens, and answers with what it was asked.
#pragma once

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "web/routes.hpp"

namespace hazgate::web {

struct FakeApi {
  FakeApi() {
    using boost::asio::awaitable;
    const auto say = [](std::string text) -> Answer { return Document{.body = bytes(std::move(text))}; };
    api.greeting = [this] {
      return Greeting{.site = "park",
                      .gateway = "gw-01",
                      .language = "zh",
                      .version = "1",
                      .timezone = "Asia/Shanghai",
                      .utc_offset_minutes = 480,
                      .setup_needed = setup_needed};
    };
    api.session = [this](std::string_view token) -> std::optional<Session> {
      const auto found = sessions.find(std::string(token));
      return found == sessions.end() ? std::nullopt : std::optional(found->second);
    };
    api.sign_in = [this](SignIn who) -> Later<boost::system::result<SignedIn, Refusal>> {
      asked.push_back(who.user + "/" + who.password + "/" + who.token + "/" + who.address);
      if (who.password != "right")
        co_return Refusal{.status = 401, .code = "wrong_password", .zh = "错", .en = "wrong"};
      co_return SignedIn{.token = "operator", .session = sessions.at("operator")};
    };
    api.sign_out = [this](Viewer, std::string token) -> Later<void> {
      asked.push_back("sign_out " + token);
      co_return;
    };
    api.sign_out_everywhere = [this](Viewer viewer) -> Later<void> {
      asked.push_back("everywhere " + viewer.user);
      co_return;
    };
    api.overview = [say](const Viewer& viewer) { return say("overview of " + viewer.user + viewer.enterprise); };
    api.points = [](const Viewer&) -> Answer {
      return Document{.body = bytes("points"), .etag = "\"e1\"", .gzipped = bytes("packed")};
    };
    api.point = [say](const Viewer& viewer, const std::string& id) { return say(viewer.user + " " + id); };
    api.act = [this, say](Viewer viewer, ActionForm form) -> Later<Answer> {
      asked.push_back(viewer.user + "@" + viewer.address + " " + form.alarm + form.point + " " + form.action + " " +
                      form.form);
      co_return say("{}");
    };
    api.alarms = [say](Viewer, AlarmsQuery query) -> Later<Answer> {
      co_return say(std::string(query.open ? "open" : "all") + std::to_string(static_cast<int>(query.level)) +
                    std::to_string(query.limit));
    };
    api.readings = [](Viewer, ReadingsQuery query) -> Later<Answer> {
      if (query.point == "broken") throw std::runtime_error("a bug");
      co_return Document{.body = bytes(std::to_string(query.resolution)),
                         .content_type = query.csv ? "text/csv" : "application/json",
                         .attachment = query.csv ? query.point + ".csv" : ""};
    };
    api.verify = [say](Viewer viewer, std::string enterprise) -> Later<Answer> {
      co_return say(viewer.user + ":" + enterprise);
    };
    api.users = [say](Viewer) -> Later<Answer> { co_return say("users"); };
    api.exceedances = [say](Viewer viewer, RecordsQuery query) -> Later<Answer> {
      co_return say(viewer.user + std::to_string(query.after_seq));
    };
    fill_records();
    api.metrics = [] { return std::string("metric 1\n"); };
    api.may_scrape = [](const std::string& address) { return address == "10.0.0.9"; };
    api.not_ready = [this] { return not_ready; };
    api.snapshot = [](const Viewer& viewer) { return bytes("snapshot for " + viewer.user); };
    sessions["admin"] = session("root", Role::admin, "");
    sessions["operator"] = session("li", Role::site_operator, "");
    sessions["enterprise"] = session("anna", Role::enterprise, "acme");
    sessions["regulator"] = session("zhao", Role::regulator, "");
  }

  /// Of the enterprise's record: an answer is what was asked of which function, part by part, in the form asked for.
  void fill_records() {
    api.assessments = [](Viewer viewer, AssessmentsQuery query) -> Later<Answer> {
      co_return made(query.form, "assessments", viewer.user, said(query.period), query.workplace, query.agent,
                     said(query.withdrawn), said(query.form), query.language);
    };
    api.assessment = [](Viewer viewer, std::string id) -> Later<Answer> {
      co_return made(FileForm::json, "assessment", viewer.user, id);
    };
    api.enter_assessment = [](Viewer viewer, AssessmentForm form) -> Later<Answer> {
      const auto* what = form.what == AssessmentForm::What::enter     ? "enter"
                         : form.what == AssessmentForm::What::correct ? "correct"
                                                                      : "withdraw";
      co_return made(FileForm::json, what, viewer.user, form.id, form.form, said(form.dry));
    };
    api.import_assessments = [](Viewer viewer, ImportForm form) -> Later<Answer> {
      co_return made(FileForm::json, "import", viewer.user, said(form.upload), said(form.keep_good), said(form.dry));
    };
    api.assessment_template = [](Viewer viewer, FileForm form, std::string language) -> Later<Answer> {
      co_return made(form, "template", viewer.user, said(form), language);
    };
    api.attach = [](Viewer viewer, Upload upload) -> Later<Answer> {
      co_return made(FileForm::json, "attach", viewer.user, said(upload));
    };
    api.attachment = [](Viewer viewer, std::string hash) -> Later<Answer> {
      co_return made(FileForm::pdf, "attachment", viewer.user, hash);
    };
    api.posts = [](Viewer viewer, Period period) -> Later<Answer> {
      co_return made(FileForm::json, "posts", viewer.user, said(period));
    };
    api.exposure_groups = [](Viewer viewer, Period period) -> Later<Answer> {
      co_return made(FileForm::json, "groups", viewer.user, said(period));
    };
    api.group_statistics = [](Viewer viewer, GroupQuery query) -> Later<Answer> {
      co_return made(FileForm::json, "group", viewer.user, said(query));
    };
    api.group_plot = [](Viewer viewer, GroupQuery query) -> Later<Answer> {
      co_return made(FileForm::json, "plot", viewer.user, said(query));
    };
    api.group_export = [](Viewer viewer, GroupQuery query, std::string format) -> Later<Answer> {
      co_return made(FileForm::csv, "export", viewer.user, said(query), format);
    };
    api.duties = [](Viewer viewer, std::string enterprise) -> Later<Answer> {
      co_return made(FileForm::json, "duties", viewer.user, enterprise);
    };
    api.duty_done = [this](Viewer viewer, std::string form) -> Later<Answer> {
      asked.push_back(viewer.user + " did " + form);
      co_return made(FileForm::json, "{}");
    };
    api.report = [](Viewer viewer, ReportQuery query) -> Later<Answer> {
      co_return made(query.form, "report", viewer.user, said(query.period), said(query.form), query.language);
    };
    api.park_report = [](Viewer viewer, ReportQuery query) -> Later<Answer> {
      co_return made(query.form, "park", viewer.user, said(query.period), said(query.form), query.language);
    };
  }
  static std::string said(bool yes) { return yes ? "yes" : "no"; }
  static std::string said(FileForm form) {
    static constexpr std::array<const char*, 5> names{"json", "csv", "xlsx", "html", "pdf"};
    return names.at(static_cast<std::size_t>(form));
  }
  static std::string said(std::optional<std::int32_t> day) { return day ? std::to_string(*day) : ""; }
  static std::string said(const Period& period) {
    return period.enterprise + "|" + said(period.from) + "|" + said(period.to);
  }
  /// Of what is long only how long it is.
  static std::string said(const Upload& upload) {
    const auto what = upload.bytes.size() > 20 ? std::to_string(upload.bytes.size()) : upload.bytes;
    return upload.file + "|" + what + "|" + upload.enterprise;
  }
  static std::string said(const GroupQuery& query) {
    return said(query.period) + "|" + query.group + "|" + query.agent + "|" + said(query.online) + "|" + query.language;
  }
  template <class... Parts>
  static Answer made(FileForm form, std::string text, const Parts&... parts) {
    ((text += std::string("|") + parts), ...);
    Document document{.body = bytes(std::move(text))};
    document.printed = form == FileForm::html;
    if (form != FileForm::json && form != FileForm::html) document.attachment = "made." + said(form);
    return document;
  }

  static Session session(std::string user, Role role, std::string enterprise) {
    return {.viewer = {.user = std::move(user), .role = role, .enterprise = std::move(enterprise), .address = {}},
            .csrf = "csrf",
            .expires_at =
                std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now()) + std::chrono::hours(1)};
  }

  Request request(Method method, std::string_view target, std::string token = "operator") const {
    Request made{.method = method,
                 .target = target_from(target).value(),
                 .body = "{}",
                 .content_type = "application/json",
                 .session = std::move(token),
                 .csrf = "csrf",
                 .host = "gw:8080",
                 .origin = method == Method::get ? "" : "http://gw:8080",
                 .address = "10.0.0.7"};
    return made;
  }
  Response get(std::string_view target, std::string token = "operator") const {
    return run(request(Method::get, target, std::move(token)));
  }
  Response run(const Request& request) const {
    boost::asio::io_context io;
    std::optional<Response> response;
    boost::asio::co_spawn(
        io, [&]() -> Later<void> { response = co_await routes.handle(request); },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    io.run();
    return std::move(response.value());
  }

  Api api;
  Page page;
  Routes routes{api, page};
  std::map<std::string, Session> sessions;
  std::vector<std::string> asked;
  std::string not_ready;
  bool setup_needed = false;
};

inline std::string text_of(const Response& response) { return response.body ? *response.body : std::string(); }
inline std::string code_of(const Response& response) {
  return std::string(boost::json::parse(text_of(response)).at("code").as_string());
}

}  // namespace hazgate::web
