#include <algorithm>

#include "feed/alarm_text.hpp"
#include "feed/json_text.hpp"
#include "feed/payload.hpp"
#include "feed/reason_text.hpp"

namespace hazgate::feed {

namespace {

void append_subject(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  if (alarm.subject == core::AlarmSubject::device) {
    json.text("device", site.devices[alarm.index].id).null("agent");
    return;
  }
  const auto& point = site.points[alarm.index];
  json.text("point", point.id);
  if (point.agent) {
    json.text("agent", site.agents[core::at(*point.agent)].id);
  } else {
    json.null("agent");
  }
}

/// A device that does not answer has neither figure nor unit nor limit.
void append_figures(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  json.text("basis", core::name(alarm.basis));
  if (alarm.subject == core::AlarmSubject::device) {
    json.null("value").null("peak").yes_no("at_least", false).null("unit").null("limit");
    return;
  }
  json.number("value", alarm.value).number("peak", alarm.peak).yes_no("at_least", alarm.at_least);
  json.text("unit",
            core::symbol(alarm.basis == core::Basis::mixture ? core::Unit::one : site.points[alarm.index].unit));
  json.open("limit").text("kind", core::name(alarm.limit.kind)).number("value", alarm.limit.value);
  json.text("unit", core::symbol(alarm.limit.unit)).text("source", alarm.limit.source).close();
}

void append_id(JsonWriter& json, std::string_view key, std::string_view id) {
  if (id.empty()) {
    json.null(key);
  } else {
    json.text(key, id);
  }
}

void append_reason(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  const auto why = core::reason_of(alarm);
  if (why.doubt == core::Doubt::none) {
    json.null("reason");
    return;
  }
  json.open("reason").text("doubt", core::name(why.doubt));
  append_id(json, "point", why.point);
  append_id(json, "other", why.other);
  if (why.point.empty() || alarm.level == core::Level::none) {
    json.null("value").null("bound").null("unit");
  } else {
    json.number("value", why.value).number("bound", why.bound);
    json.text("unit", core::symbol(unit_of_point(site, why.point)));
  }
  json.close();
}

void append_usual(JsonWriter& json, const core::Alarm& alarm) {
  if (!alarm.usual) {
    json.null("usual");
    return;
  }
  json.open("usual").number("median", alarm.usual->median).number("z", alarm.usual->z).close();
}

void append_contributors(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  json.open_list("contributors");
  for (const auto& part : alarm.contributors) {
    const auto named = std::ranges::find(site.compounds, part.compound, &core::Compound::cas);
    json.open().text("cas", part.compound);
    if (named == site.compounds.end()) {
      json.null("zh").null("en");
    } else {
      json.text("zh", named->name_zh).text("en", named->name_en);
    }
    json.number("share", part.share).close();
  }
  json.close_list();
}

void append_stamps(JsonWriter& json, const core::Alarm& alarm) {
  json.time("detected_at", alarm.detected_at).time("warned_at", alarm.warned_at);
  json.time("confirmed_at", alarm.confirmed_at).time("disposed_at", alarm.disposed_at);
  json.time("returned_at", alarm.returned_at).time("changed_at", alarm.changed_at);
}

}  // namespace

std::string alarm_id(const core::Site& site, const core::Alarm& alarm) {
  return site.gateway_id + "-" + std::to_string(alarm.number);
}

core::WorkplaceIndex workplace_of(const core::Site& site, const core::Alarm& alarm) {
  return alarm.subject == core::AlarmSubject::device ? site.devices[alarm.index].workplace
                                                     : site.points[alarm.index].workplace;
}

std::string alarm_message(const core::Site& site, const core::Alarm& alarm, std::uint64_t seq,
                          core::Timestamp sent_at) {
  auto workplace = workplace_of(site, alarm);
  auto text = alarm_text(site, alarm);
  JsonWriter json;
  json.open().count("v", 1).text("id", alarm_id(site, alarm)).count("seq", seq).time("sent_at", sent_at);
  json.text("gateway", site.gateway_id).text("enterprise", site.enterprise_of(workplace).id);
  json.text("workplace", site.workplaces[core::at(workplace)].id);
  append_subject(json, site, alarm);
  json.text("level", core::name(alarm.level)).text("highest", core::name(alarm.highest));
  json.text("state", core::name(alarm.state));
  append_figures(json, site, alarm);
  append_reason(json, site, alarm);
  append_usual(json, alarm);
  append_contributors(json, site, alarm);
  append_stamps(json, alarm);
  json.count("revision", alarm.revision);
  json.open("text").text("zh", text.zh).text("en", text.en).close().close();
  return json.take();
}

}  // namespace hazgate::feed
