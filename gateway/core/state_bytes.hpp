// State as bytes: what the engine holds, for a checkpoint that the same program on the same machine reads back.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace hazgate::core {

template <class T>
concept PlainState = std::is_trivially_copyable_v<T>;

class StateWriter {
 public:
  explicit StateWriter(std::vector<std::byte>& to) : to_(to) {}
  template <PlainState T>
  void put(const T& value) {
    put(std::span(&value, 1));
  }
  template <PlainState T>
  void put(std::span<const T> values) {
    const auto bytes = std::as_bytes(values);
    to_.insert(to_.end(), bytes.begin(), bytes.end());
  }

 private:
  std::vector<std::byte>& to_;
};

/// Reads what StateWriter wrote, in the same order. Too few bytes make good() false for ever and change nothing.
class StateReader {
 public:
  explicit StateReader(std::span<const std::byte> from) : from_(from) {}
  template <PlainState T>
  void get(T& value) {
    get(std::span(&value, 1));
  }
  template <PlainState T>
  void get(std::span<T> values) {
    const auto size = values.size_bytes();
    good_ = good_ && from_.size() >= size;
    if (!good_ || size == 0) return;
    std::memcpy(values.data(), from_.data(), size);
    from_ = from_.subspan(size);
  }
  /// The next `size` bytes, for a reader of their own; none where there are fewer.
  std::span<const std::byte> take(std::size_t size) {
    good_ = good_ && from_.size() >= size;
    if (!good_) return {};
    const auto taken = from_.first(size);
    from_ = from_.subspan(size);
    return taken;
  }
  std::span<const std::byte> rest() const { return from_; }
  bool good() const { return good_; }
  /// Everything was read, and it was enough.
  bool complete() const { return good_ && from_.empty(); }

 private:
  std::span<const std::byte> from_;
  bool good_ = true;
};

}  // namespace hazgate::core
