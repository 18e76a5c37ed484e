// Hours of readings with everything that can happen to them, and what housekeeping makes of them, step by step.
#pragma once

#include <bit>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "example_store.hpp"
#include "storage/history_steps.hpp"
#include "storage/readings.hpp"

namespace hazgate::storage::test {

constexpr std::int64_t second = 1'000'000, hour = 3600 * second;
/// 2026-11-26T08:00:00Z, a whole hour.
constexpr std::int64_t morning = 1'795'680'000 * second;

/// Both devices each ten seconds from `from` to `to`; some polls fail, some are short, one clock goes wrong.
inline void store_hours(Database& database, Readings& readings, std::int64_t from, std::int64_t to) {
  std::mt19937 random(static_cast<unsigned>(from / hour));
  const core::Sample lost{core::no_value, core::Flag::link_lost, core::Doubt::no_answer};
  for (auto at = from; at < to;) {
    Transaction transaction(database);
    core::Batch batch;
    for (int i = 0; i < 60 && at < to; ++i, at += 10 * second) {
      const auto jitter = static_cast<std::int64_t>(random() % 9000);
      const bool odd = random() % 40 == 0;
      const double dust = static_cast<double>(random() % 500) / 100;
      add_frame(batch, 0, time(at + jitter),
                {odd ? lost : core::Sample{dust, dust < 0.1 ? core::Flag::below_loq : core::Flag::normal}});
      if (random() % 5 == 0) batch.frames.back().heartbeat = static_cast<double>(i);
      std::vector<core::Sample> voc(3, lost);
      if (random() % 30 != 0)
        voc = {{0.1 * static_cast<double>(random() % 900), core::Flag::normal},
               {1e3, core::Flag::over_range, core::Doubt::none},
               {std::bit_cast<double>((std::uint64_t{random()} << 32U) | random()), core::Flag::device_fault,
                core::Doubt::rate}};
      if (random() % 25 == 0) voc.resize(random() % 3 + 1);
      add_frame(batch, 1, time(at + jitter + (random() % 200 == 0 ? -2 * hour : 5)), voc);
    }
    readings.append(batch);
    transaction.commit();
  }
}

/// Every frame to the bit, one a line.
inline std::vector<std::string> all_frames(Readings& readings, std::int64_t after = 0) {
  std::vector<std::string> lines;
  readings.for_each_frame_after(after, [&](const StoredFrame& frame) {
    std::string line = std::to_string(frame.id) + " " + std::string(frame.device_id) + " " +
                       std::to_string(frame.at.time_since_epoch().count());
    if (frame.heartbeat) line += " beat " + std::to_string(*frame.heartbeat);
    for (std::size_t i = 0; i < frame.samples.size(); ++i) {
      const auto& s = frame.samples[i];
      line += " " + frame.columns[i].point + frame.columns[i].unit +
              std::to_string(std::bit_cast<std::uint64_t>(s.value)) + static_cast<char>(s.flag) +
              std::to_string(static_cast<int>(s.doubt));
    }
    lines.push_back(std::move(line));
  });
  return lines;
}

inline Scale no_hint(std::string_view) { return {}; }

template <class Step>
auto committed(Database& database, Step step) {
  Transaction transaction(database);
  if constexpr (std::is_void_v<decltype(step())>) {
    step();
    transaction.commit();
  } else {
    auto result = step();
    transaction.commit();
    return result;
  }
}

/// Everything that is due, `after_step` being called after each transaction; it may say that the gateway is killed.
inline void keep_house(
    Database& database, core::Timestamp now, std::int64_t most = INT64_MAX,
    const std::function<bool()>& killed = [] { return false; }) {
  Database reading = Database::to_read(database.handle().getFilename());
  Compactor compactor(reading, no_hint);
  bool dead = false;
  const auto step = [&](auto work) {
    if (dead) return;
    committed(database, work);
    dead = killed();
  };
  while (!dead) {
    if (const auto range = compactor.hour_to_compact(now, most)) {
      step([&] {
        while (drop_unfinished(database)) {
        }
      });
      compactor.compact(
          *range, [&](const Stretch& s) { step([&] { store(database, s); }); },
          [&](const UnreadableFrame& f) { step([&] { store(database, f); }); });
      step([&] { finish(database, *range); });
    } else if (const auto minute = compactor.minute_to_roll_up(now)) {
      step([&] { store(database, *minute); });
    } else {
      break;
    }
  }
  const auto upto = frames_to_drop(reading);
  for (bool more = true; more && !dead;) step([&] { more = drop_frames(database, upto, 100); });
  for (bool more = true; more && !dead;) step([&] { more = drop_recent(database); });
}

}  // namespace hazgate::storage::test
