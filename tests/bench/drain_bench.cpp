// Promise: a backlog leaves the outbox at half the rate, at least, at which bare Paho publishes the same messages to
// the same broker in the same run: committed, published, acknowledged, deleted. drain_bench [folder] [messages]: the
// folder decides which disk is measured.
#include <filesystem>
#include <thread>

#include "app/writer.hpp"
#include "feed/payload.hpp"
#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace {
using namespace hazgate;
namespace fs = std::filesystem;

constexpr std::uint32_t devices = 5, values_a_frame = 10, runs = 3;  // 50 readings a message
const core::Timestamp start{std::chrono::days(20000)};

settings::Settings settings_of(const fs::path& folder, const std::string& url) {
  settings::Settings s;
  s.gateway.id = s.site.gateway_id = "gw-01";
  s.gateway.data_dir = folder;
  s.site.site_id = "park";
  s.site.enterprises = {{.id = "acme"}};
  s.site.workplaces = {{.id = "paint-shop"}};
  s.site.buses = {{"bus"}};
  for (std::uint32_t d = 0; d < devices; ++d) {
    const auto id = fmt::format("voc-{}", d);
    s.site.devices.push_back(
        {.id = id, .first_point = core::PointIndex{d * values_a_frame}, .point_count = values_a_frame});
    for (std::uint32_t p = 0; p < values_a_frame; ++p)
      s.site.points.push_back(
          {.id = fmt::format("{}.m{}", id, p), .device = core::DeviceIndex{d}, .unit = core::Unit::mg_per_m3});
  }
  s.points.resize(s.site.points.size());
  s.devices.resize(devices);
  s.mqtt.emplace().url = url;
  return s;
}

void fill(app::Writer& writer, std::uint64_t messages) {
  for (std::uint64_t second = 0; second < messages; ++second) {
    core::Batch batch;
    const auto now = start + std::chrono::seconds(second);
    for (std::uint32_t d = 0; d < devices; ++d) {
      batch.frames.push_back(
          {.device = core::DeviceIndex{d}, .at = now, .first = d * values_a_frame, .count = values_a_frame});
      for (std::uint32_t p = 0; p < values_a_frame; ++p) batch.samples.push_back({.value = 0.01 * (second % 1000 + p)});
    }
    writer.submit(batch, now);
    while (writer.waiting() > 20'000) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  while (!writer.committed()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Messages a second, from the connection to the last row deleted.
double drain(const fs::path& folder, const std::string& url, std::uint64_t messages) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto settings = settings_of(folder, url);
  app::Writer writer(settings);
  fill(writer, messages);
  feed::MqttFeed feed({.url = url, .client_id = "drain"},
                      {.delivered = [&](std::vector<std::int64_t> ids) { writer.delivered(std::move(ids)); },
                       .connection = {},
                       .request = {},
                       .followed = {}});
  const auto owed = writer.health().outbox_rows;
  const auto cost = bench::measure([&] {
    writer.attach(feed);
    while (!writer.drained()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  writer.detach();
  return static_cast<double>(owed) / cost.wall;
}

double bare(std::uint16_t port, std::uint64_t messages) {
  bench::MqttClient client(port, "bare");
  const std::string payload(4300, 'x');  // as long as a message of 50 readings
  const auto cost = bench::measure([&] {
    for (std::uint64_t i = 0; i < messages; ++i) client.publish("hazgate/1/park/acme/paint-shop/readings", payload);
  });
  return static_cast<double>(messages) / cost.wall;
}

int body(int argc, char** argv) {
  const fs::path folder = fs::path(argc > 1 ? argv[1] : fs::temp_directory_path().string()) / "drain";
  const std::uint64_t messages = argc > 2 ? std::stoull(argv[2]) : 20'000;
  test::Mosquitto broker;
  broker.start();
  bench::Table table("drain_bench");
  bench::Series ours{"outbox drained, 50 readings a message", "1/s"}, raw{"bare Paho, as long messages", "1/s"};
  for (std::uint32_t i = 0; i < runs; ++i) {
    ours.figures.push_back(drain(folder, broker.url(), messages));
    raw.figures.push_back(bare(broker.port(), messages));
  }
  table.promise(ours, raw, {bench::Target::Of::ratio, bench::Target::Bound::at_least, 0.5});
  fs::remove_all(folder);
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::guarded([&] { return body(argc, argv); });
}
