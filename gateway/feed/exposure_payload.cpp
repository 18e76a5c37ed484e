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
  json.number(levels ? "lex_8h_so_far" : "twa_so_far", readable(e.twa_so_far, e.limit));
  json.number(levels ? "lex_8h_projected" : "twa_projected", readable(e.twa_projected, e.limit));
  json.time("limit_at", e.limit_at);
  json.number(levels ? "lex_8h" : "twa", readable(e.twa, e.limit));
  json.number(levels ? "laeq" : "mean", readable(e.mean));
  json.number(levels ? "lex_40h" : "twa_week", readable(e.week, e.limit));
}

void write_wbgt(JsonWriter& json, const core::Exposure& e) {
  json.number("wbgt_so_far", readable(e.twa_so_far, e.limit));
  json.number("wbgt_projected", readable(e.twa_projected, e.limit));
  json.number("wbgt", readable(e.twa, e.limit));
}

std::optional<core::Timestamp> when(double value, core::Timestamp at) {
  return std::isfinite(value) ? std::optional(at) : std::nullopt;
}

void write_short_time(JsonWriter& json, const core::Exposure& e, const core::Agent* agent) {
  const auto* stel = agent == nullptr ? nullptr : agent->limit(core::LimitKind::pc_stel);
  const double pc_stel = stel == nullptr ? core::no_value : stel->value;
  json.number("stel_max", readable(e.stel_max, pc_stel));
  json.time("stel_max_at", when(e.stel_max, e.stel_max_at));
  json.number("stel_at_least", readable(e.stel_at_least, pc_stel));
  json.open("episodes").count("count", e.episodes.count);
  json.number("longest_minutes", readable(e.episodes.longest_minutes, 15));
  json.number("closest_minutes", readable(e.episodes.closest_minutes, 60)).close();
  json.number("mixture_index", readable(e.mixture_index, 1));
  json.number("ratio", readable(e.ratio, 1));
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
  if (kind == Kind::concentration) json.number("reduction_factor", readable(e.reduction_factor));
  if (kind == Kind::concentration || kind == Kind::level) write_average(json, e, kind == Kind::level);
  if (kind == Kind::heat) write_wbgt(json, e);
  if (kind == Kind::concentration) write_short_time(json, e, agent);
  json.number("max", readable(e.max, limit.kind == core::LimitKind::mac ? limit.value : core::no_value));
  json.time("max_at", when(e.max, e.max_at));
  if (kind == Kind::impulse) json.count("impulses", e.impulses);
}

}  // namespace

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
  write_figures(json, e, point, agent);
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
