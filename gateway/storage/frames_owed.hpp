// A message of readings as its outbox row has it: numbers of frames instead of their text, a fiftieth of the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.hpp"

namespace hazgate::storage {

struct FramesOwed {
  std::string gateway;  ///< as it was called then
  std::uint64_t seq = 0;
  core::Timestamp sent_at;
  std::vector<std::int64_t> frames;  ///< ids, in the order of the message
  friend bool operator==(const FramesOwed&, const FramesOwed&) = default;
};

/// Eight bytes a number, little-endian: seq, sent_at in microseconds, how many frames, these; then the gateway.
std::string encode(const FramesOwed& message);
/// Empty for what encode() cannot have written.
std::optional<FramesOwed> frames_owed_from(std::string_view bytes);

}  // namespace hazgate::storage
