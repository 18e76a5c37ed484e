#include "feed/alarm_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "feed/payload.hpp"
#include "feed/reason_text.hpp"

namespace hazgate::feed {

namespace {

std::string decimals(double value, int places) {
  std::string text = fmt::format("{:.{}f}", value, places);
  if (places > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

int side(double value, double limit) { return value > limit ? 1 : value < limit ? -1 : 0; }

/// What the limit of a shift is held against.
Phrase shift_figure(const core::Site& site, const core::Point& point) {
  const auto* agent = point.agent ? &site.agents[core::at(*point.agent)] : nullptr;
  if (agent != nullptr && agent->limit(core::LimitKind::wbgt) != nullptr) return {"均值", "mean"};
  const std::string word = core::is_level(point.unit) ? "L_EX,8h" : "C_TWA";
  return {word, word};
}

Phrase quantity(const core::Site& site, const core::Alarm& alarm) {
  const auto& point = site.points[alarm.index];
  const auto label = quantity_name(site, point);
  Phrase name{label.zh, label.en};
  const auto shift = shift_figure(site, point);
  switch (alarm.basis) {
    case core::Basis::c_ste:
      return {name.zh + " 15 分钟均值", name.en + " 15 min mean"};
    case core::Basis::twa:
      return {name.zh + " 本班至今 " + shift.zh, name.en + " " + shift.en + " of the shift so far"};
    case core::Basis::twa_projected:
      return {name.zh + " 预计本班结束时 " + shift.zh, name.en + " " + shift.en + " forecast for the end of the shift"};
    case core::Basis::mixture:
      return {name.zh + " 等联合作用指数", name.en + " and others, mixture index"};
    default:
      return name;
  }
}

/// An index has no unit of the point's.
core::Unit unit_of(const core::Site& site, const core::Alarm& alarm) {
  return alarm.basis == core::Basis::mixture ? core::Unit::one : site.points[alarm.index].unit;
}

/// "27.1 mg/m³", and "1.2" of an index.
std::string with_unit(const std::string& number, core::Unit unit) {
  return unit == core::Unit::one ? number : number + " " + pretty_unit(unit);
}

Phrase figure(double value, bool at_least, const core::Alarm& alarm, core::Unit unit) {
  if (!std::isfinite(value)) return at_least ? Phrase{"超量程", "over range"} : Phrase{"数值不明", "value unknown"};
  std::string text = with_unit(rounded(value, alarm.limit.value), unit);
  if (!at_least) return {text, text};
  // A short-time mean is "at least" also while too little of its window is measured.
  if (alarm.basis != core::Basis::reading) return {"至少 " + text, "at least " + text};
  return {"至少 " + text + "（超量程）", "at least " + text + " (over range)"};
}

Phrase limit_name(const core::Limit& limit) {
  std::string value = with_unit(rounded(limit.value), limit.unit);
  switch (limit.kind) {
    case core::LimitKind::site:
      return {"本单位限值 " + value, "the site's own level " + value};
    case core::LimitKind::action:
      return {"行动水平 " + value, "the action level " + value};
    default: {
      std::string law = std::string(core::name(limit.kind)) + " " + value;
      return {law, law};
    }
  }
}

Phrase source(const core::Limit& limit) {
  if (limit.source.empty() || limit.kind == core::LimitKind::site) return {};
  return {"（" + limit.source + "）", " (" + limit.source + ")"};
}

/// The stretches above a level, which the law limits in number, length and distance.        GBZ 2.1-2019 6.3.2, 6.3.3
Phrase short_stretches(const core::Alarm& alarm, const Phrase& limit) {
  if (core::is_level(alarm.limit.unit))
    return {"脉冲峰值超过其次数所允许的限值", "peaks exceed what their number permits"};
  return {
      fmt::format("高于 {} 的短时间接触超出规定（每次不超过 15 分钟，每班不超过 4 次，间隔不少于 60 分钟）", limit.zh),
      fmt::format("stretches above {} are too long, too many or too close (at most 15 min each, 4 a shift, 60 min "
                  "apart)",
                  limit.en)};
}

/// How the figure stands to the limit. A warning is raised below the limit, so "exceeds" would be a lie there.
Phrase relation(const core::Alarm& alarm, const Phrase& limit) {
  if (alarm.basis == core::Basis::short_time) return short_stretches(alarm, limit);
  double value = alarm.value, bound = alarm.limit.value;
  if (value > bound) return {"超过 " + limit.zh, "exceeds " + limit.en};
  if (alarm.at_least || !std::isfinite(value)) return {"可能超过 " + limit.zh, "may exceed " + limit.en};
  if (value == bound) return {"等于 " + limit.zh, "equals " + limit.en};
  const bool no_part = core::is_level(alarm.limit.unit) || alarm.limit.unit == core::Unit::degree_celsius;
  if (no_part || !(bound > 0) || value < 0) return {"接近 " + limit.zh, "approaches " + limit.en};
  // Rounded down: 99.97 % must not read as the limit itself.
  std::string percent = fmt::format("{} %", static_cast<int>(value / bound * 100));
  return {"已达 " + limit.zh + " 的 " + percent, "has reached " + percent + " of " + limit.en};
}

Phrase place(const core::Site& site, const core::Alarm& alarm) {
  const auto index = site.workplace_of(alarm.subject, alarm.index);
  if (!index) return {};
  const auto& workplace = site.workplaces[core::at(*index)];
  const std::string& name = workplace.name.empty() ? workplace.id : workplace.name;
  bool ambient = workplace.kind == core::WorkplaceKind::ambient;
  return {(ambient ? "，场所：" : "，岗位：") + name, " at " + name};
}

/// "UTC", "UTC+8", "UTC-3:30".
std::string zone_name(std::chrono::seconds offset) {
  const auto minutes = std::abs(std::chrono::duration_cast<std::chrono::minutes>(offset).count());
  if (minutes == 0) return "UTC";
  std::string name = fmt::format("UTC{}{}", offset < offset.zero() ? '-' : '+', minutes / 60);
  return minutes % 60 == 0 ? name : fmt::format("{}:{:02}", name, minutes % 60);
}

Phrase since(const core::Site& site, core::Timestamp t) {
  const auto offset = site.utc_offset ? site.utc_offset(t) : std::chrono::seconds{0};
  auto clock = fmt::format("{:%Y-%m-%d %H:%M:%S}", std::chrono::floor<std::chrono::seconds>(t) + offset);
  auto zone = zone_name(offset);
  return {fmt::format("，自 {}（{}）起", clock, zone), fmt::format(", since {} ({})", clock, zone)};
}

Phrase lasted(const core::Alarm& alarm) {
  auto end = alarm.returned_at.value_or(alarm.changed_at);
  auto s = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(end - alarm.detected_at).count());
  if (s < 60) return {fmt::format("{} 秒", s), fmt::format("{} s", s)};
  if (s < 3600) return {fmt::format("{} 分 {} 秒", s / 60, s % 60), fmt::format("{} min {} s", s / 60, s % 60)};
  return {fmt::format("{} 小时 {} 分", s / 3600, s / 60 % 60), fmt::format("{} h {} min", s / 3600, s / 60 % 60)};
}

Phrase level_word(core::Level level) {
  switch (level) {
    case core::Level::danger:
      return {"危险", "Danger"};
    case core::Level::exceed:
      return {"超标", "Exceedance"};
    case core::Level::warning:
      return {"预警", "Warning"};
    default:
      return {"提示", "Notice"};
  }
}

bool returned(const core::Alarm& alarm) { return alarm.level == core::Level::none; }

Phrase disagreement_text(const core::Site& site, const core::Alarm& alarm, const core::Reason& why) {
  auto where = place(site, alarm);
  auto from = since(site, alarm.detected_at);
  auto point = point_label(site, why.point), other = point_label(site, why.other);
  if (returned(alarm)) {
    auto time = lasted(alarm);
    return {fmt::format("恢复：{} 与 {} 示值重新一致{}，历时 {}", point.zh, other.zh, where.zh, time.zh),
            fmt::format("Returned: {} and {} agree again{}, after {}", point.en, other.en, where.en, time.en)};
  }
  auto value = figure_of_point(site, why.point, why.value), bound = figure_of_point(site, why.other, why.bound);
  return {fmt::format("提示：两台仪器示值不一致：{} 均值 {}，{} 均值 {}{}{}", point.zh, value, other.zh, bound,
                      where.zh, from.zh),
          fmt::format("Notice: two instruments disagree: the mean of {} is {}, that of {} is {}{}{}", point.en, value,
                      other.en, bound, where.en, from.en)};
}

Phrase device_text(const core::Site& site, const core::Alarm& alarm) {
  const auto why = core::reason_of(alarm);
  if (why.doubt == core::Doubt::disagreement) return disagreement_text(site, alarm, why);
  const std::string& device = site.devices[alarm.index].id;
  auto where = place(site, alarm);
  auto from = since(site, alarm.detected_at);
  auto time = lasted(alarm);
  if (returned(alarm)) {
    return {fmt::format("恢复：设备 {} 数据恢复{}，中断 {}", device, where.zh, time.zh),
            fmt::format("Returned: device {} gives valid data again{}, after {}", device, where.en, time.en)};
  }
  auto reason = reason_text(site, why);
  if (why.doubt == core::Doubt::none) reason = {"无应答、拒绝或传感器故障", "no answer, a refusal or a sensor fault"};
  return {fmt::format("提示：设备 {} 无有效数据：{}{}{}", device, reason.zh, where.zh, from.zh),
          fmt::format("Notice: device {} gives no valid data: {}{}{}", device, reason.en, where.en, from.en)};
}

/// What is the matter with a part that has no figure, and that it is over.
struct Trouble {
  Phrase standing, over;
};

Trouble trouble_of(const core::Site& site, const core::Alarm& alarm) {
  const std::string& why = alarm.limit.source;
  switch (alarm.basis) {
    case core::Basis::bus: {
      const auto& bus = site.buses[alarm.index].id;
      const auto reason = reason_text(site, core::reason_of(alarm));
      const auto devices =
          std::ranges::count_if(site.devices, [&](const auto& d) { return core::at(d.bus) == alarm.index; });
      return {{fmt::format("总线 {} 上 {} 台设备全部失联：{}", bus, devices, reason.zh),
               fmt::format("none of the {} devices on bus {} answers: {}", devices, bus, reason.en)},
              {fmt::format("总线 {} 恢复应答", bus), fmt::format("bus {} answers again", bus)}};
    }
    case core::Basis::output: {
      const auto& output = site.outputs[alarm.index];
      const auto& name = output.name.empty() ? output.id : output.name;
      return {{fmt::format("输出 {} 动作失败：{}", name, why), fmt::format("output {} does not follow: {}", name, why)},
              {fmt::format("输出 {} 恢复正常", name), fmt::format("output {} follows again", name)}};
    }
    case core::Basis::broker:
      return {{"与 MQTT 服务器的连接中断，数据暂存于本机：" + why,
               "no connection to the broker, messages wait in the store: " + why},
              {"与 MQTT 服务器的连接恢复", "the connection to the broker is back"}};
    case core::Basis::store:
      return {{"数据无法写入磁盘：" + why, "what is measured cannot be stored: " + why},
              {"数据恢复写入磁盘", "the store works again"}};
    case core::Basis::clock:
      return {{"网关时钟未同步：" + why, "the gateway's clock is not synchronised: " + why},
              {"网关时钟已同步", "the gateway's clock is synchronised"}};
    case core::Basis::duties: {
      const auto count = std::isfinite(alarm.value) ? rounded(alarm.value) : "?";
      return {{fmt::format("定期工作（检测、校准、职业健康检查）{} 项逾期，最久：{}", count, why),
               fmt::format("{} overdue of tests, calibrations and health surveillance, the longest: {}", count, why)},
              {"定期工作无逾期", "no test, calibration or health surveillance is overdue any more"}};
    }
    default: {
      const auto points = std::isfinite(alarm.value) ? rounded(alarm.value) : "?";
      return {{fmt::format("{} 个测点本班有效数据不足 75 %，本班无法判定", points),
               fmt::format("{} so much of {} shift that it cannot be judged (below 75 %)",
                           points == "1" ? "1 point lacks" : points + " points lack", points == "1" ? "its" : "their")},
              {"各测点有效数据重新充足", "all points have enough of their shift again"}};
    }
  }
}

Phrase trouble_text(const core::Site& site, const core::Alarm& alarm) {
  const auto trouble = trouble_of(site, alarm);
  if (returned(alarm)) {
    const auto time = lasted(alarm);
    return {fmt::format("恢复：{}，历时 {}", trouble.over.zh, time.zh),
            fmt::format("Returned: {}, after {}", trouble.over.en, time.en)};
  }
  const auto level = level_word(alarm.level);
  const auto from = since(site, alarm.detected_at);
  return {fmt::format("{}：{}{}", level.zh, trouble.standing.zh, from.zh),
          fmt::format("{}: {}{}", level.en, trouble.standing.en, from.en)};
}

/// Taken out of service before anything was wrong.
std::optional<Phrase> silent_text(const core::Site& site, const core::Alarm& alarm) {
  if (alarm.activations > 0 || alarm.revision == 0 || !returned(alarm) || alarm.change == core::Change::raised)
    return {};
  const auto id = site.subject_id(alarm.subject, alarm.index);
  const auto where = place(site, alarm);
  if (alarm.out_of_service)
    return Phrase{fmt::format("{} 的报警已停用{}：{}", id, where.zh, alarm.note),
                  fmt::format("Alarms of {} are out of service{}: {}", id, where.en, alarm.note)};
  return Phrase{fmt::format("{} 的报警恢复使用{}", id, where.zh),
                fmt::format("Alarms of {} are in service again{}", id, where.en)};
}

/// The usual figure where the alarm was held against it: a baseline has no limit that anybody set.
std::optional<Phrase> usual(const core::Site& site, const core::Alarm& alarm) {
  if (!alarm.usual) return {};
  const auto median = rounded(alarm.usual->median) + " " + pretty_unit(site.points[alarm.index].unit);
  const auto z = rounded(alarm.usual->z);
  return Phrase{
      fmt::format("高于该时段常值 {}（前 14 日同时段中位数，稳健 z = {}）", median, z),
      fmt::format("is above the usual {} at this hour (median of the last 14 days, robust z = {})", median, z)};
}

/// "，主要成分：乙烷 46 %、丙烷 20 %"
Phrase contributors(const core::Site& site, const core::Alarm& alarm) {
  Phrase all;
  for (const auto& part : alarm.contributors) {
    const auto named = std::ranges::find(site.compounds, part.compound, &core::Compound::cas);
    const bool known = named != site.compounds.end();
    const auto percent = rounded(100 * part.share);
    all.zh += fmt::format("{}{} {} %", all.zh.empty() ? "，主要成分：" : "、", known ? named->name_zh : part.compound,
                          percent);
    all.en +=
        fmt::format("{}{} {} %", all.en.empty() ? ", mainly " : ", ", known ? named->name_en : part.compound, percent);
  }
  return all;
}

Phrase point_text(const core::Site& site, const core::Alarm& alarm) {
  auto unit = unit_of(site, alarm);
  auto what = quantity(site, alarm);
  auto value = figure(alarm.value, alarm.at_least && !returned(alarm), alarm, unit);
  auto limit = limit_name(alarm.limit);
  auto law = source(alarm.limit);
  auto where = place(site, alarm);
  if (returned(alarm)) {
    auto peak = figure(alarm.peak, alarm.at_least, alarm, unit);
    auto time = lasted(alarm);
    if (alarm.usual) {
      auto median = rounded(alarm.usual->median) + " " + pretty_unit(unit);
      return {fmt::format("恢复：{} 现为 {}，最高 {}，报警时该时段常值 {}{}，历时 {}", what.zh, value.zh, peak.zh,
                          median, where.zh, time.zh),
              fmt::format("Returned: {} now {}, peak {}, usual {} at the hour of the alarm{}, lasted {}", what.en,
                          value.en, peak.en, median, where.en, time.en)};
    }
    return {fmt::format("恢复：{} 现为 {}，最高 {}，限值 {}{}{}，历时 {}", what.zh, value.zh, peak.zh, limit.zh, law.zh,
                        where.zh, time.zh),
            fmt::format("Returned: {} now {}, peak {}, limit {}{}{}, lasted {}", what.en, value.en, peak.en, limit.en,
                        law.en, where.en, time.en)};
  }
  auto level = level_word(alarm.level);
  auto standing = usual(site, alarm).value_or(relation(alarm, limit));
  auto parts = contributors(site, alarm);
  auto from = since(site, alarm.detected_at);
  return {fmt::format("{}：{} {} {}{}{}{}{}", level.zh, what.zh, value.zh, standing.zh, law.zh, parts.zh, where.zh,
                      from.zh),
          fmt::format("{}: {} {} {}{}{}{}{}", level.en, what.en, value.en, standing.en, law.en, parts.en, where.en,
                      from.en)};
}

}  // namespace

Phrase quantity_name(const core::Site& site, const core::Point& point) {
  const auto& plain = point.name.empty() ? point.id : point.name;
  if (!point.agent) return {plain, plain};
  const auto& agent = site.agents[core::at(*point.agent)];
  Phrase name{agent.name_zh.empty() ? agent.id : agent.name_zh, agent.name_en.empty() ? agent.id : agent.name_en};
  // Names of agents stand in the tables in lower case; here they begin a sentence.
  if (!name.en.empty() && name.en[0] >= 'a' && name.en[0] <= 'z') name.en[0] -= 'a' - 'A';
  return name;
}

std::string pretty_unit(core::Unit unit) {
  std::string text(core::symbol(unit));
  if (text.ends_with("/m3")) text.replace(text.size() - 2, 2, "m³");
  if (text.starts_with("ug")) text.replace(0, 1, "µ");
  if (text == "degC") text = "°C";
  return text;
}

std::string rounded(double value, double limit) {
  if (!std::isfinite(value)) return "?";
  if (std::abs(value) >= 1e15) return fmt::format("{:.3g}", value);
  int before_point = value == 0 ? 1 : static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  int places = std::clamp(3 - before_point, 0, 17);
  std::string text = decimals(value, places);
  // strtod of what is shown, because that is what the reader compares.
  while (std::isfinite(limit) && places < 17 && side(std::stod(text), limit) != side(value, limit)) {
    text = decimals(value, ++places);
  }
  return text;
}

Phrase alarm_text(const core::Site& site, const core::Alarm& alarm) {
  if (auto text = silent_text(site, alarm)) return *text;
  switch (alarm.subject) {
    case core::AlarmSubject::point:
      return point_text(site, alarm);
    case core::AlarmSubject::device:
      return device_text(site, alarm);
    default:
      return trouble_text(site, alarm);
  }
}

}  // namespace hazgate::feed
