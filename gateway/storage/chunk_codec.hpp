// The frames of one device over a stretch of time, column by column, lossless: one blob that tells when they came, and
// one blob a point. Compressed; bytes from outside give nullopt, never more memory than their number of frames allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/reading.hpp"
#include "storage/column_codec.hpp"

namespace hazgate::storage {

/// So many frames are in a stretch at most; a device polled 70 times a second has as many in an hour.
inline constexpr std::size_t most_frames_a_stretch = 1U << 18U;

/// What the frames of a stretch are besides their samples; one entry a frame, in order of arrival.
struct Moments {
  std::vector<std::int64_t> ids;      ///< ascending
  std::vector<std::int64_t> times;    ///< microseconds since 1970, UTC
  std::vector<std::uint32_t> counts;  ///< of samples; a failed poll may have fewer than the device has points
  std::vector<std::pair<std::uint32_t, double>> heartbeats;  ///< frame and counter, of the frames that have one
};

/// The samples of one point, of the frames that have one for it.
struct SampleColumn {
  std::vector<double> values;
  std::vector<core::Flag> flags;
  std::vector<core::Doubt> doubts;
  void add(const core::Sample& sample) {
    values.push_back(sample.value);
    flags.push_back(sample.flag);
    doubts.push_back(sample.doubt);
  }
  core::Sample operator[](std::size_t i) const { return {values[i], flags[i], doubts[i]}; }
};

/// zstd where that is shorter. Keeps the memory that compressing takes.
class Packer {
 public:
  Packer();
  ~Packer();
  std::vector<std::byte> pack(std::span<const std::byte> bytes);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};
/// Empty for what pack() cannot have made of at most `most` bytes.
std::optional<std::vector<std::byte>> unpacked(std::span<const std::byte> packed, std::size_t most);

std::vector<std::byte> encode_moments(const Moments& moments, Packer& packer);
std::vector<std::byte> encode_column(const SampleColumn& column, Scale hint, Packer& packer);
/// Empty for what encode_moments() cannot have written of so many frames.
std::optional<Moments> moments_from(std::span<const std::byte> blob, std::size_t frames);
std::optional<SampleColumn> column_from(std::span<const std::byte> blob, std::size_t samples);

}  // namespace hazgate::storage
