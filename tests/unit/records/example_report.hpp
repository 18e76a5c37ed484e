// A small report with a case of everything, and people who type what they should not.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "records/report.hpp"

namespace hazgate::records::test {

inline constexpr std::string_view hostile_script = R"(<script>alert("1 & 2")</script>)";
inline constexpr std::string_view hostile_formula = "=cmd|' /C calc'!A0";
inline constexpr std::string_view hostile_quotes = R"(drum "7", 'mixing', hall 2)";

inline std::string very_long_chinese() {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "喷漆车间东侧水帘柜";
  return text;
}

inline core::Agent benzene() {
  return {.id = "cas:71-43-2",
          .name_zh = "苯",
          .name_en = "benzene",
          .limits = {{core::LimitKind::pc_twa, 3, core::Unit::mg_per_m3, "GBZ 2.1-2019 Amendment 1 (2022) no. 12"},
                     {core::LimitKind::pc_stel, 6, core::Unit::mg_per_m3, "GBZ 2.1-2019 Amendment 1 (2022) no. 12"}}};
}

inline core::Agent silica_dust() {
  return {.id = "dust:40-1:total",
          .name_zh = "矽尘（总尘，游离 SiO2 10 %～50 %）",
          .name_en = "silica dust (total, 10 % to 50 % free SiO2)",
          .limits = {{core::LimitKind::pc_twa, 1, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 2 no. 40"}}};
}

inline core::Agent noise() {
  return {.id = "noise",
          .name_zh = "噪声",
          .name_en = "noise",
          .limits = {{core::LimitKind::lex_8h, 85, core::Unit::db_a, "GBZ 2.2-2007 11.2.1"}},
          .unit = core::Unit::db_a};
}

inline ReportAgent of_law(const core::Agent& agent) {
  ReportAgent row{.id = agent.id, .name = {agent.name_zh, agent.name_en}};
  for (const auto& limit : agent.limits)
    row.limits.push_back(
        {std::string(core::name(limit.kind)), limit.value, std::string(core::symbol(limit.unit)), limit.source});
  return row;
}

/// A shift of 8 h of which so much was measured.
inline core::Exposure eight_hours(double twa, double limit, double coverage, core::Verdict verdict) {
  core::Exposure e{.final = true, .limit = limit};
  e.time.measured = 8 * 3600 * coverage;
  e.time.link_lost = 8 * 3600 - e.time.measured;
  e.twa_so_far = twa * coverage;
  if (coverage >= core::least_coverage) e.twa = twa;
  e.mean = twa;
  e.max = twa * 1.5;
  e.ratio = twa / limit;
  e.verdict = verdict;
  return e;
}

inline std::vector<ReportExposure> example_exposures() {
  auto over = eight_hours(10.1 / 3, 3, 0.98, core::Verdict::exceeds);
  over.stel_max = 6.1 + 0.2;  // needs all 17 digits
  over.breaches.add(core::Breach::pc_twa);
  over.breaches.add(core::Breach::pc_stel);
  over.mixture_index = 1.1 + 2.2;
  over.breaches.add(core::Breach::mixture);
  auto just_over = eight_hours(3.0004, 3, 1, core::Verdict::exceeds);
  just_over.breaches.add(core::Breach::pc_twa);
  just_over.stel_max = 4.2;
  auto dust = eight_hours(0.1 + 0.2, 1, 0.9, core::Verdict::compliant);
  auto gappy = eight_hours(0.7, 1, 0.4, core::Verdict::insufficient);
  auto below = eight_hours(core::no_value, 1, 1, core::Verdict::compliant);
  below.time.below_loq = below.time.measured;
  auto loud = eight_hours(87.3, 85, 0.95, core::Verdict::exceeds);
  loud.ratio = core::no_value;
  loud.breaches.add(core::Breach::lex_8h);
  auto quiet = eight_hours(84.96, 85, 0.95, core::Verdict::compliant);
  quiet.ratio = core::no_value;
  const std::string law_twa = "GBZ 2.1-2019 Amendment 1 (2022) no. 12";
  return {
      {"2026-11-23", "day", "paint", "gas-1.benzene", "cas:71-43-2", "mg/m3", over, law_twa},
      {"2026-11-23", "day", "mill", "dust-1.total", "dust:40-1:total", "mg/m3", dust, "GBZ 2.1-2019 Table 2 no. 40"},
      {"2026-11-23", "day", "mill", "noise-1.laeq", "noise", "dB(A)", loud, "GBZ 2.2-2007 11.2.1"},
      {"2026-11-24", "day", "paint", "gas-1.benzene", "cas:71-43-2", "mg/m3", just_over, law_twa},
      {"2026-11-24", "day", "mill", "dust-1.total", "dust:40-1:total", "mg/m3", gappy, "GBZ 2.1-2019 Table 2 no. 40"},
      {"2026-11-24", "day", "mill", "noise-1.laeq", "noise", "dB(A)", quiet, "GBZ 2.2-2007 11.2.1"},
      {"2026-11-25", "day", "mill", "dust-1.total", "dust:40-1:total", "mg/m3", below, "GBZ 2.1-2019 Table 2 no. 40"},
  };
}

inline core::LabSample sample(int from, int to, std::string result, double value, bool below = false) {
  return {.begin_minute = from, .end_minute = to, .result = std::move(result), .value = value, .below_loq = below};
}

inline ReportAssessment judged(core::Assessment assessment, const core::Agent& agent, std::string workplace) {
  ReportAssessment each{.assessment = std::move(assessment)};
  each.judgement = core::judge(each.assessment, agent);
  each.day = "2026-11-25";
  each.workplace_name = std::move(workplace);
  each.agent_name = {agent.name_zh, agent.name_en};
  each.unit = std::string(core::symbol(agent.unit));
  return each;
}

inline core::Assessment benzene_assessment() {
  core::Assessment a{.number = 1, .version = 1, .by = "zhang", .enterprise = "acme", .workplace = "paint"};
  a.laboratory = "Delta Testing Ltd.";
  a.report_no = "DT-2026-1188";
  a.method = "GBZ/T 300.66-2017";
  a.agent = "cas:71-43-2";
  a.subject_kind = core::SubjectKind::person;
  a.subject = hostile_quotes;
  a.day = 20782;
  a.attachments = {{std::string(64, 'a'), "DT-2026-1188.pdf"}};
  // 3.04 is rounded to 3.0 by the law's rule, and exceeds 3 all the same.
  a.samples = {sample(8 * 60, 12 * 60, "3.04", 3.04), sample(13 * 60, 17 * 60, "3.04", 3.04),
               sample(17 * 60, 17 * 60 + 15, "4.10", 4.1)};
  return a;
}

inline core::Assessment dust_assessment() {
  core::Assessment a{.number = 2, .version = 1, .by = "li", .enterprise = "acme", .workplace = "mill"};
  a.laboratory = "Delta Testing Ltd.";
  a.agent = "dust:40-1:total";
  a.subject = "crusher";
  a.sio2_percent = 23.5;
  a.work_class = "II";
  a.note = "wet suppression was on";
  a.samples = {sample(8 * 60, 10 * 60, "<0.30", 0.3, true), sample(22 * 60, 25 * 60, "<0.30", 0.3, true)};
  return a;
}

/// Benzene, its correction, dust below the quantification limit, noise that was withdrawn.
inline std::vector<ReportAssessment> example_assessments() {
  auto corrected = benzene_assessment();
  corrected.version = 2;
  corrected.why = hostile_formula;
  corrected.samples.back() = sample(17 * 60, 17 * 60 + 15, "5.30", 5.3);
  core::Assessment loud{.number = 3, .version = 1, .by = "li", .enterprise = "acme", .workplace = "mill"};
  loud.withdrawn = true;
  loud.why = "wrong meter";
  loud.agent = "noise";
  loud.subject = "ball mill";
  loud.samples = {sample(8 * 60, 16 * 60, "87.3", 87.3)};
  loud.samples.front().unit = core::Unit::db_a;
  return {judged(benzene_assessment(), benzene(), std::string(hostile_script)),
          judged(corrected, benzene(), std::string(hostile_script)), judged(dust_assessment(), silica_dust(), "Mill"),
          judged(loud, noise(), "Mill")};
}

inline std::vector<ReportExceedance> example_exceedances() {
  ReportExceedance began{.seq = 41, .at = "2026-11-23 10:02:00", .hash = std::string(64, 'b'), .kind = "exceedance"};
  began.workplace = "paint";
  began.point = "gas-1.benzene";
  began.agent = "cas:71-43-2";
  began.limit_kind = "PC-STEL";
  began.limit_source = "GBZ 2.1-2019 Amendment 1 (2022) no. 12";
  began.unit = "mg/m3";
  began.limit = 6;
  began.value = 6.003;
  began.at_least = true;
  began.since = "2026-11-23 09:47:00";
  auto over = began;
  over.seq = 42;
  over.at = "2026-11-23 10:31:00";
  over.hash = std::string(64, 'c');
  over.over = true;
  over.value = 6.3;
  return {began, over};
}

inline ReportAlarm example_alarm() {
  ReportAlarm alarm{.id = "gw-1-17", .subject = "gas-1.benzene", .workplace = "paint", .agent = "cas:71-43-2"};
  alarm.level = "exceed";
  alarm.state = "ACKED";
  alarm.unit = "mg/m3";
  alarm.text = {"超标：苯 15 分钟均值 6.3 mg/m³ 超过 PC-STEL 6 mg/m³",
                "Exceedance: Benzene 15 min mean 6.3 mg/m³ exceeds PC-STEL 6 mg/m³"};
  alarm.value = 6.003;
  alarm.peak = 6.3;
  alarm.limit = 6;
  alarm.detected = "2026-11-23 09:41:00";
  alarm.warned = "2026-11-23 09:44:00";
  alarm.confirmed = "2026-11-23 09:50:00";
  alarm.disposed = "2026-11-23 11:20:00";
  alarm.acknowledged_by = "@wang";
  alarm.disposed_by = "wang";
  alarm.disposal = "\t=HYPERLINK(\"x\")";
  return alarm;
}

inline std::vector<ReportPost> example_posts() {
  ReportPost paint{.workplace = "paint", .workplace_name = std::string(hostile_script), .agent = "cas:71-43-2"};
  paint.unit = "mg/m3";
  paint.agent_name = {"苯", "benzene"};
  paint.results = paint.exceeds = 3;
  paint.verdict = core::Verdict::exceeds;
  paint.highest_ratio = 10.1 / 9;
  paint.highest = "C_TWA 3.37 mg/m3 > 3 (PC-TWA)";
  paint.grade = {"II", "GBZ/T 229.2-2010", 'C', true};
  ReportPost mill{.workplace = "mill", .workplace_name = "Mill", .agent = "dust:40-1:total"};
  mill.agent_name = {"矽尘", "silica dust"};
  mill.results = 3;
  mill.compliant = 2;
  mill.insufficient = 1;
  mill.verdict = core::Verdict::compliant;
  mill.highest_ratio = 0.3;
  mill.highest = "C_TWA 0.3 mg/m3 <= 1 (PC-TWA)";
  return {paint, mill};
}

inline Report example_report(std::string language = "zh") {
  Report r{.language = std::move(language), .site = "north-park", .gateway = "gw-1", .version = "0.1.0"};
  r.enterprise = "acme";
  r.enterprise_name = "Acme Coatings Ltd.";
  r.area = "B-7";
  r.from = "2026-11-23";
  r.to = "2026-11-29";
  r.made_at = "2026-11-30 08:00:00";
  r.made_by = "inspector";
  r.timezone = "Asia/Shanghai";
  r.workplaces = {{"paint", std::string(hostile_script), {"day 08:00, 8 h"}, {"gas-1.benzene"}, {"cas:71-43-2"}},
                  {"mill", "Mill", {"day 08:00, 8 h"}, {"dust-1.total", "noise-1.laeq"}, {"dust:40-1:total", "noise"}}};
  r.agents = {of_law(benzene()), of_law(silica_dust()), of_law(noise()), {"heat-index", {"热指数", "heat index"}, {}}};
  r.exposures = example_exposures();
  r.coverage = {{"gas-1.benzene", "paint", 2, 0, 2, 0, 0, 15.84, 16},
                {"dust-1.total", "mill", 3, 2, 0, 1, 0, 18.4, 24},
                {"noise-1.laeq", "mill", 2, 1, 1, 0, 0, 15.2, 16}};
  r.exceedances = example_exceedances();
  r.head = ReportHead{42, std::string(64, 'c'), std::string(128, 'd'), "7f3a09c1", "2026-11-29 23:59:00"};
  r.assessments = example_assessments();
  r.posts = example_posts();
  for (const auto& exposure : r.exposures) r.shift_rate.count(exposure.figures.verdict);
  r.assessment_rate = {.compliant = 1, .exceeds = 1};
  r.post_rate = {.compliant = 1, .exceeds = 1};
  r.gaps = {{"2026-11-24 11:12:00",
             "2026-11-24 16:00:00",
             "mill",
             "dust-1",
             "sensor",
             "lost",
             {"粉尘仪无应答", "the dust meter does not answer"},
             4.8},
            {"2026-11-29 20:00:00", "", "", "", "power", "lost", {"断电", "no power"}, 4}};
  r.alarms = {example_alarm()};
  r.notes = {{"11 月 25 日以后的记录尚未签名。", "Records after 25 November are not signed yet."}};
  return r;
}

inline ParkReport example_park(std::string language = "zh") {
  ParkReport park{.language = std::move(language), .site = "north-park", .gateway = "gw-1", .version = "0.1.0"};
  park.made_by = "operator";
  park.timezone = "Asia/Shanghai";
  park.from = "2026-10-01";
  park.to = "2026-11-30";
  park.made_at = "2026-12-01 08:00:00";
  ParkReport::Row acme{.enterprise = "acme", .name = std::string(hostile_script), .area = std::string(hostile_formula)};
  acme.assessments = {.compliant = 2, .exceeds = 1};
  acme.shifts = {.compliant = 118, .exceeds = 3, .insufficient = 4};
  acme.alarms = 9;
  acme.exceed_alarms = 3;
  acme.danger_alarms = 1;
  acme.missed_targets = 2;
  acme.exceedances = 5;
  acme.coverage = 0.1 + 0.2;
  acme.median_dispose_h = 1.1 + 2.2;
  acme.worst_ratio = 10.1 / 9;
  ParkReport::Row quiet{.enterprise = "borealis", .name = "Borealis", .area = "C-1"};
  quiet.coverage = 1;
  park.rows = {acme, quiet};
  park.months = {{"2026-10", {.compliant = 1}, {.compliant = 60, .exceeds = 1}, 4, 2},
                 {"2026-11", {.compliant = 1, .exceeds = 1}, {.compliant = 58, .exceeds = 2}, 5, 3}};
  return park;
}

/// `days` days of `points` points from 2026-01-01, three shifts a day, every tenth of which exceeds.
inline std::vector<ReportExposure> many_exposures(int days, int points) {
  std::vector<ReportExposure> list;
  list.reserve(static_cast<std::size_t>(days) * points * 3);
  for (int day = 0; day < days; ++day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} +
                                           std::chrono::days{day}};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    for (int point = 0; point < points; ++point) {
      for (const char* shift : {"early", "late", "night"}) {
        const auto n = static_cast<double>(list.size());
        const bool over = list.size() % 10 == 7;
        auto e = eight_hours(over ? 3.1 + n / 7e6 : n / 7e6 + 0.1, 3, 0.97,
                             over ? core::Verdict::exceeds : core::Verdict::compliant);
        e.stel_max = e.twa * 1.3;
        if (over) e.breaches.add(core::Breach::pc_twa);
        list.push_back({text, shift, "paint", "gas-" + std::to_string(point + 1) + ".benzene", "cas:71-43-2", "mg/m3",
                        e, "GBZ 2.1-2019 Amendment 1 (2022) no. 12"});
      }
    }
  }
  return list;
}

}  // namespace hazgate::records::test
