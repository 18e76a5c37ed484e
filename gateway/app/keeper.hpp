// The keeper: readings that last. It rolls up each minute and compacts each hour that has ended, lets go what is older
// than the site keeps, and gives room back, all beside the running gateway: it reads and encodes on a thread and
// connection of its own, and asks the writer for steps of a few milliseconds between its commits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "app/retention_clock.hpp"
#include "app/writer.hpp"
#include "settings/settings.hpp"
#include "storage/compaction.hpp"
#include "storage/history_steps.hpp"

namespace hazgate::app {

class Keeper {
 public:
  /// Begins at once. `writer` outlives this; `settings` still has its points.
  Keeper(const settings::Settings& settings, Writer& writer);
  ~Keeper();  ///< waits for the step under way, not for the hour

  /// Everything that is due at `now`, on the caller's thread; for tests and benchmarks, of a keeper that is not
  /// started. `elapsed`: since the last time.
  void keep_house(core::Timestamp now, core::Duration elapsed);
  /// Longest that the writer was held so far.
  std::chrono::microseconds longest_step() const { return std::chrono::microseconds(longest_step_us_); }

  struct NotStarted {};
  Keeper(const settings::Settings& settings, Writer& writer, NotStarted);

 private:
  struct Stopped {};
  void run(const std::stop_token& stop);
  void roll_up_and_compact(core::Timestamp now, storage::Database& reading, storage::Compactor& compactor);
  void compact(const storage::FrameRange& range, storage::Compactor& compactor);
  void drop_compacted(storage::Database& reading);
  core::Timestamp reckon_age(core::Timestamp now, core::Duration elapsed, storage::Database& reading);
  void drop_old(core::Timestamp now, storage::Database& reading);
  /// In a transaction between the writer's commits; then it has twice as long for itself.
  void step(const std::function<void(storage::Database&)>& work);
  void steps(const std::function<bool(storage::Database&)>& work);  ///< until it says that there is no more

  std::filesystem::path file_;
  settings::RetentionSettings retention_;
  Writer& writer_;
  std::unordered_map<std::string, storage::Scale> scales_;  ///< by point
  std::vector<std::string> devices_;
  std::optional<RetentionClock> clock_;  ///< read with the first look
  core::Timestamp clock_stored_{}, last_daily_{};
  std::atomic<std::int64_t> longest_step_us_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::stop_token stop_;
  std::jthread thread_;
};

}  // namespace hazgate::app
