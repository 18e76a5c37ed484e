#include "feed/exposure_payload.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

#include "feed/json_text.hpp"

namespace hazgate::feed {

namespace {

constexpr int significant_digits = 6;  // what is measured has fewer

double readable(double value) {
  if (!std::isfinite(value) || value == 0) return value;
  const double scale = std::pow(10.0, significant_digits - 1 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

std::string date(std::int32_t day) {
  return fmt::format("{:%Y-%m-%d}", std::chrono::sys_time<std::chrono::days>(std::chrono::days(day)));
}

/// What the shift's figure is held against, and by which clause.
const core::Limit* judged_by(const core::Agent& agent) {
  const auto* twa = agent.limit(core::LimitKind::pc_twa);
  return twa != nullptr ? twa : agent.limit(core::LimitKind::lex_8h);
}

void write_limit(JsonWriter& json, const core::Exposure& e, const core::Agent* agent) {
  const auto* limit = agent == nullptr ? nullptr : judged_by(*agent);
  if (limit == nullptr || !std::isfinite(e.limit)) {
    json.null("limit");
    return;
  }
  json.open("limit").text("kind", core::name(limit->kind)).number("value", readable(e.limit));
  json.text("unit", core::symbol(limit->unit)).text("source", limit->source).close();
}

void write_figures(JsonWriter& json, const core::Exposure& e, bool levels) {
  json.number(levels ? "lex_8h_so_far" : "twa_so_far", readable(e.twa_so_far));
  json.number(levels ? "lex_8h_projected" : "twa_projected", readable(e.twa_projected));
  json.time("limit_at", e.limit_at);
  json.number(levels ? "lex_8h" : "twa", readable(e.twa)).yes_no("at_least", e.at_least);
  json.number(levels ? "laeq" : "mean", readable(e.mean));
  json.number(levels ? "lex_40h" : "twa_week", readable(e.week));
  const auto when = [](double value, core::Timestamp at) {
    return std::isfinite(value) ? std::optional(at) : std::nullopt;
  };
  json.number("stel_max", readable(e.stel_max)).time("stel_max_at", when(e.stel_max, e.stel_max_at));
  json.number("max", readable(e.max)).time("max_at", when(e.max, e.max_at));
  json.open("episodes").count("count", e.episodes.count);
  json.number("longest_minutes", readable(e.episodes.longest_minutes));
  json.number("closest_minutes", readable(e.episodes.closest_minutes)).close();
  json.number("ratio", readable(e.ratio));
  if (std::isfinite(e.ratio)) {
    json.text("class", core::name(e.exposure_class));
  } else {
    json.null("class");
  }
}

void write_time(JsonWriter& json, const core::TimeShares& t) {
  json.number("coverage", readable(t.coverage()));
  json.open("time_s").number("measured", readable(t.measured)).number("below_loq", readable(t.below_loq));
  json.number("over_range", readable(t.over_range)).number("fault", readable(t.fault));
  json.number("link_lost", readable(t.link_lost)).number("calibrating", readable(t.calibrating));
  json.number("maintenance", readable(t.maintenance)).number("stopped", readable(t.stopped));
  json.number("missing", readable(t.missing)).close();
}

void write_exposure(JsonWriter& json, const core::Site& site, const core::Exposure& e) {
  const auto& point = site.points[core::at(e.point)];
  const auto* agent = point.agent ? &site.agents[core::at(*point.agent)] : nullptr;
  const bool levels = point.unit == core::Unit::db_a || point.unit == core::Unit::db_c;
  json.open().text("point", point.id);
  if (agent != nullptr) {
    json.text("agent", agent->id);
  } else {
    json.null("agent");
  }
  json.text("unit", core::symbol(point.unit)).text("shift", site.shifts[core::at(e.shift)].id);
  json.text("day", date(e.window.day)).time("begin", e.window.begin).time("end", e.window.end);
  json.time("at", e.at).yes_no("final", e.final).text("rule", core::name(e.rule));
  write_limit(json, e, agent);
  json.number("reduction_factor", readable(e.reduction_factor));
  write_figures(json, e, levels);
  write_time(json, e.time);
  json.open_list("breaches");
  for (unsigned b = 0; b <= static_cast<unsigned>(core::Breach::peak); ++b) {
    const auto breach = static_cast<core::Breach>(b);
    if (e.breaches.has(breach)) json.text({}, core::name(breach));
  }
  json.close_list().text("verdict", core::name(e.verdict)).close();
}

}  // namespace

std::string exposure_topic(const core::Site& site, core::WorkplaceIndex workplace) {
  return fmt::format("hazgate/1/{}/{}/{}/exposure", site.site_id, site.enterprise_of(workplace).id,
                     site.workplaces[core::at(workplace)].id);
}

std::string exposure_message(const core::Site& site, core::WorkplaceIndex workplace,
                             std::span<const core::Exposure> exposures, std::uint64_t seq, core::Timestamp sent_at) {
  JsonWriter json;
  json.open().count("v", 1).text("gateway", site.gateway_id).count("seq", seq).time("sent_at", sent_at);
  json.text("enterprise", site.enterprise_of(workplace).id);
  json.text("workplace", site.workplaces[core::at(workplace)].id).open_list("exposures");
  for (const auto& e : exposures) write_exposure(json, site, e);
  json.close_list().close();
  return json.take();
}

}  // namespace hazgate::feed
