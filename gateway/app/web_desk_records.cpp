// The page's desk: the enterprise's record. Answered beside the loop; what is written waits for the disk.
#include "app/report_files.hpp"
#include "app/wall_clock.hpp"
#include "app/web_desk_look_up.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

using web::Answer;
using web::Viewer;

namespace {

/// Whoever waited for a report has gone, or the gateway stops.
struct GivenUp : std::runtime_error {
  GivenUp() : std::runtime_error("given up") {}
};

}  // namespace

/// Something is entered: not too often, and on record as what it was.
template <class Write>
web::Later<Answer> WebDesk::write(Viewer viewer, Write write) {
  if (!entries_.allow(viewer.user, std::chrono::steady_clock::now())) co_return too_many();
  std::string what, about;
  auto there = [&](Past& past) {
    auto done = write(past);
    what = std::move(done.what);
    about = std::move(done.about);
    return std::move(done.answer);
  };
  auto answer = co_await look_up(viewer, std::move(there));
  if (!what.empty()) accounts_.record(viewer, what, about);
  co_return answer;
}

web::Later<Answer> WebDesk::report(Viewer viewer, web::ReportQuery query) {
  const auto only = eyes(viewer);
  const bool of_park = query.period.enterprise.empty();
  if (!of_park && !pages_.knows(only, query.period.enterprise, "", "")) co_return web::not_found();
  const auto days = record_pages_.days(query.period);
  constexpr std::int32_t longest = 3 * 366;
  if (days.last - days.first > longest)
    co_return web::bad_input("报告期最长三年", "a report covers at most three years");
  const ReportRequest request{.enterprise = query.period.enterprise,
                              .days = days,
                              .form = query.form,
                              .language = record_pages_.language(query.language),
                              .made_by = viewer.user,
                              .now = system_now()};
  auto make = [this, &request](Past& past) {
    return report_file(records_, past, request, [this] {
      if (stop_asking_) throw GivenUp();
    });
  };
  try {
    auto answer = co_await look_up(reporter_, viewer, std::move(make));
    if (answer) accounts_.record(viewer, "export", "report " + query.period.enterprise);
    co_return answer;
  } catch (const GivenUp&) {
    co_return busy();
  }
}

void WebDesk::fill_records() {
  api_.assessments = [this](Viewer viewer, web::AssessmentsQuery query) {
    return look_up(viewer, [this, only = eyes(viewer), query](Past& past) {
      return record_pages_.assessments(past, only, query);
    });
  };
  api_.assessment = [this](Viewer viewer, std::string id) {
    return look_up(viewer,
                   [this, only = eyes(viewer), id](Past& past) { return record_pages_.assessment(past, only, id); });
  };
  api_.enter_assessment = [this](Viewer viewer, web::AssessmentForm form) {
    return write(viewer, [this, only = eyes(viewer), user = viewer.user, form](Past& past) {
      return record_desk_.enter(past, only, user, form);
    });
  };
  api_.import_assessments = [this](Viewer viewer, web::ImportForm form) {
    return write(viewer, [this, only = eyes(viewer), user = viewer.user, form = std::move(form)](Past& past) {
      return record_desk_.import(past, only, user, form);
    });
  };
  api_.assessment_template = [this](Viewer viewer, web::FileForm form, std::string language) -> web::Later<Answer> {
    co_return record_pages_.assessment_template(eyes(viewer), form, language);
  };
  api_.attach = [this](Viewer viewer, web::Upload upload) {
    return write(viewer, [this, only = eyes(viewer), user = viewer.user, upload = std::move(upload)](Past& past) {
      return record_desk_.attach(past, only, user, upload);
    });
  };
  api_.attachment = [this](Viewer viewer, std::string hash) {
    return look_up(
        viewer, [this, only = eyes(viewer), hash](Past& past) { return record_pages_.attachment(past, only, hash); });
  };
  api_.posts = [this](Viewer viewer, web::Period period) {
    return look_up(reporter_, viewer,
                   [this, only = eyes(viewer), period](Past& past) { return record_pages_.posts(past, only, period); });
  };
  api_.exposure_groups = [this](Viewer viewer, web::Period period) {
    return look_up(
        viewer, [this, only = eyes(viewer), period](Past& past) { return record_pages_.groups(past, only, period); });
  };
  api_.group_statistics = [this](Viewer viewer, web::GroupQuery query) {
    return look_up(viewer,
                   [this, only = eyes(viewer), query](Past& past) { return record_pages_.group(past, only, query); });
  };
  api_.group_plot = [this](Viewer viewer, web::GroupQuery query) {
    return look_up(viewer,
                   [this, only = eyes(viewer), query](Past& past) { return record_pages_.plot(past, only, query); });
  };
  api_.group_export = [this](Viewer viewer, web::GroupQuery query, std::string format) {
    return look_up(viewer, [this, only = eyes(viewer), query, format](Past& past) {
      return record_pages_.group_export(past, only, query, format);
    });
  };
  api_.duties = [this](Viewer viewer, std::string enterprise) {
    return look_up(viewer, [this, only = eyes(viewer), enterprise](Past& past) {
      return record_pages_.duties(past, only, enterprise);
    });
  };
  api_.duty_done = [this](Viewer viewer, std::string form) {
    return write(viewer, [this, only = eyes(viewer), user = viewer.user, form](Past& past) {
      return record_desk_.duty_done(past, only, user, form);
    });
  };
  api_.report = api_.park_report = [this](Viewer viewer, web::ReportQuery query) {
    return report(std::move(viewer), std::move(query));
  };
}

}  // namespace hazgate::app
