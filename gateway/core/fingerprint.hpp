// A fingerprint of values: whether stored state still belongs to the rules of today. Not for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace hazgate::core {

/// FNV-1a over the values' bytes; only types without padding.
class Fingerprint {
 public:
  template <class T>
  requires(std::has_unique_object_representations_v<T> ||
           std::is_floating_point_v<T>) Fingerprint& add(const T& value) {
    for (const auto byte : std::as_bytes(std::span(&value, 1))) {
      hash_ = (hash_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
    }
    return *this;
  }
  Fingerprint& add(std::string_view text) {
    for (const char c : text) add(c);
    return *this;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace hazgate::core
