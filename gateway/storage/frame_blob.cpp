#include "storage/frame_blob.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace hazgate::storage {

static_assert(std::endian::native == std::endian::little, "a big-endian machine needs its bytes turned here");
static_assert(sizeof(double) == 8);

void encode_frame(std::span<const core::Sample> samples, std::vector<std::byte>& blob) {
  const bool alike = std::all_of(samples.begin(), samples.end(),
                                 [&](const core::Sample& sample) { return sample.flag == samples.front().flag; });
  const std::size_t flags = alike ? 0 : samples.size();
  blob.resize(1 + flags + samples.size() * sizeof(double));
  std::byte* to = blob.data();
  *to++ = alike && !samples.empty() ? static_cast<std::byte>(samples.front().flag) : std::byte{0};
  for (std::size_t i = 0; i < flags; ++i) *to++ = static_cast<std::byte>(samples[i].flag);
  for (const core::Sample& sample : samples) {
    std::memcpy(to, &sample.value, sizeof(double));
    to += sizeof(double);
  }
}

std::optional<FrameView> FrameView::parse(std::span<const std::byte> blob, std::size_t most) {
  if (blob.empty()) return std::nullopt;
  const bool alike = blob[0] != std::byte{0};
  const std::size_t each = sizeof(double) + (alike ? 0 : 1);
  const std::size_t count = (blob.size() - 1) / each;
  if ((blob.size() - 1) % each != 0 || count > most) return std::nullopt;
  FrameView view;
  view.flags_ = alike ? blob.first(1) : blob.subspan(1, count);
  view.values_ = blob.last(count * sizeof(double));
  const bool known = std::all_of(view.flags_.begin(), view.flags_.end(), [](std::byte letter) {
    return core::flag_from(static_cast<char>(letter)).has_value();
  });
  return known ? std::optional(view) : std::nullopt;
}

core::Sample FrameView::operator[](std::size_t place) const {
  core::Sample sample;
  std::memcpy(&sample.value, values_.data() + place * sizeof(double), sizeof(double));
  sample.flag = static_cast<core::Flag>(flags_[flags_.size() == 1 ? 0 : place]);
  return sample;
}

}  // namespace hazgate::storage
