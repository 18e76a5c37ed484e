#include "app/live_board.hpp"

#include <algorithm>
#include <utility>

#include "core/alarm_life.hpp"
#include "feed/payload.hpp"
#include "feed/reason_text.hpp"

namespace hazgate::app {

using feed::JsonWriter;

namespace {

std::uint64_t milliseconds(core::Timestamp at) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0));
}

/// More urgent: by level, then by whether anybody has answered, then the older one.
bool is_worse(const core::Alarm& a, const core::Alarm& b) {
  if (a.level != b.level) return a.level > b.level;
  if (a.acknowledged != b.acknowledged) return !a.acknowledged;
  return a.detected_at < b.detected_at;
}

/// Silenced by a person or the plant: it is recorded, and no tile shows it as what to run for.
bool is_silenced(const core::Alarm& alarm) { return alarm.shelved_until || alarm.suppressed || alarm.out_of_service; }

bool asks_for_a_person(core::AlarmState state) {
  return state == core::AlarmState::unacknowledged || state == core::AlarmState::returned_unacknowledged ||
         state == core::AlarmState::latched_unacknowledged;
}

}  // namespace

std::string alarm_json(const core::Site& site, const core::Alarm& alarm) {
  JsonWriter json;
  json.open().text("id", feed::alarm_id(site, alarm));
  feed::append_alarm(json, site, alarm);
  json.yes_no("ended", core::ended(alarm)).close();
  return json.take();
}

LiveBoard::LiveBoard(const core::Site& site)
    : site_(site), points_(site.points.size()), devices_(site.devices.size()), seqs_(site.enterprises.size() + 1) {}

void LiveBoard::on_frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples) {
  auto& polled = devices_[core::at(device)];
  polled.at = at;
  if (!std::exchange(polled.changed, true)) changed_devices_.push_back(device);
  const auto first = core::at(site_.devices[core::at(device)].first_point);
  polled.doubt = core::Doubt::none;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& sample = samples[i];
    const core::PointIndex index{static_cast<std::uint32_t>(first + i)};
    if (polled.doubt == core::Doubt::none && sample.doubt != core::Doubt::none) {
      polled.doubt = sample.doubt;
      polled.in_doubt = index;
    }
    auto& point = points_[first + i];
    if (point.known && core::same(point.value, sample.value) && point.flag == sample.flag) continue;
    point.value = sample.value;
    point.flag = sample.flag;
    point.known = true;
    if (!std::exchange(point.changed, true)) changed_points_.push_back(index);
  }
}

void LiveBoard::on_alarm(const core::Alarm& alarm) {
  Told told{alarm, alarm_json(site_, alarm)};
  changed_alarms_.insert_or_assign(alarm.number, told);
  if (core::ended(alarm)) {
    alarms_.erase(alarm.number);
  } else {
    alarms_.insert_or_assign(alarm.number, std::move(told));
  }
}

void LiveBoard::on_exposure(const core::Exposure& exposure) {
  exposures_.insert_or_assign({exposure.point, exposure.shift}, exposure);
}

void LiveBoard::on_status(std::string json) {
  status_ = std::move(json);
  status_changed_ = true;
}

bool LiveBoard::sees(Eyes eyes, const core::Alarm& alarm) const {
  if (!eyes) return true;
  const auto workplace = site_.workplace_of(alarm.subject, alarm.index);
  return workplace && sees(eyes, *workplace);
}

void LiveBoard::begin_frame(JsonWriter& json, std::string_view type, std::size_t seq, core::Timestamp now) const {
  json.open().text("type", type).count("seq", seq).time("at", now);
}

void LiveBoard::append_values(JsonWriter& json, Eyes eyes, bool only_changed) const {
  std::string one;
  json.open_list("values");
  const auto add_point = [&](std::size_t index) {
    const auto& point = points_[index];
    if (!point.known || !sees(eyes, site_.points[index].workplace)) return;
    one = "[";
    feed::append_number(one, static_cast<std::uint64_t>(index));
    one += ',';
    feed::append_number(one, point.value);
    one += ",\"";
    one += static_cast<char>(point.flag);
    one += "\"]";
    json.json({}, one);
  };
  if (only_changed) {
    for (const auto point : changed_points_) add_point(core::at(point));
  } else {
    for (std::size_t i = 0; i < points_.size(); ++i) add_point(i);
  }
  json.close_list().open_list("times");
  const auto add_device = [&](std::size_t index) {
    const auto& device = devices_[index];
    if (device.at == core::Timestamp{} || !sees(eyes, site_.devices[index].workplace)) return;
    one = "[";
    feed::append_number(one, static_cast<std::uint64_t>(index));
    one += ',';
    feed::append_number(one, milliseconds(device.at));
    one += ']';
    json.json({}, one);
  };
  if (only_changed) {
    for (const auto device : changed_devices_) add_device(core::at(device));
  } else {
    for (std::size_t i = 0; i < devices_.size(); ++i) add_device(i);
  }
  json.close_list();
}

std::string LiveBoard::snapshot(Eyes eyes, core::Timestamp now) const {
  JsonWriter json;
  begin_frame(json, "snapshot", seq_of(eyes), now);
  json.text("site", revision_);
  append_values(json, eyes, false);
  json.open_list("alarms");
  for (const auto& [number, told] : alarms_)
    if (sees(eyes, told.alarm)) json.json({}, told.json);
  json.close_list().json("status", eyes ? "null" : status_).close();
  return json.take();
}

std::string LiveBoard::delta(Eyes eyes, core::Timestamp now) {
  JsonWriter json;
  begin_frame(json, "delta", ++seq_of(eyes), now);
  append_values(json, eyes, true);
  json.open_list("alarms");
  for (const auto& [number, told] : changed_alarms_)
    if (sees(eyes, told.alarm)) json.json({}, told.json);
  json.close_list();
  if (status_changed_ && !eyes) json.json("status", status_);
  json.close();
  return json.take();
}

void LiveBoard::take(core::Timestamp now, const std::function<bool(Eyes)>& watched,
                     const std::function<void(Eyes, std::string)>& give) {
  if (watched(std::nullopt)) give(std::nullopt, delta(std::nullopt, now));
  for (std::uint32_t i = 0; i < site_.enterprises.size(); ++i) {
    const Eyes eyes = core::EnterpriseIndex{i};
    if (watched(eyes)) give(eyes, delta(eyes, now));
  }
  for (const auto point : changed_points_) points_[core::at(point)].changed = false;
  for (const auto device : changed_devices_) devices_[core::at(device)].changed = false;
  changed_points_.clear();
  changed_devices_.clear();
  changed_alarms_.clear();
  status_changed_ = false;
}

std::vector<LiveBoard::Tile> LiveBoard::tiles() const {
  std::vector<Tile> tiles(site_.workplaces.size());
  for (std::size_t i = 0; i < points_.size(); ++i) {
    auto& tile = tiles[core::at(site_.points[i].workplace)];
    ++tile.points;
    if (!points_[i].known || is_silent(points_[i].flag)) ++tile.silent;
  }
  for (const auto& [number, told] : alarms_) {
    const auto workplace = site_.workplace_of(told.alarm.subject, told.alarm.index);
    if (!workplace) continue;
    auto& tile = tiles[core::at(*workplace)];
    if (asks_for_a_person(told.alarm.state)) ++tile.unacknowledged;
    if (told.alarm.latched) ++tile.latched;
    if (is_silenced(told.alarm)) {
      ++tile.silenced;
      continue;
    }
    ++tile.by_level[static_cast<std::size_t>(told.alarm.level)];
    if (tile.worst == nullptr || is_worse(told.alarm, *tile.worst)) tile.worst = &told.alarm;
  }
  return tiles;
}

void LiveBoard::append_tile(JsonWriter& json, core::WorkplaceIndex workplace, const Tile& tile) const {
  const auto& place = site_.workplaces[core::at(workplace)];
  json.open().text("id", place.id).text("name", place.name);
  json.text("kind", place.kind == core::WorkplaceKind::ambient ? "ambient" : "workplace");
  json.text("level", core::name(tile.worst == nullptr ? core::Level::none : tile.worst->level));
  json.count("points", tile.points).count("silent", tile.silent).count("unacknowledged", tile.unacknowledged);
  json.count("silenced", tile.silenced).count("latched", tile.latched);
  json.open("alarms");
  for (const auto level : {core::Level::notice, core::Level::warning, core::Level::exceed, core::Level::danger})
    json.count(core::name(level), tile.by_level[static_cast<std::size_t>(level)]);
  json.close();
  if (tile.worst == nullptr) {
    json.null("worst");
  } else {
    json.json("worst", alarms_.at(tile.worst->number).json);
  }
  json.close();
}

std::string LiveBoard::overview(Eyes eyes, core::Timestamp now) const {
  const auto all = tiles();
  JsonWriter json;
  json.open().time("at", now).text("site", site_.site_id).text("gateway", site_.gateway_id).open_list("areas");
  auto areas = site_.areas;
  if (std::ranges::any_of(site_.enterprises, [](const auto& e) { return e.area.empty(); })) areas.emplace_back();
  for (const auto& area : areas) {
    const auto here = [&](std::size_t enterprise) {
      return site_.enterprises[enterprise].area == area.id && (!eyes || core::at(*eyes) == enterprise);
    };
    if (eyes && !here(core::at(*eyes))) continue;
    json.open().text("id", area.id).text("name", area.name).open_list("enterprises");
    for (std::size_t e = 0; e < site_.enterprises.size(); ++e) {
      if (!here(e)) continue;
      json.open().text("id", site_.enterprises[e].id).text("name", site_.enterprises[e].name);
      json.open_list("workplaces");
      for (std::uint32_t w = 0; w < site_.workplaces.size(); ++w)
        if (core::at(site_.workplaces[w].enterprise) == e) append_tile(json, core::WorkplaceIndex{w}, all[w]);
      json.close_list().close();
    }
    json.close_list().close();
  }
  json.close_list().close();
  return json.take();
}

std::optional<core::Reading> LiveBoard::reading(core::PointIndex point) const {
  const auto& newest = points_[core::at(point)];
  if (!newest.known) return std::nullopt;
  return core::Reading{.point = point,
                       .at = devices_[core::at(site_.points[core::at(point)].device)].at,
                       .value = newest.value,
                       .flag = newest.flag};
}

const core::Alarm* LiveBoard::alarm_at(core::PointIndex point) const {
  for (const auto& [number, told] : alarms_)
    if (told.alarm.subject == core::AlarmSubject::point && told.alarm.index == core::at(point)) return &told.alarm;
  return nullptr;
}

void LiveBoard::for_each_alarm(Eyes eyes,
                               const std::function<void(const core::Alarm&, const std::string& json)>& visit) const {
  for (auto told = alarms_.rbegin(); told != alarms_.rend(); ++told)
    if (sees(eyes, told->second.alarm)) visit(told->second.alarm, told->second.json);
}

const core::Alarm* LiveBoard::alarm(std::uint64_t number) const {
  const auto found = alarms_.find(number);
  return found == alarms_.end() ? nullptr : &found->second.alarm;
}

void LiveBoard::for_each_exposure(core::PointIndex point,
                                  const std::function<void(const core::Exposure&)>& visit) const {
  for (auto e = exposures_.lower_bound({point, core::ShiftIndex{0}}); e != exposures_.end() && e->first.first == point;
       ++e)
    visit(e->second);
}

std::optional<core::Timestamp> LiveBoard::last_poll(core::DeviceIndex device) const {
  const auto& polled = devices_[core::at(device)];
  return polled.at == core::Timestamp{} ? std::nullopt : std::optional(polled.at);
}

std::optional<feed::Phrase> LiveBoard::trouble(core::DeviceIndex device) const {
  const auto& polled = devices_[core::at(device)];
  if (polled.doubt == core::Doubt::none) return std::nullopt;
  const bool whole = core::of_whole_device(polled.doubt);
  const auto& point = points_[core::at(polled.in_doubt)];
  return feed::reason_text(site_, {.doubt = polled.doubt,
                                   .point = whole ? std::string_view() : site_.points[core::at(polled.in_doubt)].id,
                                   .other = {},
                                   .value = point.value});
}

}  // namespace hazgate::app
