#include "records/park_html.hpp"

#include <fmt/format.h>

#include "records/markup.hpp"
#include "records/report_figures.hpp"

namespace hazgate::records {

namespace {

class ParkPage {
 public:
  explicit ParkPage(const ParkReport& report) : r_(report), say_(report.language), h_(say_) {}

  std::string make() {
    cover();
    enterprises();
    months();
    return h_.document(std::string(say_(words::park_title)) + " " + r_.site);
  }

 private:
  void cover() {
    h_.raw("<header>\n<h1>").text(words::park_title).raw("</h1>\n<p class=\"lead\">").text(r_.site).raw("</p>\n");
    h_.open_facts();
    h_.fact(words::period, fmt::format(fmt::runtime(say_(words::from_to)), r_.from, r_.to));
    h_.fact(words::gateway, r_.gateway).fact(words::version, r_.version).fact(words::timezone, r_.timezone);
    h_.fact(words::made_at, r_.made_at).fact(words::made_by, r_.made_by).close_facts();
    h_.paragraph(say_(words::rates_rule)).raw("</header>\n");
  }

  void enterprises() {
    h_.raw("<section>\n<h2>").text(words::park_rows).raw("</h2>\n");
    if (r_.rows.empty()) {
      h_.paragraph(say_(words::no_park_rows)).raw("</section>\n");
      return;
    }
    h_.open_table({{words::enterprise, 18},
                   {words::assessment_rate, 13},
                   {words::shift_rate, 13},
                   {words::coverage_percent, 8},
                   {words::ledger_records, 10},
                   {words::alarms, 15},
                   {words::missed_targets, 7},
                   {words::median_dispose, 9},
                   {words::worst_ratio, 7}});
    for (const auto& e : r_.rows) enterprise(e);
    h_.close_table().raw("</section>\n");
  }

  void enterprise(const ParkReport::Row& e) {
    h_.open_row().text(e.name.empty() ? e.enterprise : e.name).small(e.area);
    h_.next_number().rate(e.assessments).next_number().rate(e.shifts);
    h_.next_number().share(e.coverage).next_number().text(std::to_string(e.exceedances));
    h_.next_number().text(std::to_string(e.alarms));
    h_.small(fmt::format("{} {}{}{} {}", say_(words::exceed_alarms), e.exceed_alarms, say_.comma(),
                         say_(words::danger_alarms), e.danger_alarms));
    h_.next_number().text(std::to_string(e.missed_targets));
    h_.next_number().figure(e.median_dispose_h, core::no_value, "h");
    h_.next_number().figure(e.worst_ratio, 1, "1").close_row();
  }

  void months() {
    h_.raw("<section>\n<h2>").text(words::months).raw("</h2>\n");
    if (r_.months.empty()) {
      h_.paragraph(say_(words::no_months)).raw("</section>\n");
      return;
    }
    h_.open_table({{words::month, 16},
                   {words::assessment_rate, 26},
                   {words::shift_rate, 26},
                   {words::ledger_records, 16},
                   {words::all_alarms, 16}});
    for (const auto& m : r_.months) {
      h_.open_row().text(m.month).next_number().rate(m.assessments).next_number().rate(m.shifts);
      h_.next_number().text(std::to_string(m.exceedances)).next_number().text(std::to_string(m.alarms)).close_row();
    }
    h_.close_table().raw("</section>\n");
  }

  const ParkReport& r_;
  Language say_;
  Markup h_;
};

}  // namespace

std::string report_html(const ParkReport& report) { return ParkPage(report).make(); }

}  // namespace hazgate::records
