#include "feed/exposure_payload.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

#include "feed/exposure_text.hpp"
#include "feed/json_text.hpp"
#include "feed/payload.hpp"

namespace hazgate::feed {

namespace {

constexpr int significant_digits = 6;  // what is measured has fewer

double readable(double value) {
  if (!std::isfinite(value) || value == 0) return value;
  const double scale = std::pow(10.0, significant_digits - 1 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) && std::isfinite(value * scale) ? std::round(value * scale) / scale : value;
}

/// Rounded unless that would carry it to the other side of `bound`: it was judged unrounded, and a subscriber who
/// compares must come to the same verdict. Equal but for the noise of a sum is equal.
double readable(double value, double bound) {
  const auto side = [bound](double v) { return core::exceeds(v, bound) ? 1 : core::exceeds(bound, v) ? -1 : 0; };
  return side(readable(value)) == side(value) ? readable(value) : value;
}

std::string date(std::int32_t day) {
  return fmt::format("{:%Y-%m-%d}", std::chrono::sys_time<std::chrono::days>(std::chrono::days(day)));
}

/// Which figures a point has: those of one kind never go by the names of another.
enum class Kind { concentration, level, impulse, heat };

Kind kind_of(const core::Point& point, const core::Agent* agent) {
  if (agent != nullptr && agent->id == "noise:peak") return Kind::impulse;
  if (agent != nullptr && agent->limit(core::LimitKind::wbgt) != nullptr) return Kind::heat;
  const bool level = core::is_level(point.unit);
  return level ? Kind::level : Kind::concentration;
}

void write_limit(JsonWriter& json, const core::Limit& limit) {
  if (!std::isfinite(limit.value)) {
    json.null("limit");
    return;
  }
  json.open("limit").text("kind", core::name(limit.kind)).number("value", readable(limit.value));
  json.text("unit", core::symbol(limit.unit)).text("source", limit.source).close();
}

void write_average(JsonWriter& json, const core::Exposure& e, bool levels) {
  json.number(levels ? "lex_8h_so_far" : "twa_so_far", e.twa_so_far);
  json.number(levels ? "lex_8h_projected" : "twa_projected", e.twa_projected);
  json.time("limit_at", e.limit_at);
  json.number(levels ? "lex_8h" : "twa", e.twa);
  json.number(levels ? "laeq" : "mean", e.mean);
  json.number(levels ? "lex_40h" : "twa_week", e.week);
}

void write_wbgt(JsonWriter& json, const core::Exposure& e) {
  json.number("wbgt_so_far", e.twa_so_far);
  json.number("wbgt_projected", e.twa_projected);
  json.number("wbgt", e.twa);
}

std::optional<core::Timestamp> when(double value, core::Timestamp at) {
  return std::isfinite(value) ? std::optional(at) : std::nullopt;
}

void write_short_time(JsonWriter& json, const core::Exposure& e) {
  json.number("stel_max", e.stel_max);
  json.time("stel_max_at", when(e.stel_max, e.stel_max_at));
  json.number("stel_at_least", e.stel_at_least);
  json.open("episodes").count("count", e.episodes.count);
  json.number("longest_minutes", e.episodes.longest_minutes);
  json.number("closest_minutes", e.episodes.closest_minutes).close();
  json.number("mixture_index", e.mixture_index);
  json.number("ratio", e.ratio);
  if (std::isfinite(e.ratio)) {
    json.text("class", core::name(e.exposure_class));
  } else {
    json.null("class");
  }
}

void write_time(JsonWriter& json, const core::TimeShares& t) {
  json.number("coverage", readable(t.coverage(), core::least_coverage));
  json.open("time_s").number("measured", readable(t.measured)).number("below_loq", readable(t.below_loq));
  json.number("over_range", readable(t.over_range)).number("fault", readable(t.fault));
  json.number("link_lost", readable(t.link_lost)).number("calibrating", readable(t.calibrating));
  json.number("maintenance", readable(t.maintenance)).number("stopped", readable(t.stopped));
  json.number("missing", readable(t.missing)).close();
}

void write_figures(JsonWriter& json, const core::Exposure& e, const core::Point& point, const core::Agent* agent) {
  const auto kind = kind_of(point, agent);
  const auto limit = limit_of(e, agent);
  write_limit(json, limit);
  json.yes_no("at_least", e.at_least);
  if (kind == Kind::concentration) json.number("reduction_factor", e.reduction_factor);
  if (kind == Kind::concentration || kind == Kind::level) write_average(json, e, kind == Kind::level);
  if (kind == Kind::heat) write_wbgt(json, e);
  if (kind == Kind::concentration) write_short_time(json, e);
  json.number("max", e.max);
  json.time("max_at", when(e.max, e.max_at));
  if (kind == Kind::impulse) json.count("impulses", e.impulses);
}

}  // namespace

core::Exposure as_told(core::Exposure e, const core::Agent* agent) {
  const auto bound = [&](core::LimitKind kind) {
    const auto* limit = agent == nullptr ? nullptr : agent->limit(kind);
    return limit == nullptr ? core::no_value : limit->value;
  };
  // Of what the average is held against the limit stays as it is until all have been compared with it.
  for (auto figure :
       {&core::Exposure::twa_so_far, &core::Exposure::twa_projected, &core::Exposure::twa, &core::Exposure::week})
    e.*figure = readable(e.*figure, e.limit);
  for (auto figure : {&core::Exposure::stel_max, &core::Exposure::stel_at_least})
    e.*figure = readable(e.*figure, bound(core::LimitKind::pc_stel));
  const auto limit = limit_of(e, agent);
  e.max = readable(e.max, limit.kind == core::LimitKind::mac ? limit.value : core::no_value);
  for (auto figure : {&core::Exposure::mixture_index, &core::Exposure::ratio}) e.*figure = readable(e.*figure, 1);
  e.mean = readable(e.mean);
  e.reduction_factor = readable(e.reduction_factor);
  e.limit = readable(e.limit);
  e.episodes.longest_minutes = readable(e.episodes.longest_minutes, 15);
  e.episodes.closest_minutes = readable(e.episodes.closest_minutes, 60);
  return e;
}

void append_exposure(JsonWriter& json, const core::Site& site, const core::Exposure& e) {
  const auto& point = site.points[core::at(e.point)];
  const auto* agent = point.agent ? &site.agents[core::at(*point.agent)] : nullptr;
  json.text("point", point.id);
  if (agent != nullptr) {
    json.text("agent", agent->id);
  } else {
    json.null("agent");
  }
  json.text("unit", core::symbol(point.unit)).text("shift", site.shifts[core::at(e.shift)].id);
  json.text("day", date(e.window.day)).time("begin", e.window.begin).time("end", e.window.end);
  json.time("at", e.at).yes_no("final", e.final).text("rule", core::name(e.rule));
  write_figures(json, as_told(e, agent), point, agent);
  write_time(json, e.time);
  json.open_list("breaches");
  for (const auto breach : core::all_breaches) {
    if (e.breaches.has(breach)) json.text({}, core::name(breach));
  }
  const auto text = exposure_text(site, e);
  json.close_list().text("verdict", core::name(e.verdict));
  json.open("text").text("zh", text.zh).text("en", text.en).close();
}

std::string exposure_topic(const core::Site& site, core::WorkplaceIndex workplace) {
  return workplace_topic(site, workplace, "exposure");
}

std::string exposure_message(const core::Site& site, core::WorkplaceIndex workplace,
                             std::span<const core::Exposure> exposures, std::uint64_t seq, core::Timestamp sent_at) {
  JsonWriter json;
  json.open().count("v", 1).text("gateway", site.gateway_id).count("seq", seq).time("sent_at", sent_at);
  json.text("enterprise", site.enterprise_of(workplace).id);
  json.text("workplace", site.workplaces[core::at(workplace)].id).open_list("exposures");
  for (const auto& e : exposures) {
    json.open();
    append_exposure(json, site, e);
    json.close();
  }
  json.close_list().close();
  return json.take();
}

}  // namespace hazgate::feed
