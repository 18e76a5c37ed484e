#include "feed/ledger_payload.hpp"

#include <boost/json/array.hpp>
#include <cmath>

#include "feed/alarm_text.hpp"
#include "feed/exposure_text.hpp"
#include "feed/payload.hpp"
#include "ledger/canonical_json.hpp"

namespace hazgate::feed {

namespace json = boost::json;

namespace {

constexpr std::size_t most_rule_changes = 100;

/// Valid UTF-8, whatever the configuration's bytes were.
json::string clean(std::string_view text) {
  std::string utf8;
  append_utf8(utf8, text);
  return json::string(utf8.data(), utf8.size());
}

json::value number_or_null(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::string time_text(core::Timestamp at) {
  std::string text;
  append_time(text, at);
  return json::string(text.data(), text.size());
}

json::object record_of(std::string_view kind, core::Timestamp recorded_at) {
  return {{"v", 1}, {"kind", kind}, {"at", time_text(recorded_at)}};
}

void add_place(json::object& record, const core::Site& site, const core::Point& point) {
  const auto& workplace = site.workplaces[core::at(point.workplace)];
  record["workplace"] = clean(workplace.id);
  record["workplace_name"] = clean(workplace.name.empty() ? workplace.id : workplace.name);
  record["point"] = clean(point.id);
  record["agent"] = nullptr;
  if (!point.agent) return;
  const auto& agent = site.agents[core::at(*point.agent)];
  record["agent"] = {{"id", clean(agent.id)}, {"zh", clean(agent.name_zh)}, {"en", clean(agent.name_en)}};
}

json::object limit_object(const core::Limit& limit) {
  return {{"kind", core::name(limit.kind)},
          {"value", number_or_null(limit.value)},
          {"unit", core::symbol(limit.unit)},
          {"source", clean(limit.source)}};
}

json::object text_object(const Phrase& text) { return {{"zh", clean(text.zh)}, {"en", clean(text.en)}}; }

/// The words of the alarm that stands for it: a person reads the same sentence in both places.
Phrase exceedance_text(const core::Site& site, const core::Exceedance& e) {
  core::Alarm alarm{.subject = core::AlarmSubject::point, .index = static_cast<std::uint32_t>(core::at(e.point))};
  alarm.level = e.over ? core::Level::none : e.level;
  alarm.highest = e.level;
  alarm.value = alarm.peak = e.value;
  alarm.at_least = e.at_least;
  alarm.basis = e.basis;
  alarm.limit = e.limit;
  alarm.detected_at = e.since;
  alarm.changed_at = e.at;
  alarm.activations = 1;
  if (!e.over) return alarm_text(site, alarm);
  alarm.level = e.level;
  auto text = alarm_text(site, alarm);
  const auto minutes = rounded(core::in_seconds(e.at - e.since) / 60);
  return {text.zh + "；已结束，最高值如上，历时 " + minutes + " 分钟",
          text.en + "; it is over, this was the greatest figure, it lasted " + minutes + " min"};
}

}  // namespace

std::string exceedance_topic(const core::Site& site, std::string_view enterprise) {
  return enterprise_topic(site, enterprise, "exceedance");
}

std::string ledger_topic(const core::Site& site, std::string_view enterprise) {
  return enterprise_topic(site, enterprise, "ledger");
}

json::object exceedance_record(const core::Site& site, const core::Exceedance& e, core::Timestamp recorded_at,
                               std::optional<std::uint64_t> began) {
  const auto& point = site.points[core::at(e.point)];
  auto record = record_of("exceedance", recorded_at);
  add_place(record, site, point);
  record["event"] = e.over ? "ended" : "began";
  record["basis"] = core::name(e.basis);
  record["level"] = core::name(e.level);
  record["limit"] = limit_object(e.limit);
  record["measured"] = number_or_null(e.value);
  record["unit"] = core::symbol(e.basis == core::Basis::mixture ? core::Unit::one : point.unit);
  record["at_least"] = e.at_least;
  record["coverage"] = number_or_null(e.coverage);
  record["began_at"] = time_text(e.since);
  record["text"] = text_object(exceedance_text(site, e));
  if (!e.over) {
    record["proved_at"] = time_text(e.at);
    return record;
  }
  record["began_seq"] = began ? json::value(*began) : json::value(nullptr);
  record["ended_at"] = time_text(e.at);
  record["duration_s"] = core::in_seconds(e.at - e.since);
  return record;
}

json::object abandoned_record(std::string_view workplace, std::string_view point, core::LimitKind limit,
                              core::Timestamp since, core::Timestamp recorded_at, std::uint64_t began) {
  auto record = record_of("exceedance", recorded_at);
  record["event"] = "abandoned";
  record["workplace"] = clean(workplace);
  record["point"] = clean(point);
  record["limit"] = {{"kind", core::name(limit)}};
  record["began_at"] = time_text(since);
  record["began_seq"] = began;
  record["text"] =
      text_object({"测点已从配置中移除或其限值已变更，该次超标不再跟踪，结束时间不明",
                   "the point has left the configuration, or its limit has: this exceedance is followed no "
                   "longer, and when it ended is not known"});
  return record;
}

json::object shift_record(const core::Site& site, const core::Exposure& e, core::Timestamp recorded_at) {
  const auto& point = site.points[core::at(e.point)];
  const auto* agent = point.agent ? &site.agents[core::at(*point.agent)] : nullptr;
  const bool level = core::is_level(point.unit);
  auto record = record_of("shift", recorded_at);
  add_place(record, site, point);
  record["shift"] = clean(site.shifts[core::at(e.shift)].id);
  record["begins_at"] = time_text(e.window.begin);
  record["ends_at"] = time_text(e.window.end);
  record["rule"] = core::name(e.rule);
  record["limit"] = limit_object(limit_of(e, agent));
  record["unit"] = core::symbol(point.unit);
  record[level ? "lex_8h_so_far" : "twa_so_far"] = number_or_null(e.twa_so_far);
  record[level ? "lex_8h" : "twa"] = number_or_null(e.twa);
  if (std::isfinite(e.week)) record[level ? "lex_40h" : "twa_week"] = e.week;
  if (!level) record["stel_max"] = number_or_null(e.greatest_stel());
  record["max"] = number_or_null(e.max);
  record["episodes"] = e.episodes.count;
  if (std::isfinite(e.mixture_index)) record["mixture_index"] = e.mixture_index;
  record["at_least"] = e.at_least;
  record["coverage"] = e.time.coverage();
  record["duration_s"] = e.time.elapsed();
  json::array breaches;
  for (const auto breach : core::all_breaches)
    if (e.breaches.has(breach)) breaches.emplace_back(core::name(breach));
  record["breaches"] = std::move(breaches);
  record["verdict"] = core::name(e.verdict);
  record["text"] = text_object(exposure_text(site, e));
  return record;
}

/// The digest is that of the canonical list; a large site's first one is hashed piece by piece, and never held.
json::object rules_record(std::span<const RuleChanged> changes, std::string_view who, core::Timestamp recorded_at) {
  const auto rule_text = [](const std::string* rule) {
    return rule == nullptr ? json::value(nullptr) : json::value(clean(*rule));
  };
  json::array list;
  ledger::Sha256 digest;
  std::string piece = "[";
  for (const auto& change : changes) {
    json::object told;
    told["subject"] = clean(change.subject);
    told["rule"] = clean(change.rule);
    told["before"] = rule_text(change.before);
    told["after"] = rule_text(change.after);
    json::value item(std::move(told));
    ledger::append_canonical(piece, item);
    digest.add(piece);
    piece = ",";
    if (changes.size() <= most_rule_changes) list.push_back(std::move(item));
  }
  digest.add(changes.empty() ? "[]" : "]");
  auto record = record_of("rules", recorded_at);
  record["who"] = clean(who);
  record["count"] = changes.size();
  record["digest"] = ledger::hex(digest.finish());
  if (changes.size() <= most_rule_changes) record["changes"] = std::move(list);
  return record;
}

json::object rescue_record(std::string_view why, std::string_view kept_as, core::Timestamp recorded_at) {
  auto record = record_of("rescue", recorded_at);
  record["why"] = clean(why);
  record["kept_as"] = clean(kept_as);
  record["text"] = text_object({"数据库文件损坏，已另存；可读部分已转入新文件",
                                "the store was damaged and is kept under another name; what could be read went on"});
  return record;
}

json::object key_record(const ledger::SigningKey& key, const std::string& previous_id,
                        const ledger::SigningKey* previous, core::Timestamp recorded_at) {
  auto record = record_of("key", recorded_at);
  for (auto& member : ledger::key_record(key, previous_id, previous)) record[member.key()] = member.value();
  return record;
}

}  // namespace hazgate::feed
