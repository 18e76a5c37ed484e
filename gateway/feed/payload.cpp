#include "feed/payload.hpp"

#include <algorithm>
#include <array>

#include "feed/json_text.hpp"

namespace hazgate::feed {

namespace {

/// One level of a topic. A configured id must not climb into another tenant's branch or act as a wildcard.
void append_level(std::string& out, std::string_view id) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string clean;
  append_utf8(clean, id);
  out += '/';
  if (clean.empty()) out += '_';
  for (char c : clean) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '/' || c == '+' || c == '#' || c == '%') {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
}

std::string root(const core::Site& site) {
  std::string topic = "hazgate/1";
  append_level(topic, site.site_id);
  return topic;
}

std::string enterprise_root(const core::Site& site, core::WorkplaceIndex workplace) {
  std::string topic = root(site);
  append_level(topic, site.enterprise_of(workplace).id);
  return topic;
}

void put_digits(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

void append_bus(JsonWriter& json, const BusStatus& bus) {
  json.open().text("id", bus.id).yes_no("open", bus.open).text("trouble", bus.trouble);
  json.count("polls", bus.polls).count("failed", bus.failed).count("skipped", bus.skipped);
  json.count("reopened", bus.reopened).close();
}

}  // namespace

std::string workplace_topic(const core::Site& site, core::WorkplaceIndex workplace, std::string_view what) {
  std::string topic = enterprise_root(site, workplace);
  append_level(topic, site.workplaces[core::at(workplace)].id);
  append_level(topic, what);
  return topic;
}

std::string enterprise_topic(const core::Site& site, std::string_view enterprise, std::string_view what) {
  std::string topic = root(site);
  append_level(topic, enterprise);
  append_level(topic, what);
  return topic;
}

std::string readings_topic(const core::Site& site, core::WorkplaceIndex workplace) {
  return workplace_topic(site, workplace, "readings");
}

namespace {
std::string gateway_root(const core::Site& site) {
  std::string topic = root(site) + "/gateway";
  append_level(topic, site.gateway_id);
  return topic;
}

std::string alarm_root(const core::Site& site, const core::Alarm& alarm) {
  const auto workplace = site.workplace_of(alarm.subject, alarm.index);
  if (!workplace) return gateway_root(site);
  std::string topic = enterprise_root(site, *workplace);
  append_level(topic, site.workplaces[core::at(*workplace)].id);
  return topic;
}
}  // namespace

std::string alarm_topic(const core::Site& site, const core::Alarm& alarm) {
  std::string topic = alarm_root(site, alarm) + "/alarm";
  append_level(topic, alarm_id(site, alarm));
  return topic;
}

std::string alarm_topic(const core::Site& site, std::string_view enterprise, std::string_view workplace,
                        std::uint64_t number) {
  std::string topic = gateway_root(site);
  if (!workplace.empty()) {
    topic = root(site);
    append_level(topic, enterprise);
    append_level(topic, workplace);
  }
  topic += "/alarm";
  append_level(topic, alarm_id(site, {.number = number}));
  return topic;
}

std::string alarm_stream(const core::Site& site, const core::Alarm& alarm) {
  const auto workplace = site.workplace_of(alarm.subject, alarm.index);
  return (workplace ? enterprise_root(site, *workplace) : gateway_root(site)) + "/alarm";
}

std::string escalation_topic(const core::Site& site, const core::Alarm& alarm, std::string_view group) {
  std::string topic = alarm_root(site, alarm) + "/escalation";
  append_level(topic, group);
  return topic;
}

std::string status_topic(const core::Site& site) { return gateway_root(site) + "/status"; }

std::string request_topic(const core::Site& site) { return gateway_root(site) + "/request"; }

std::string response_prefix(const core::Site& site) { return gateway_root(site) + "/response/"; }

std::string every_enterprise_topic(const core::Site& site, std::string_view what) {
  std::string topic = root(site) + "/+";
  append_level(topic, what);
  return topic;
}

std::string every_response_topic(const core::Site& site, std::string_view who) {
  std::string topic = root(site) + "/gateway/+/response";
  append_level(topic, who);
  return topic;
}

void append_time(std::string& out, core::Timestamp t) {
  auto day = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day date(day);
  auto in_day = std::chrono::floor<std::chrono::milliseconds>(t - day).count();
  std::array<char, 24> text{"0000-00-00T00:00:00.000"};
  put_digits(&text[0], static_cast<unsigned>(std::clamp(int(date.year()), 0, 9999)), 4);
  put_digits(&text[5], unsigned(date.month()), 2);
  put_digits(&text[8], unsigned(date.day()), 2);
  put_digits(&text[11], static_cast<unsigned>(in_day / 3'600'000), 2);
  put_digits(&text[14], static_cast<unsigned>(in_day / 60'000 % 60), 2);
  put_digits(&text[17], static_cast<unsigned>(in_day / 1000 % 60), 2);
  put_digits(&text[20], static_cast<unsigned>(in_day % 1000), 3);
  text[23] = 'Z';
  out.append(text.data(), text.size());
}

namespace {
std::string text_before_value(std::string_view point) {
  std::string text = R"({"point":)";
  append_quoted(text, point);
  return text + R"(,"t":")";
}

std::string text_after_value(std::string_view unit) {
  std::string text = R"(,"unit":)";
  append_quoted(text, unit);
  return text + R"(,"flag":")";
}

void append_reading(std::string& out, std::string_view before_value, std::string_view after_value, core::Timestamp at,
                    const core::Sample& sample) {
  if (out.back() == '}') out += ',';
  out += before_value;
  append_time(out, at);
  out += R"(","value":)";
  append_number(out, sample.value);
  out += after_value;
  out += static_cast<char>(sample.flag);
  out += "\"}";
}
}  // namespace

ReadingsEncoder::ReadingsEncoder(const core::Site& site) {
  for (const auto& point : site.points) {
    before_values_ += text_before_value(point.id);
    before_ends_.push_back(static_cast<std::uint32_t>(before_values_.size()));
    const std::string after = text_after_value(core::symbol(point.unit));
    auto found = std::ranges::find(after_value_, after);
    if (found == after_value_.end()) found = after_value_.insert(found, after);
    unit_.push_back(static_cast<std::uint8_t>(found - after_value_.begin()));
  }
  before_values_.shrink_to_fit();
}

void ReadingsEncoder::begin(std::string& out, std::string_view gateway, std::uint64_t seq, core::Timestamp sent_at) {
  out += R"({"v":1,"gateway":)";
  append_quoted(out, gateway);
  out += R"(,"seq":)";
  append_number(out, seq);
  out += R"(,"sent_at":")";
  append_time(out, sent_at);
  out += R"(","readings":[)";
}

void ReadingsEncoder::add(std::string& out, const core::Reading& reading) const {
  const auto place = core::at(reading.point);
  const auto begin = place == 0 ? 0 : before_ends_[place - 1];
  const auto before = std::string_view(before_values_).substr(begin, before_ends_[place] - begin);
  append_reading(out, before, after_value_[unit_[place]], reading.at, {reading.value, reading.flag});
}

void ReadingsEncoder::add(std::string& out, std::string_view point, std::string_view unit, core::Timestamp at,
                          const core::Sample& sample) {
  append_reading(out, text_before_value(point), text_after_value(unit), at, sample);
}

void ReadingsEncoder::end(std::string& out, const Holes& holes) {
  out += ']';
  if (!holes.thinned.empty()) {
    out += R"(,"thinned":{"reason":)";
    append_quoted(out, holes.thinned);
    out += R"(,"resolution_s":60})";
  }
  if (holes.unreadable > 0) {
    out += R"(,"unreadable_polls":)";
    append_number(out, static_cast<std::uint64_t>(holes.unreadable));
  }
  out += '}';
}

namespace {
void append_times(JsonWriter& json, std::string_view key, const core::TimesTaken& times) {
  json.open(key).count("count", times.count);
  json.number("median_s", times.count == 0 ? core::no_value : core::in_seconds(times.median));
  json.number("p95_s", times.count == 0 ? core::no_value : core::in_seconds(times.p95)).close();
}

void append_flood(JsonWriter& json, std::string_view key, const core::FloodFigures& flood) {
  json.open(key).count("number", flood.number).number("duration_s", core::in_seconds(flood.duration));
  json.number("share", flood.share).close();
}

void append_standing(JsonWriter& json, const core::Site& site, const core::AlarmReport& report) {
  if (!report.longest_standing) {
    json.null("longest_standing");
    return;
  }
  json.open("longest_standing").text("id", alarm_id(site, {.number = report.longest_standing->number}));
  json.time("since", report.longest_standing->since).close();
}

void append_report(JsonWriter& json, const core::Site& site, const core::AlarmReport& r) {
  json.open("alarms").count("open", r.open).count("unacknowledged", r.unacknowledged).count("shelved", r.shelved);
  json.count("suppressed", r.suppressed).count("out_of_service", r.out_of_service).count("stale", r.stale);
  append_standing(json, site, r);
  json.count("annunciated_10min", r.this_window).count("annunciated_last_10min", r.last_window);
  json.count("annunciated_hour", r.hour).count("annunciated_day", r.day);
  json.number("mean_10min", r.mean_per_window).count("peak_10min", r.peak).time("peak_from", r.peak_from);
  json.open("by_level");
  for (const auto level : {core::Level::notice, core::Level::warning, core::Level::exceed, core::Level::danger})
    json.count(core::name(level), r.by_level[static_cast<std::size_t>(level)]);
  json.close().count("activations_day", r.activations).count("chattering", r.chattering);
  json.time("in_flood_since", r.in_flood_since);
  append_flood(json, "flood_day", r.flood_day);
  append_flood(json, "flood_month", r.flood_month);
  append_times(json, "to_acknowledge", r.to_acknowledge);
  append_times(json, "to_return", r.to_return);
  append_times(json, "to_dispose", r.to_dispose);
  json.count("warn_missed", r.warn_missed)
      .count("confirm_missed", r.confirm_missed)
      .count("dispose_missed", r.dispose_missed)
      .close();
}
}  // namespace

void append_status(JsonWriter& json, const core::Site& site, const Status& status) {
  json.time("at", status.at).text("version", status.version).number("uptime_s", status.uptime_s);
  json.open_list("buses");
  for (const auto& bus : status.buses) append_bus(json, bus);
  json.close_list().open_list("devices");
  for (const auto& device : status.devices) {
    json.open().text("id", device.id).yes_no("answering", device.answering).close();
  }
  json.close_list();
  json.open("outbox").count("rows", status.outbox_rows).count("bytes", status.outbox_bytes).close();
  json.text("store", status.store).text("clock", status.clock);
  append_report(json, site, status.alarms);
  json.number("worst_lateness_ms", status.worst_lateness_ms);
}

std::string status_message(const core::Site& site, const Status& status) {
  JsonWriter json;
  json.open().count("v", 1).text("gateway", site.gateway_id).yes_no("online", true);
  append_status(json, site, status);
  json.close();
  return json.take();
}

std::string offline_message(const core::Site& site) {
  JsonWriter json;
  json.open().count("v", 1).text("gateway", site.gateway_id).yes_no("online", false).close();
  return json.take();
}

}  // namespace hazgate::feed
