// A site of two devices and a store in a folder of its own.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "core/batch.hpp"
#include "core/site.hpp"
#include "storage/database.hpp"
#include "support/process.hpp"

namespace hazgate::storage::test {

inline core::Device device(std::string id, std::uint32_t first, std::uint32_t count) {
  return {.id = std::move(id), .first_point = core::PointIndex{first}, .point_count = count};
}
inline core::Point point(std::string id, std::uint32_t of, core::Unit unit) {
  return {.id = std::move(id), .device = core::DeviceIndex{of}, .unit = unit};
}

inline core::Site example_site() {
  core::Site site;
  site.enterprises = {{.id = "acme"}};
  site.workplaces = {{.id = "paint"}};
  site.buses = {{"hall-a"}};
  site.devices = {device("dust-1", 0, 1), device("voc-1", 1, 3)};
  site.points = {point("dust-1.pm10", 0, core::Unit::mg_per_m3), point("voc-1.benzene", 1, core::Unit::ppb),
                 point("voc-1.toluene", 1, core::Unit::ppb), point("voc-1.temperature", 1, core::Unit::degree_celsius)};
  return site;
}

inline core::Timestamp time(std::int64_t microseconds) { return core::Timestamp(core::Duration(microseconds)); }

inline void add_frame(core::Batch& batch, std::uint32_t of, core::Timestamp at, std::vector<core::Sample> samples) {
  batch.frames.push_back({.device = core::DeviceIndex{of},
                          .at = at,
                          .first = static_cast<std::uint32_t>(batch.samples.size()),
                          .count = static_cast<std::uint32_t>(samples.size())});
  batch.samples.insert(batch.samples.end(), samples.begin(), samples.end());
}

struct Folder {
  hazgate::test::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "data" / "hazgate.db";
};

inline std::int64_t ask(Database& database, const std::string& sql) {
  return database.handle().execAndGet(sql).getInt64();
}

}  // namespace hazgate::storage::test
