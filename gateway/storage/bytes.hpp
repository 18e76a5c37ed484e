// Numbers one after the other in a run of bytes, and back from bytes that may be anything.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace hazgate::storage {

static_assert(std::endian::native == std::endian::little, "a big-endian machine needs its bytes turned here");

/// Small numbers of either sign become small numbers.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::byte>& to) : to_(to) {}
  void byte(std::uint8_t value) { to_.push_back(static_cast<std::byte>(value)); }
  /// Seven bits a byte, the lowest first.
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(value | 0x80U));
    byte(static_cast<std::uint8_t>(value));
  }
  void signed_number(std::int64_t value) { number(zigzag(value)); }
  /// As it lies in memory: double, float, std::uint32_t.
  template <class Value>
  void raw(Value value) {
    const auto end = to_.size();
    to_.resize(end + sizeof value);
    std::memcpy(to_.data() + end, &value, sizeof value);
  }

 private:
  std::vector<std::byte>& to_;
};

/// Beyond the end everything is 0, and good() is false for ever.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> from) : from_(from) {}
  std::uint8_t byte() {
    const auto one = bytes(1);
    return one.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(one[0]);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7FU) << shift;
      if (part < 0x80) return value;
    }
    good_ = false;
    return 0;
  }
  std::int64_t signed_number() { return from_zigzag(number()); }
  template <class Value>
  Value raw() {
    Value value{};
    if (const auto found = bytes(sizeof value); !found.empty()) std::memcpy(&value, found.data(), sizeof value);
    return value;
  }
  /// Empty where there are not so many.
  std::span<const std::byte> bytes(std::size_t count) {
    if (!good_ || count > from_.size()) {
      good_ = false;
      return {};
    }
    const auto found = from_.first(count);
    from_ = from_.subspan(count);
    return found;
  }
  bool good() const { return good_; }
  bool at_end() const { return good_ && from_.empty(); }

 private:
  std::span<const std::byte> from_;
  bool good_ = true;
};

}  // namespace hazgate::storage
