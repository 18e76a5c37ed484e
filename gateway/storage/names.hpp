// The dense numbers of the running site by text id: in the file everything goes by its id. Made where rows are read,
// and not kept: of a large site it is megabytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace hazgate::storage {

class Names {
 public:
  /// `items` must outlive this.
  template <class Items>
  explicit Names(const Items& items) {
    std::uint32_t index = 0;
    for (const auto& item : items) indices_.emplace(item.id, index++);
  }
  std::optional<std::uint32_t> index(std::string_view id) const {
    const auto found = indices_.find(id);
    return found == indices_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> indices_;
};

}  // namespace hazgate::storage
