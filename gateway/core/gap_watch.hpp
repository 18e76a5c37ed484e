// Which instruments give nothing that counts, since when, and why. Pure.
#pragma once

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
  /// another gap.
  void on_frame(DeviceIndex device, WorkplaceIndex workplace, Duration period, Timestamp at,
                std::span<const Sample> samples, std::vector<Gap>& out);
  /// After a restart: this one was told, and not that it is over.
  void restore(DeviceIndex device, GapReason reason, Timestamp from);

 private:
  struct Watched {
    Timestamp counted{};  ///< the last reading that counts; of a new device its first poll
    Timestamp since{};    ///< of the gap that is told
    GapReason reason{};
    bool told = false;
  };
  std::vector<Watched> devices_;
};

}  // namespace hazgate::core
