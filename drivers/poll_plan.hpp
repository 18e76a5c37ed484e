// Pure: which requests read a list of channels, and where each answer's words belong.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "drivers/link.hpp"
#include "drivers/profile.hpp"

namespace hazgate::modbus {

struct MergeLimits {
  std::uint16_t max_gap = 8;          ///< unused items that a request may span
  std::uint16_t max_registers = 125;  ///< a request; of bits sixteen times as many, at most 2000
};

/// One read, and the channels that lie in it (by their place in the list).
struct Ask {
  Table table = Table::holding;
  std::uint16_t address = 0;
  std::uint16_t count = 0;
  std::vector<std::uint32_t> channels;
  friend bool operator==(const Ask&, const Ask&) = default;
};

/// Fewest requests in order of table and address. A channel wider than the limit still gets a request of its own;
/// a channel that runs over address 65535 too, and the device will refuse it.
std::vector<Ask> merge(std::span<const Channel> channels, MergeLimits limits);

/// The requests of one device. Learns from refusals: a refused request is asked in parts from then on (first without
/// the registers that nobody wants, then channel by channel), and a refused channel is left out and reads as NaN.
class PollPlan {
 public:
  PollPlan(std::vector<Channel> channels, MergeLimits limits);

  std::size_t size() const { return asks_.size(); }
  Request request(std::size_t ask, std::uint8_t unit) const;
  /// Left out because the device refused it. When it refused all, the first is still asked: is the device there at all?
  bool left_out(std::size_t ask) const { return refused_[ask] && (ask != 0 || accepted_ > 0); }
  /// The device refused this request. True: it is in parts now, ask on from the same place.
  bool refuse(std::size_t ask);
  /// Puts the answer's words into `values`, one a channel; a bit in a register is 1 when any bit of its mask is set.
  void scatter(std::size_t ask, std::span<const std::uint16_t> words, std::span<double> values);
  /// Most items that one request of this plan asks for.
  std::uint16_t widest() const;
  const std::vector<Channel>& channels() const { return channels_; }

 private:
  std::vector<Ask> parts_of(const Ask& ask) const;

  std::vector<Channel> channels_;
  std::vector<Ask> asks_;
  std::vector<bool> refused_;  ///< beside asks_
  std::size_t accepted_ = 0;
};

}  // namespace hazgate::modbus
