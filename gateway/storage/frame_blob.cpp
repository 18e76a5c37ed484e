#include "storage/frame_blob.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace hazgate::storage {

static_assert(std::endian::native == std::endian::little, "a big-endian machine needs its bytes turned here");
static_assert(sizeof(double) == 8);

namespace {

constexpr std::byte flag_each{0}, doubt_of_all{1}, doubt_each{2}, heartbeat_first{3};

bool begins_with(std::span<const std::byte> blob, std::byte form) { return !blob.empty() && blob[0] == form; }

bool known_flag(std::byte letter) { return core::flag_from(static_cast<char>(letter)).has_value(); }
bool known_doubt(std::byte number) { return core::doubt_of_sample(std::to_integer<std::uint8_t>(number)).has_value(); }

std::byte shared_or_own(std::span<const std::byte> bytes, std::size_t place) {
  return bytes[bytes.size() == 1 ? 0 : place];
}

}  // namespace

void encode_frame(std::span<const core::Sample> samples, std::optional<double> heartbeat,
                  std::vector<std::byte>& blob) {
  const auto first = samples.empty() ? core::Sample{} : samples.front();
  const bool one_flag = std::ranges::all_of(samples, [&](const auto& sample) { return sample.flag == first.flag; });
  const bool one_doubt = std::ranges::all_of(samples, [&](const auto& sample) { return sample.doubt == first.doubt; });
  blob.clear();
  if (heartbeat) {
    blob.resize(1 + sizeof(double), heartbeat_first);
    std::memcpy(blob.data() + 1, &*heartbeat, sizeof(double));
  }
  if (!one_doubt) {
    blob.push_back(doubt_each);
  } else if (first.doubt != core::Doubt::none) {
    blob.push_back(doubt_of_all);
    blob.push_back(static_cast<std::byte>(first.doubt));
  }
  blob.push_back(one_flag && !samples.empty() ? static_cast<std::byte>(first.flag) : flag_each);
  if (!one_flag) {
    for (const auto& sample : samples) blob.push_back(static_cast<std::byte>(sample.flag));
  }
  if (!one_doubt) {
    for (const auto& sample : samples) blob.push_back(static_cast<std::byte>(sample.doubt));
  }
  const auto head = blob.size();
  blob.resize(head + samples.size() * sizeof(double));
  std::byte* to = blob.data() + head;
  for (const core::Sample& sample : samples) {
    std::memcpy(to, &sample.value, sizeof(double));
    to += sizeof(double);
  }
}

std::optional<FrameView> FrameView::parse(std::span<const std::byte> blob, std::size_t most) {
  FrameView view;
  if (begins_with(blob, heartbeat_first) && blob.size() > sizeof(double)) {
    std::memcpy(&view.heartbeat_.emplace(), blob.data() + 1, sizeof(double));
    blob = blob.subspan(1 + sizeof(double));
  }
  const bool doubts = begins_with(blob, doubt_each);
  if (doubts) {
    blob = blob.subspan(1);
  } else if (begins_with(blob, doubt_of_all) && blob.size() > 1) {
    view.doubts_ = blob.subspan(1, 1);
    blob = blob.subspan(2);
  }
  if (blob.empty()) return std::nullopt;
  const bool flags = blob[0] == flag_each;
  const std::size_t each = sizeof(double) + (flags ? 1 : 0) + (doubts ? 1 : 0);
  const std::size_t count = (blob.size() - 1) / each;
  if ((blob.size() - 1) % each != 0 || count > most) return std::nullopt;
  view.flags_ = flags ? blob.subspan(1, count) : blob.first(1);
  view.values_ = blob.last(count * sizeof(double));
  if (doubts) view.doubts_ = blob.subspan(blob.size() - view.values_.size() - count, count);
  const bool known = std::ranges::all_of(view.flags_, known_flag) && std::ranges::all_of(view.doubts_, known_doubt);
  return known ? std::optional(view) : std::nullopt;
}

core::Sample FrameView::operator[](std::size_t place) const {
  core::Sample sample;
  std::memcpy(&sample.value, values_.data() + place * sizeof(double), sizeof(double));
  sample.flag = static_cast<core::Flag>(shared_or_own(flags_, place));
  if (!doubts_.empty()) sample.doubt = static_cast<core::Doubt>(shared_or_own(doubts_, place));
  return sample;
}

}  // namespace hazgate::storage
