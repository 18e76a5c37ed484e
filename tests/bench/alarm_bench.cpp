// Alarms: a million events of their life, and a flood of 5,000 points that pass their limit in one second, from the
// readings to an MQTT subscriber, beside the bare publication of as many messages.
//   alarm_bench BROKER_PORT
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <iostream>
#include <random>
#include <thread>

#include "app/ingest.hpp"
#include "app/resume.hpp"
#include "app/writer.hpp"
#include "core/alarm_figures.hpp"
#include "core/alarm_life.hpp"

namespace {

using namespace hazgate;
using std::chrono::seconds;
using std::chrono::steady_clock;

double since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

void million_events() {
  std::mt19937 random(1);
  core::AlarmPolicy policy;
  for (auto& level : policy.levels) level = {.confirm_within = std::chrono::minutes(10)};
  const core::Limit limit{core::LimitKind::mac, 10, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"};
  core::AlarmFigures figures;
  core::Alarm alarm{.number = 1};
  alarm.acknowledged = true;
  core::Timestamp now{std::chrono::hours(1)};
  const auto begin = steady_clock::now();
  for (int i = 0; i < 1'000'000; ++i) {
    now += seconds(20);
    while (core::due(alarm) && *core::due(alarm) <= now) core::on_time(alarm, policy);
    const auto dice = random() % 8;
    if (dice < 5) {
      core::Finding finding{.level = static_cast<core::Level>(dice), .value = 20, .since = now};
      if (dice > 0) finding.limit = &limit;
      core::apply(alarm, finding, now, policy);
    } else {
      core::act(alarm, {.kind = static_cast<core::ActionKind>(random() % 9), .by = "Li", .note = "seen"}, now, policy);
    }
    figures.on_change(alarm);
  }
  fmt::print("1,000,000 events of an alarm, figures included: {:.2f} s (target 2)\n", since(begin));
}

constexpr std::uint32_t devices = 50, points_each = 100;

settings::Settings flooded_site(const std::filesystem::path& data, int port) {
  settings::Settings s;
  s.gateway.id = s.site.gateway_id = "gw";
  s.site.site_id = "park";
  s.gateway.data_dir = data;
  s.site.enterprises = {{.id = "acme"}};
  s.mqtt = settings::MqttSettings{.url = fmt::format("mqtt://127.0.0.1:{}", port)};
  const core::Limit mac{core::LimitKind::mac, 10, core::Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"};
  for (std::uint32_t d = 0; d < devices; ++d) {
    s.site.workplaces.push_back({.id = fmt::format("w{}", d)});
    s.site.buses.push_back({fmt::format("b{}", d)});
    s.buses.push_back({s.site.buses.back().id, {}, {}});
    s.site.devices.push_back({.id = fmt::format("d{}", d),
                              .bus = core::BusIndex{d},
                              .workplace = core::WorkplaceIndex{d},
                              .period = seconds(1),
                              .first_point = core::PointIndex{d * points_each},
                              .point_count = points_each});
    s.devices.emplace_back();
    for (std::uint32_t p = 0; p < points_each; ++p) {
      s.site.points.push_back({.id = fmt::format("d{}.p{}", d, p),
                               .device = core::DeviceIndex{d},
                               .workplace = core::WorkplaceIndex{d},
                               .unit = core::Unit::mg_per_m3});
      s.points.push_back({.levels = {{.level = core::Level::exceed, .raise_above = 10, .clear_at = 9, .limit = mac}}});
    }
  }
  return s;
}

/// Seconds until every message was acknowledged by the broker.
double flood(int port) {
  const auto data = std::filesystem::temp_directory_path() / "hazgate-alarm-bench";
  std::filesystem::remove_all(data);
  std::filesystem::create_directories(data);
  const auto s = flooded_site(data, port);
  app::Writer writer(s);
  app::Ingest ingest(s, app::make_monitor(s, 0));
  feed::MqttFeed feed(
      {.url = s.mqtt->url, .client_id = "flood", .status_topic = "bench/status", .offline_payload = "{}"},
      {.delivered = [&](std::vector<std::int64_t> ids) { writer.delivered(std::move(ids)); }});
  writer.attach(feed);
  while (!feed.online()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  core::AlarmFigures figures;
  std::vector<double> values(points_each, 20.0);
  core::Batch batch;
  const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  const auto begin = steady_clock::now();
  for (std::uint32_t d = 0; d < devices; ++d) {
    ingest.on_outcome({.device = d, .values = values}, now, batch);
    for (const auto& alarm : batch.alarms) figures.on_change(alarm);
    writer.submit(batch, now);
  }
  while (!writer.drained()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto taken = since(begin);
  const auto report = figures.report(now);
  fmt::print(
      "a flood of {} alarms, from readings to PUBACK, committed: {:.2f} s (target 2); {} annunciated in this "
      "window, flood {}\n",
      report.open, taken, report.this_window, report.in_flood_since ? "yes" : "not yet known");
  writer.detach();
  return taken;
}

double bare(int port) {
  std::atomic<std::size_t> acknowledged{0};
  feed::MqttFeed feed({.url = fmt::format("mqtt://127.0.0.1:{}", port),
                       .client_id = "bare",
                       .status_topic = "bench/status",
                       .offline_payload = "{}"},
                      {.delivered = [&](const std::vector<std::int64_t>& ids) { acknowledged += ids.size(); }});
  while (!feed.online()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto begin = steady_clock::now();
  std::vector<feed::Message> messages;
  for (std::int64_t i = 1; i <= devices * points_each; ++i)
    messages.push_back({.id = i,
                        .urgent = true,
                        .retain = true,
                        .topic = fmt::format("bench/{}", i),
                        .payload = std::string(1800, 'x')});
  feed.offer(std::move(messages));
  while (acknowledged < devices * points_each) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return since(begin);
}

}  // namespace

int main(int argc, char** argv) {
  million_events();
  if (argc < 2) return 0;
  const int port = std::stoi(argv[1]);
  const auto least = bare(port), taken = flood(port);
  fmt::print("as many messages of 1.8 KB without anything else: {:.2f} s; the flood takes {:.1f} times that\n", least,
             taken / least);
}
