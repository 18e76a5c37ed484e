// A gateway that lives through a shift: two instruments, some polls that fail, alarms and records.
#pragma once

#include <random>

#include "app/ingest.hpp"
#include "app/resume.hpp"
#include "app/writer.hpp"

namespace hazgate::app {

inline constexpr const char* life_config = R"(
[gateway]
id = "gw"
site = "park"
[[shift]]
id = "day"
start = "08:00"
hours = 2
[[workplace]]
id = "hall"
[[bus]]
id = "b"
transport = "tcp"
host = "127.0.0.1"
[[device]]
id = "pid"
bus = "b"
unit = 1
profile = "drager-polytron-8000"
period = "10s"
[[device.point]]
measure = "gas"
unit = "ppm"
agent = "cas:67-66-3"
[[device]]
id = "slm"
bus = "b"
unit = 2
profile = "generic-rs-zs-n01"
period = "10s"
)";

constexpr std::int64_t life_begins = 1'795'391'400;  ///< seconds since 1970

/// One process life of a gateway: polls `from` to `to`, ten seconds apart, from 2026-11-23 07:50 in Shanghai.
inline void live(const settings::Settings& settings, int from, int to) {
  Writer writer(settings);
  Ingest ingest(settings, make_monitor(settings, writer.last_alarm_number()));
  core::Batch batch;
  resume(settings, writer, ingest, core::Timestamp(std::chrono::seconds(life_begins + 10 * from)), batch);
  std::mt19937 random(3);
  for (int i = 0; i < to; ++i) {
    const auto at = core::Timestamp(std::chrono::seconds(life_begins + 10 * i));
    for (std::uint32_t device = 0; device < 2; ++device) {
      const bool fails = random() % 20 == 0;
      const double value = device == 0 ? 2.0 + random() % 30 * (i > 200 ? 4 : 1) : 70.0 + random() % 30;
      if (i < from) continue;
      std::vector<core::Sample> samples(
          settings.site.devices[device].point_count,
          {fails ? core::no_value : value, fails ? core::Flag::link_lost : core::Flag::normal});
      ingest.on_frame(core::DeviceIndex{device}, at, samples, batch);
    }
    if (i < from || batch.empty()) continue;
    ingest.add_checkpoints(at, batch);
    writer.submit(batch, at);
  }
}

}  // namespace hazgate::app
