#include "storage/frames_owed.hpp"

#include <bit>
#include <cstring>

namespace hazgate::storage {

static_assert(std::endian::native == std::endian::little, "a big-endian machine needs its bytes turned here");

namespace {
void append(std::string& to, std::int64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  to.append(bytes, sizeof number);
}

std::int64_t take(std::string_view& from) {
  std::int64_t number = 0;
  std::memcpy(&number, from.data(), sizeof number);
  from.remove_prefix(sizeof number);
  return number;
}
}  // namespace

std::string encode(const FramesOwed& message) {
  std::string bytes;
  bytes.reserve((3 + message.frames.size()) * sizeof(std::int64_t) + message.gateway.size());
  append(bytes, static_cast<std::int64_t>(message.seq));
  append(bytes, message.sent_at.time_since_epoch().count());
  append(bytes, static_cast<std::int64_t>(message.frames.size()));
  for (const auto id : message.frames) append(bytes, id);
  return bytes += message.gateway;
}

std::optional<FramesOwed> frames_owed_from(std::string_view bytes) {
  if (bytes.size() < 3 * sizeof(std::int64_t)) return std::nullopt;
  FramesOwed message;
  message.seq = static_cast<std::uint64_t>(take(bytes));
  message.sent_at = core::Timestamp(core::Duration(take(bytes)));
  const auto frames = static_cast<std::uint64_t>(take(bytes));
  if (frames > bytes.size() / sizeof(std::int64_t)) return std::nullopt;
  while (message.frames.size() < frames) message.frames.push_back(take(bytes));
  message.gateway = bytes;
  return message;
}

}  // namespace hazgate::storage
