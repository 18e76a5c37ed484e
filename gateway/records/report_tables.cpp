#include "records/report_tables.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/units.hpp"
#include "records/report_figures.hpp"
#include "records/report_words.hpp"

namespace hazgate::records {

namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string list;
  for (const auto& part : parts) {
    if (!list.empty()) list += between;
    list += part;
  }
  return list;
}

/// A table of a report, written into a form.
class SheetTables {
 public:
  SheetTables(std::string_view language, TableForm& form) : say_(language), form_(form) {}

 protected:
  using Head = std::initializer_list<std::pair<Word, int>>;

  void begin(const Word& title, Head head) {
    columns_.clear();
    for (const auto& [word, width] : head) columns_.push_back({say_(word), width});
    form_.begin(say_(title), columns_);
  }
  void end_or(bool empty, const Word& nothing) {
    if (empty) row(say_(nothing));
    form_.end();
  }

  struct DayCell {
    std::string_view date;
  };
  void cell(std::string_view text) { form_.text(text); }
  void cell(const std::string& text) { form_.text(text); }
  void cell(const char* text) { form_.text(text); }
  void cell(double value) { form_.number(value); }
  void cell(std::size_t count) { form_.number(static_cast<double>(count)); }
  void cell(std::uint32_t count) { form_.number(count); }
  void cell(int count) { form_.number(count); }
  void cell(const Word& word) { form_.text(say_(word)); }
  void cell(const std::optional<double>& value) { form_.number(value.value_or(core::no_value)); }
  void cell(DayCell day) { form_.day(day.date); }
  void cell(bool yes) { form_.text(yes ? say_(words::yes) : std::string_view{}); }

  template <class... Cells>
  void cells(const Cells&... values) {
    (cell(values), ...);
  }
  template <class... Cells>
  void row(const Cells&... values) {
    cells(values...);
    form_.end_row();
  }
  void fact(const Word& name, std::string_view value) {
    if (!value.empty()) row(name, value);
  }
  void rate_row(const Word& name, const PassRate& rate) {
    row(name, rate.rate(), rate.compliant, rate.exceeds, rate.judged(), rate.insufficient, rate.no_limit);
  }

  const Language& say() const { return say_; }

 private:
  Language say_;
  TableForm& form_;
  std::vector<SheetColumn> columns_;
};

class ReportTables : SheetTables {
 public:
  ReportTables(const Report& report, TableForm& form) : SheetTables(report.language, form), report_(report) {}

  void write() {
    cover();
    workplaces();
    limits();
    exposures();
    coverage();
    exceedances();
    head();
    assessments();
    samples();
    posts();
    rates();
    gaps();
    alarms();
  }

 private:
  void cover() {
    begin(words::cover, {{words::item, 24}, {words::content, 80}});
    fact(words::report_title, report_.enterprise_name);
    fact(words::enterprise_id, report_.enterprise);
    fact(words::area, report_.area);
    fact(words::period, fmt::format(fmt::runtime(say()(words::from_to)), report_.from, report_.to));
    fact(words::site, report_.site);
    fact(words::gateway, report_.gateway);
    fact(words::version, report_.version);
    fact(words::timezone, report_.timezone);
    fact(words::made_at, report_.made_at);
    fact(words::made_by, report_.made_by);
    if (report_.exposures.empty() && report_.assessments.empty()) fact(words::glance, say()(words::glance_nothing));
    row(words::glance_exceeding, report_.shift_rate.exceeds);
    for (const auto& note : report_.notes) fact(words::reader_notes, say()(note));
    end_or(false, words::cover);
  }

  void workplaces() {
    begin(words::workplaces, {{words::workplace_id, 18},
                              {words::workplace, 24},
                              {words::shifts, 30},
                              {words::points, 44},
                              {words::agents, 36}});
    for (const auto& place : report_.workplaces) {
      std::vector<std::string> names;
      for (const auto& id : place.agents) names.push_back(agent_name(id));
      row(place.id, place.name, joined(place.shifts, say().stop()), joined(place.points, say().stop()),
          joined(names, say().stop()));
    }
    end_or(report_.workplaces.empty(), words::no_workplaces);
  }

  std::string agent_name(std::string_view id) const {
    const auto* agent = find_agent(report_, id);
    return agent == nullptr ? std::string(id) : say()(agent->name);
  }

  void limits() {
    begin(words::limits, {{words::agent_id, 18},
                          {words::agent, 28},
                          {words::limit_kind, 14},
                          {words::limit, 10},
                          {words::unit, 10},
                          {words::clause, 44}});
    for (const auto& agent : report_.agents) {
      if (agent.limits.empty()) row(agent.id, say()(agent.name), "", core::no_value, "", words::no_legal_limit);
      for (const auto& limit : agent.limits)
        row(agent.id, say()(agent.name), limit_kind_text(limit.kind, say()), limit.value, unit_text(limit.unit),
            limit.source);
    }
    end_or(report_.agents.empty(), words::no_agents);
  }

  void exposures() {
    begin(words::exposures,
          {{words::day, 12},        {words::shift, 14},       {words::workplace, 18},      {words::point, 20},
           {words::agent, 24},      {words::figure_name, 24}, {words::lower_bound, 8},     {words::figure, 12},
           {words::unit, 9},        {words::limit_kind, 10},  {words::limit, 8},           {words::clause, 30},
           {words::ratio, 12},      {words::verdict, 22},     {words::coverage_share, 12}, {words::elapsed_h, 10},
           {words::measured_h, 10}, {words::stel_max, 12},    {words::stel_at_least, 12},  {words::max_reading, 12},
           {words::mixture, 12},    {words::breaches, 40}});
    for (const auto& exposure : report_.exposures) exposure_row(exposure);
    end_or(report_.exposures.empty(), words::no_exposures);
  }

  void exposure_row(const ReportExposure& exposure) {
    const auto& e = exposure.figures;
    const auto* agent = find_agent(report_, exposure.agent);
    const auto figure = shift_figure(exposure, agent, say());
    cells(DayCell{exposure.day}, exposure.shift, exposure.workplace, exposure.point);
    cells(agent == nullptr ? exposure.agent : say()(agent->name), figure.name, figure.at_least, figure.value);
    cells(unit_text(exposure.unit), limit_kind_text(figure.limit_kind, say()), figure.limit, figure.limit_source);
    cells(e.ratio, verdict_word(e.verdict), e.time.coverage(), e.time.elapsed() / 3600, e.time.measured / 3600);
    row(e.stel_max, e.stel_at_least, e.max, e.mixture_index, breach_list(e.breaches, say()));
  }

  void coverage() {
    begin(words::coverage, {{words::workplace, 20},
                            {words::point, 22},
                            {words::number_of_shifts, 10},
                            {words::n_compliant, 10},
                            {words::n_exceeds, 10},
                            {words::n_insufficient, 12},
                            {words::n_no_limit, 10},
                            {words::measured_h, 12},
                            {words::elapsed_h, 12},
                            {words::coverage_share, 14}});
    for (const auto& point : report_.coverage)
      row(point.workplace, point.point, point.shifts, point.compliant, point.exceeds, point.insufficient,
          point.no_limit, point.measured_h, point.elapsed_h, point.coverage());
    end_or(report_.coverage.empty(), words::no_coverage);
  }

  void exceedances() {
    begin(words::exceedances, {{words::seq, 10},
                               {words::recorded_at, 20},
                               {words::record_kind, 14},
                               {words::over, 10},
                               {words::since, 20},
                               {words::workplace, 18},
                               {words::point, 20},
                               {words::agent, 24},
                               {words::lower_bound, 8},
                               {words::value, 12},
                               {words::limit_kind, 10},
                               {words::limit, 8},
                               {words::unit, 9},
                               {words::clause, 30},
                               {words::hash, 66}});
    for (const auto& e : report_.exceedances)
      row(e.seq, e.at, record_kind_text(e.kind, say()), e.over ? words::ended : words::began, e.since, e.workplace,
          e.point, agent_name(e.agent), e.at_least, e.value, limit_kind_text(e.limit_kind, say()), e.limit,
          unit_text(e.unit), e.limit_source, e.hash);
    end_or(report_.exceedances.empty(), words::no_exceedances);
  }

  void head() {
    begin(words::head, {{words::item, 24}, {words::content, 90}});
    if (report_.head) {
      row(words::seq, report_.head->seq);
      fact(words::head_at, report_.head->at);
      fact(words::hash, report_.head->hash);
      fact(words::signature, report_.head->signature);
      fact(words::key_id, report_.head->key_id);
      fact(words::verify, say()(words::verify_how));
    }
    end_or(!report_.head, words::no_head);
  }

  void assessments() {
    begin(words::assessments, {{words::number, 8},
                               {words::record_version, 8},
                               {words::standing, 14},
                               {words::day, 12},
                               {words::workplace, 20},
                               {words::agent, 22},
                               {words::subject, 20},
                               {words::laboratory, 24},
                               {words::report_no, 18},
                               {words::method, 18},
                               {words::figure_name, 12},
                               {words::lower_bound, 10},
                               {words::value, 12},
                               {words::rounded_by_law, 10},
                               {words::unit, 9},
                               {words::limit_kind, 10},
                               {words::limit, 8},
                               {words::clause, 40},
                               {words::verdict, 22},
                               {words::remark, 50},
                               {words::correction_why, 30},
                               {words::entered_by, 14},
                               {words::attachments_count, 66}});
    const auto standing = standings(report_.assessments);
    for (std::size_t i = 0; i < standing.size(); ++i) {
      const auto& each = report_.assessments[i];
      if (each.judgement.lines.empty()) assessment_row(each, standing[i], nullptr);
      for (const auto& line : each.judgement.lines) assessment_row(each, standing[i], &line);
    }
    end_or(report_.assessments.empty(), words::no_assessments);
  }

  void assessment_row(const ReportAssessment& each, Standing standing, const core::LimitLine* line) {
    const auto& a = each.assessment;
    cells(a.number, a.version, standing_word(standing), DayCell{each.day}, each.workplace_name, say()(each.agent_name));
    cells(std::string(say()(subject_kind_word(a.subject_kind))) + " " + a.subject, a.laboratory, a.report_no, a.method);
    if (line == nullptr) {
      cells("", "", core::no_value, "", unit_text(each.unit), "", core::no_value, "");
      cells(verdict_word(each.judgement.verdict));
    } else {
      cells(line->figure_name, line->below_loq ? "<" : line->at_least ? "≥" : "", line->figure, law_figure(*line).text);
      cells(unit_text(each.unit), limit_kind_text(core::name(line->kind), say()), line->limit,
            line->source + "; " + std::string(line->clause), verdict_word(line->verdict));
    }
    row(remarks(each, line), a.why, a.by, attachment_hashes(a));
  }

  std::string remarks(const ReportAssessment& each, const core::LimitLine* line) const {
    std::string list;
    const auto add = [&](std::string_view sentence) {
      if (!list.empty() && !sentence.empty()) list += say().stop();
      list += sentence;
    };
    for (const auto note : each.judgement.notes) add(say()(note_word(note)));
    if (line != nullptr) {
      if (const auto law = law_figure(*line); law.remark) add(law.text + std::string(say()(*law.remark)));
    }
    add(each.assessment.note);
    return list;
  }

  static std::string attachment_hashes(const core::Assessment& a) {
    std::string list;
    for (const auto& file : a.attachments) list += (list.empty() ? "" : " ") + file.hash;
    return list;
  }

  void samples() {
    begin(words::samples, {{words::number, 8},
                           {words::record_version, 8},
                           {words::day, 12},
                           {words::agent, 22},
                           {words::sample_from, 14},
                           {words::sample_to, 14},
                           {words::minutes, 10},
                           {words::result, 14},
                           {words::unit, 10},
                           {words::value, 12},
                           {words::unit, 10},
                           {words::volume, 12},
                           {words::stands_for, 14}});
    bool none = true;
    for (const auto& each : report_.assessments) {
      for (const auto& s : each.assessment.samples) {
        none = false;
        row(each.assessment.number, each.assessment.version, DayCell{each.day}, say()(each.agent_name),
            clock_text(s.begin_minute, say()), clock_text(s.end_minute, say()), s.minutes(), s.result,
            unit_text(core::symbol(s.unit)), s.value, unit_text(each.unit), s.volume_l, s.stands_for_minutes);
      }
    }
    end_or(none, words::no_assessments);
  }

  void posts() {
    begin(words::posts, {{words::workplace, 20},
                         {words::agent, 22},
                         {words::results, 10},
                         {words::n_compliant, 10},
                         {words::n_exceeds, 10},
                         {words::n_insufficient, 12},
                         {words::n_no_limit, 10},
                         {words::highest, 36},
                         {words::highest_ratio, 12},
                         {words::verdict, 22},
                         {words::grade, 14},
                         {words::confidence, 10},
                         {words::provisional, 10},
                         {words::grade_source, 40}});
    for (const auto& post : report_.posts) post_row(post);
    end_or(report_.posts.empty(), words::no_posts);
  }

  void post_row(const ReportPost& post) {
    cells(post.workplace_name.empty() ? post.workplace : post.workplace_name, say()(post.agent_name), post.results);
    cells(post.compliant, post.exceeds, post.insufficient, post.no_limit, post.highest, post.highest_ratio);
    cells(verdict_word(post.verdict));
    if (!post.grade) {
      row(words::not_graded, "", "", "");
      return;
    }
    const auto& grade = *post.grade;
    row(grade_text(grade.grade, say()), std::string(1, grade.confidence),
        grade.provisional ? say()(words::provisional) : std::string_view{}, grade.source);
  }

  void rates() {
    begin(words::rates, {{words::item, 16},
                         {words::rate_share, 14},
                         {words::n_compliant, 10},
                         {words::n_exceeds, 10},
                         {words::judged, 10},
                         {words::n_insufficient, 12},
                         {words::n_no_limit, 10}});
    rate_row(words::shift_rate, report_.shift_rate);
    rate_row(words::assessment_rate, report_.assessment_rate);
    rate_row(words::post_rate, report_.post_rate);
    end_or(false, words::rates);
  }

  void gaps() {
    begin(words::gaps, {{words::from, 20},
                        {words::to, 20},
                        {words::hours, 10},
                        {words::workplace, 20},
                        {words::device, 20},
                        {words::reason, 30},
                        {words::kind, 14},
                        {words::sentence, 60}});
    for (const auto& gap : report_.gaps)
      row(gap.from, gap.to.empty() ? std::string(say()(words::lasts)) : gap.to, gap.hours,
          gap.workplace.empty() ? std::string(say()(words::whole_site)) : gap.workplace, gap.device,
          gap_reason_text(gap.reason, say()), gap_kind_text(gap.kind, say()), say()(gap.text));
    end_or(report_.gaps.empty(), words::no_gaps);
  }

  void alarms() {
    begin(words::alarms, {{words::alarm_id, 16},
                          {words::level, 10},
                          {words::state, 18},
                          {words::workplace, 18},
                          {words::point, 20},
                          {words::agent, 22},
                          {words::value, 12},
                          {words::peak, 12},
                          {words::limit, 10},
                          {words::unit, 9},
                          {words::detected, 20},
                          {words::warned, 20},
                          {words::confirmed, 20},
                          {words::disposed, 20},
                          {words::acknowledged_by, 14},
                          {words::disposed_by, 14},
                          {words::disposal, 40},
                          {words::sentence, 70}});
    for (const auto& alarm : report_.alarms) {
      cells(alarm.id, level_text(alarm.level, say()), state_text(alarm.state, say()), alarm.workplace, alarm.subject);
      cells(agent_name(alarm.agent), alarm.value, alarm.peak, alarm.limit, unit_text(alarm.unit), alarm.detected);
      cells(alarm.warned, alarm.confirmed, alarm.disposed, alarm.acknowledged_by, alarm.disposed_by, alarm.disposal);
      row(say()(alarm.text));
    }
    end_or(report_.alarms.empty(), words::no_alarms);
  }

  const Report& report_;
};

class ParkTables : SheetTables {
 public:
  ParkTables(const ParkReport& report, TableForm& form) : SheetTables(report.language, form), report_(report) {}

  void write() {
    cover();
    enterprises();
    months();
  }

 private:
  void cover() {
    begin(words::cover, {{words::item, 24}, {words::content, 80}});
    fact(words::park_title, report_.site);
    fact(words::period, fmt::format(fmt::runtime(say()(words::from_to)), report_.from, report_.to));
    fact(words::gateway, report_.gateway);
    fact(words::version, report_.version);
    fact(words::timezone, report_.timezone);
    fact(words::made_at, report_.made_at);
    fact(words::made_by, report_.made_by);
    end_or(false, words::cover);
  }

  void enterprises() {
    begin(words::park_rows, {{words::enterprise_id, 18},
                             {words::enterprise, 30},
                             {words::area, 16},
                             {words::assessment_rate, 14},
                             {words::compliant_assessments, 12},
                             {words::exceeding_assessments, 12},
                             {words::shift_rate, 14},
                             {words::compliant_shifts, 12},
                             {words::exceeding_shifts, 12},
                             {words::ledger_records, 12},
                             {words::all_alarms, 10},
                             {words::exceed_alarms, 10},
                             {words::danger_alarms, 10},
                             {words::missed_targets, 10},
                             {words::coverage_share, 14},
                             {words::median_dispose, 16},
                             {words::worst_ratio, 12}});
    for (const auto& e : report_.rows)
      row(e.enterprise, e.name, e.area, e.assessments.rate(), e.assessments.compliant, e.assessments.exceeds,
          e.shifts.rate(), e.shifts.compliant, e.shifts.exceeds, e.exceedances, e.alarms, e.exceed_alarms,
          e.danger_alarms, e.missed_targets, e.coverage, e.median_dispose_h, e.worst_ratio);
    end_or(report_.rows.empty(), words::no_park_rows);
  }

  void months() {
    begin(words::months, {{words::month, 10},
                          {words::assessment_rate, 14},
                          {words::compliant_assessments, 12},
                          {words::exceeding_assessments, 12},
                          {words::shift_rate, 14},
                          {words::compliant_shifts, 12},
                          {words::exceeding_shifts, 12},
                          {words::all_alarms, 10},
                          {words::ledger_records, 12}});
    for (const auto& m : report_.months)
      row(m.month, m.assessments.rate(), m.assessments.compliant, m.assessments.exceeds, m.shifts.rate(),
          m.shifts.compliant, m.shifts.exceeds, m.alarms, m.exceedances);
    end_or(report_.months.empty(), words::no_months);
  }

  const ParkReport& report_;
};

}  // namespace

void write_tables(const SheetOfText& sheet, TableForm& form) {
  constexpr int width = 16;
  std::vector<SheetColumn> columns;
  for (const auto& column : sheet.table.columns) columns.push_back({column, width});
  form.begin(sheet.title, columns);
  for (const auto& row : sheet.table.rows) {
    for (const auto& cell : row.cells) form.text(cell);
    form.end_row();
  }
  form.end();
}

void write_tables(const Report& report, TableForm& form) { ReportTables(report, form).write(); }
void write_tables(const ParkReport& report, TableForm& form) { ParkTables(report, form).write(); }

}  // namespace hazgate::records
