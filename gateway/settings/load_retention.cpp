// [retention].
#include "settings/loading.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;

void load_retention(TomlReader& root, Loading& loading) {
  auto reader = root.table("retention");
  if (!reader) return;
  RetentionSettings& retention = loading.settings.retention;
  const Range<milliseconds> range{24h, 100 * 365 * 24h};
  retention.readings = reader->duration("readings", range).value_or(retention.readings);
  retention.exposure = reader->duration("exposure", range).value_or(retention.exposure);
  if (retention.exposure < retention.readings)
    reader->problem("exposure", "is shorter than readings: records of shifts are kept at least as long as these");
  reader->finish();
}

}  // namespace hazgate::settings
