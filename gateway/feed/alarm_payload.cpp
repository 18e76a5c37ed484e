#include <algorithm>

#include "feed/alarm_text.hpp"
#include "feed/json_text.hpp"
#include "feed/payload.hpp"
#include "feed/reason_text.hpp"

namespace hazgate::feed {

namespace {

/// Under the word that its kind has; an alarm has exactly one of them.
void append_subject(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  const auto key = alarm.subject == core::AlarmSubject::gateway ? std::string_view("part") : core::name(alarm.subject);
  json.text(key, site.subject_id(alarm.subject, alarm.index));
  if (alarm.subject == core::AlarmSubject::point && site.points[alarm.index].agent) {
    json.text("agent", site.agents[core::at(*site.points[alarm.index].agent)].id);
  } else {
    json.null("agent");
  }
}

/// By how much: the difference, and the ratio where a ratio means something.
void append_excess(JsonWriter& json, const core::Alarm& alarm) {
  const auto& limit = alarm.limit;
  const bool judged = alarm.level != core::Level::none && alarm.basis != core::Basis::short_time;
  const bool ratio = !core::is_level(limit.unit) && limit.unit != core::Unit::degree_celsius && limit.value > 0;
  json.number("excess", judged ? alarm.value - limit.value : core::no_value);
  json.number("ratio", judged && ratio ? alarm.value / limit.value : core::no_value);
}

/// A device that does not answer has neither figure nor unit nor limit.
void append_figures(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  json.text("basis", core::name(alarm.basis));
  if (alarm.subject != core::AlarmSubject::point || alarm.activations == 0) {
    json.null("value").null("peak").yes_no("at_least", false).null("unit").null("limit");
    json.null("excess").null("ratio");
    return;
  }
  json.number("value", alarm.value).number("peak", alarm.peak).yes_no("at_least", alarm.at_least);
  json.text("unit",
            core::symbol(alarm.basis == core::Basis::mixture ? core::Unit::one : site.points[alarm.index].unit));
  json.open("limit").text("kind", core::name(alarm.limit.kind)).number("value", alarm.limit.value);
  json.text("unit", core::symbol(alarm.limit.unit)).text("source", alarm.limit.source).close();
  append_excess(json, alarm);
}

void append_reason(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  const auto why = core::reason_of(alarm);
  if (why.doubt == core::Doubt::none) {
    json.null("reason");
    return;
  }
  json.open("reason").text("doubt", core::name(why.doubt));
  json.text_or_null("point", why.point);
  json.text_or_null("other", why.other);
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
  json.text("detected_by", core::name(alarm.detected_by));
  json.text_or_null("warned_by", alarm.warned_at ? core::name(alarm.warned_by) : std::string_view());
  json.text_or_null("confirmed_by", alarm.confirmed_by);
  json.text_or_null("disposed_by", alarm.disposed_by);
  json.text_or_null("verdict", core::name(alarm.verdict));
  json.text_or_null("verdict_by", alarm.verdict_by);
  json.text_or_null("measure", alarm.measure);
  json.time("returned_at", alarm.returned_at).time("changed_at", alarm.changed_at);
}

void append_targets(JsonWriter& json, const core::Alarm& alarm) {
  json.open("targets")
      .time("warn_at", alarm.warn_due_at)
      .time("confirm_at", alarm.confirm_due_at)
      .time("dispose_at", alarm.dispose_due_at);
  json.yes_no("warn_missed", alarm.warn_missed)
      .yes_no("confirm_missed", alarm.confirm_missed)
      .yes_no("dispose_missed", alarm.dispose_missed);
  json.yes_no("disposal_owed", alarm.disposal_owed).count("escalations", alarm.escalations).close();
}

void append_handling(JsonWriter& json, const core::Alarm& alarm) {
  json.yes_no("acknowledged", alarm.acknowledged).time("acknowledged_at", alarm.acknowledged_at);
  json.text_or_null("acknowledged_by", alarm.acknowledged_by);
  json.time("shelved_until", alarm.shelved_until).yes_no("suppressed", alarm.suppressed);
  json.yes_no("out_of_service", alarm.out_of_service).yes_no("latched", alarm.latched);
  json.yes_no("chattering", alarm.chattering).count("activations", alarm.activations);
  json.count("annunciations", alarm.annunciations);
}

void append_change(JsonWriter& json, const core::Alarm& alarm) {
  json.open("change").text("what", core::name(alarm.change));
  json.text_or_null("by", alarm.changed_by);
  json.text_or_null("note", alarm.note);
  json.close();
}

void append_nearby(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  json.open_list("nearby");
  for (const auto& other : alarm.nearby)
    json.open().text("point", site.points[other.point].id).text("level", core::name(other.level)).close();
  json.close_list();
}

void append_place(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  const auto workplace = site.workplace_of(alarm.subject, alarm.index);
  json.text("gateway", site.gateway_id);
  json.text_or_null("enterprise", workplace ? site.enterprise_of(*workplace).id : std::string_view());
  json.text_or_null("workplace", workplace ? site.workplaces[core::at(*workplace)].id : std::string_view());
}

void append_advice(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  const auto* advice = site.advice_for(alarm);
  if (advice == nullptr) {
    json.null("advice");
    return;
  }
  json.open("advice").text("zh", advice->zh).text("en", advice->en);
  json.text_or_null("source", advice->source);
  json.close();
}

void append_texts(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  const auto text = alarm_text(site, alarm);
  json.open("text").text("zh", text.zh).text("en", text.en).close();
}

}  // namespace

std::string alarm_id(const core::Site& site, const core::Alarm& alarm) {
  return site.gateway_id + "-" + std::to_string(alarm.number);
}

void append_alarm(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  append_place(json, site, alarm);
  append_subject(json, site, alarm);
  json.text("level", core::name(alarm.level)).text("highest", core::name(alarm.highest));
  json.text("state", core::name(alarm.state));
  append_figures(json, site, alarm);
  append_reason(json, site, alarm);
  append_usual(json, alarm);
  append_contributors(json, site, alarm);
  append_stamps(json, alarm);
  append_targets(json, alarm);
  append_handling(json, alarm);
  append_change(json, alarm);
  append_nearby(json, site, alarm);
  json.count("revision", alarm.revision);
  append_texts(json, site, alarm);
  append_advice(json, site, alarm);
}

std::string alarm_message(const core::Site& site, const core::Alarm& alarm, std::uint64_t seq,
                          core::Timestamp sent_at) {
  JsonWriter json;
  json.open().count("v", 1).text("id", alarm_id(site, alarm)).count("seq", seq).time("sent_at", sent_at);
  append_alarm(json, site, alarm);
  json.close();
  return json.take();
}

std::string escalation_message(const core::Site& site, const core::Alarm& alarm, std::string_view group,
                               std::uint64_t seq, core::Timestamp sent_at) {
  JsonWriter json;
  json.open().count("v", 1).text("alarm", alarm_id(site, alarm)).count("seq", seq).time("sent_at", sent_at);
  append_place(json, site, alarm);
  json.text("group", group).count("number", alarm.escalations).text("step", alarm.note);
  json.time("due_at", alarm.note == "warn"      ? alarm.warn_due_at
                      : alarm.note == "confirm" ? alarm.confirm_due_at
                                                : alarm.dispose_due_at);
  json.text("level", core::name(alarm.level)).text("highest", core::name(alarm.highest));
  json.text("state", core::name(alarm.state)).time("detected_at", alarm.detected_at);
  append_texts(json, site, alarm);
  append_advice(json, site, alarm);
  json.close();
  return json.take();
}

}  // namespace hazgate::feed
