#include "records/assessment_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "core/utf8.hpp"
#include "settings/words.hpp"

namespace hazgate::records {

namespace {

constexpr std::array whole{
    EntryField{"report_no", "报告编号", "Report no."},
    EntryField{"laboratory", "检测机构", "Laboratory", true},
    EntryField{"workplace", "岗位", "Workplace", true},
    EntryField{"group", "相似接触人群", "Exposure group"},
    EntryField{"agent", "危害因素", "Agent", true},
    EntryField{"date", "采样日期", "Date", true},
    EntryField{"subject_kind", "采样方式", "Sampling", true},
    EntryField{"subject", "采样对象", "Subject", true},
    EntryField{"method", "检测方法", "Method", true},
    EntryField{"shift_hours", "工作班时长(h)", "Shift (h)"},
    EntryField{"days_per_week", "每周工作天数", "Days a week"},
    EntryField{"exposure_hours", "接触时间(h)", "Exposure (h)"},
    EntryField{"sio2_percent", "游离二氧化硅(%)", "Free SiO2 (%)"},
    EntryField{"work_class", "劳动强度", "Work class"},
    EntryField{"toxicity", "毒性分级", "Toxicity"},
    EntryField{"note", "备注", "Note"},
};
constexpr std::array each_sample{
    EntryField{"start", "开始时间", "Start", true},
    EntryField{"end", "结束时间", "End", true},
    EntryField{"result", "检测结果", "Result", true},
    EntryField{"unit", "单位", "Unit"},
    EntryField{"volume_l", "采样体积(L)", "Volume (L)"},
    EntryField{"stands_for_min", "代表时间(min)", "Stands for (min)"},
};

struct Spelling {
  std::string_view said, meant;
};
template <std::size_t n>
std::optional<std::string> meant(std::string_view said, const std::array<Spelling, n>& words) {
  const auto found = std::ranges::find(words, said, &Spelling::said);
  return found == words.end() ? std::nullopt : std::optional<std::string>(found->meant);
}
constexpr std::array work_classes{Spelling{"I", "I"},   Spelling{"II", "II"}, Spelling{"III", "III"},
                                  Spelling{"IV", "IV"}, Spelling{"Ⅰ", "I"},   Spelling{"Ⅱ", "II"},
                                  Spelling{"Ⅲ", "III"}, Spelling{"Ⅳ", "IV"},  Spelling{"1", "I"},
                                  Spelling{"2", "II"},  Spelling{"3", "III"}, Spelling{"4", "IV"}};
constexpr std::array toxicities{
    Spelling{"light", "light"},       Spelling{"moderate", "moderate"}, Spelling{"high", "high"},
    Spelling{"extreme", "extreme"},   Spelling{"轻度", "light"},        Spelling{"中度", "moderate"},
    Spelling{"高度", "high"},         Spelling{"极度", "extreme"},      Spelling{"轻度危害", "light"},
    Spelling{"中度危害", "moderate"}, Spelling{"高度危害", "high"},     Spelling{"极度危害", "extreme"}};
constexpr std::array kinds{Spelling{"person", "person"}, Spelling{"个体", "person"}, Spelling{"个体采样", "person"},
                           Spelling{"fixed", "fixed"},   Spelling{"定点", "fixed"},  Spelling{"定点采样", "fixed"}};

constexpr int minutes_a_day = 1440;
constexpr std::size_t most_samples = 100, most_attachments = 20, longest_word = 200, longest_note = 2000;

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "8:00", "08:00", "08:00:00"; of "2026-11-20 08:00" the day as well.
struct Clock {
  int minute = 0;
  std::optional<std::int32_t> day;
};
std::optional<Clock> clock_from(std::string_view text) {
  Clock clock;
  if (const auto blank = text.find(' '); blank != std::string_view::npos) {
    clock.day = local_date(text.substr(0, blank));
    if (!clock.day) return std::nullopt;
    text.remove_prefix(blank + 1);
  }
  if (text.size() >= 7 && text.ends_with(":00")) text.remove_suffix(3);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() - colon != 3) return std::nullopt;
  const auto hour = whole_number(text.substr(0, colon)), minute = whole_number(text.substr(colon + 1));
  if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59 || *hour > 24 || (*hour == 24 && *minute > 0))
    return std::nullopt;
  clock.minute = *hour * 60 + *minute;
  return clock;
}

}  // namespace

std::span<const EntryField> entry_fields() { return whole; }
std::span<const EntryField> sample_fields() { return each_sample; }

std::optional<LabResult> lab_result(std::string_view text) {
  LabResult result;
  for (const std::string_view sign : {"<", "＜"}) {
    if (!text.starts_with(sign)) continue;
    result.below_loq = true;
    text.remove_prefix(sign.size());
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  const auto value = number(text);
  if (!value) return std::nullopt;
  result.value = *value;
  return result;
}

std::optional<std::int32_t> local_date(std::string_view text) {
  std::array<int, 3> parts{};
  static constexpr std::array<std::array<std::string_view, 3>, 4> forms{
      {{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}}};
  for (const auto& form : forms) {
    auto rest = text;
    bool fits = true;
    for (std::size_t i = 0; i < 3 && fits; ++i) {
      const auto end = form.at(i).empty() ? rest.size() : rest.find(form.at(i));
      const auto value = end == std::string_view::npos ? std::nullopt : whole_number(rest.substr(0, end));
      fits = value.has_value() && (i > 0 ? end <= 2 : end == 4);
      if (!fits) break;
      parts.at(i) = *value;
      rest.remove_prefix(end + form.at(i).size());
    }
    if (!fits || !rest.empty()) continue;
    const std::chrono::year_month_day date{std::chrono::year{parts[0]},
                                           std::chrono::month{static_cast<unsigned>(std::max(parts[1], 0))},
                                           std::chrono::day{static_cast<unsigned>(std::max(parts[2], 0))}};
    if (!date.ok()) return std::nullopt;
    return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
  }
  return std::nullopt;
}

std::string date_word(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string clock_word(int minute) { return fmt::format("{:02}:{:02}", minute / 60 % 24, minute % 60); }

/// One assessment as it is read.
struct AssessmentEntry::Reading {
  const AssessmentEntry& entry;
  const AssessmentWords& words;
  const EntryContext& context;
  core::Assessment a{};
  std::optional<core::Agent> agent{};
  std::vector<EntryFault> faults{};

  void fault(std::string_view field, std::string zh, std::string en) {
    faults.push_back({std::string(field), {std::move(zh), std::move(en)}});
  }
  static const std::string& word(const EntryWords& from, std::string_view field) {
    static const std::string none;
    const auto found = from.find(field);
    return found == from.end() ? none : found->second;
  }
  const std::string& word(std::string_view field) const { return word(words.fields, field); }

  void line(std::string_view field, std::string& to) {
    to = word(field);
    if (to.size() > longest_word)
      fault(field, fmt::format("过长，最多 {} 字节", longest_word),
            fmt::format("is too long; at most {} bytes", longest_word));
    if (!core::is_utf8(to) || !core::is_one_line(to))
      fault(field, "含有换行或不可见的控制字符", "has a line break or a control character in it");
  }
  void lines() {
    for (const auto& [field, to] : {std::pair{"report_no", &a.report_no},
                                    {"laboratory", &a.laboratory},
                                    {"method", &a.method},
                                    {"subject", &a.subject},
                                    {"group", &a.group}})
      line(field, *to);
    a.note = word("note");
    if (a.note.size() > longest_note)
      fault("note", fmt::format("过长，最多 {} 字节", longest_note),
            fmt::format("is too long; at most {} bytes", longest_note));
    if (!core::is_utf8(a.note)) fault("note", "不是有效的 UTF-8", "is no UTF-8");
  }
  void needed(std::span<const EntryField> fields, const EntryWords& from, const std::string& before) {
    for (const auto& field : fields)
      if (field.needed && word(from, field.word).empty())
        fault(before + std::string(field.word), fmt::format("缺少{}", field.zh),
              fmt::format("is missing ({})", field.en));
  }

  void place() {
    const auto& asked = word("workplace");
    if (asked.empty()) return;
    const auto mine = [&](const core::Workplace& w) {
      return !context.enterprise || w.enterprise == *context.enterprise;
    };
    const core::Workplace* found = nullptr;
    std::size_t namesakes = 0;
    std::vector<std::string> known;
    for (const auto& workplace : entry.site_.workplaces) {
      if (!mine(workplace)) continue;
      known.push_back(workplace.id);
      if (workplace.id != asked && workplace.name != asked) continue;
      if (found == nullptr || workplace.id == asked) found = &workplace;
      namesakes += workplace.id == asked ? 0 : 1;
    }
    if (found == nullptr || (namesakes > 1 && found->id != asked)) {
      const auto quoted = settings::in_quotes(asked);
      fault("workplace",
            found == nullptr ? fmt::format("没有岗位 {}；请填岗位编号或名称", quoted)
                             : fmt::format("有多个岗位名为 {}；请填岗位编号", quoted),
            found == nullptr ? fmt::format("there is no workplace {}{}", quoted, settings::hint(asked, known))
                             : fmt::format("several workplaces have the name {}; name it by its id", quoted));
      return;
    }
    a.workplace = found->id;
    a.enterprise = entry.site_.enterprises.at(core::at(found->enterprise)).id;
  }

  void hazard() {
    const auto& asked = word("agent");
    if (asked.empty()) return;
    const auto known = entry.limits_.word_of(asked);
    auto named = known ? entry.limits_.agent(*known) : entry.limits_.agent(asked);
    if (named.has_error()) {
      fault("agent",
            fmt::format("不认识危害因素 {}；请填 cas:<CAS号>、dust:<序号>:total|respirable、noise 或 GBZ 2.1 中的名称",
                        settings::in_quotes(asked)),
            named.error().why);
      return;
    }
    if (named->id == "noise:peak") {
      fault("agent", "脉冲噪声按脉冲次数判定，请用联机数据",
            "impulse noise is judged by the number of impulses: by live data only");
      return;
    }
    a.agent = known.value_or(asked);
    agent = std::move(*named);
  }

  void day() {
    const auto& said = word("date");
    if (said.empty()) return;
    const auto date = local_date(said);
    constexpr std::int32_t earliest = 7305;  // 1990-01-01
    if (!date) return fault("date", "日期无效，应为 2026-11-20", "is no date; expected 2026-11-20");
    if (*date > context.today) return fault("date", "晚于今天", "lies after today");
    if (*date < earliest) return fault("date", "早于 1990 年", "lies before 1990");
    a.day = *date;
  }

  std::optional<double> figure(std::string_view field, const std::string& said, double least, double most) {
    if (said.empty()) return std::nullopt;
    const auto value = number(said);
    if (value && *value > least && *value <= most) return value;
    fault(field, fmt::format("{} 无效，应为大于 {} 且不超过 {} 的数", settings::in_quotes(said), least, most),
          fmt::format("{} is no such figure; expected a number above {} and up to {}", settings::in_quotes(said), least,
                      most));
    return std::nullopt;
  }

  void figures() {
    a.shift_hours = figure("shift_hours", word("shift_hours"), 0, 24).value_or(8);
    a.days_per_week = figure("days_per_week", word("days_per_week"), 0, 7).value_or(5);
    a.exposure_hours = figure("exposure_hours", word("exposure_hours"), 0, 24);
    if (a.exposure_hours && *a.exposure_hours > a.shift_hours)
      fault("exposure_hours", "长于工作班", "is longer than the shift");
    const auto& content = word("sio2_percent");
    a.sio2_percent = content == "0" ? std::optional(0.0) : figure("sio2_percent", content, 0, 100);
    if (!content.empty() && agent && !a.agent.starts_with("dust:"))
      fault("sio2_percent", "只适用于粉尘", "belongs to a dust; leave it out");
  }

  template <std::size_t n>
  std::string chosen(std::string_view field, const std::array<Spelling, n>& words_known, std::string_view expected) {
    const auto& said = word(field);
    if (said.empty()) return {};
    if (auto found = meant(said, words_known)) return std::move(*found);
    fault(field, fmt::format("{} 无效，应为 {}", settings::in_quotes(said), expected),
          fmt::format("{} is not known; expected {}", settings::in_quotes(said), expected));
    return {};
  }

  void choices() {
    a.work_class = chosen("work_class", work_classes, "I, II, III, IV");
    a.toxicity = chosen("toxicity", toxicities, "light, moderate, high, extreme (轻度, 中度, 高度, 极度)");
    const auto kind = chosen("subject_kind", kinds, "person, fixed (个体, 定点)");
    a.subject_kind = kind == "person" ? core::SubjectKind::person : core::SubjectKind::fixed;
  }

  void result(const EntryWords& from, const std::string& before, core::LabSample& sample) {
    sample.result = word(from, "result");
    const auto& unit = word(from, "unit");
    if (agent) sample.unit = agent->unit;
    if (!unit.empty()) {
      const auto named = core::unit_from(unit == "mg/m³"                      ? "mg/m3"
                                         : unit == "µg/m³" || unit == "μg/m³" ? "ug/m3"
                                                                              : unit);
      if (!named)
        return fault(before + "unit", fmt::format("不认识单位 {}", settings::in_quotes(unit)),
                     fmt::format("{} is no unit; expected mg/m3, ppm, dB(A)", settings::in_quotes(unit)));
      sample.unit = *named;
    }
    if (!agent || sample.result.empty()) return;
    const auto read = lab_result(sample.result);
    if (!read)
      return fault(before + "result", "应为数值，或“<定量限”", "expected a number, or \"<quantification limit\"");
    const auto factor = core::conversion_factor(sample.unit, agent->unit, agent->molar_mass);
    if (!factor)
      return fault(before + "unit",
                   fmt::format("{} 不能换算为 {}", core::symbol(sample.unit), core::symbol(agent->unit)),
                   fmt::format("{} cannot be converted to {}", core::symbol(sample.unit), core::symbol(agent->unit)));
    sample.value = read->value * *factor;
    sample.below_loq = read->below_loq;
    plausible(before, sample);
  }

  /// Beyond these a figure is a slip of the unit or of the pen.
  void plausible(const std::string& before, const core::LabSample& sample) {
    const bool level = core::is_level(agent->unit), heat = agent->limit(core::LimitKind::wbgt) != nullptr;
    const double least = level ? 20 : heat ? -50 : 0, most = level ? 200 : heat ? 100 : 1e6;
    if (sample.value > least && sample.value <= most) return;
    if (sample.value == 0 && !level)
      return fault(before + "result", "0 不是检测结果；低于定量限时写“<定量限”",
                   "0 is no result; below the quantification limit write \"<\" and the limit");
    fault(before + "result", fmt::format("{} {} 超出合理范围", sample.result, core::symbol(sample.unit)),
          fmt::format("{} {} is beyond what can be", sample.result, core::symbol(sample.unit)));
  }

  void times(const EntryWords& from, const std::string& before, core::LabSample& sample) {
    const auto& start = word(from, "start");
    const auto& end = word(from, "end");
    if (start.empty() || end.empty()) return;
    const auto begin = clock_from(start), finish = clock_from(end);
    for (const auto& [clock, field] : {std::pair{&begin, "start"}, {&finish, "end"}})
      if (!*clock) fault(before + field, "时间无效，应为 08:00", "is no time; expected 08:00");
    if (!begin || !finish) return;
    const auto minute_of = [&](const Clock& clock) {
      return clock.minute + (clock.day ? (*clock.day - a.day) * minutes_a_day : 0);
    };
    sample.begin_minute = minute_of(*begin);
    sample.end_minute = minute_of(*finish);
    if (!finish->day && sample.end_minute <= sample.begin_minute) sample.end_minute += minutes_a_day;
    if (sample.begin_minute < 0 || sample.begin_minute >= 2 * minutes_a_day)
      return fault(before + "start", "不在采样日期当天", "does not lie on the date of sampling");
    if (sample.minutes() <= 0 || sample.minutes() > minutes_a_day)
      fault(before + "end", "早于开始，或长于 24 小时", "lies before the start, or more than 24 h after it");
  }

  void sample(std::size_t i) {
    const auto& from = words.samples[i];
    const auto before = fmt::format("samples[{}].", i);
    needed(each_sample, from, before);
    core::LabSample made;
    times(from, before, made);
    result(from, before, made);
    made.volume_l = figure(before + "volume_l", word(from, "volume_l"), 0, 1e6);
    made.stands_for_minutes = figure(before + "stands_for_min", word(from, "stands_for_min"), 0, minutes_a_day);
    a.samples.push_back(std::move(made));
  }

  void samples() {
    if (words.samples.empty()) fault("samples", "至少要有一个样品", "at least one sample is needed");
    if (words.samples.size() > most_samples)
      return fault("samples", fmt::format("样品过多，最多 {} 个", most_samples),
                   fmt::format("are too many; at most {}", most_samples));
    for (std::size_t i = 0; i < words.samples.size(); ++i) sample(i);
    if (faults.empty()) in_order();
  }

  void in_order() {
    std::ranges::stable_sort(a.samples, {}, &core::LabSample::begin_minute);
    for (std::size_t i = 1; i < a.samples.size(); ++i)
      if (a.samples[i].begin_minute < a.samples[i - 1].end_minute)
        fault("samples",
              fmt::format("{} 起的样品与前一个重叠；平行点请各填一条记录", clock_word(a.samples[i].begin_minute)),
              fmt::format("the one from {} overlaps the one before; enter parallel points as assessments of their own",
                          clock_word(a.samples[i].begin_minute)));
    double told = 0;
    for (const auto& sample : a.samples) told += sample.stands_for_minutes.value_or(0);
    if (told > minutes_a_day) fault("samples", "代表时间之和超过 24 小时", "stand for more than 24 h together");
  }

  void attachments() {
    a.attachments = words.attachments;
    if (a.attachments.size() > most_attachments)
      fault("attachments", fmt::format("附件过多，最多 {} 个", most_attachments),
            fmt::format("are too many; at most {}", most_attachments));
  }

  Entered take() {
    needed(whole, words.fields, "");
    lines();
    place();
    hazard();
    day();
    figures();
    choices();
    samples();
    attachments();
    if (!faults.empty()) return {.assessment = std::nullopt, .faults = std::move(faults)};
    return {.assessment = std::move(a), .faults = {}};
  }
};

Entered AssessmentEntry::enter(const AssessmentWords& words, const EntryContext& context) const {
  return Reading{.entry = *this, .words = words, .context = context}.take();
}

core::Agent AssessmentEntry::judged_as(const core::Assessment& assessment) const {
  auto agent = limits_.agent(assessment.agent);
  if (agent && assessment.sio2_percent) agent = limits_.dust_by_content(assessment.agent, *assessment.sio2_percent);
  core::Agent judged =
      agent ? std::move(*agent)
            : core::Agent{.id = assessment.agent, .name_zh = assessment.agent, .name_en = assessment.agent};
  if (outdoor_ventilation_) judged = settings::in_climate(std::move(judged), *outdoor_ventilation_);
  const auto known = std::ranges::find(site_.agents, assessment.agent, &core::Agent::id);
  if (known != site_.agents.end()) judged.reduced_for_long_shifts = known->reduced_for_long_shifts;
  return judged;
}

}  // namespace hazgate::records
