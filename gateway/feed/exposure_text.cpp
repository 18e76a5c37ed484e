#include "feed/exposure_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hazgate::feed {

namespace {

using core::LimitKind;

const core::Agent* agent_of(const core::Site& site, const core::Point& point) {
  return point.agent ? &site.agents[core::at(*point.agent)] : nullptr;
}

/// The figure that decides, by its name.
struct Decisive {
  Phrase name;
  double value = core::no_value;
  core::Limit limit;
  bool lower_bound = false;
};

Decisive average(const core::Exposure& e, const core::Limit& limit, bool level) {
  const bool by_week = e.rule == core::TwaRule::h40 || e.rule == core::TwaRule::week;
  const bool whole = e.final && std::isfinite(e.twa);
  const bool mean = e.rule == core::TwaRule::mean;
  const std::string word = by_week ? (level ? "L_EX,40h" : "C_TWA,40h") : (level ? "L_EX,8h" : "C_TWA");
  Decisive d{.value = by_week ? e.week : whole ? e.twa : e.twa_so_far, .limit = limit};
  // With gaps a dose is a lower bound; a mean is the mean of what was measured.
  const bool gaps = e.time.coverage() < core::least_coverage || (e.final && !whole);
  d.lower_bound = e.at_least || (gaps && !mean);
  if (mean) {
    d.name = whole ? Phrase{"本班均值", "mean of the shift"} : Phrase{"本班至今均值", "mean so far"};
    return d;
  }
  d.name = whole ? Phrase{"本班 " + word, word + " of the shift"} : Phrase{"本班至今 " + word, word + " so far"};
  return d;
}

Decisive decisive(const core::Exposure& e, const core::Agent* agent, bool level) {
  const auto limit = limit_of(e, agent);
  if (agent != nullptr && agent->id == "noise:peak") {
    Decisive d{
        .name = {fmt::format("脉冲 {} 次，最大峰值", e.impulses), fmt::format("greatest of {} peaks", e.impulses)},
        .value = e.max};
    d.limit = {LimitKind::pe, core::impulse_limit(e.impulses).value_or(core::no_value), agent->unit,
               "GBZ 2.2-2007 Table 10"};
    return d;
  }
  const auto* stel = agent == nullptr ? nullptr : agent->limit(LimitKind::pc_stel);
  if (std::isfinite(limit.value) && limit.kind == LimitKind::mac)
    return {.name = {"最大值", "greatest reading"}, .value = e.max, .limit = limit, .lower_bound = e.at_least};
  if (!std::isfinite(limit.value) && stel != nullptr)
    return {.name = {"最大 15 分钟均值", "greatest 15 min mean"},
            .value = e.greatest_stel(),
            .limit = *stel,
            .lower_bound = e.at_least || std::isfinite(e.stel_at_least)};
  return average(e, limit, level);
}

Phrase figure(const core::Exposure& e, const Decisive& d, core::Unit unit) {
  if (!std::isfinite(d.value) && e.time.below_loq > 0) return {"低于最低定量浓度", "below the quantification limit"};
  if (!std::isfinite(d.value)) return {"无有效数据", "no valid data"};
  const std::string text = rounded(d.value, d.limit.value) + " " + pretty_unit(unit);
  return d.lower_bound ? Phrase{"至少 " + text, "at least " + text} : Phrase{text, text};
}

Phrase against(const core::Limit& limit) {
  if (!std::isfinite(limit.value)) return {};
  const auto text = fmt::format("{} {} {}", core::name(limit.kind), rounded(limit.value), pretty_unit(limit.unit));
  return {fmt::format("，限值 {}（{}）", text, limit.source), fmt::format(", limit {} ({})", text, limit.source)};
}

Phrase mixture(const core::Exposure& e) {
  if (!std::isfinite(e.mixture_index)) return {};
  const auto index = rounded(e.mixture_index, 1);
  return {fmt::format("；联合作用指数 {}，限值 1（GBZ 2.1-2019 A.3.2.2）", index),
          fmt::format("; mixture index {}, limit 1 (GBZ 2.1-2019 A.3.2.2)", index)};
}

/// Rounded down: 74.96 % must not read as enough.
std::string percent(double part) { return fmt::format("{:g} %", std::floor(part * 1000) / 10); }

Phrase broken(core::Breaches breaches) {
  std::string list;
  for (const auto breach : core::all_breaches) {
    if (breaches.has(breach)) list += (list.empty() ? "" : ", ") + std::string(core::name(breach));
  }
  if (list.empty()) return {};
  return {"；违反：" + list, "; breaches: " + list};
}

}  // namespace

Phrase verdict_text(const core::Exposure& e) {
  switch (e.verdict) {
    case core::Verdict::exceeds:
      if (e.rule == core::TwaRule::mean && !e.final) return {"至今超标", "Exceeds so far"};  // a mean may fall again
      return {"超标", "Exceeds"};
    case core::Verdict::compliant:
      return e.final ? Phrase{"合格", "Compliant"} : Phrase{"至今合格", "Compliant so far"};
    case core::Verdict::insufficient:
      return {"数据不足，不能判定合格", "Insufficient data to call it compliant"};
    case core::Verdict::no_limit:
      return {"无限值，不判定", "Not judged, there is no limit"};
  }
  return {};
}

core::Limit limit_of(const core::Exposure& e, const core::Agent* agent) {
  if (agent == nullptr) return {.value = core::no_value};
  if (const auto* limit = agent->shift_limit()) {
    core::Limit applied = *limit;
    applied.value = e.limit;
    return applied;
  }
  const auto* mac = agent->limit(LimitKind::mac);
  return mac == nullptr ? core::Limit{.value = core::no_value} : *mac;
}

Phrase exposure_text(const core::Site& site, const core::Exposure& e) {
  const auto& point = site.points[core::at(e.point)];
  const bool level = core::is_level(point.unit);
  const auto d = decisive(e, agent_of(site, point), level);
  const auto word = verdict_text(e);
  const auto what = quantity_name(site, point);
  const auto value = figure(e, d, point.unit);
  const auto limit = against(d.limit);
  const auto index = mixture(e);
  const auto coverage = percent(e.time.coverage());
  const auto breaches = broken(e.breaches);
  return {fmt::format("{}：{} {} {}{}{}；有效数据 {}{}", word.zh, what.zh, d.name.zh, value.zh, limit.zh, index.zh,
                      coverage, breaches.zh),
          fmt::format("{}: {} {} {}{}{}; {} measured{}", word.en, what.en, d.name.en, value.en, limit.en, index.en,
                      coverage, breaches.en)};
}

}  // namespace hazgate::feed
