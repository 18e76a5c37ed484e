// Which instruments give nothing that counts, since when, and why. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/gap.hpp"
#include "core/reading.hpp"

namespace hazgate::core {

class GapWatch {
 public:
  explicit GapWatch(std::size_t devices) : devices_(devices) {}

  /// Each poll. A reading covers the time since the one before, at most 3 periods: what is longer is a gap, from the
  /// last reading that counts (N, S, L, T) on. Its reason is that of the poll that made it one; another reason later is
  /// another gap. One that is known only when it is over is told as a whole.
  void on_frame(DeviceIndex device, WorkplaceIndex workplace, Duration period, Timestamp at,
                std::span<const Sample> samples, std::vector<Gap>& out);
  /// Whenever the gateway looks around, at least once a second and before each frame: it has not stood still.
  void on_time(Timestamp now);
  /// The store takes no more, and no device is asked.
  void hold_back(Timestamp now) { held_back_ = now; }
  /// The clock stepped, which is a gap of its own: what came before it counts from where the clock stands now.
  void on_step(Duration step);
  /// After a restart, whose gap is told as a whole: nothing is missing before the first poll to come.
  void begin_run();
  /// After begin_run(): this one was told, and not that it is over.
  void restore(DeviceIndex device, GapReason reason, Timestamp from);

 private:
  struct Watched {
    Timestamp counted{};  ///< the last reading that counts; of a new device its first poll
    Timestamp since{};    ///< of the gap that is told
    GapReason reason{};
    bool told = false;
    std::optional<GapReason> failed = {};  ///< of the newest poll since `counted` that brought nothing
  };
  Gap unasked(const Watched& device) const;
  std::vector<Watched> devices_;
  Timestamp looked_{};       ///< around, the last time
  Timestamp stood_still_{};  ///< until then, the last time
  Timestamp held_back_{};
};

}  // namespace hazgate::core
