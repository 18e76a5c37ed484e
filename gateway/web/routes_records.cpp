// The table of URLs of the enterprise's record: laboratory tests, what they say, and reports.
#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "web/routes_table.hpp"

namespace hazgate::web {

namespace json = boost::json;

namespace {

Period period_of(const Query& query) {
  Period period{.enterprise = query.text("enterprise"), .from = query.day("from"), .to = query.day("to")};
  if (period.from && period.to && *period.from > *period.to)
    throw Refused{bad_input("from 不应晚于 to", "from must not be after to")};
  return period;
}

/// The form of a file by its word; `allowed`: those that the address gives, the first where none is asked for.
FileForm form_of(const Query& query, std::initializer_list<FileForm> allowed) {
  static constexpr std::array<std::pair<std::string_view, FileForm>, 5> words{{{"json", FileForm::json},
                                                                               {"csv", FileForm::csv},
                                                                               {"xlsx", FileForm::xlsx},
                                                                               {"html", FileForm::html},
                                                                               {"pdf", FileForm::pdf}}};
  const auto asked = query.text("format");
  if (asked.empty()) return *allowed.begin();
  std::string expected;
  for (const auto form : allowed) {
    for (const auto& [word, its] : words) {
      if (its != form) continue;
      if (word == asked) return form;
      expected += fmt::format("{}{}", expected.empty() ? "" : ", ", word);
    }
  }
  throw Refused{bad_input("format 应为 " + expected, "format: expected one of " + expected)};
}

std::string language_of(const Query& query) {
  auto word = query.text("language");
  if (!word.empty() && word != "zh" && word != "en")
    throw Refused{bad_input("language 应为 zh 或 en", "language: expected zh or en")};
  return word;
}

GroupQuery group_query(const Query& query) {
  const auto source = query.text("source");
  if (!source.empty() && source != "laboratory" && source != "online")
    throw Refused{bad_input("source 应为 laboratory 或 online", "source: expected laboratory or online")};
  return {.period = period_of(query),
          .group = query.text("group"),
          .agent = query.text("agent"),
          .online = source == "online",
          .language = language_of(query)};
}

/// The body is the file.
Upload upload_of(const Request& request, const Query& query) {
  constexpr std::size_t longest_name = 200;
  Upload upload{.file = query.text("file"), .bytes = request.body, .enterprise = query.text("enterprise")};
  if (upload.file.empty() || upload.file.size() > longest_name)
    throw Refused{bad_input("缺少文件名 file，或文件名过长", "file: the file's name is missing or too long")};
  if (upload.bytes.empty()) throw Refused{bad_input("文件是空的", "the file is empty")};
  return upload;
}

bool keeps_good(const Query& query) {
  const auto keep = query.text("keep");
  if (!keep.empty() && keep != "all" && keep != "good")
    throw Refused{bad_input("keep 应为 all 或 good", "keep: expected all or good")};
  return keep == "good";
}

ReportQuery report_query(const Query& query, const std::string& enterprise) {
  ReportQuery asked{.period = period_of(query),
                    .form = form_of(query, {FileForm::html, FileForm::pdf, FileForm::xlsx, FileForm::csv}),
                    .language = language_of(query)};
  if (!enterprise.empty()) asked.period.enterprise = enterprise;
  return asked;
}

}  // namespace

std::span<const Routes::Route> Routes::record_routes() {
  using enum Method;
  using What = AssessmentForm::What;
  constexpr static std::array table{
      Route{get, "/api/v1/assessments?enterprise&workplace&agent&from&to&withdrawn&format&language", everybody,
            [](Call& c) -> Later<Response> {
              AssessmentsQuery asked{.period = period_of(c.query),
                                     .workplace = c.query.text("workplace"),
                                     .agent = c.query.text("agent"),
                                     .withdrawn = c.query.yes("withdrawn"),
                                     .form = form_of(c.query, {FileForm::json, FileForm::csv, FileForm::xlsx}),
                                     .language = language_of(c.query)};
              co_return c.give(co_await c.api.assessments(c.viewer(), std::move(asked)));
            }},
      Route{post, "/api/v1/assessments?dry", watchers,
            [](Call& c) -> Later<Response> {
              AssessmentForm entry{
                  .what = What::enter, .id = {}, .form = json::serialize(form(c.request)), .dry = c.query.yes("dry")};
              co_return c.give(co_await c.api.enter_assessment(c.viewer(), std::move(entry)));
            }},
      Route{get, "/api/v1/assessments/template?format&language", everybody,
            [](Call& c) -> Later<Response> {
              const auto form = form_of(c.query, {FileForm::xlsx, FileForm::csv});
              co_return c.give(co_await c.api.assessment_template(c.viewer(), form, language_of(c.query)));
            }},
      Route{post, "/api/v1/assessments/import?file&keep&dry&enterprise", watchers,
            [](Call& c) -> Later<Response> {
              ImportForm brought{
                  .upload = upload_of(c.request, c.query), .keep_good = keeps_good(c.query), .dry = c.query.yes("dry")};
              co_return c.give(co_await c.api.import_assessments(c.viewer(), std::move(brought)));
            },
            Weight::upload},
      Route{
          get, "/api/v1/assessments/{assessment}", everybody,
          [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.assessment(c.viewer(), c.arguments[0])); }},
      Route{put, "/api/v1/assessments/{assessment}?dry", watchers,
            [](Call& c) -> Later<Response> {
              AssessmentForm entry{.what = What::correct,
                                   .id = c.arguments[0],
                                   .form = json::serialize(form(c.request)),
                                   .dry = c.query.yes("dry")};
              co_return c.give(co_await c.api.enter_assessment(c.viewer(), std::move(entry)));
            }},
      Route{post, "/api/v1/assessments/{assessment}/withdraw", watchers,
            [](Call& c) -> Later<Response> {
              AssessmentForm entry{.what = What::withdraw,
                                   .id = c.arguments[0],
                                   .form = json::serialize(form(c.request, {"version", "why"})),
                                   .dry = false};
              co_return c.give(co_await c.api.enter_assessment(c.viewer(), std::move(entry)));
            }},
      Route{post, "/api/v1/attachments?file&enterprise", watchers,
            [](Call& c) -> Later<Response> {
              auto brought = upload_of(c.request, c.query);
              co_return c.give(co_await c.api.attach(c.viewer(), std::move(brought)));
            },
            Weight::upload},
      Route{
          get, "/api/v1/attachments/{hash}", everybody,
          [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.attachment(c.viewer(), c.arguments[0])); }},
      Route{get, "/api/v1/posts?enterprise&from&to", everybody,
            [](Call& c) -> Later<Response> { co_return c.give(co_await c.api.posts(c.viewer(), period_of(c.query))); },
            Weight::report},
      Route{get, "/api/v1/statistics?enterprise&from&to", everybody,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.exposure_groups(c.viewer(), period_of(c.query)));
            }},
      Route{get, "/api/v1/statistics/group?enterprise&group&agent&from&to&source", everybody,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.group_statistics(c.viewer(), group_query(c.query)));
            }},
      Route{get, "/api/v1/statistics/plot?enterprise&group&agent&from&to&source&language", everybody,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.group_plot(c.viewer(), group_query(c.query)));
            }},
      Route{get, "/api/v1/statistics/export?enterprise&group&agent&from&to&source&format", everybody,
            [](Call& c) -> Later<Response> {
              const auto format = c.query.text("format");
              co_return c.give(co_await c.api.group_export(c.viewer(), group_query(c.query), format));
            }},
      Route{get, "/api/v1/duties?enterprise", everybody,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.duties(c.viewer(), c.query.text("enterprise")));
            }},
      Route{post, "/api/v1/duties", watchers,
            [](Call& c) -> Later<Response> {
              const auto done =
                  json::serialize(form(c.request, {"kind", "workplace", "device", "agent", "date", "note"}));
              co_return c.done(co_await c.api.duty_done(c.viewer(), done));
            }},
      Route{get, "/api/v1/reports?from&to&format&language", site,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.park_report(c.viewer(), report_query(c.query, {})));
            },
            Weight::report},
      Route{get, "/api/v1/reports/{enterprise}?from&to&format&language", everybody,
            [](Call& c) -> Later<Response> {
              co_return c.give(co_await c.api.report(c.viewer(), report_query(c.query, c.arguments[0])));
            },
            Weight::report},
  };
  return table;
}

}  // namespace hazgate::web
