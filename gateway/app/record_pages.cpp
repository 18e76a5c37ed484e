#include "app/record_pages.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "app/record_answers.hpp"
#include "app/wall_clock.hpp"
#include "feed/alarm_text.hpp"
#include "records/assessment_import.hpp"
#include "records/report_figures.hpp"
#include "records/table_writer.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

using feed::JsonWriter;
using records::date_word;
using records::Text;

namespace {

web::Answer table_file(const records::Table& table, web::FileForm form, const std::string& name) {
  if (form == web::FileForm::csv) return file(records::table_csv(table), csv_type, name + ".csv");
  auto bytes = records::table_xlsx(table, name);
  if (!bytes)
    return web::Refusal{.status = 500,
                        .code = "xlsx",
                        .zh = "无法生成 XLSX：" + bytes.error().message(),
                        .en = "the XLSX could not be made: " + bytes.error().message()};
  return file(std::move(*bytes), xlsx_type, name + ".xlsx");
}

void append_samples(JsonWriter& json, const core::Assessment& a) {
  json.open_list("samples");
  for (const auto& sample : a.samples) {
    json.open()
        .text("start", records::clock_word(sample.begin_minute))
        .text("end", records::clock_word(sample.end_minute));
    json.text("result", sample.result).text("unit", core::symbol(sample.unit)).number("value", sample.value);
    json.yes_no("below_loq", sample.below_loq);
    json.count("day_offset", static_cast<std::uint64_t>(sample.begin_minute / 1440));
    number_or_null(json, "volume_l", sample.volume_l);
    number_or_null(json, "stands_for_min", sample.stands_for_minutes);
    json.close();
  }
  json.close_list().open_list("attachments");
  for (const auto& [hash, name] : a.attachments) json.open().text("hash", hash).text("file", name).close();
  json.close_list();
}

void append_lines(JsonWriter& json, const JudgedAssessment& result) {
  json.open_list("lines");
  for (const auto& line : result.judgement.lines) {
    const auto law = records::law_figure(line);
    json.open().text("limit", core::name(line.kind)).text("figure_name", line.figure_name);
    json.number("figure", line.figure).yes_no("below_loq", line.below_loq).yes_no("at_least", line.at_least);
    json.text("reported", law.text).number("limit_value", line.limit).number("printed_limit", line.printed_limit);
    json.text("unit", core::symbol(result.agent.unit)).text("verdict", core::name(line.verdict));
    json.text("source", line.source).text("clause", line.clause);
    json.yes_no("rounds_across", law.remark.has_value()).close();
  }
  json.close_list();
}

/// The verdict and what it rests on, in one sentence.
Text sentence(const JudgedAssessment& result) {
  const auto verdict = records::verdict_word(result.judgement.verdict);
  Text text = text_of(verdict);
  std::string zh, en;
  for (const auto& line : result.judgement.lines) {
    if (std::isnan(line.figure)) continue;
    const auto figure = fmt::format("{} {}{} {}", line.figure_name,
                                    line.below_loq  ? "<"
                                    : line.at_least ? "≥ "
                                                    : "",
                                    feed::rounded(line.figure, line.limit), feed::pretty_unit(result.agent.unit));
    const auto kind = records::limit_kind_text(core::name(line.kind), records::Language("zh"));
    zh += fmt::format("；{}（{} {}）", figure, kind, feed::rounded(line.limit));
    en += fmt::format("; {} ({} {})", figure, kind, feed::rounded(line.limit));
  }
  return {text.zh + zh, text.en + en};
}

void append_judgement(JsonWriter& json, const JudgedAssessment& result) {
  const auto& j = result.judgement;
  json.open("judgement").text("verdict", core::name(j.verdict));
  json.text_or_null("class", j.exposure_class ? core::name(*j.exposure_class) : std::string_view());
  json.number("ratio", j.ratio).number("average", j.average).number("short_time", j.short_time);
  json.text("rule", core::name(j.rule)).number("reduction_factor", j.reduction_factor);
  json.number("sampled_share", j.sampled_share);
  append_lines(json, result);
  json.open_list("notes");
  for (const auto note : j.notes) {
    const auto word = records::note_word(note);
    json.open().text("code", core::name(note)).text("zh", word.zh).text("en", word.en).close();
  }
  json.close_list().open_list("breaches");
  for (const auto breach : core::all_breaches)
    if (j.breaches.has(breach)) json.text({}, core::name(breach));
  json.close_list();
  append(json, "text", sentence(result));
  json.close();
}

web::Answer no_such() { return web::not_found(); }

}  // namespace

std::optional<std::uint64_t> RecordPages::number(std::string_view id) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value);
  if (error != std::errc{} || end != id.data() + id.size() || value == 0 || id.starts_with('0')) return std::nullopt;
  return value;
}

std::string RecordPages::enterprise(Eyes eyes, const std::string& asked) const {
  return eyes ? settings_.site.enterprises.at(core::at(*eyes)).id : asked;
}

std::int32_t RecordPages::today() const { return source_.local_day(system_now()); }

Days RecordPages::days(const web::Period& period) const {
  const auto last = period.to.value_or(period.from ? std::max(*period.from, today()) : today());
  constexpr std::int32_t a_year = 365;
  return {.first = period.from.value_or(last - a_year), .last = last};
}

std::string RecordPages::assessment_json(const JudgedAssessment& result) const {
  const auto& a = result.assessment;
  JsonWriter json;
  json.open().text("id", std::to_string(a.number)).count("version", a.version).time("at", a.at).text("by", a.by);
  json.text_or_null("why", a.why);
  json.text("origin", a.origin).yes_no("withdrawn", a.withdrawn).text("enterprise", a.enterprise);
  json.text("workplace", a.workplace).text("workplace_name", source_.workplace_name(a.workplace));
  json.text_or_null("group", a.group);
  json.text("laboratory", a.laboratory).text("report_no", a.report_no).text("method", a.method);
  json.text("date", date_word(a.day)).text("subject_kind", core::name(a.subject_kind)).text("subject", a.subject);
  json.text("agent", a.agent);
  append(json, "agent_name", {result.agent.name_zh, result.agent.name_en});
  json.text("unit", core::symbol(result.agent.unit)).number("shift_hours", a.shift_hours);
  json.number("days_per_week", a.days_per_week);
  number_or_null(json, "exposure_hours", a.exposure_hours);
  number_or_null(json, "sio2_percent", a.sio2_percent);
  json.text_or_null("work_class", a.work_class);
  json.text_or_null("toxicity", a.toxicity);
  json.text("note", a.note);
  append_samples(json, a);
  append_judgement(json, result);
  json.close();
  return json.take();
}

web::Answer RecordPages::assessments(Past& past, Eyes eyes, const web::AssessmentsQuery& query) const {
  if (!places_.knows(eyes, query.period.enterprise, query.workplace, "")) return no_such();
  const auto span = days(query.period);
  const bool as_file = query.form != web::FileForm::json;
  constexpr std::size_t most_shown = 2'000, most_filed = 100'000;
  auto page = past.assessments.newest({.enterprise = enterprise(eyes, query.period.enterprise),
                                       .workplace = query.workplace,
                                       .agent = query.agent,
                                       .first_day = span.first,
                                       .last_day = span.last,
                                       .withdrawn = query.withdrawn,
                                       .limit = as_file ? most_filed : most_shown});
  if (as_file)
    return table_file(records::assessment_table(page.assessments, language(query.language) == "zh"), query.form,
                      fmt::format("assessments-{}-{}", date_word(span.first), date_word(span.last)));
  JsonWriter json;
  json.open().open_list("assessments");
  for (auto& assessment : page.assessments) json.json({}, assessment_json(source_.judged(std::move(assessment))));
  json.close_list().yes_no("more", page.more).close();
  return document(json.take());
}

web::Answer RecordPages::assessment(Past& past, Eyes eyes, const std::string& id) const {
  const auto asked = number(id);
  if (!asked) return no_such();
  auto versions = past.assessments.versions(*asked);
  const auto own = enterprise(eyes, "");
  if (versions.empty() || (!own.empty() && versions.back().enterprise != own)) return no_such();
  JsonWriter json;
  json.open().json("assessment", assessment_json(source_.judged(versions.back()))).open_list("versions");
  for (auto& version : versions) json.json({}, assessment_json(source_.judged(std::move(version))));
  json.close_list().close();
  return document(json.take());
}

web::Answer RecordPages::assessment_template(Eyes eyes, web::FileForm form, const std::string& asked) const {
  std::string workplace = "workplace-1";
  const auto& site = settings_.site;
  for (const auto& known : site.workplaces) {
    if (eyes && known.enterprise != *eyes) continue;
    workplace = known.id;
    break;
  }
  return table_file(records::template_table(workplace, language(asked) == "zh"), form, "assessments-template");
}

web::Answer RecordPages::attachment(Past& past, Eyes eyes, const std::string& hash) const {
  auto found = past.assessments.file(hash, enterprise(eyes, ""));
  if (!found) return no_such();
  return file(std::move(found->bytes), "application/pdf", hash.substr(0, 16) + ".pdf");
}

namespace {

void append_comparison(JsonWriter& json, const Comparison& comparison, bool level) {
  if (comparison.pairs.empty()) {
    json.null("comparison");
    return;
  }
  json.open("comparison").open_list("pairs");
  for (const auto& pair : comparison.pairs) {
    json.open().text("date", date_word(pair.day)).text("assessment", std::to_string(pair.assessment));
    json.text("point", pair.point).number("laboratory", pair.laboratory).number("online", pair.online);
    json.number("difference", pair.difference());
    json.number("relative", level ? core::no_value : pair.relative()).number("coverage", pair.coverage).close();
  }
  json.close_list().number("mean_relative", comparison.mean_relative);
  json.number("mean_difference", comparison.mean_difference).yes_no("calibrate", comparison.calibrate);
  const auto by = level ? fmt::format("{:+.1f} dB", comparison.mean_difference)
                        : fmt::format("{:+.0f} %", 100 * comparison.mean_relative);
  const auto n = comparison.pairs.size();
  append(json, "text",
         comparison.calibrate
             ? Text{fmt::format("在线仪器与实验室平均相差 {}（{} 次对比）：请校准仪器，或核对采样位置。", by, n),
                    fmt::format(
                        "The instrument differs from the laboratory by {} on average ({} compared): calibrate it, or "
                        "check where it stands.",
                        by, n)}
             : Text{fmt::format("在线仪器与实验室平均相差 {}（{} 次对比），在方法的不确定度之内。", by, n),
                    fmt::format(
                        "The instrument differs from the laboratory by {} on average ({} compared), within what two "
                        "good methods may.",
                        by, n)});
  json.close();
}

void append_rate(JsonWriter& json, const records::PassRate& rate) {
  json.open("pass_rate").count("compliant", rate.compliant).count("exceeds", rate.exceeds);
  json.count("insufficient", rate.insufficient).count("no_limit", rate.no_limit);
  number_or_null(json, "rate", rate.rate());
  json.close();
}

void append_mixture(JsonWriter& json, const MixtureOfDay& mixture) {
  const auto& e = mixture.evaluation;
  json.open().text("workplace", mixture.workplace).text("date", date_word(mixture.day));
  number_or_null(json, "index", e.mixture_index);
  number_or_null(json, "index_twa", e.mixture_index_twa);
  number_or_null(json, "index_stel", e.mixture_index_stel);
  json.text("verdict", core::name(e.verdict)).open_list("parts");
  for (const auto& part : e.parts) {
    json.open().text("agent", part.agent);
    number_or_null(json, "ratio_twa", part.twa);
    number_or_null(json, "ratio_stel", part.stel);
    json.close();
  }
  json.close_list().close();
}

void append_post(JsonWriter& json, const Post& post, const Comparison& comparison) {
  const auto& f = post.figures;
  json.open().text("enterprise", post.enterprise).text("workplace", f.workplace).text("agent", f.agent);
  append(json, "agent_name", f.agent_name);
  json.text("unit", f.unit).count("results", f.results).count("compliant", f.compliant).count("exceeds", f.exceeds);
  json.count("insufficient", f.insufficient).count("no_limit", f.no_limit);
  json.text("verdict", core::name(f.verdict)).number("ratio", f.highest_ratio);
  append(json, "highest", {f.highest, f.highest});
  json.text("highest_assessment", std::to_string(post.highest->assessment.number));
  if (f.grade) {
    json.open("grade").text("grade", f.grade->grade).text("source", f.grade->source);
    json.text("confidence", std::string_view(&f.grade->confidence, 1))
        .yes_no("provisional", f.grade->provisional)
        .close();
  } else {
    json.null("grade");
  }
  append_comparison(json, comparison, core::is_level(post.highest->agent.unit));
  json.close();
}

}  // namespace

web::Answer RecordPages::posts(Past& past, Eyes eyes, const web::Period& period) const {
  if (!places_.knows(eyes, period.enterprise, "", "")) return no_such();
  const auto results = source_.assessments(past, enterprise(eyes, period.enterprise), days(period));
  JsonWriter json;
  json.open().open_list("posts");
  for (const auto& post : source_.posts(results)) append_post(json, post, source_.compare(past, post));
  json.close_list();
  records::PassRate rate;
  for (const auto& result : results) rate.count(result.judgement.verdict);
  append_rate(json, rate);
  json.open_list("mixtures");
  for (const auto& mixture : source_.mixtures(results)) append_mixture(json, mixture);
  json.close_list().close();
  return document(json.take());
}

namespace {

records::Word duty_word(core::DutyKind kind) {
  switch (kind) {
    case core::DutyKind::test:
      return records::Word{"定期检测", "Periodic test"};
    case core::DutyKind::calibration:
      return records::Word{"仪器校准", "Calibration"};
    case core::DutyKind::surveillance:
      return records::Word{"职业健康检查", "Health surveillance"};
  }
  return records::Word{"事项", "Duty"};
}

std::string_view state_word(core::DutyState state) {
  return state == core::DutyState::never_done ? "never" : core::name(state);
}

}  // namespace

web::Answer RecordPages::duties(Past& past, Eyes eyes, const std::string& asked) const {
  if (!places_.knows(eyes, asked, "", "")) return no_such();
  JsonWriter json;
  json.open().open_list("duties");
  const auto day_or_null = [&](std::string_view key, std::optional<std::int32_t> day) {
    json.text_or_null(key, day ? date_word(*day) : std::string());
  };
  for (const auto& duty : source_.duties(past, enterprise(eyes, asked), today())) {
    const auto kind = core::name(duty.rule.kind);
    json.open().text("id",
                     fmt::format("{} {} {}", kind, duty.device.empty() ? duty.workplace : duty.device, duty.agent));
    json.text("kind", kind).text("enterprise", duty.enterprise).text("workplace", duty.workplace);
    json.text_or_null("agent", duty.agent);
    json.text_or_null("device", duty.device);
    const auto word = duty_word(duty.rule.kind);
    const auto agent = duty.agent.empty() ? core::Agent{} : source_.agent(duty.agent);
    const auto about = [&](const std::string& name, std::string_view what) {
      const auto where = duty.device.empty() ? source_.workplace_name(duty.workplace) : duty.device;
      return fmt::format("{} · {}{}{}", what, where, name.empty() ? "" : " · ", name);
    };
    append(json, "name", {about(agent.name_zh, word.zh), about(agent.name_en, word.en)});
    json.count("months", static_cast<std::uint64_t>(duty.rule.months)).text("source", duty.rule.source);
    json.text("confidence", std::string_view(&duty.rule.confidence, 1));
    day_or_null("last", duty.last);
    day_or_null("due", duty.status.due_day);
    json.text("state", state_word(duty.status.state)).number("days", duty.status.days).close();
  }
  json.close_list().close();
  return document(json.take());
}

}  // namespace hazgate::app
