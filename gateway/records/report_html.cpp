#include "records/report_html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "core/units.hpp"
#include "feed/alarm_text.hpp"
#include "records/markup.hpp"
#include "records/report_figures.hpp"

namespace hazgate::records {

namespace {

template <class... Parts>
std::string sentence(std::string_view form, const Parts&... parts) {
  return fmt::format(fmt::runtime(form), parts...);
}

std::size_t count_verdict(const Report& report, core::Verdict verdict) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.exposures, [&](const auto& e) { return e.figures.verdict == verdict; }));
}

/// A long period in one line for each point and month.
struct MonthOfPoint {
  std::size_t shifts = 0;
  std::array<std::size_t, 4> of_verdict{};  ///< by core::Verdict
  double measured = 0, elapsed = 0;
  const ReportExposure* greatest = nullptr;
  ShiftFigure greatest_figure;
  double greatest_part = core::no_value;

  void add(const ReportExposure& exposure, ShiftFigure figure) {
    const auto& e = exposure.figures;
    ++shifts;
    ++of_verdict.at(static_cast<std::size_t>(e.verdict));
    measured += e.time.measured;
    elapsed += e.time.elapsed();
    if (!std::isfinite(figure.value)) return;
    const double part = std::isfinite(figure.limit) ? figure.value / figure.limit : figure.value;
    if (greatest != nullptr && !(part > greatest_part)) return;
    greatest = &exposure;
    greatest_figure = std::move(figure);
    greatest_part = part;
  }
  std::size_t count(core::Verdict verdict) const { return of_verdict.at(static_cast<std::size_t>(verdict)); }
};

class ReportPage {
 public:
  explicit ReportPage(const Report& report) : r_(report), say_(report.language), h_(say_) {}

  std::string make() {
    cover();
    workplaces();
    limits();
    exposures();
    coverage();
    exceedances();
    assessments();
    posts();
    rates();
    gaps();
    alarms();
    signatures();
    const auto& name = r_.enterprise_name.empty() ? r_.enterprise : r_.enterprise_name;
    return h_.document(std::string(say_(words::report_title)) + " " + name);
  }

 private:
  static constexpr std::array sections{words::workplaces,  words::limits,      words::exposures, words::coverage,
                                       words::exceedances, words::assessments, words::posts,     words::rates,
                                       words::gaps,        words::alarms,      words::signatures};

  void open_section(const Word& title) {
    const auto number = std::ranges::find(sections, title) - sections.begin() + 1;
    h_.raw(fmt::format("<section id=\"s{}\">\n<h2>{}. ", number, number)).text(title).raw("</h2>\n");
  }
  void close_section() { h_.raw("</section>\n"); }
  /// The section says that it has nothing.
  bool nothing(bool empty, const Word& words) {
    if (empty) {
      h_.paragraph(say_(words));
      close_section();
    }
    return empty;
  }

  // ---- cover

  void cover() {
    h_.raw("<header class=\"cover\">\n<h1>").text(words::report_title).raw("</h1>\n<p class=\"lead\">");
    h_.text(r_.enterprise_name.empty() ? r_.enterprise : r_.enterprise_name).raw("</p>\n").open_facts();
    h_.fact(words::enterprise_id, r_.enterprise).fact(words::area, r_.area);
    h_.fact(words::period, sentence(say_(words::from_to), r_.from, r_.to));
    h_.fact(words::site, r_.site).fact(words::gateway, r_.gateway).fact(words::version, r_.version);
    h_.fact(words::timezone, r_.timezone).fact(words::made_at, r_.made_at).fact(words::made_by, r_.made_by);
    h_.close_facts();
    glance();
    if (!r_.notes.empty()) {
      h_.raw("<div class=\"notes\"><h3>").text(words::reader_notes).raw("</h3>\n");
      for (const auto& note : r_.notes) h_.paragraph(say_(note));
      h_.raw("</div>\n");
    }
    h_.raw("<h3>").text(words::contents).raw("</h3>\n<ol class=\"contents\">\n");
    for (std::size_t i = 0; i < sections.size(); ++i)
      h_.raw(fmt::format("<li><a href=\"#s{}\">", i + 1)).text(sections[i]).raw("</a></li>\n");
    h_.raw("</ol>\n</header>\n");
  }

  void glance() {
    h_.raw("<h2>").text(words::glance).raw("</h2>\n");
    if (r_.exposures.empty() && r_.assessments.empty()) h_.paragraph(say_(words::glance_nothing));
    using enum core::Verdict;
    if (!r_.exposures.empty())
      h_.paragraph(sentence(say_(words::glance_shifts), r_.exposures.size(), count_verdict(r_, compliant),
                            count_verdict(r_, exceeds), count_verdict(r_, insufficient), count_verdict(r_, no_limit)));
    double measured = 0, elapsed = 0, gap_hours = 0;
    for (const auto& point : r_.coverage) measured += point.measured_h, elapsed += point.elapsed_h;
    for (const auto& gap : r_.gaps) gap_hours += gap.hours;
    const auto began = std::ranges::count_if(r_.exceedances, [](const auto& e) { return !e.over; });
    h_.raw("<ul class=\"glance\">\n");
    h_.glance(words::glance_exceeding, std::to_string(r_.shift_rate.exceeds));
    h_.glance(words::glance_ledger, std::to_string(began));
    h_.glance(words::glance_alarms, std::to_string(r_.alarms.size()));
    h_.glance(words::glance_gaps, sentence(say_(words::glance_gap_hours), r_.gaps.size(), feed::rounded(gap_hours)));
    h_.glance(words::shift_rate, rate_text(r_.shift_rate))
        .glance(words::assessment_rate, rate_text(r_.assessment_rate));
    h_.glance(words::post_rate, rate_text(r_.post_rate));
    h_.glance(words::glance_coverage, elapsed > 0 ? percent_text(measured / elapsed) : "—").raw("</ul>\n");
  }

  std::string rate_text(const PassRate& rate) const {
    const auto share = rate.rate();
    if (!share) return std::string(say_(words::no_rate));
    return fmt::format("{} ({}/{})", percent_text(*share), rate.compliant, rate.judged());
  }

  // ---- what there is

  const std::string& workplace_name(const std::string& id) const {
    const auto found = std::ranges::find(r_.workplaces, id, &ReportWorkplace::id);
    return found == r_.workplaces.end() || found->name.empty() ? id : found->name;
  }
  const std::string& agent_name(const std::string& id) const {
    const auto* agent = find_agent(r_, id);
    return agent == nullptr ? id : say_(agent->name);
  }

  void lines(const std::vector<std::string>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) h_.raw(i == 0 ? "" : "<br/>").text(list[i]);
  }

  void workplaces() {
    open_section(words::workplaces);
    if (nothing(r_.workplaces.empty(), words::no_workplaces)) return;
    h_.open_table({{words::workplace, 22}, {words::shifts, 20}, {words::points, 36}, {words::agents, 22}});
    for (const auto& place : r_.workplaces) {
      h_.open_row().text(place.name.empty() ? place.id : place.name).small(place.id).next();
      lines(place.shifts);
      h_.next();
      lines(place.points);
      h_.next();
      std::vector<std::string> names;
      for (const auto& id : place.agents) names.push_back(agent_name(id));
      lines(names);
      h_.close_row();
    }
    h_.close_table();
    close_section();
  }

  void limits() {
    open_section(words::limits);
    if (nothing(r_.agents.empty(), words::no_agents)) return;
    h_.open_table({{words::agent, 34}, {words::limit_kind, 16}, {words::limit, 16}, {words::clause, 34}});
    for (const auto& agent : r_.agents) {
      if (agent.limits.empty()) {
        agent_cell(agent);
        h_.next().text(words::no_legal_limit).next().text("—").next().text("—").close_row();
      }
      for (const auto& limit : agent.limits) {
        agent_cell(agent);
        h_.next().text(limit_kind_text(limit.kind, say_)).next_number();
        h_.figure(limit.value, core::no_value, limit.unit).next().text(limit.source).close_row();
      }
    }
    h_.close_table();
    close_section();
  }
  void agent_cell(const ReportAgent& agent) { h_.open_row().text(say_(agent.name)).small(agent.id); }

  // ---- shifts

  void exposures() {
    open_section(words::exposures);
    if (nothing(r_.exposures.empty(), words::no_exposures)) return;
    h_.paragraph(say_(words::insufficient_rule));
    if (r_.exposures.size() <= most_listed_shifts) {
      exposure_table([](const ReportExposure&) { return true; });
    } else {
      long_period();
    }
    close_section();
  }

  static bool is_listed(const ReportExposure& exposure) {
    const auto verdict = exposure.figures.verdict;
    return verdict == core::Verdict::exceeds || verdict == core::Verdict::insufficient;
  }

  void long_period() {
    const auto exceeding = count_verdict(r_, core::Verdict::exceeds);
    const auto insufficient = count_verdict(r_, core::Verdict::insufficient);
    h_.paragraph(sentence(say_(words::long_period), r_.exposures.size(), most_listed_shifts, exceeding + insufficient,
                          exceeding, insufficient, count_verdict(r_, core::Verdict::no_limit)));
    h_.raw("<h3>").text(words::by_month).raw("</h3>\n");
    month_table();
    h_.raw("<h3>").text(words::not_compliant).raw("</h3>\n");
    if (exceeding + insufficient == 0) {
      h_.paragraph(say_(words::all_compliant));
    } else {
      exposure_table(is_listed);
    }
  }

  void month_table() {
    using Key = std::tuple<std::string_view, std::string_view, std::string_view>;
    std::map<Key, MonthOfPoint> months;
    for (const auto& exposure : r_.exposures) {
      const auto month = std::string_view(exposure.day).substr(0, 7);
      months[{exposure.workplace, exposure.point, month}].add(
          exposure, shift_figure(exposure, find_agent(r_, exposure.agent), say_));
    }
    h_.open_table({{words::point, 20},
                   {words::month, 9},
                   {words::number_of_shifts, 7},
                   {words::n_compliant, 11},
                   {words::n_exceeds, 8},
                   {words::n_insufficient, 12},
                   {words::n_no_limit, 8},
                   {words::greatest, 16},
                   {words::mean_coverage, 9}});
    for (const auto& [key, month] : months) month_row(std::get<2>(key), month, std::get<0>(key), std::get<1>(key));
    h_.close_table();
  }

  void month_row(std::string_view name, const MonthOfPoint& month, std::string_view place, std::string_view point) {
    h_.open_row().text(workplace_name(std::string(place))).small(point).next_number().text(name);
    h_.next_number().text(std::to_string(month.shifts));
    using enum core::Verdict;
    for (const auto verdict : {compliant, exceeds, insufficient, no_limit})
      h_.next_number().text(std::to_string(month.count(verdict)));
    h_.next_number();
    if (month.greatest == nullptr) {
      h_.text("—");
    } else {
      const auto& figure = month.greatest_figure;
      const auto& unit = month.greatest->unit;
      h_.figure(figure.value, figure.limit, unit, figure.at_least ? "≥ " : "");
      h_.small(ratio_text(figure.value, figure.limit, unit, say_));
    }
    h_.next_number().share(month.elapsed > 0 ? month.measured / month.elapsed : 0).close_row();
  }

  template <class Chosen>
  void exposure_table(Chosen chosen) {
    h_.open_table({{words::day, 10},
                   {words::workplace, 13},
                   {words::agent, 11},
                   {words::figure, 23},
                   {words::limit_and_part, 22},
                   {words::coverage_percent, 7},
                   {words::verdict, 14}});
    for (const auto& exposure : r_.exposures)
      if (chosen(exposure)) exposure_row(exposure);
    h_.close_table();
  }

  void exposure_row(const ReportExposure& exposure) {
    const auto& e = exposure.figures;
    const auto* agent = find_agent(r_, exposure.agent);
    const auto figure = shift_figure(exposure, agent, say_);
    h_.open_row().text(exposure.day).small(exposure.shift);
    h_.next().text(workplace_name(exposure.workplace)).small(exposure.point);
    h_.next().text(agent_name(exposure.agent)).next_number();
    shift_figures(exposure, figure, find_limit(agent, "PC-STEL"));
    h_.next_number();
    limit_cell({.kind = figure.limit_kind,
                .value = figure.limit,
                .unit = exposure.unit,
                .source = figure.limit_source,
                .part = ratio_text(figure.value, figure.limit, exposure.unit, say_)});
    h_.next_number().share(e.time.coverage()).next().verdict(e.verdict).small(breach_list(e.breaches, say_));
    if (!e.final) h_.small(say_(words::not_final));
    h_.close_row();
  }

  void shift_figures(const ReportExposure& exposure, const ShiftFigure& figure, const ReportAgent::LimitRow* stel) {
    const auto& e = exposure.figures;
    if (std::isfinite(figure.value)) {
      h_.figure(figure.value, figure.limit, exposure.unit, figure.at_least ? "≥ " : "").small(figure.name);
    } else {
      h_.text(no_figure_text(exposure, say_)).small(figure.name);
    }
    if (stel != nullptr && figure.limit_kind != "PC-STEL" && std::isfinite(e.greatest_stel())) {
      const bool at_least = e.at_least || std::isfinite(e.stel_at_least);
      h_.raw("<span class=\"small\">C_STE ");
      h_.figure(e.greatest_stel(), stel->value, exposure.unit, at_least ? "≥ " : "");
      h_.text(" (PC-STEL ").figure(stel->value, core::no_value, stel->unit).text(")").raw("</span>");
    }
    if (std::isfinite(e.mixture_index)) {
      h_.raw("<span class=\"small\">").text(words::mixture).text(" ").figure(e.mixture_index, 1, "1");
      h_.text(" (").text(words::mixture_clause).text(")").raw("</span>");
    }
  }

  struct LimitCell {
    std::string_view kind;
    double value;
    std::string_view unit, source;
    std::string part;  ///< that the figure is of it
  };
  void limit_cell(const LimitCell& limit) {
    if (!std::isfinite(limit.value)) {
      h_.text("—");
      return;
    }
    h_.text(limit_kind_text(limit.kind, say_)).text(" ").figure(limit.value, core::no_value, limit.unit);
    if (!limit.part.empty()) h_.text(" · ").text(limit.part);
    h_.small(limit.source);
  }

  void coverage() {
    open_section(words::coverage);
    if (nothing(r_.coverage.empty(), words::no_coverage)) return;
    h_.open_table({{words::point, 22},
                   {words::number_of_shifts, 8},
                   {words::n_compliant, 11},
                   {words::n_exceeds, 8},
                   {words::n_insufficient, 12},
                   {words::n_no_limit, 9},
                   {words::measured_h, 11},
                   {words::elapsed_h, 10},
                   {words::coverage_percent, 9}});
    for (const auto& p : r_.coverage) {
      h_.open_row().text(workplace_name(p.workplace)).small(p.point);
      for (const auto count : {p.shifts, p.compliant, p.exceeds, p.insufficient, p.no_limit})
        h_.next_number().text(std::to_string(count));
      h_.next_number().figure(p.measured_h, core::no_value, "h").next_number();
      h_.figure(p.elapsed_h, core::no_value, "h").next_number().share(p.coverage()).close_row();
    }
    h_.close_table();
    close_section();
  }

  // ---- the ledger

  void exceedances() {
    open_section(words::exceedances);
    if (r_.exceedances.empty()) {
      h_.paragraph(say_(words::no_exceedances));
    } else {
      h_.open_table({{words::seq, 11},
                     {words::recorded_at, 14},
                     {words::workplace, 18},
                     {words::value, 14},
                     {words::limit, 18},
                     {words::hash, 25}});
      for (const auto& e : r_.exceedances) exceedance_row(e);
      h_.close_table();
    }
    head();
    close_section();
  }

  void exceedance_row(const ReportExceedance& e) {
    const double limit = e.limit.value_or(core::no_value);
    h_.open_row().text(std::to_string(e.seq)).small(record_kind_text(e.kind, say_));
    h_.small(say_(e.over ? words::ended : words::began)).next_number().text(e.at);
    if (!e.since.empty()) h_.small(std::string(say_(words::since)) + " " + e.since);
    h_.next().text(workplace_name(e.workplace)).small(e.point).small(agent_name(e.agent)).next_number();
    h_.figure(e.value.value_or(core::no_value), limit, e.unit, e.at_least ? "≥ " : "").next_number();
    limit_cell({.kind = e.limit_kind, .value = limit, .unit = e.unit, .source = e.limit_source, .part = {}});
    h_.next().raw("<span class=\"hash\">").text(e.hash).raw("</span>").close_row();
  }

  void head() {
    h_.raw("<h3>").text(words::head).raw("</h3>\n");
    if (!r_.head) {
      h_.paragraph(say_(words::no_head));
      return;
    }
    h_.open_facts().fact(words::seq, std::to_string(r_.head->seq)).fact(words::head_at, r_.head->at);
    h_.fact(words::hash, r_.head->hash).fact(words::signature, r_.head->signature);
    h_.fact(words::key_id, r_.head->key_id).fact(words::verify, say_(words::verify_how)).close_facts();
  }

  // ---- assessments

  void assessments() {
    open_section(words::assessments);
    if (nothing(r_.assessments.empty(), words::no_assessments)) return;
    h_.paragraph(say_(words::rounded_clause));
    const auto standing = standings(r_.assessments);
    assessments_of(Standing::stands, standing);
    const auto apart = [&](Standing which, const Word& title) {
      if (std::ranges::find(standing, which) == standing.end()) return;
      h_.raw("<h3>").text(title).raw("</h3>\n");
      assessments_of(which, standing);
    };
    apart(Standing::superseded, words::superseded_ones);
    apart(Standing::withdrawn, words::withdrawn_ones);
    close_section();
  }

  void assessments_of(Standing which, const std::vector<Standing>& standing) {
    for (std::size_t i = 0; i < standing.size(); ++i)
      if (standing[i] == which) assessment(r_.assessments[i]);
  }

  void assessment(const ReportAssessment& each) {
    const auto& a = each.assessment;
    h_.raw("<article>\n<h3>").text(sentence(say_(words::assessment_no), a.number, a.version)).text(" · ");
    h_.text(each.workplace_name).text(" · ").text(say_(each.agent_name)).text(" · ").text(each.day).text(" · ");
    h_.verdict(each.judgement.verdict).raw("</h3>\n");
    assessment_facts(each);
    limit_lines(each);
    for (const auto& remark : remarks(each)) h_.paragraph(remark);
    h_.raw("</article>\n");
  }

  void assessment_facts(const ReportAssessment& each) {
    const auto& a = each.assessment;
    h_.open_facts().fact(words::correction_why, a.why);
    h_.fact(words::subject, std::string(say_(subject_kind_word(a.subject_kind))) + " " + a.subject);
    h_.fact(words::laboratory, a.laboratory).fact(words::report_no, a.report_no).fact(words::method, a.method);
    h_.fact(words::exposure_time,
            sentence(say_(words::hours_days), feed::rounded(a.exposed_hours()), feed::rounded(a.days_per_week)));
    h_.fact(words::samples, samples_text(a)).fact(words::entered_by, a.by);
    for (const auto& file : a.attachments)
      h_.fact(words::attachments, fmt::format("{} (SHA-256 {})", file.file, file.hash));
    h_.fact(words::own_note, a.note).close_facts();
  }

  /// "08:30–08:45 4.10 mg/m³; …", results as the laboratory wrote them.
  std::string samples_text(const core::Assessment& a) const {
    std::string list;
    for (const auto& s : a.samples) {
      if (!list.empty()) list += say_.stop();
      list += fmt::format("{}–{} {} {}", clock_text(s.begin_minute, say_), clock_text(s.end_minute, say_), s.result,
                          unit_text(core::symbol(s.unit)));
    }
    return list;
  }

  void limit_lines(const ReportAssessment& each) {
    if (each.judgement.lines.empty()) {
      h_.paragraph(say_(words::nothing_judged));
      return;
    }
    h_.open_table({{words::figure_name, 11},
                   {words::value, 16},
                   {words::rounded_by_law, 13},
                   {words::limit, 18},
                   {words::clause, 25},
                   {words::verdict, 17}});
    for (const auto& line : each.judgement.lines) limit_line(line, each.unit);
    h_.close_table();
  }

  void limit_line(const core::LimitLine& line, std::string_view unit) {
    const auto law = law_figure(line);
    h_.open_row().text(line.figure_name).next_number();
    h_.figure(line.figure, line.limit, unit, line.below_loq ? "<" : line.at_least ? "≥ " : "").next_number();
    h_.text(law.text.empty() ? "—" : law.text + " " + unit_text(unit));
    h_.next_number().text(limit_kind_text(core::name(line.kind), say_)).text(" ");
    h_.figure(line.limit, core::no_value, unit);
    if (std::isfinite(line.printed_limit) && line.printed_limit != line.limit)
      h_.small(sentence(say_(words::printed_limit), feed::rounded(line.printed_limit)));
    h_.next().text(line.source).small(line.clause).next().verdict(line.verdict).close_row();
  }

  std::vector<std::string> remarks(const ReportAssessment& each) const {
    std::vector<std::string> list;
    const auto& a = each.assessment;
    for (const auto& line : each.judgement.lines)
      if (const auto law = law_figure(line); law.remark)
        list.push_back(fmt::format("{} {}{}", line.figure_name, law.text, say_(*law.remark)));
    for (const auto note : each.judgement.notes) list.emplace_back(say_(note_word(note)));
    std::string facts = sentence(say_(words::sampled_share), percent_text(each.judgement.sampled_share));
    const auto add = [&](const std::string& more) { facts += std::string(say_.stop()) + more; };
    if (each.judgement.exposure_class)
      add(sentence(say_(words::exposure_class), core::name(*each.judgement.exposure_class)));
    if (a.sio2_percent) add(sentence(say_(words::silica), feed::rounded(*a.sio2_percent)));
    if (!a.work_class.empty()) add(sentence(say_(words::work_class), a.work_class));
    if (!a.toxicity.empty()) add(sentence(say_(words::toxicity), toxicity_text(a.toxicity, say_)));
    list.push_back(facts);
    return list;
  }

  // ---- verdicts

  void posts() {
    open_section(words::posts);
    if (nothing(r_.posts.empty(), words::no_posts)) return;
    h_.paragraph(say_(words::posts_rule));
    h_.open_table({{words::workplace, 19},
                   {words::agent, 14},
                   {words::results, 17},
                   {words::highest, 22},
                   {words::verdict, 13},
                   {words::grade, 15}});
    for (const auto& post : r_.posts) post_row(post);
    h_.close_table();
    close_section();
  }

  void post_row(const ReportPost& post) {
    h_.open_row().text(post.workplace_name.empty() ? workplace_name(post.workplace) : post.workplace_name);
    h_.next().text(say_(post.agent_name)).next_number().text(std::to_string(post.results));
    h_.small(fmt::format("{} {} · {} {} · {} {} · {} {}", say_(words::n_compliant), post.compliant,
                         say_(words::n_exceeds), post.exceeds, say_(words::n_insufficient), post.insufficient,
                         say_(words::n_no_limit), post.no_limit));
    h_.next_number().text(post.highest);
    if (std::isfinite(post.highest_ratio)) {
      h_.raw("<span class=\"small\">").text(words::highest_ratio).text(" ").figure(post.highest_ratio, 1, "1");
      h_.raw("</span>");
    }
    h_.next().verdict(post.verdict).next();
    grade(post.grade);
    h_.close_row();
  }

  void grade(const std::optional<ReportPost::Grade>& grade) {
    if (!grade) {
      h_.text(words::not_graded);
      return;
    }
    h_.text(grade_text(grade->grade, say_));
    if (grade->provisional || grade->confidence == 'C') h_.text(" (").text(words::provisional).text(")");
    h_.small(fmt::format("{} {}{}{}", say_(words::confidence), grade->confidence, say_.stop(), grade->source));
  }

  void rates() {
    open_section(words::rates);
    h_.paragraph(say_(words::rates_rule));
    h_.open_table({{words::item, 22},
                   {words::rate, 26},
                   {words::n_compliant, 12},
                   {words::n_exceeds, 12},
                   {words::n_insufficient, 14},
                   {words::n_no_limit, 14}});
    rate_row(words::shift_rate, r_.shift_rate);
    rate_row(words::assessment_rate, r_.assessment_rate);
    rate_row(words::post_rate, r_.post_rate);
    h_.close_table();
    close_section();
  }

  void rate_row(const Word& name, const PassRate& rate) {
    h_.open_row().text(name).next_number().rate(rate);
    for (const auto count : {rate.compliant, rate.exceeds, rate.insufficient, rate.no_limit})
      h_.next_number().text(std::to_string(count));
    h_.close_row();
  }

  // ---- what was missing, and what rang

  void gaps() {
    open_section(words::gaps);
    if (nothing(r_.gaps.empty(), words::no_gaps)) return;
    h_.open_table({{words::from, 15},
                   {words::to, 15},
                   {words::hours, 8},
                   {words::workplace, 20},
                   {words::reason, 18},
                   {words::sentence, 24}});
    for (const auto& gap : r_.gaps) {
      h_.open_row().text(gap.from).next().text(gap.to.empty() ? say_(words::lasts) : std::string_view(gap.to));
      h_.next_number().figure(gap.hours, core::no_value, "h").next();
      h_.text(gap.workplace.empty() ? say_(words::whole_site) : std::string_view(workplace_name(gap.workplace)));
      h_.small(gap.device).next().text(gap_reason_text(gap.reason, say_)).small(gap_kind_text(gap.kind, say_));
      h_.next().text(say_(gap.text)).close_row();
    }
    h_.close_table();
    close_section();
  }

  void alarms() {
    open_section(words::alarms);
    if (nothing(r_.alarms.empty(), words::no_alarms)) return;
    h_.open_table({{words::alarm_id, 14},
                   {words::workplace, 17},
                   {words::sentence, 27},
                   {words::value, 14},
                   {words::stamps, 28}});
    for (const auto& alarm : r_.alarms) alarm_row(alarm);
    h_.close_table();
    close_section();
  }

  void alarm_row(const ReportAlarm& alarm) {
    const double limit = alarm.limit.value_or(core::no_value);
    h_.open_row().text(alarm.id).small(level_text(alarm.level, say_)).small(state_text(alarm.state, say_));
    h_.next().text(workplace_name(alarm.workplace)).small(alarm.subject).small(agent_name(alarm.agent));
    h_.next().text(say_(alarm.text));
    labelled(words::disposal, alarm.disposal);
    h_.next_number().figure(alarm.value.value_or(core::no_value), limit, alarm.unit);
    small_figure(words::peak, alarm.peak, limit, alarm.unit);
    small_figure(words::limit, alarm.limit, core::no_value, alarm.unit);
    h_.next_number();
    stamp(words::detected, alarm.detected);
    stamp(words::warned, alarm.warned);
    stamp(words::confirmed, alarm.confirmed);
    stamp(words::disposed, alarm.disposed);
    labelled(words::acknowledged_by, alarm.acknowledged_by);
    labelled(words::disposed_by, alarm.disposed_by);
    h_.close_row();
  }

  void labelled(const Word& name, std::string_view text) {
    if (!text.empty()) h_.small(fmt::format("{} {}", say_(name), text));
  }
  void stamp(const Word& name, std::string_view time) {
    labelled(name, time.empty() ? say_(words::not_reached) : time);
  }
  void small_figure(const Word& name, const std::optional<double>& value, double limit, std::string_view unit) {
    if (!value) return;
    h_.raw("<span class=\"small\">").text(name).text(" ").figure(*value, limit, unit).raw("</span>");
  }

  void signatures() {
    open_section(words::signatures);
    h_.raw("<table class=\"sign\"><tbody><tr>");
    for (const auto& word : {words::prepared, words::reviewed, words::approved}) h_.raw("<td>").text(word).raw("</td>");
    h_.raw("</tr><tr>");
    for (int i = 0; i < 3; ++i) h_.raw("<td>").text(words::sign_date).raw("</td>");
    h_.raw("</tr></tbody></table>\n");
    close_section();
  }

  const Report& r_;
  Language say_;
  Markup h_;
};

}  // namespace

std::string report_html(const Report& report) { return ReportPage(report).make(); }

}  // namespace hazgate::records
