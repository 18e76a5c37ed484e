// A broker that was away for days, in virtual time: fills a store through the gateway's own writer as if every device
// of the configuration had been polled once a second for so many hours until now, and nobody had taken a message.
//   campaign_outage CONFIG HOURS
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "app/writer.hpp"
#include "settings/load.hpp"

namespace {

using namespace hazgate;
using std::chrono::seconds;

/// A value tells which second of the outage it is of, and which point.
double value_of(std::int64_t second, std::uint32_t point) {
  return static_cast<double>(second % 60000) + point / 1000.0;
}

std::uint64_t poll_all(const core::Site& site, std::int64_t second, core::Timestamp now, core::Batch& batch) {
  for (std::uint32_t d = 0; d < site.devices.size(); ++d) {
    const auto& device = site.devices[d];
    const auto first = static_cast<std::uint32_t>(batch.samples.size());
    for (std::uint32_t p = 0; p < device.point_count; ++p)
      batch.samples.push_back(
          {.value = value_of(second, static_cast<std::uint32_t>(core::at(device.first_point)) + p)});
    batch.frames.push_back({.device = core::DeviceIndex{d}, .at = now, .first = first, .count = device.point_count});
  }
  return batch.samples.size();
}

int fill(const std::string& config, long hours) {
  auto settings = settings::load(config);
  if (settings.has_error()) {
    std::cerr << "campaign_outage: " << config << " has mistakes; hazgate check --config tells them\n";
    return 2;
  }
  const auto end = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  auto now = end - std::chrono::hours(hours);
  app::Writer writer(*settings);
  writer.begin_run(now);
  std::uint64_t readings = 0;
  core::Batch batch;
  for (std::int64_t second = 0; now < end; ++second, now += seconds(1)) {
    readings += poll_all(settings->site, second, now, batch);
    writer.submit(batch, now);
    while (writer.waiting() > 20'000) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  while (!writer.committed()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto health = writer.health();
  std::cout << fmt::format("readings={}\nowed={}\nthinned={}\nlost={}\n", readings, health.outbox_rows, health.thinned,
                           health.lost);
  return health.lost == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: campaign_outage CONFIG HOURS\n";
    return 2;
  }
  return fill(argv[1], std::stol(argv[2]));
}
