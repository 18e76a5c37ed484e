#include "app/keeper.hpp"

#include <fmt/chrono.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "storage/checkpoints.hpp"

namespace hazgate::app {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 15s;
constexpr std::size_t chunks_a_step = 40;  // a few hundred pages
constexpr std::int64_t frames_a_step = 2000;
constexpr int points_a_step = 40, exposures_a_step = 200, pages_a_step = 64;
/// So much stays free for the frames to come; giving it back and taking it again would write it twice.
constexpr std::int64_t spare_pages = 4096, spare_part = 10;
constexpr auto least_pause = 10ms;
constexpr auto store_clock_every = 10min;

std::int64_t hour_of(core::Timestamp at) {
  return storage::whole(at.time_since_epoch().count(), storage::micros_an_hour);
}

}  // namespace

Keeper::Keeper(const settings::Settings& settings, Writer& writer, NotStarted)
    : file_(settings.gateway.data_dir / "hazgate.sqlite"), retention_(settings.retention), writer_(writer) {
  for (std::size_t i = 0; i < settings.points.size(); ++i) {
    const auto& rules = settings.points[i];
    if (rules.scale != 1 || rules.offset != 0)
      scales_.emplace(settings.site.points[i].id, storage::Scale{rules.scale, rules.offset});
  }
  for (const auto& device : settings.site.devices) devices_.push_back(device.id);
  std::ranges::sort(devices_);
}

Keeper::Keeper(const settings::Settings& settings, Writer& writer) : Keeper(settings, writer, NotStarted{}) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Keeper::~Keeper() = default;

void Keeper::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "keeper");
  stop_ = stop;
  std::string told;
  auto looked = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    try {
      const auto now = std::chrono::steady_clock::now();
      const auto elapsed = std::chrono::duration_cast<core::Duration>(now - std::exchange(looked, now));
      keep_house(std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now()), elapsed);
      told.clear();
    } catch (const Stopped&) {
      return;
    } catch (const std::exception& e) {
      // The writer says what ails the disk; nothing is lost, and it is tried again.
      if (std::exchange(told, e.what()) != e.what()) spdlog::warn("keeper waits reason=\"{}\"", e.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, look_every, [] { return false; });
  }
}

void Keeper::keep_house(core::Timestamp now, core::Duration elapsed) {
  auto reading = storage::Database::to_read(file_);
  storage::Compactor compactor(reading, [this](std::string_view point) {
    const auto found = scales_.find(std::string(point));
    return found == scales_.end() ? storage::Scale{} : found->second;
  });
  roll_up_and_compact(now, reading, compactor);
  drop_compacted(reading);
  drop_old(reckon_age(now, elapsed, reading), reading);
}

void Keeper::roll_up_and_compact(core::Timestamp now, storage::Database& reading, storage::Compactor& compactor) {
  while (true) {
    const auto most = storage::least_frame(
        reading, "engine", [this](std::string_view device) { return std::ranges::binary_search(devices_, device); });
    // Before the minutes: of a store that was never compacted these would be rolled up in vain.
    if (const auto range = compactor.hour_to_compact(now, most)) {
      compact(*range, compactor);
    } else if (const auto minute = compactor.minute_to_roll_up(now)) {
      step([&](storage::Database& store) { storage::store(store, *minute); });
    } else {
      return;
    }
  }
}

void Keeper::compact(const storage::FrameRange& range, storage::Compactor& compactor) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<storage::Stretch> waiting;
  std::size_t chunks = 0, bytes = 0, stretches = 0;
  const auto store_waiting = [&] {
    if (waiting.empty()) return;
    step([&](storage::Database& store) {
      for (const auto& stretch : waiting) storage::store(store, stretch);
    });
    waiting.clear();
    chunks = 0;
  };
  steps([](storage::Database& store) { return storage::drop_unfinished(store); });
  compactor.compact(
      range,
      [&](storage::Stretch stretch) {
        if (stop_.stop_requested()) throw Stopped{};
        if (chunks + stretch.points.size() > chunks_a_step) store_waiting();
        chunks += stretch.points.size();
        bytes += stretch.bytes();
        ++stretches;
        waiting.push_back(std::move(stretch));
      },
      [&](const storage::UnreadableFrame& frame) {
        step([&](storage::Database& store) { storage::store(store, frame); });
      });
  store_waiting();
  step([&](storage::Database& store) { storage::finish(store, range); });
  spdlog::info("compacted frames={} stretches={} bytes={} seconds={:.1f} longest_step_ms={:.1f}",
               range.upto - range.after, stretches, bytes,
               std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
               static_cast<double>(longest_step_us_) / 1000);
}

void Keeper::drop_compacted(storage::Database& reading) {
  const auto upto = storage::frames_to_drop(reading);
  steps([&](storage::Database& store) { return storage::drop_frames(store, upto, frames_a_step); });
  steps([](storage::Database& store) { return storage::drop_recent(store); });
}

core::Timestamp Keeper::reckon_age(core::Timestamp now, core::Duration elapsed, storage::Database& reading) {
  if (!clock_) {
    const auto kept = storage::retention_clock(reading);
    clock_ = kept ? RetentionClock{kept->at, kept->ran} : RetentionClock{now};
    clock_stored_ = kept ? kept->at : core::Timestamp{};
  }
  const auto as_of = clock_->follow(now, elapsed);
  if (clock_->at >= clock_stored_ + store_clock_every || clock_->at < clock_stored_) {
    step([&](storage::Database& store) { storage::store(store, storage::KeptClock{clock_->at, clock_->ran}); });
    clock_stored_ = clock_->at;
  }
  return as_of;
}

void Keeper::drop_old(core::Timestamp now, storage::Database& reading) {
  const auto hour = hour_of(now - retention_.readings);
  if (storage::has_readings_before(reading, hour)) {
    steps([&](storage::Database& store) { return storage::drop_readings(store, hour, chunks_a_step); });
    spdlog::info("retention dropped=readings before={:%Y-%m-%dT%H:00Z}",
                 fmt::gmtime(std::chrono::sys_seconds(std::chrono::hours(hour))));
  }
  if (now - last_daily_ >= 24h || now < last_daily_) {
    const auto since = now - retention_.exposure;
    std::optional<storage::PointOfLayout> at = storage::PointOfLayout{};
    while (at)
      step([&](storage::Database& store) { at = storage::drop_hours(store, hour_of(since), *at, points_a_step); });
    steps([&](storage::Database& store) { return storage::drop_exposures(store, since, exposures_a_step); });
    last_daily_ = now;
  }
  if (storage::free_pages(reading, spare_pages, spare_part) > 0)
    steps([&](storage::Database& store) {
      return storage::drop_free_pages(store, storage::free_pages(store, spare_pages, spare_part), pages_a_step);
    });
}

void Keeper::step(const std::function<void(storage::Database&)>& work) {
  if (stop_.stop_requested()) throw Stopped{};
  const auto took = writer_.keep_house(work);
  longest_step_us_ = std::max<std::int64_t>(longest_step_us_, took.count());
  if (!stop_.stop_possible()) return;  // not started: nobody else waits for the writer
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop_, std::max<std::chrono::microseconds>(2 * took, least_pause), [] { return false; });
}

void Keeper::steps(const std::function<bool(storage::Database&)>& work) {
  for (bool more = true; more;) step([&](storage::Database& store) { more = work(store); });
}

}  // namespace hazgate::app
