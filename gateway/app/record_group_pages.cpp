// Similar exposure groups: their statistics, the plot, and the forms that hygienists' sheets take.
#include <fmt/format.h>

#include <algorithm>

#include "app/record_answers.hpp"
#include "app/record_pages.hpp"
#include "feed/alarm_text.hpp"
#include "records/hygiene_export.hpp"
#include "records/probability_plot.hpp"
#include "web/problem.hpp"
#include "web/query.hpp"

namespace hazgate::app {

using feed::JsonWriter;
using records::date_word;
using records::Text;
using records::Word;

web::Answer RecordPages::groups(Past& past, Eyes eyes, const web::Period& period) const {
  if (!places_.knows(eyes, period.enterprise, "", "")) return web::not_found();
  const auto results = source_.assessments(past, enterprise(eyes, period.enterprise), days(period));
  JsonWriter json;
  json.open().open_list("groups");
  for (const auto& [group, n] : RecordSource::groups(results)) {
    const auto agent = source_.agent(group.agent);
    json.open().text("enterprise", group.enterprise).text("group", group.group).text("agent", group.agent);
    json.text("group_name", source_.workplace_name(group.group));
    append(json, "agent_name", {agent.name_zh, agent.name_en});
    json.text("unit", core::symbol(agent.unit)).count("n", n);
    std::size_t below = 0;
    for (const auto& result : RecordSource::results_of(group, results)) below += result.value.below_loq ? 1 : 0;
    json.count("below_loq", below).text("source", "laboratory").close();
  }
  json.close_list().close();
  return document(json.take());
}

/// A group as it was asked for, and its figures.
struct RecordPages::Group {
  ExposureGroup key;
  core::Agent agent;
  const core::Limit* limit = nullptr;
  std::vector<GroupResult> results;
  std::optional<records::GroupStatistics> statistics;
};

std::optional<RecordPages::Group> RecordPages::group_of(Past& past, Eyes eyes, const web::GroupQuery& query) const {
  const auto own = enterprise(eyes, query.period.enterprise);
  if (query.group.empty() || query.agent.empty() || !places_.knows(eyes, query.period.enterprise, "", ""))
    return std::nullopt;
  const auto span = days(query.period);
  const auto all = source_.assessments(past, own, span);
  Group group;
  for (const auto& [key, n] : RecordSource::groups(all)) {
    if (key.group != query.group || key.agent != query.agent) continue;
    if (!group.key.enterprise.empty())
      throw web::Refused{web::bad_input("多家企业有同名人群，请指明 enterprise",
                                        "enterprise: several enterprises have a group of this name; say which")};
    group.key = key;
  }
  if (group.key.enterprise.empty() && query.online) {  // a workplace where nobody but an instrument has measured
    const auto place = std::ranges::find(settings_.site.workplaces, query.group, &core::Workplace::id);
    if (place == settings_.site.workplaces.end() || !places_.knows(eyes, "", query.group, "")) return std::nullopt;
    group.key = {settings_.site.enterprises[core::at(place->enterprise)].id, query.group, query.agent};
  }
  if (group.key.enterprise.empty()) return std::nullopt;
  group.agent = query.online ? source_.agent(query.agent) : RecordSource::strictest(group.key, all);
  group.limit = group.agent.shift_limit();
  group.results =
      query.online ? source_.online_results(past, group.key, span) : RecordSource::results_of(group.key, all);
  std::vector<records::Observation> values;
  for (const auto& result : group.results) values.push_back(result.value);
  group.statistics = records::group_statistics(
      values, {.limit = group.limit == nullptr ? std::nullopt : std::optional(group.limit->value),
               .is_level = core::is_level(group.agent.unit),
               .loq = {}});
  return group;
}

namespace {

/// The figures of a group, in the order to show.
class FigureList {
 public:
  FigureList(JsonWriter& json, std::string unit) : json_(json), unit_(std::move(unit)) {}

  void plain(std::string_view key, const records::Word& name, std::optional<double> value, std::string_view unit) {
    if (value) add(key, name, {.value = *value, .interval = {}}, unit);
  }
  void add(std::string_view key, const records::Word& name, const records::Estimate& estimate, std::string_view unit) {
    json_.open().text("key", key);
    append(json_, "name", text_of(name));
    json_.number("value", estimate.value);
    json_.number("low", estimate.interval ? estimate.interval->lower : core::no_value);
    json_.number("high", estimate.interval ? estimate.interval->upper : core::no_value);
    json_.text("unit", unit);
    json_.number("level", estimate.interval ? 0.9 : core::no_value).close();
  }
  void maybe(std::string_view key, const records::Word& name, const std::optional<records::Estimate>& estimate,
             std::string_view unit) {
    if (estimate) add(key, name, *estimate, unit);
  }
  const std::string& unit() const { return unit_; }

 private:
  JsonWriter& json_;
  std::string unit_;
};

void append_frequentist(FigureList& list, const records::GroupStatistics& s) {
  const auto& unit = list.unit();
  list.maybe("am", Word{"算术均数", "Arithmetic mean"}, s.am, unit);
  list.plain("sd", Word{"标准差", "Standard deviation"}, s.sd, unit);
  list.maybe("gm", Word{"几何均数 GM", "Geometric mean GM"}, s.gm, unit);
  list.maybe("gsd", Word{"几何标准差 GSD", "Geometric standard deviation GSD"}, s.gsd, "1");
  list.plain("simple_mean", Word{"均数的简单估计", "Simple estimate of the mean"}, s.simple_mean, unit);
  if (s.p95) {
    list.plain("p95", Word{"第 95 百分位数", "95th percentile"}, s.p95->value, unit);
    list.plain("utl_95_70", Word{"UTL95,70", "UTL95,70"}, s.p95->utl_70, unit);
    list.plain("utl_95_90", Word{"UTL95,90", "UTL95,90"}, s.p95->utl_90, unit);
    list.plain("utl_95_95", Word{"UTL95,95", "UTL95,95"}, s.p95->utl_95, unit);
  }
  if (!s.exceedance) return;
  constexpr double percent = 100;
  list.plain("u_r", Word{"U_R", "U_R"}, s.exceedance->u_r, "1");
  list.plain("u_t", Word{"U_T", "U_T"}, s.exceedance->u_t, "1");
  list.plain("f", Word{"超标比例", "Exceedance fraction"}, s.exceedance->f * percent, "%");
  list.plain("f_u70", Word{"超标比例上限（70 %）", "Its upper limit (70 %)"}, s.exceedance->f_u70 * percent, "%");
  list.plain("f_u95", Word{"超标比例上限（95 %）", "Its upper limit (95 %)"}, s.exceedance->f_u95 * percent, "%");
}

void append_bayes(FigureList& list, const records::GroupStatistics& s) {
  if (!s.bayes) return;
  const auto& unit = list.unit();
  list.add("bayes_gm", Word{"贝叶斯 GM", "Bayesian GM"}, s.bayes->gm, unit);
  list.add("bayes_gsd", Word{"贝叶斯 GSD", "Bayesian GSD"}, s.bayes->gsd, "1");
  list.add("bayes_p95", Word{"贝叶斯第 95 百分位数", "Bayesian 95th percentile"}, s.bayes->p95, unit);
  constexpr double percent = 100;
  if (s.bayes->f) {
    auto f = *s.bayes->f;
    f.value *= percent;
    if (f.interval) f.interval = records::Interval{f.interval->lower * percent, f.interval->upper * percent};
    list.add("bayes_f", Word{"贝叶斯超标比例", "Bayesian exceedance fraction"}, f, "%");
  }
  if (s.bayes->overexposure_risk)
    list.plain("overexposure_risk", Word{"P95 超限的概率", "Probability that P95 is above the limit"},
               *s.bayes->overexposure_risk * percent, "%");
}

Text ground_text(const records::En689& en689) {
  using enum records::Ground;
  switch (en689.ground) {
    case no_results:
      return {"没有结果", "there are no results"};
    case no_limit:
      return {"没有限值", "there is no limit"};
    case above_limit:
      return {fmt::format("{} 个结果高于限值", en689.above_limit),
              fmt::format("{} above the limit", en689.above_limit)};
    case loq_above_limit:
      return {"定量限高于限值", "a quantification limit lies above the limit"};
    case preliminary_test:
      return {"初步检验", "preliminary test"};
    case too_few_results:
      return {fmt::format("还需 {} 个结果", en689.more_results),
              fmt::format("{} more results are needed", en689.more_results)};
    case too_few_detected:
      return {"高于定量限的结果太少", "too few results above the quantification limit"};
    case no_distribution:
      return {"不服从所假定的分布", "the distribution that the test supposes does not fit"};
    case statistical_test:
      return {"统计检验", "statistical test"};
  }
  return {};
}

void append_tests(JsonWriter& json, const records::GroupStatistics& s) {
  json.open_list("tests");
  json.open().text("key", "en689");
  append(json, "name", {"EN 689:2018", "EN 689:2018"});
  json.text("outcome", records::name(s.en689.decision));
  append(json, "text", ground_text(s.en689));
  json.close();
  const auto fit = [&](std::string_view key, const records::Word& name,
                       const std::optional<records::FitFigure>& figure) {
    if (!figure) return;
    const auto statistic = s.fit.test == records::FitTest::shapiro_wilk ? "Shapiro-Wilk W" : "r";
    const auto p = figure->p ? fmt::format(", p = {:.3f}", *figure->p) : std::string();
    json.open().text("key", key);
    append(json, "name", text_of(name));
    json.text("outcome", figure->plausible() ? "plausible" : "rejected");
    const auto words = fmt::format("{} = {:.4f}{}", statistic, figure->statistic, p);
    append(json, "text", {words, words});
    json.close();
  };
  fit("log_normal", Word{"对数正态", "Log-normal"}, s.fit.log_normal);
  fit("normal", Word{"正态", "Normal"}, s.fit.normal);
  json.close_list();
}

void append_limit(JsonWriter& json, const core::Limit* limit) {
  if (limit == nullptr) {
    json.null("limit");
    return;
  }
  json.open("limit").text("kind", core::name(limit->kind)).number("value", limit->value);
  json.text("unit", core::symbol(limit->unit)).text("source", limit->source).close();
}

}  // namespace

web::Answer RecordPages::group(Past& past, Eyes eyes, const web::GroupQuery& query) const {
  const auto group = group_of(past, eyes, query);
  if (!group) return web::not_found();
  const std::string unit(core::symbol(group->agent.unit));
  JsonWriter json;
  json.open().text("enterprise", group->key.enterprise).text("group", group->key.group).text("agent", group->key.agent);
  json.text("group_name", source_.workplace_name(group->key.group));
  append(json, "agent_name", {group->agent.name_zh, group->agent.name_en});
  json.text("source", query.online ? "online" : "laboratory").text("unit", unit);
  append_limit(json, group->limit);
  const records::GroupStatistics none;
  const auto& s = group->statistics ? *group->statistics : none;
  json.count("n", s.n).count("below_loq", s.below_loq).text("method", records::name(s.method));
  json.open_list("figures");
  FigureList figures(json, unit);
  append_frequentist(figures, s);
  append_bayes(figures, s);
  json.close_list();
  append_tests(json, s);
  json.number("aiha_category", s.aiha_category ? *s.aiha_category : core::no_value);
  json.number("months_to_next", s.months_to_next ? *s.months_to_next : core::no_value);
  append(json, "text", s.meaning);
  json.open_list("observations");
  for (const auto& result : group->results) {
    json.open().text("date", date_word(result.day)).text("subject", result.subject);
    json.number("value", result.value.value).yes_no("below_loq", result.value.below_loq);
    json.text_or_null("assessment", result.assessment == 0 ? std::string() : std::to_string(result.assessment)).close();
  }
  json.close_list().close();
  return document(json.take());
}

web::Answer RecordPages::plot(Past& past, Eyes eyes, const web::GroupQuery& query) const {
  const auto group = group_of(past, eyes, query);
  if (!group || !group->statistics) return web::not_found();
  const bool zh = language(query.language) == "zh";
  const auto place = source_.workplace_name(group->key.group);
  const auto agent = zh ? group->agent.name_zh : group->agent.name_en;
  const records::PlotWords words{.title = fmt::format("{} · {}", place, agent),
                                 .probability_axis = zh ? "不高于此值的班次比例，%" : "share of shifts not above, %",
                                 .value_axis = fmt::format("{}，{}", agent, feed::pretty_unit(group->agent.unit)),
                                 .limit = zh ? "限值" : "limit",
                                 .p95 = "P95",
                                 .detected = zh ? "检测结果" : "results",
                                 .below_loq = zh ? "低于定量限" : "below the quantification limit",
                                 .line = zh ? "拟合直线" : "fitted line"};
  return web::Document{.body = web::bytes(records::probability_plot_svg(group->statistics->plot, words)),
                       .content_type = "image/svg+xml"};
}

web::Answer RecordPages::group_export(Past& past, Eyes eyes, const web::GroupQuery& query,
                                      const std::string& format) const {
  if (format != "expostats" && format != "ihstat" && format != "en689")
    return web::bad_input("format 应为 expostats、ihstat 或 en689", "format: expected expostats, ihstat or en689");
  const auto group = group_of(past, eyes, query);
  if (!group) return web::not_found();
  std::vector<records::HygieneResult> results;
  for (const auto& result : group->results) results.push_back({date_word(result.day), result.subject, result.value});
  const records::HygieneGroup about{
      .name = group->key.group,
      .agent = group->key.agent,
      .unit = std::string(core::symbol(group->agent.unit)),
      .limit = group->limit == nullptr ? std::nullopt : std::optional(group->limit->value)};
  if (format == "expostats")
    return file(records::expostats_text(results), "text/plain; charset=utf-8", "expostats.txt");
  if (format == "ihstat") return file(records::ihstat_csv(about, results), csv_type, "ihstat.csv");
  return file(records::en689_csv(about, results), csv_type, "en689.csv");
}

}  // namespace hazgate::app
