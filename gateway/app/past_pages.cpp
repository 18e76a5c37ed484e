#include "app/past_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "feed/exposure_payload.hpp"
#include "feed/gap_payload.hpp"
#include "feed/payload.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

using feed::JsonWriter;

namespace {

web::Answer answer(JsonWriter json) { return web::Document{.body = web::bytes(json.take())}; }

std::string time_word(core::Timestamp at) {
  std::string word;
  feed::append_time(word, at);
  return word;
}

/// Empty where it is not finite: a table has no null.
std::string csv_number(double value) {
  std::string text;
  if (std::isfinite(value)) feed::append_number(text, value);
  return text;
}

web::Document csv(const storage::Series& series, const web::ReadingsQuery& query) {
  std::string text = "from,least,mean,greatest,unit,counted,others,worst_flag\r\n";
  for (std::size_t i = 0; i < series.buckets.size(); ++i) {
    const auto& bucket = series.buckets[i];
    const bool any = bucket.counted + bucket.others > 0;
    text += fmt::format("{},{},{},{},{},{},{},{}\r\n",
                        time_word(query.from + static_cast<std::int64_t>(i) * series.width), csv_number(bucket.least),
                        csv_number(bucket.mean), csv_number(bucket.greatest), series.unit, bucket.counted,
                        bucket.others, any ? std::string(1, static_cast<char>(bucket.worst)) : std::string());
  }
  return {.body = web::bytes(std::move(text)),
          .content_type = "text/csv; charset=utf-8",
          .etag = {},
          .gzipped = {},
          .attachment = query.point + ".csv"};
}

void append_column(JsonWriter& json, std::string_view key, const storage::Series& series,
                   double storage::RollUp::*figure) {
  json.open_list(key);
  for (const auto& bucket : series.buckets) json.number({}, bucket.*figure);
  json.close_list();
}

void append_counts(JsonWriter& json, std::string_view key, const storage::Series& series,
                   std::uint64_t storage::RollUp::*count) {
  json.open_list(key);
  for (const auto& bucket : series.buckets) json.count({}, bucket.*count);
  json.close_list();
}

void append_change(JsonWriter& json, const core::Site& site, const core::Alarm& alarm) {
  json.open().count("revision", alarm.revision).time("at", alarm.changed_at).text("what", core::name(alarm.change));
  for (const auto& [key, text] : {std::pair{"by", &alarm.changed_by}, std::pair{"note", &alarm.note}}) {
    json.text_or_null(key, *text);
  }
  json.text("level", core::name(alarm.level))
      .text("state", core::name(alarm.state))
      .number("value",
              alarm.subject == core::AlarmSubject::point && alarm.activations > 0 ? alarm.value : core::no_value);
  if (alarm.subject == core::AlarmSubject::point && alarm.activations > 0) {
    json.text("unit",
              core::symbol(alarm.basis == core::Basis::mixture ? core::Unit::one : site.points[alarm.index].unit));
  } else {
    json.null("unit");
  }
  json.close();
}

/// What an alarm or an exposure is told by: where its device has been moved since, the site with the device where it
/// was. It is that of the enterprise that had it, also in its words.
class SiteOfThen {
 public:
  explicit SiteOfThen(const core::Site& now) : now_(now) {}

  /// Good until the next call; so the next one.
  const core::Site& of(const storage::AlarmRow& row) {
    const auto& [alarm, place] = row;
    return of(alarm.subject, alarm.index, place.workplace, place.enterprise);
  }
  const core::Site& of(const storage::PlacedExposure& row) {
    return of(core::AlarmSubject::point, static_cast<std::uint32_t>(core::at(row.figures.point)), row.home.workplace,
              row.home.enterprise);
  }

 private:
  struct Place {
    std::string_view workplace, enterprise;
  };
  const core::Site& of(core::AlarmSubject subject, std::uint32_t index, std::string_view its_workplace,
                       std::string_view enterprise) {
    const Place place{its_workplace, enterprise};
    const auto today = now_.workplace_of(subject, index);
    // A store of the first versions did not say where an alarm was.
    if (!today || place.workplace.empty() || is_at(now_, *today, place)) return now_;
    if (!then_) then_ = now_;
    auto& workplace =
        subject == core::AlarmSubject::point ? then_->points[index].workplace : then_->devices[index].workplace;
    workplace = workplace_of(place);
    return *then_;
  }
  static bool is_at(const core::Site& site, core::WorkplaceIndex workplace, const Place& place) {
    return site.workplaces[core::at(workplace)].id == place.workplace &&
           site.enterprise_of(workplace).id == place.enterprise;
  }
  /// Both may have left the site; then they have no name but their id.
  core::WorkplaceIndex workplace_of(const Place& place) {
    auto& workplaces = then_->workplaces;
    for (std::uint32_t i = 0; i < workplaces.size(); ++i)
      if (is_at(*then_, core::WorkplaceIndex{i}, place)) return core::WorkplaceIndex{i};
    auto& enterprises = then_->enterprises;
    auto owner = std::ranges::find(enterprises, place.enterprise, &core::Enterprise::id);
    if (owner == enterprises.end())
      owner = enterprises.insert(
          owner, {.id = std::string(place.enterprise), .name = std::string(place.enterprise), .area = {}});
    const core::EnterpriseIndex enterprise{static_cast<std::uint32_t>(owner - enterprises.begin())};
    const auto namesake = std::ranges::find(now_.workplaces, place.workplace, &core::Workplace::id);
    auto was = namesake == now_.workplaces.end()
                   ? core::Workplace{.id = std::string(place.workplace), .name = std::string(place.workplace)}
                   : *namesake;
    was.enterprise = enterprise;
    workplaces.push_back(std::move(was));
    return core::WorkplaceIndex{static_cast<std::uint32_t>(workplaces.size() - 1)};
  }

  const core::Site& now_;
  std::optional<core::Site> then_;
};

}  // namespace

void append_exposure_with_place(JsonWriter& json, const core::Site& site, const core::Exposure& exposure) {
  const auto workplace = site.points[core::at(exposure.point)].workplace;
  json.open().text("enterprise", site.enterprise_of(workplace).id);
  json.text("workplace", site.workplaces[core::at(workplace)].id);
  feed::append_exposure(json, site, exposure);
  json.close();
}

std::optional<std::uint64_t> PastPages::alarm_number(std::string_view id) const {
  const auto prefix = site_.gateway_id + "-";
  if (!id.starts_with(prefix)) return std::nullopt;
  id.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size() || number == 0) return std::nullopt;
  return number;
}

std::optional<core::PointIndex> PastPages::point(Eyes eyes, std::string_view id) const {
  const auto found = std::ranges::find(site_.points, id, &core::Point::id);
  if (found == site_.points.end() || !sees(eyes, found->workplace)) return std::nullopt;
  return core::PointIndex{static_cast<std::uint32_t>(found - site_.points.begin())};
}

bool PastPages::knows(Eyes eyes, std::string_view enterprise, std::string_view workplace,
                      std::string_view its_point) const {
  if (!enterprise.empty()) {
    const auto found = std::ranges::find(site_.enterprises, enterprise, &core::Enterprise::id);
    if (found == site_.enterprises.end()) return false;
    if (eyes && core::at(*eyes) != static_cast<std::size_t>(found - site_.enterprises.begin())) return false;
  }
  if (!workplace.empty()) {
    const auto found = std::ranges::find(site_.workplaces, workplace, &core::Workplace::id);
    if (found == site_.workplaces.end() || (eyes && found->enterprise != *eyes)) return false;
  }
  return its_point.empty() || point(eyes, its_point);
}

web::Answer PastPages::alarms(Past& past, Eyes eyes, const web::AlarmsQuery& query) const {
  if (!knows(eyes, query.enterprise, query.workplace, query.point)) return web::not_found();
  const auto page = past.alarms.page({.before = query.before,
                                      .limit = query.limit,
                                      .least = query.level,
                                      .enterprise = enterprise_word(eyes, query.enterprise),
                                      .workplace = query.workplace,
                                      .subject = query.point});
  JsonWriter json;
  json.open().open_list("alarms");
  SiteOfThen site(site_);
  for (const auto& row : page.alarms) json.json({}, alarm_json(site.of(row), row.alarm));
  json.close_list();
  if (page.next) {
    json.text("next", std::to_string(*page.next));
  } else {
    json.null("next");
  }
  json.close();
  return answer(std::move(json));
}

web::Answer PastPages::alarm(Past& past, Eyes eyes, const std::string& id) const {
  const auto number = alarm_number(id);
  if (!number) return web::not_found();
  // An enterprise gets what was stored as its own, wherever the device stands today: the alarm up to the change with
  // which it left, or from the one with which it came.
  const auto [changes, more] = past.alarms.changes_of(*number, enterprise_word(eyes, ""));
  if (changes.empty()) return web::not_found();
  SiteOfThen site(site_);
  JsonWriter json;
  json.open().json("alarm", alarm_json(site.of(changes.back()), changes.back().alarm)).open_list("history");
  for (const auto& change : changes) append_change(json, site_, change.alarm);
  json.close_list().yes_no("more", more).close();
  return answer(std::move(json));
}

/// What was measured while the point was another enterprise's is not for these eyes.
void PastPages::forget_others(Past& past, core::EnterpriseIndex eyes, core::PointIndex point, core::Timestamp from,
                              storage::Series& series) const {
  const storage::Moves moves(past.database, site_);
  const auto& own = site_.enterprises.at(core::at(eyes)).id;
  for (auto& bucket : series.buckets) {
    if (!moves.was_of(point, own, from, from + series.width)) bucket = {};
    from += series.width;
  }
}

web::Answer PastPages::readings(Past& past, Eyes eyes, const web::ReadingsQuery& query) const {
  const auto index = point(eyes, query.point);
  if (!index) return web::not_found();
  auto series = past.history.buckets(query.point, query.from, query.to, query.resolution);
  if (!series) {  // nothing of it was ever stored
    series = storage::Series{.unit = std::string(core::symbol(site_.points[core::at(*index)].unit)),
                             .width = (query.to - query.from) / static_cast<std::int64_t>(query.resolution),
                             .buckets = {}};
    series->buckets.resize(query.resolution);
  }
  if (eyes) forget_others(past, *eyes, *index, query.from, *series);
  if (query.csv) return csv(*series, query);
  JsonWriter json;
  json.open().text("point", query.point).text("unit", series->unit).time("from", query.from).time("to", query.to);
  json.number("width_s", core::in_seconds(series->width));
  json.yes_no("energy_mean", core::is_level(site_.points[core::at(*index)].unit));
  append_column(json, "least", *series, &storage::RollUp::least);
  append_column(json, "mean", *series, &storage::RollUp::mean);
  append_column(json, "greatest", *series, &storage::RollUp::greatest);
  append_counts(json, "counted", *series, &storage::RollUp::counted);
  append_counts(json, "others", *series, &storage::RollUp::others);
  json.open_list("worst");
  for (const auto& bucket : series->buckets) {
    const char flag = static_cast<char>(bucket.worst);
    json.text({}, bucket.counted + bucket.others > 0 ? std::string_view(&flag, 1) : std::string_view());
  }
  json.close_list().close();
  return answer(std::move(json));
}

std::int32_t PastPages::local_day(core::Timestamp at) const {
  const auto local = at + (site_.utc_offset ? site_.utc_offset(at) : std::chrono::seconds(0));
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(local).time_since_epoch().count());
}

web::Answer PastPages::exposures(Past& past, Eyes eyes, const web::ExposuresQuery& query, core::Timestamp now) const {
  if (!knows(eyes, query.enterprise, query.workplace, query.point)) return web::not_found();
  const auto last = query.to.value_or(query.from ? *query.from : local_day(now));
  const auto first = query.from.value_or(last - 1);
  if (first > last || last - first >= most_days)
    return web::bad_input(fmt::format("from 不应晚于 to，且一次最多 {} 天", most_days),
                          fmt::format("from must not be after to, and at most {} days at a time", most_days));
  const auto page = past.exposures.newest({.first_day = first,
                                           .last_day = last,
                                           .limit = most_exposures,
                                           .enterprise = enterprise_word(eyes, query.enterprise),
                                           .workplace = query.workplace,
                                           .point = query.point});
  JsonWriter json;
  json.open().open_list("exposures");
  SiteOfThen site(site_);
  for (const auto& row : page.exposures) append_exposure_with_place(json, site.of(row), row.figures);
  json.close_list().yes_no("more", page.more).close();
  return answer(std::move(json));
}

web::Answer PastPages::gaps(Past& past, Eyes eyes, const web::GapsQuery& query, core::Timestamp now) const {
  if (!knows(eyes, "", query.workplace, "")) return web::not_found();
  const auto to = query.to.value_or(now), from = query.from.value_or(to - std::chrono::days(7));
  if (from > to) return web::bad_input("from 不应晚于 to", "from must not be after to");
  JsonWriter json;
  json.open().open_list("gaps");
  const auto page = past.gaps.between({.from = from,
                                       .to = to,
                                       .limit = most_gaps,
                                       .enterprise = enterprise_word(eyes, ""),
                                       .workplace = query.workplace});
  for (const auto& [gap, enterprise] : page.gaps) {
    json.open().text_or_null("enterprise", enterprise);
    json.text_or_null("workplace", gap.workplace ? site_.workplaces[core::at(*gap.workplace)].id : std::string_view());
    const auto device = gap.device ? site_.devices[core::at(*gap.device)].id : gap.left;
    json.text_or_null("device", device);
    const auto text = feed::gap_text(site_, gap);
    json.text("reason", core::name(gap.reason)).text("kind", core::name(gap.kind));
    json.time("from", gap.from).time("to", gap.to);
    json.open("text").text("zh", text.zh).text("en", text.en).close().close();
  }
  json.close_list().yes_no("more", page.more).close();
  return answer(std::move(json));
}

web::Answer PastPages::ledger(Past& past, Eyes eyes, const std::string& key_id) const {
  const auto only = enterprise_word(eyes, "");
  JsonWriter json;
  json.open().open_list("chains");
  for (const auto& end : past.ledger.ends()) {
    if (!only.empty() && end.enterprise != only) continue;
    json.open().text("enterprise", end.enterprise).text("gateway", site_.gateway_id).count("records", end.seq);
    json.time("at", end.at).text("hash", end.hash).json("head", end.head.empty() ? "null" : end.head).close();
  }
  json.close_list().text("key_id", key_id).close();
  return answer(std::move(json));
}

}  // namespace hazgate::app
