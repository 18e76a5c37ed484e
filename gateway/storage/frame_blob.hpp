// The samples of one poll as bytes, lossless. All flags alike: the letter, then the values. Otherwise: 0, a letter a
// sample, then the values. A value is the 8 bytes of its double, little-endian; NaN keeps its bits.
// Doubts cost nothing where there are none. The same one of all (a failed poll): 1 and its number stand before all
// that. Otherwise 2 stands before, and a number a sample between flags and values.
// A heartbeat counter comes before everything else: 3, and its double.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/reading.hpp"

namespace hazgate::storage {

/// Overwrites `blob`; allocates only when the frame is longer than any before.
void encode_frame(std::span<const core::Sample> samples, std::optional<double> heartbeat, std::vector<std::byte>& blob);

/// Reads where the bytes lie.
class FrameView {
 public:
  /// Empty for what encode_frame() cannot have written, or more than `most` samples.
  static std::optional<FrameView> parse(std::span<const std::byte> blob, std::size_t most);
  std::size_t size() const { return values_.size() / sizeof(double); }
  core::Sample operator[](std::size_t place) const;
  std::optional<double> heartbeat() const { return heartbeat_; }

 private:
  std::optional<double> heartbeat_;
  std::span<const std::byte> flags_;   ///< one for all, or one each
  std::span<const std::byte> doubts_;  ///< none, one for all, or one each
  std::span<const std::byte> values_;  ///< 8 bytes each
};

}  // namespace hazgate::storage
